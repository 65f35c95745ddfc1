//! `/api/binaries/*`: stored files (08 §10).

use std::fmt::Write as _;

use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::NaiveDateTime;
use multer::{Field, Multipart};

use crate::domain::binaries::{self, Part, Range, Received, Uploaded};
use crate::domain::items::{self, Opened, check_content_type};
use crate::domain::{Call, Error, auth};
use crate::json;
use crate::model::ItemId;

use super::body::Body;
use super::items::written;
use super::wire::{self, Answer, File};

/// What of a request's address the handlers want.
#[derive(Debug, Clone, Default)]
pub(crate) struct Route {
    guid: String,
    id: i64,
    overwrite: bool,
}

impl Route {
    /// The handle in the path and the id in the query; 0 where there is none or no number.
    pub(crate) fn of(request: &Request) -> Self {
        let mut segments = request.uri().path().trim_matches('/').split('/');
        let query = request.uri().query().unwrap_or_default();
        let pairs = || query.split('&').filter_map(|pair| pair.split_once('='));
        let named = |wanted: &str| {
            pairs().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value)
        };
        let is_true = |value: &str| value == "1" || value.eq_ignore_ascii_case("true");
        Self {
            guid: segments.nth(2).unwrap_or_default().to_owned(),
            id: named("id").and_then(|id| id.parse().ok()).unwrap_or_default(),
            overwrite: named("overwrite").is_some_and(is_true),
        }
    }
}

/// `POST /api/binaries/{guid}/get`: a file with all that is known of it.
pub(crate) async fn get(call: Call, body: Body, route: Route) -> Result<Answer, Error> {
    check_content_type(&call, body.content_type())?;
    let found = binaries::get(&call, &route.guid).await?;
    let row = &found.row;
    let body = json::object(|o| {
        // QUIRK(08 §10.1): Japanese for everybody.
        let message = format!("{}を取得しました。", row.name);
        o.field("Id", &row.id).field("StatusCode", &200_i64).field("Message", &message);
        o.object("Response", |o| {
            o.field("ReferenceId", &row.reference).field("BinaryType", &row.kind);
            o.field("Base64", &STANDARD.encode(&found.bytes)).field("Guid", &row.guid);
            o.field("FileName", &row.name).field("Extension", &row.extension);
            o.field("Size", &row.size).field("ContentType", &found.content_type);
            o.field("Creator", &row.creator).field("Updator", &row.updator);
            o.field("CreatedTime", &seconds(row.created_time));
            o.field("UpdatedTime", &seconds(row.updated_time));
        });
    });
    Ok(wire::ready(body))
}

/// QUIRK(08 §10.1): the server's wall clock, whatever the caller's zone.
fn seconds(time: NaiveDateTime) -> String {
    time.format("%Y-%m-%dT%H:%M:%S").to_string()
}

/// `POST /api/binaries/{guid}/getstream`: the bytes alone.
///
/// What is not there, or not for the caller, is answered in JSON, where the reference crashes (BUG(08 §10.2)).
pub(crate) async fn get_stream(call: Call, body: Body, route: Route) -> Result<Answer, Error> {
    check_content_type(&call, body.content_type())?;
    let found = binaries::stream(&call, &route.guid).await?;
    Ok(wire::file(File {
        content_type: found.content_type,
        name: found.row.name,
        bytes: found.bytes,
    }))
}

/// `POST /api/binaries/upload?id={id}`: adds the file of a form to an item, as the bearer of a key.
pub(crate) async fn upload(call: Call, body: Body, route: Route) -> Result<Answer, Error> {
    let part = part(&body).await?;
    let item = ItemId(route.id);
    Ok(match binaries::upload(&call, item, part).await? {
        Uploaded::Partly(guid) => wire::simple(0, 200, None, &guid),
        Uploaded::Wholly { id, guid } => wire::simple(id, 200, None, &guid),
    })
}

