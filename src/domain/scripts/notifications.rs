//! `notifications` (07 §4.5): messages that scripts make and send.

use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::domain::settings::document::Notification;
use crate::domain::settings::enums::MethodType;
use crate::domain::{Call, items};
use crate::lenient;

/// The texts of a message; the rest of it is a [`Notification`].
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Texts {
    title: Option<String>,
    body: Option<String>,
}

/// Sends a message of a kind that this server sends at all; else, silently, nothing, as notifications of a site.
pub(super) async fn send(call: &Call, text: &str) -> Result<Json, String> {
    let texts: Texts = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let notification: Notification =
        lenient::from_str(text).map_err(|_| "the notification cannot be read".to_owned())?;
    let (title, body) = (texts.title.unwrap_or_default(), texts.body.unwrap_or_default());
    let sent = items::send_notification(call, &notification, &title, &body).await;
    sent.map(|()| json!(true)).map_err(|error| error.to_string())
}

/// A notification of the addressed site; null where it has none of that id.
pub(super) fn of_site(call: &Call, id: i64) -> Json {
    let settings = call.settings.as_ref();
    let found = settings.and_then(|s| s.notifications.iter().find(|one| i64::from(one.id) == id));
    found.map_or(Json::Null, |one| {
        json!({
            "Id": one.id, "Type": one.notification_type.number(), "Prefix": one.prefix, "Address": one.address,
            "CcAddress": one.cc_address, "BccAddress": one.bcc_address, "Token": one.token,
            "UseCustomFormat": one.use_custom_format, "Format": one.format, "Disabled": one.disabled,
            "MethodType": one.method_type.map(MethodType::number), "Encoding": one.encoding,
            "MediaType": one.media_type, "Headers": one.headers,
        })
    })
}
