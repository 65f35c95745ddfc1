//! `/api/extensions/*` (07 §3). Open to privileged callers of tenants that allow it.

use crate::db::extensions::Extension;
use crate::domain::extensions::{self, Written};
use crate::domain::items::shown_comments;
use crate::domain::{Call, Error};
use crate::json::Object;

use super::body::Body;
use super::wire::{self, Answer};

/// `POST /api/extensions/get` and `/api/extensions/{id}/get`: rows of the caller's tenant.
pub(super) async fn get(call: Call, body: Body) -> Result<Answer, Error> {
    let found = extensions::get(&call, body.json(), body.content_type()).await?;
    Ok(wire::data(None, |response| {
        response.array("Data", |data| {
            for extension in &found {
                data.object(|o| members(o, &call, extension));
            }
        });
    }))
}

/// `POST /api/extensions/create`: adds a row.
pub(super) async fn create(call: Call, body: Body) -> Result<Answer, Error> {
    Ok(written(&extensions::create(&call, body.json(), body.content_type()).await?))
}

/// `POST /api/extensions/{id}/update`: replaces a row.
pub(super) async fn update(call: Call, body: Body) -> Result<Answer, Error> {
    Ok(written(&extensions::update(&call, body.json(), body.content_type()).await?))
}

/// `POST /api/extensions/{id}/delete`: deletes a row.
pub(super) async fn delete(call: Call, body: Body) -> Result<Answer, Error> {
    Ok(written(&extensions::delete(&call, body.json(), body.content_type()).await?))
}

fn written(written: &Written) -> Answer {
    wire::simple(written.id, 200, None, &written.message)
}

fn members(o: &mut Object<'_>, call: &Call, extension: &Extension) {
    let comments = extension.comments.as_deref().unwrap_or_default();
    o.field("ApiVersion", &call.api_version).field("ExtensionId", &extension.id);
    o.field("TenantId", &extension.tenant).field("Ver", &extension.ver);
    o.field("ExtensionType", &extension.kind).field("ExtensionName", &extension.name);
    o.field("ExtensionSettings", &extension.settings);
    o.optional("Body", extension.body.as_deref());
    o.optional("Description", extension.description.as_deref());
    o.field("Disabled", &extension.disabled);
    o.field("Comments", shown_comments(comments, &call.zones).as_ref());
    o.field("Creator", &extension.creator).field("Updator", &extension.updator);
    o.field("CreatedTime", &call.to_user(extension.created));
    o.field("UpdatedTime", &call.to_user(extension.updated));
}
