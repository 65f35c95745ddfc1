//! What each kind of notification sends (08 §16.2).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use encoding_rs::Encoding;

use crate::db;
use crate::domain::mails::Mailbox;
use crate::domain::outbox::{Delivery, Mail, WebCall};
use crate::domain::settings::document::Notification;
use crate::domain::settings::enums::{MethodType, NotificationType};
use crate::domain::{Call, Error};
use crate::json;
use crate::lenient::{self, Json};
use crate::messages::Language;

const JSON: &str = "application/json; charset=utf-8";
const FORM: &str = "application/x-www-form-urlencoded";

/// Who writes, as messages show it.
pub(super) struct Sender {
    name: String,
    /// The first mail address; none without one.
    address: Option<String>,
}

impl Sender {
    pub(super) async fn of(call: &Call) -> Result<Self, Error> {
        let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
        let address = db::people::mail_address(&mut conn, call.caller.user).await?;
        Ok(Self { name: call.caller.name.clone(), address })
    }
}

/// A notification with its texts.
pub(super) struct Message<'a> {
    pub call: &'a Call,
    pub notification: &'a Notification,
    /// With its prefix.
    pub title: &'a str,
    pub body: &'a str,
    pub sender: &'a Sender,
}

impl Message<'_> {
    /// The mail; none when nobody is left to get it.
    pub(super) fn mail(&self, to: String, cc: String, bcc: String) -> Option<Delivery> {
        let support = &self.call.services.parameters.mail.support_from;
        let from = match &self.sender.address {
            Some(address) => {
                Mailbox { name: self.sender.name.clone(), address: address.clone() }.to_string()
            }
            None => support.clone(),
        };
        let (title, body) = (self.title.to_owned(), self.body.to_owned());
        (!to.is_empty()).then(|| {
            Delivery::Mail(Mail { from, to, cc, bcc, title, body, attachments: Vec::new() })
        })
    }

    /// The calls of web hooks.
    pub(super) fn calls(&self) -> Vec<Delivery> {
        let address = self.notification.address.as_str();
        let addresses = || address.split(',').map(str::trim).filter(|address| !address.is_empty());
        let text = format!("*{}*\n{}", self.title, self.body);
        let calls: Vec<WebCall> = match self.notification.notification_type {
            NotificationType::Slack | NotificationType::RocketChat => {
                vec![WebCall::post(address, JSON, &self.slack(&text))]
            }
            NotificationType::ChatWork => {
                let mut call = WebCall::post(address, FORM, &form(&[("body", &text)]));
                call.headers.push(("X-ChatWorkToken".to_owned(), self.notification.token.clone()));
                vec![call]
            }
            NotificationType::Line => {
                let to: Vec<String> = addresses().map(str::to_owned).collect();
                vec![self.line("multicast", &text, |o| {
                    o.array("to", |to_array| {
                        for id in &to {
                            to_array.element(id.as_str());
                        }
                    });
                })]
            }
            NotificationType::LineGroup => {
                let to = addresses().next().unwrap_or_default().to_owned();
                vec![self.line("push", &text, |o| {
                    o.field("to", to.as_str());
                })]
            }
            NotificationType::LineWorks => {
                let body = self.line_works();
                addresses().map(|address| WebCall::post(address, JSON, &body)).collect()
            }
            NotificationType::Teams => {
                let text = escaped(&text).replace("\r\n", "\n").replace('\n', "<br>");
                let body = json::object(|o| {
                    o.field("text", &text);
                });
                addresses().map(|address| WebCall::post(address, JSON, &body)).collect()
            }
            NotificationType::InCircle => vec![self.in_circle(&text)],
            NotificationType::HttpClient => self.http_client().into_iter().collect(),
            NotificationType::Mail | NotificationType::Other(_) => Vec::new(),
        };
        calls.into_iter().map(Delivery::Web).collect()
    }

    fn slack(&self, text: &str) -> String {
        let address = self.sender.address.as_deref().unwrap_or_default();
        json::object(|o| {
            o.field("text", text);
            o.field("username", &format!("\"{}\" <{address}>", self.sender.name));
        })
    }

    fn line(&self, action: &str, text: &str, to: impl FnOnce(&mut json::Object<'_>)) -> WebCall {
        let body = json::object(|o| {
            to(o);
            o.array("messages", |messages| {
                messages.object(|o| {
                    o.field("type", "text").field("text", text);
                });
            });
        });
        let url = format!("https://api.line.me/v2/bot/message/{action}");
        let mut call = WebCall::post(&url, JSON, &body);
        let token = format!("Bearer {}", self.notification.token);
        call.headers.push(("Authorization".to_owned(), token));
        call
    }

    fn line_works(&self) -> String {
        let body = self.body.replace('\t', "    ");
        let is_link = body.starts_with("http://") || body.starts_with("https://");
        let link = body.split_whitespace().next().filter(|_| is_link);
        let label = match self.call.language() {
            Language::Ja => "詳細を表示",
            _ => "View Details",
        };
        json::object(|o| {
            o.field("title", self.title);
            o.object("body", |o| {
                o.field("text", &body);
            });
            if let Some(link) = link {
                o.object("button", |o| {
                    o.field("label", label).field("url", link);
                });
            }
        })
    }

    fn in_circle(&self, text: &str) -> WebCall {
        let token = self.notification.token.as_str();
        let (ticket, token) = token.split_once(':').unwrap_or((token, ""));
        let fields = [("token_id", token), ("ticketno", ticket), ("action", "1"), ("text", text)];
        WebCall::post(&self.notification.address, FORM, &form(&fields))
    }

    /// The body alone. Headers that are no JSON object, and encodings that the parameters do not name, send nothing,
    /// where the reference fails after the write (08 §16.1).
    fn http_client(&self) -> Option<WebCall> {
        let notification = self.notification;
        let encodings = &self.call.services.parameters.notification.http_client_encodings;
        let label = Some(notification.encoding.as_str()).filter(|label| !label.is_empty());
        let label = label.unwrap_or("utf-8");
        let known = encodings.iter().any(|one| one.eq_ignore_ascii_case(label));
        let encoding = Encoding::for_label(label.as_bytes()).filter(|_| known);
        let headers = headers(&notification.headers);
        let (Some(encoding), Some(headers)) = (encoding, headers) else {
            tracing::warn!(
                notification = notification.id,
                "a notification has headers or an encoding that cannot be used"
            );
            return None;
        };
        let method = match notification.method_type.unwrap_or(MethodType::Get) {
            MethodType::Post => "POST",
            MethodType::Put => "PUT",
            MethodType::Delete => "DELETE",
            _ => "GET",
        };
        let (bytes, encoding, _) = encoding.encode(self.body);
        let charset = encoding.name().to_lowercase();
        Some(WebCall {
            method: method.to_owned(),
            url: notification.address.clone(),
            content_type: format!("{}; charset={charset}", notification.media_type),
            headers,
            body: STANDARD.encode(bytes),
        })
    }
}

