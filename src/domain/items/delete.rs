//! `delete` (03 §7).

use crate::db::records::{self, Delete};
use crate::db::{self};
use crate::domain::binaries::Storage;
use crate::domain::{Call, Error, auth};
use crate::messages::MessageId;
use crate::model::{BinaryType, Rights};

use super::record::Record;
use super::update::check_record_not_locked;
use super::{Table, Written, files, labels, load, logic, text};

/// How often a delete looks again after somebody else changed the record meanwhile.
const ATTEMPTS: usize = 5;

/// Deletes the record that the URL addresses; a wiki's record takes its site along (03 §23).
///
/// Links, permissions and former versions stay (03 §7.1).
pub async fn delete(call: &Call, table: &Table<'_>) -> Result<Written, Error> {
    for _ in 0..ATTEMPTS {
        let record = load::by_id(call, table, call.id).await?.ok_or(Error::NotFound)?;
        check(call, table, &record).await?;
        logic::check_delete_supported(table)?;
        let labels = labels::load(call, table.settings, &[&record]).await?;
        let title = text::title(&record, &labels);
        if write(call, table, &record).await? {
            remove_local_files(call, &record).await;
            let language = call.language();
            return Ok(Written::new(call.id, MessageId::Deleted, &title, language, table.limit));
        }
    }
    Err(Error::UpdateConflicts)
}

/// Everything that may refuse (03 §7.1, step 3).
async fn check(call: &Call, table: &Table<'_>, record: &Record) -> Result<(), Error> {
    let stored = record.stored.as_ref().ok_or(Error::NotFound)?;
    auth::check_api_open(call)?;
    table.check_not_locked(call)?;
    check_record_not_locked(call, record, stored).await?;
    table.check_writable(call, Rights::DELETE, record)
}

async fn write(call: &Call, table: &Table<'_>, record: &Record) -> Result<bool, Error> {
    let stored = record.stored.as_ref().ok_or(Error::NotFound)?;
    let site = &table.target.site;
    let delete = Delete {
        tenant: call.caller.tenant.id,
        kind: site.kind,
        site: site.id,
        id: stored.id,
        token: stored.token,
        user: call.caller.user,
        keeps_images: !table.settings.delete_image_when_deleting,
    };
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    Ok(records::delete(&mut conn, &call.services.catalogue, &delete).await?)
}

/// `BinaryStorage.RestoreLocalFiles` says whether what lies in the folder may go for good.
async fn remove_local_files(call: &Call, record: &Record) {
    let storage = Storage::of(&call.services);
    if storage.keeps_deleted() {
        return;
    }
    for file in files::lists(record).flat_map(|(_, files)| files) {
        if let Some(guid) = &file.guid {
            storage.remove(BinaryType::Attachments, guid).await;
        }
    }
}
