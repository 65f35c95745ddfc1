//! Taking files in (08 §10.3): whole, or in chunks.

use md5::{Digest, Md5};
use rust_decimal::Decimal;

use crate::db::binaries;
use crate::db::records::NewFile;
use crate::db::{self};
use crate::domain::items::{extension, new_guid};
use crate::domain::settings::AttachmentRules;
use crate::domain::{Call, Error};
use crate::model::{BinaryType, ItemId};

use super::chunks::Chunks;
use super::storage::Storage;
use super::{are_enabled, gigabytes};

/// The file part of an upload.
#[derive(Debug, Clone, Default)]
pub struct Part {
    /// The file's name, as the client sent it.
    pub file_name: String,
    /// Its MIME type.
    pub content_type: String,
    /// The bytes of this request.
    pub bytes: Vec<u8>,
    /// Which bytes of the whole file they are; none when they are all.
    pub range: Option<Range>,
    /// The MD5 of the whole file in lower-case hexadecimal digits; empty when nothing is to be compared.
    pub hash: String,
}

/// Which bytes of a file a request brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The first byte.
    pub from: u64,
    /// Bytes of the whole file.
    pub total: u64,
}

impl Range {
    /// The three runs of digits of `bytes 0-9/20`; fewer are none.
    pub fn parse(header: &str) -> Option<Self> {
        let mut numbers = header
            .split(|c: char| !c.is_ascii_digit())
            .filter(|run| !run.is_empty())
            .map(|run| run.parse().ok());
        let (from, _, total) = (numbers.next()??, numbers.next()??, numbers.next()??);
        Some(Self { from, total })
    }
}

/// What became of an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Uploaded {
    /// More chunks are wanted for the file of this handle.
    Partly(String),
    /// The file is stored.
    Wholly {
        /// `BinaryId`.
        id: i64,
        /// Its handle.
        guid: String,
    },
}

/// Adds a file to an item, whose record may take it over later (03 §18.2).
///
/// The reference lets everybody who is known upload to every id; here the item has to be there and the caller has to
/// have the right to update it (BUG(08 §10.3)).
pub async fn upload(call: &Call, item: ItemId, part: Part) -> Result<Uploaded, Error> {
    let parameters = &call.services.parameters;
    if item.0 == 0 || parameters.security.mime_type_check_on_api || !are_enabled(call) {
        return Err(Error::BadRequest);
    }
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    let rights = binaries::rights(&mut conn, &call.caller, item).await?;
    drop(conn);
    super::check_may_update(call, rights)?;
    let file = match received(call, &item.0.to_string(), part).await? {
        Chunked::Partly(guid) => return Ok(Uploaded::Partly(guid)),
        Chunked::Wholly(file) => file,
    };
    check_tenant(call, file.size).await?;
    store(call, item, file).await
}

/// What became of an upload for a record.
pub enum Received {
    /// More chunks are wanted.
    Partly(ItemId),
    /// The file is there, for that record.
    Wholly(ItemId, NewFile),
}

/// Takes in a file that stands beside an attachment of that guid, or with `overwrite` in its place.
pub async fn receive(
    call: &Call,
    guid: &str,
    overwrite: bool,
    part: Part,
) -> Result<Received, Error> {
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    let item = binaries::item_of_attachment(&mut conn, call.caller.tenant.id, guid).await?;
    let item = item.ok_or(Error::NotFound)?;
    let rights = binaries::rights(&mut conn, &call.caller, item).await?;
    drop(conn);
    super::check_may_update(call, rights)?;
    Ok(match received(call, guid, part).await? {
        Chunked::Partly(_) => Received::Partly(item),
        Chunked::Wholly(mut file) => {
            if overwrite {
                guid.clone_into(&mut file.guid);
            }
            Received::Wholly(item, file)
        }
    })
}

/// The bytes of a file that are there so far.
enum Chunked {
    Partly(String),
    Wholly(NewFile),
}