/// `POST /api/binaries/{guid}/upload`: a file beside an attachment of a record or in its place, as an update of the record.
///
/// On PostgreSQL the reference always crashes here; this is what it means to do (BUG(08 §10.3)).
pub(crate) async fn replace(call: Call, body: Body, route: Route) -> Result<Answer, Error> {
    let part = part(&body).await?;
    let guid = route.guid.to_uppercase();
    let (item, file) = match binaries::receive(&call, &guid, route.overwrite, part).await? {
        Received::Partly(item) => return Ok(wire::simple(item.0, 200, None, &guid)),
        Received::Wholly(item, file) => (item, file),
    };
    // The call goes on as one of the record, whose id only now is known.
    let common = body.common.as_ref().ok_or(Error::Unauthorized)?;
    let found = auth::identify(&call.services, common, item.0, None).await?;
    let mut of_record = found.ok_or(Error::Unauthorized)?.routed(call.controller, call.action);
    of_record.base_path.clone_from(&call.base_path);
    of_record.origin.clone_from(&call.origin);
    of_record.trail = call.trail.clone();
    let Opened::Table(table) = items::open(&of_record).await? else { return Err(Error::NotFound) };
    Ok(written(&items::upload(&of_record, &table, &guid, file).await?))
}

/// The first file of the form, and its field `FileHash`.
async fn part(body: &Body) -> Result<Part, Error> {
    let boundary = body.content_type().and_then(|header| multer::parse_boundary(header).ok());
    let boundary = boundary.ok_or(Error::BadRequest)?;
    let stream = axum::body::Body::from(body.raw.clone()).into_data_stream();
    let mut form = Multipart::new(stream, boundary);
    let mut file = None;
    let mut hash = String::new();
    while let Some(field) = form.next_field().await.map_err(|_| Error::BadRequest)? {
        if field.file_name().is_some() {
            if file.is_none() {
                file = Some(read(field).await?);
            }
        } else if field.name().is_some_and(|name| name.eq_ignore_ascii_case("FileHash")) {
            hash = field.text().await.map_err(|_| Error::BadRequest)?;
        }
    }
    Ok(Part { hash, ..file.ok_or(Error::BadRequest)? })
}

async fn read(field: Field<'_>) -> Result<Part, Error> {
    let header = |name: &str| field.headers().get(name).and_then(|value| value.to_str().ok());
    let range = match header("content-range") {
        Some(range) if !range.is_empty() => Some(Range::parse(range).ok_or(Error::BadRequest)?),
        _ => None,
    };
    let content_type = header(CONTENT_TYPE.as_str()).unwrap_or_default().to_owned();
    let file_name = field.file_name().unwrap_or_default().to_owned();
    let bytes = field.bytes().await.map_err(|_| Error::BadRequest)?.to_vec();
    Ok(Part { file_name, content_type, bytes, range, hash: String::new() })
}

/// Puts a file into a response. A MIME type that is no header value is that of plain bytes.
pub(super) fn attach(response: &mut Response, file: File) {
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&file.content_type) {
        headers.insert(CONTENT_TYPE, value);
    }
    if let Ok(value) = HeaderValue::from_str(&disposition(&file.name)) {
        headers.insert(CONTENT_DISPOSITION, value);
    }
    *response.body_mut() = axum::body::Body::from(file.bytes);
}

/// The name twice: in ASCII for old clients, and as it is.
fn disposition(name: &str) -> String {
    let mut plain: String =
        name.chars().map(|c| if c.is_ascii() && !c.is_ascii_control() { c } else { '_' }).collect();
    if !plain.bytes().all(is_token) || plain.is_empty() {
        plain = format!("\"{}\"", plain.replace('\\', "\\\\").replace('"', "\\\""));
    }
    let mut encoded = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    format!("attachment; filename={plain}; filename*=UTF-8''{encoded}")
}

/// Whether a byte may stand in a token of RFC 9110.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_in_the_header_in_two_forms() {
        assert_eq!(
            disposition("a b.txt"),
            "attachment; filename=\"a b.txt\"; filename*=UTF-8''a%20b.txt"
        );
        assert_eq!(
            disposition("日本.csv"),
            "attachment; filename=__.csv; filename*=UTF-8''%E6%97%A5%E6%9C%AC.csv"
        );
        let quoted = disposition("x\"\r\ny");
        assert!(quoted.starts_with("attachment; filename=\"x\\\"__y\"; "), "{quoted}");
        assert!(HeaderValue::from_str(&quoted).is_ok());
    }

    #[test]
    fn the_address_names_handle_and_id() {
        let request =
            |uri: &str| Request::builder().uri(uri).body(axum::body::Body::empty()).unwrap();
        let route = Route::of(&request("/api/binaries/upload?x=1&ID=12"));
        assert_eq!(route.id, 12);
        assert_eq!(Route::of(&request("/api/binaries/ab/get")).guid, "ab");
    }
}