/// The members of a JSON object; no text at all is none.
fn headers(text: &str) -> Option<Vec<(String, String)>> {
    if text.trim().is_empty() {
        return Some(Vec::new());
    }
    let json = lenient::parse(text).ok()?;
    let Json::Object(_) = &json else { return None };
    let members = json.members().iter();
    members.map(|(name, value)| Some((name.to_string(), value.as_str()?.to_owned()))).collect()
}

fn form(fields: &[(&str, &str)]) -> String {
    let pairs = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// A text in a form.
fn encoded(text: &str) -> String {
    use std::fmt::Write as _;
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' ' => encoded.push('+'),
            _ if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => {
                encoded.push(char::from(byte));
            }
            _ => {
                let _ = write!(encoded, "%{byte:02X}"); // A text takes everything.
            }
        }
    }
    encoded
}

/// A text in HTML.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_encoded_for_where_they_stand() {
        assert_eq!(form(&[("a", "x y&z"), ("b", "日")]), "a=x+y%26z&b=%E6%97%A5");
        assert_eq!(escaped("<a href='x'>"), "&lt;a href=&#39;x&#39;&gt;");
    }

    #[test]
    fn headers_are_an_object_of_texts() {
        assert_eq!(headers(r#"{"X-A":"1"}"#), Some(vec![("X-A".to_owned(), "1".to_owned())]));
        assert_eq!(headers(""), Some(Vec::new()));
        assert_eq!((headers("[1]"), headers("x: y")), (None, None));
    }
}
