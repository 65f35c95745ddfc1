//! `/api/items/{id}/*site*`: what concerns a site and not its records (06 §3).

use crate::domain::sites::Outcome;
use crate::domain::{Call, Error, items, sites};
use crate::json;
use crate::lenient::{self, Json};

use crate::messages::{self, Language, MessageId};

use super::body::Body;
use super::items::written;
use super::wire::{self, Answer};

/// `POST /api/items/{id}/updatesite`: changes the site `id`, or the table of the record `id`.
///
/// Needs the right to manage the site; open even where the API is closed (QUIRK(06 §3.1)).
pub(super) async fn update(call: Call, body: Body) -> Result<Answer, Error> {
    Ok(written(&sites::update(&call, body.json(), body.content_type()).await?))
}

/// `POST /api/items/{id}/updatesitesettings`: changes lists of the settings of the site `id`, element by element.
///
/// Needs the right to manage the site; open even where the API is closed (QUIRK(06 §3.1)).
pub(super) async fn update_settings(call: Call, body: Body) -> Result<Answer, Error> {
    Ok(written(&sites::update_settings(&call, body.json(), body.content_type()).await?))
}

/// `POST /api/items/{id}/deletesite`: deletes the site `id`, with all below it.
pub(super) async fn delete(call: Call, body: Body) -> Result<Answer, Error> {
    Ok(written(&sites::delete(&call, body.content_type()).await?))
}

/// `POST /api/items/{id}/copysitepackage`: copies sites inside the tenant.
///
/// Needs the right to manage the site `id`, the sites and their target. QUIRK(06 R7): `Data` is JSON as a text, and a
/// refusal is 200 with the message of a screen in it.
pub(super) async fn copy(call: Call, body: Body) -> Result<Answer, Error> {
    let language = call.language();
    let (outcome, limit) = sites::copy(&call, body.json()).await?;
    let data = match outcome {
        Outcome::Copied(copies) => json::array(|array| {
            for copy in &copies {
                array.object(|o| {
                    o.field("OldSiteId", &copy.old).field("NewSiteId", &copy.new);
                    o.field("ReferenceType", copy.kind).field("Title", &copy.title);
                });
            }
        }),
        Outcome::Refused(message) => screen_message(message, language),
    };
    Ok(wire::data(limit, |o| {
        o.field("Data", &data);
    }))
}

/// The commands that a screen would get.
fn screen_message(message: MessageId, language: Language) -> String {
    let value = json::object(|o| {
        o.field("Id", message.name()).field("Text", messages::template(message, language));
        o.field("Css", "alert-error");
    });
    json::array(|array| {
        array.object(|o| {
            o.field("Method", "Log").field("Value", "");
        });
        array.object(|o| {
            o.field("Method", "Message").field("Value", &value);
        });
    })
}

/// `POST /api/items/{id}/synchronizesummaries`: computes summaries of the table `id`, or of that of the record `id`.
///
/// Needs the right to manage the site. QUIRK(04 §6.1): counts no call and looks at no content type.
pub(super) async fn synchronize_summaries(call: Call, body: Body) -> Result<Answer, Error> {
    Ok(written(&items::synchronize_summaries(&call, body.json()).await?))
}

/// `POST /api/items/{id}/getclosestsiteid`: finds sites by name, seen from the site `id`.
///
/// Asks for no right and counts no call: what the caller may not see is not found (06 §3.8).
pub(super) async fn closest(call: Call, body: Body) -> Result<Answer, Error> {
    let names = match body.json().member("FindSiteNames") {
        None | Some(Json::Null) => return Err(Error::BadRequest),
        Some(names) => lenient::from_json(names).map_err(|_| Error::BadRequest)?,
    };
    items::check_content_type(&call, body.content_type())?;
    let found = sites::closest(&call, names).await?;
    Ok(wire::other(200, |o| {
        o.field("SiteId", &call.id).array("Data", |data| {
            for closest in &found {
                data.object(|o| {
                    o.optional("SiteName", closest.name.as_deref());
                    o.field("SiteId", &closest.site);
                });
            }
        });
    }))
}
