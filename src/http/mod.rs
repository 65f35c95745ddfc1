//! Bytes and status codes: routes, the steps around each call, envelopes.
//!
//! Start at [`router`], which has every route on one page; `pipeline` holds what happens around each.

pub mod admin;
mod background_tasks;
mod binaries;
mod body;
mod bulk_delete;
mod bulk_upsert;
mod export;
pub mod extended_sql;
mod extensions;
mod failure;
pub mod filters;
mod headers;
mod health;
mod idempotency;
mod import;
mod items;
mod mails;
mod organisation;
mod pipeline;
mod request_log;
pub mod router;
mod routes;
mod sender;
mod sessions;
mod sites;
mod utility;
pub mod wire;

pub use body::Body;
pub(crate) use failure::message;

use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;

use wire::Answer;

/// The bytes of an answer.
fn respond(answer: Answer) -> Response {
    let (length, body) = match &answer.file {
        Some(file) => (file.bytes.len(), axum::body::Body::empty()),
        None => (answer.body.len(), axum::body::Body::from(answer.body)),
    };
    let mut response = Response::new(body);
    *response.status_mut() =
        StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(answer.content_type));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    if let Some(file) = answer.file {
        binaries::attach(&mut response, file);
    }
    response
}
