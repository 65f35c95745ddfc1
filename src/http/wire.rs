//! Envelopes (01 §9) and the answer they travel in.

use std::fmt::Write;

use crate::domain::Limit;
use crate::json::{self, Object};

/// Every envelope of the API (01 §9.1); no space behind the semicolon.
const API: &str = "application/json;charset=utf-8";
/// What the filters and the framework send (01 §3.2).
const FILTER: &str = "application/json; charset=utf-8";
/// What a file is whose MIME type cannot be sent.
const FILE: &str = "application/octet-stream";
/// The framework's problem document (01 §1.4).
const PROBLEM: &str = "application/problem+json; charset=utf-8";

/// A whole answer, before it is bytes.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status; the envelope's `StatusCode` says the same.
    pub status: u16,
    /// Its `Content-Type`.
    pub content_type: &'static str,
    /// The text.
    pub body: String,
    /// The bytes of a file in place of the text.
    pub file: Option<File>,
}

/// A file as an answer.
#[derive(Debug)]
pub struct File {
    /// Its MIME type.
    pub content_type: String,
    /// The name under which a client may keep it.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// A file (08 §10.2).
pub const fn file(file: File) -> Answer {
    Answer { status: 200, content_type: FILE, body: String::new(), file: Some(file) }
}

/// The simple result: `Id`, `StatusCode`, the two limits, `Message` (01 §9.2).
pub fn simple(id: i64, status: u16, limit: Option<Limit>, message: &str) -> Answer {
    let body = json::object(|o| {
        o.field("Id", &id).field("StatusCode", &i64::from(status));
        limits(o, limit);
        o.field("Message", message);
    });
    Answer { status, content_type: API, body, file: None }
}

/// The data result: `StatusCode`, the two limits, `Response` (01 §9.3).
pub fn data(limit: Option<Limit>, response: impl FnOnce(&mut Object<'_>)) -> Answer {
    let body = json::object(|o| {
        o.field("StatusCode", &200_i64);
        limits(o, limit);
        o.object("Response", response);
    });
    Answer { status: 200, content_type: API, body, file: None }
}

/// The data result of key-value rows of users, departments and groups.
///
/// QUIRK(08 §2.7): its members begin with small letters.
pub fn key_values(response: impl FnOnce(&mut Object<'_>)) -> Answer {
    let body = json::object(|o| {
        o.field("statusCode", &200_i64).object("response", response);
    });
    Answer { status: 200, content_type: API, body, file: None }
}

/// A result with members of its own: `StatusCode` and what the closure adds (01 §9.4).
pub fn other(status: u16, members: impl FnOnce(&mut Object<'_>)) -> Answer {
    let body = json::object(|o| {
        o.field("StatusCode", &i64::from(status));
        members(o);
    });
    Answer { status, content_type: API, body, file: None }
}

/// A result whose text is ready.
pub const fn ready(body: String) -> Answer {
    Answer { status: 200, content_type: API, body, file: None }
}

/// A refusal of the filters: `{"message":…}`, with everything but plain ASCII escaped.
///
/// QUIRK(01 §3.2): another serialiser than everywhere else.
pub fn filtered(status: u16, message: &str) -> Answer {
    let mut body = String::from("{\"message\":\"");
    for unit in message.encode_utf16() {
        match char::from_u32(u32::from(unit)) {
            Some('\\') => body.push_str("\\\\"),
            Some(plain)
                if plain.is_ascii() && !plain.is_ascii_control() && !"\"&'+<>`".contains(plain) =>
            {
                body.push(plain);
            }
            _ => {
                let _ = write!(body, "\\u{unit:04X}"); // A text takes everything.
            }
        }
    }
    body.push_str("\"}");
    Answer { status, content_type: FILTER, body, file: None }
}

/// The framework's answer to an id that is no number (01 §1.4). `traceId` has the framework's form.
pub fn bad_id(value: &str) -> Answer {
    let body = json::object(|o| {
        o.field("type", "https://tools.ietf.org/html/rfc9110#section-15.5.1");
        o.field("title", "One or more validation errors occurred.").field("status", &400_i64);
        o.object("errors", |errors| {
            errors.with("id", |out| {
                let mut texts = json::Array::open(out);
                texts.element(&format!("The value '{value}' is not valid."));
                texts.finish();
            });
        });
        o.field("traceId", &trace_id());
    });
    Answer { status: 400, content_type: PROBLEM, body, file: None }
}

/// The framework's answer to plain HTTP where HTTPS is required (01 §3.2 B).
pub fn forbidden() -> Answer {
    let body = json::object(|o| {
        o.field("type", "https://tools.ietf.org/html/rfc9110#section-15.5.4");
        o.field("title", "Forbidden").field("status", &403_i64).field("traceId", &trace_id());
    });
    Answer { status: 403, content_type: PROBLEM, body, file: None }
}

fn trace_id() -> String {
    let trace = uuid::Uuid::new_v4().simple().to_string();
    let span: String = uuid::Uuid::new_v4().simple().to_string().chars().take(16).collect();
    format!("00-{trace}-{span}-00")
}

/// Both members, or neither when no limit is in force (01 §12).
fn limits(o: &mut Object<'_>, limit: Option<Limit>) {
    if let Some(limit) = limit {
        o.field("LimitPerDate", &limit.per_date).field("LimitRemaining", &limit.remaining);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_simple_result_has_the_limits_between_code_and_message() {
        let limit = Limit { per_date: 100, remaining: 96 };
        assert_eq!(
            simple(124, 200, Some(limit), "\" A \" を作成しました。").body,
            r#"{"Id":124,"StatusCode":200,"LimitPerDate":100,"LimitRemaining":96,"Message":"\" A \" を作成しました。"}"#
        );
        assert_eq!(simple(1, 404, None, "x").body, r#"{"Id":1,"StatusCode":404,"Message":"x"}"#);
    }

    /// 01 §17, examples 4 and 13.
    #[test]
    fn filters_escape_all_but_plain_ascii() {
        assert_eq!(
            filtered(400, "JSONデータが不正です。").body,
            r#"{"message":"JSON\u30C7\u30FC\u30BF\u304C\u4E0D\u6B63\u3067\u3059\u3002"}"#
        );
        assert_eq!(filtered(403, "403 Forbidden").body, r#"{"message":"403 Forbidden"}"#);
    }
}
