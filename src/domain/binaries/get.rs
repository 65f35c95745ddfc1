//! Handing files out (08 §10.1, §10.2).

use crate::db::binaries::{self, Binary};
use crate::db::{self};
use crate::domain::{Call, Error};
use crate::model::BinaryType;

use super::Storage;

/// A file with its bytes.
#[derive(Debug)]
pub struct Found {
    /// Its row; the bytes are gone from it.
    pub row: Binary,
    /// Its content.
    pub bytes: Vec<u8>,
    /// Its MIME type, guessed from its name where none is stored.
    pub content_type: String,
}

/// The file of a handle, whatever its letters' case, if the caller may have it.
pub async fn get(call: &Call, guid: &str) -> Result<Found, Error> {
    if !super::are_enabled(call) {
        return Err(Error::HasNotPermission);
    }
    let guid = guid.to_uppercase();
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    let row = binaries::find(&mut conn, &call.caller, &guid).await?;
    drop(conn);
    let mut row = row.ok_or(Error::NotFound)?;
    let bytes = if let Some(bytes) = row.bytes.take() {
        bytes
    } else {
        let kind = BinaryType::from_name(&row.kind).ok_or(Error::NotFound)?;
        Storage::of(&call.services).read(kind, &row.guid).await?
    };
    let content_type = content_type(&row);
    Ok(Found { row, bytes, content_type })
}

/// As [`get`], for the bytes alone: exports need the right to export from where they came.
pub async fn stream(call: &Call, guid: &str) -> Result<Found, Error> {
    let found = get(call, guid).await?;
    let export = found.row.kind == BinaryType::ExportData.name();
    if export && !found.row.may_export { Err(Error::NotFound) } else { Ok(found) }
}

fn content_type(row: &Binary) -> String {
    if !row.content_type.is_empty() {
        return row.content_type.clone();
    }
    let extension = crate::domain::items::extension(&row.name);
    super::content_type(extension).unwrap_or("application/octet-stream").to_owned()
}