/// Puts a part to those that came before; the file when it is whole and has the hash that its client says.
async fn received(call: &Call, target: &str, part: Part) -> Result<Chunked, Error> {
    let limit = max_bytes(call);
    let Part { file_name, content_type, bytes, range, hash } = part;
    let name = file_name.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
    if name.is_empty() {
        return Err(Error::BadRequest);
    }
    let (guid, bytes) = match range {
        None => {
            check_size(call, bytes.len(), limit)?;
            (new_guid(), bytes)
        }
        Some(range) => {
            let user = call.caller.user.0.to_string();
            let tenant = call.caller.tenant.id.0.to_string();
            let chunks = Chunks::of(&Storage::of(&call.services), &[&tenant, &user, target, &name]);
            let (guid, length) = chunks.append(range, &bytes).await?;
            if check_size(call, length, limit).is_err() {
                chunks.remove().await;
                check_size(call, length, limit)?;
            }
            if u64::try_from(length).unwrap_or(u64::MAX) < range.total {
                return Ok(Chunked::Partly(guid));
            }
            let bytes = chunks.take(&guid).await?;
            (guid, bytes)
        }
    };
    if !hash.is_empty() && hash != md5(&bytes) {
        return Err(Error::HasNotPermission);
    }
    Ok(Chunked::Wholly(NewFile {
        guid,
        kind: BinaryType::Attachments,
        extension: super::cut(extension(&name), 32),
        name: super::cut(&name, 1_024),
        size: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
        bytes: Some(bytes),
        thumbnail: None,
        content_type: super::cut(&content_type, 1_024),
    }))
}

fn md5(bytes: &[u8]) -> String {
    super::hexadecimal(&Md5::digest(bytes))
}

async fn store(call: &Call, item: ItemId, mut file: NewFile) -> Result<Uploaded, Error> {
    let storage = Storage::of(&call.services);
    let local = storage.is_local(&rules(call), file.size);
    if local {
        let bytes = file.bytes.take().unwrap_or_default();
        storage.write(file.kind, &file.guid, &bytes).await?;
    }
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    match binaries::insert(&mut conn, &call.caller, item, &file).await {
        Ok(id) => Ok(Uploaded::Wholly { id, guid: file.guid }),
        Err(error) => {
            if local {
                storage.remove(file.kind, &file.guid).await;
            }
            Err(error.into())
        }
    }
}

/// The rules of a column that sets none.
fn rules(call: &Call) -> AttachmentRules {
    let parameters = &call.services.parameters.binary_storage;
    AttachmentRules {
        limit_size: Some(parameters.limit_size.into()),
        storage_provider: parameters.default_binary_storage_provider.clone().unwrap_or_default(),
        ..AttachmentRules::default()
    }
}

fn max_bytes(call: &Call) -> usize {
    let megabytes = call.services.parameters.binary_storage.max_size;
    usize::try_from(megabytes).unwrap_or_default().saturating_mul(1_048_576)
}

/// The reference crashes here; the codes are those it has in mind (BUG(08 §10.3)).
fn check_size(call: &Call, bytes: usize, limit: usize) -> Result<(), Error> {
    if bytes <= limit {
        return Ok(());
    }
    let max = call.services.parameters.binary_storage.max_size.into();
    let size = i64::try_from(bytes).unwrap_or(i64::MAX);
    let local = Storage::of(&call.services).is_local(&rules(call), size);
    Err(if local {
        Error::OverLocalFolderTotalLimitSize { max }
    } else {
        Error::OverTotalLimitSize { max }
    })
}

async fn check_tenant(call: &Call, size: i64) -> Result<(), Error> {
    let Some(limit) = call.contract.storage_size() else { return Ok(()) };
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    let used = binaries::total_size(&mut conn, call.caller.tenant.id).await?;
    let over: Decimal = gigabytes(used.saturating_add(size));
    if over > limit { Err(Error::OverTenantStorageSize { max: limit }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_three_numbers() {
        assert_eq!(Range::parse("bytes 10-19/30"), Some(Range { from: 10, total: 30 }));
        for bad in ["", "bytes 0-9", "bytes */30", "bytes 0-9/99999999999999999999"] {
            assert_eq!(Range::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn hashes_are_in_lower_case() {
        assert_eq!(md5(b"hello"), "5d41402abc4b2a76b9719d911017c592");
    }
}
