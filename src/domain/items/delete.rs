//! `delete` (03 §7).

use crate::db;
use crate::db::records::{self, Delete, Deleted};
use crate::domain::binaries::Storage;
use crate::domain::scripts::Moment;
use crate::domain::{Call, Error, auth};
use crate::messages::MessageId;
use crate::model::{BinaryType, Rights};

use super::bulk::cascade;
use super::record::Record;
use super::update::check_record_not_locked;
use super::{Table, Written, files, hooks, labels, load, logic, scripts, text};

/// How often a delete looks again after somebody else changed the record meanwhile.
const ATTEMPTS: usize = 5;

/// Deletes the record that the URL addresses; a wiki's record takes its site along (03 §23).
///
/// Links, permissions and former versions stay (03 §7.1).
pub async fn delete(call: &Call, table: &Table<'_>) -> Result<Written, Error> {
    let mut cascaded = false;
    for _ in 0..ATTEMPTS {
        let mut record = load::by_id(call, table, call.id).await?.ok_or(Error::NotFound)?;
        check(call, table, &record).await?;
        // What comes along with the record is gone: the script has seen this delete already.
        if !cascaded {
            scripts::run_before(call, table, Moment::BeforeDelete, &mut record).await?;
        }
        let labels = labels::load(call, table.settings, &[&record]).await?;
        let title = text::title(&record, &labels);
        match write(call, table, &record, &title, cascaded).await? {
            Deleted::Done => {
                remove_local_files(call, &record).await;
                scripts::run(call, table, Moment::AfterDelete, &mut record).await?;
                let language = call.language();
                return Ok(Written::new(
                    call.id,
                    MessageId::Deleted,
                    &title,
                    language,
                    table.limit,
                ));
            }
            Deleted::HasDependents => {
                cascade(call, table, &[call.id]).await?;
                // Once only: what the records along with it add up to may have changed this one.
                cascaded = true;
            }
            Deleted::Conflict => {}
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

/// One statement, or one transaction with what belongs to it: named SQL before and after, and what parents add up to.
async fn write(
    call: &Call,
    table: &Table<'_>,
    record: &Record,
    title: &str,
    cascaded: bool,
) -> Result<Deleted, Error> {
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
        cascaded,
    };
    let catalogue = &call.services.catalogue;
    let (before, after) = hooks::around_delete(call, table, stored.id);
    let parents = logic::parents(call, table.settings, &[record]).await?;
    let told = logic::may_notify(call, table.settings, &[]);
    if before.is_empty() && after.is_empty() && parents.is_empty() && !told {
        let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
        return Ok(records::delete(&mut conn, catalogue, &delete).await?);
    }
    let mut notices = Vec::new();
    if told {
        let trigger = logic::Trigger::Deleted;
        let event = logic::Event { call, trigger, record, title };
        notices = Box::pin(logic::notices_of(&event, &[])).await?;
    }
    // What the parents add up to changes with the record, or not at all.
    let mut transaction = call.services.owner_db.begin().await.map_err(db::Error::from)?;
    let token = hooks::run_before(&before, &mut transaction, site.kind, stored).await?;
    let Some(token) = token else { return Ok(Deleted::Conflict) };
    let deleted = records::delete(&mut transaction, catalogue, &Delete { token, ..delete }).await?;
    if deleted == Deleted::Done {
        after.run(&mut transaction).await?;
        parents.store(&mut transaction, call, table).await?;
        let unsent = logic::keep_notices(call, &mut transaction, notices).await?;
        transaction.commit().await.map_err(db::Error::from)?;
        if told {
            call.services.outbox.send(unsent);
        }
        parents.update_scripted(call, table).await?;
    }
    Ok(deleted)
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
