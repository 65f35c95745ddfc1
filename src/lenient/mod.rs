//! JSON as the reference reads it (01 §4.3): lenient syntax, lenient conversions.
//!
//! The reference reads bodies and settings with Newtonsoft.Json, and its clients rely on what that lets pass:
//! comments, single quotes, numbers as texts. Callers start with [`decode`] for the bytes of a body,
//! [`parse`](fn@parse) for the tree and [`from_json`] for a typed value, or with [`from_str`] for all but the
//! first. A body is parsed once and converted as often as needed: first to the common members, later to those
//! of the operation.
//!
//! Types derive `Deserialize` as usual; the members' names then match in any case. Members with rules of their
//! own are [`Number`], [`PostedTime`], [`Nullable`] and enums made with `enum_by_name_or_number!`. These do not
//! work below `#[serde(flatten)]` and in untagged enums, where serde buffers values and loses how they were
//! written.
//!
//! This module knows nothing about what is read: no member names, no messages, no zones.

mod deserialize;
mod error;
mod literal;
mod number;
mod parse;
mod text;
mod time;
mod value;

use serde::de::DeserializeOwned;

pub use self::deserialize::from_json;
pub use self::error::{ConversionError, Error};
pub use self::literal::{NULLABLE, Nullable, enum_by_name_or_number};
pub use self::number::Number;
pub use self::parse::{SyntaxError, parse};
pub use self::text::decode;
pub use self::time::PostedTime;
pub use self::value::{Json, Member};
pub use crate::enum_by_name_or_number;

/// Reads a text and converts it.
pub fn from_str<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    let json = parse(text)?;
    Ok(from_json(&json)?)
}
