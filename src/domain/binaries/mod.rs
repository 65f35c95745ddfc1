//! Stored files: where their bytes lie, and the API that hands them out and takes them in (08 §10, §11).

mod chunks;
mod get;
mod storage;
mod upload;

pub use get::{Found, get, stream};
pub use storage::Storage;
pub use upload::{Part, Range, Received, Uploaded, receive, upload};

use rust_decimal::Decimal;

use super::{Call, Error};
use crate::model::Rights;

/// Whether the tenant may have files at all (08 §11.1): a contract for nothing switches them off.
pub fn are_enabled(call: &Call) -> bool {
    call.services.parameters.binary_storage.attachments
        && call.contract.storage_size() != Some(Decimal::ZERO)
}

/// A size in the unit of contracts.
pub fn gigabytes(bytes: i64) -> Decimal {
    Decimal::from(bytes) / Decimal::from(1_073_741_824)
}

/// Refuses who may not update what a file is for; who may not read it does not learn that it is there.
fn check_may_update(call: &Call, rights: Option<Rights>) -> Result<(), Error> {
    let rights = rights.ok_or(Error::NotFound)?;
    if call.caller.privileged || rights.contains(Rights::UPDATE) {
        Ok(())
    } else if rights.contains(Rights::READ) {
        Err(Error::HasNotPermission)
    } else {
        Err(Error::NotFound)
    }
}

/// Bytes as lower-case hexadecimal digits.
fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A text as a column of that length keeps it.
fn cut(text: &str, units: u32) -> String {
    super::items::cut(text, Some(units))
}

/// The MIME type of an extension with its dot; none for what is no extension, or is unknown.
pub fn content_type(extension: &str) -> Option<&'static str> {
    mime_guess::from_ext(extension.strip_prefix('.')?).first_raw()
}
