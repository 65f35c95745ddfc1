//! `bulkupsert` (04 §2): each row is an upsert of its own, and the first that fails ends the call.

use crate::db;
use crate::db::locks::{self, Lock};
use crate::db::sql::Predicate;
use crate::domain::binaries::Storage;
use crate::domain::items::create::create_posted;
use crate::domain::items::keys::{self, Key, Keys};
use crate::domain::items::request::RecordRequest;
use crate::domain::items::upsert::{Upserted, Wanted, find_and_write, lock_key, site_lock};
use crate::domain::items::{Table, Written, files, filter, logic};
use crate::domain::{Call, Error, FailedRow};
use crate::lenient::{self, Json, Nullable};
use crate::messages::{self, MessageId};

use super::alone::brings_files;
use super::batch::Batches;
use super::delete::is_set;
use super::lock::TaskLock;
use super::message;

/// Adds or updates the body's records in their order, with the checks in the reference's order (04 §2.2).
///
/// What stands before a row that fails stays written, whatever comes behind it is not looked at.
pub async fn bulk_upsert(
    call: &Call,
    table: &Table<'_>,
    body: &Json<'_>,
) -> Result<Written, Error> {
    let request = Request::read(call, table, body)?;
    let max = call.services.parameters.general.bulk_upsert_max;
    if usize::try_from(max).is_ok_and(|max| max > 0 && request.rows.len() > max) {
        return Err(Error::ImportMax { max });
    }
    let names = keys::names(body).unwrap_or_default();
    let keys = Keys {
        zones: &call.zones,
        now: call.user_now(),
        services: &call.services,
        table: table.settings,
        columns: table.columns,
    };
    if !names.is_empty() {
        super::keys::check(&keys, &names, request.rows)?;
    }
    let site = &table.target.site;
    let run = Run { call, table, request: &request, names: &names, counts: Counts::default() };
    let mut lock = TaskLock::take(call, site.id, "BulkUpsertByApi").await?;
    let done = match request.whole {
        None => Box::pin(run.rows(&keys, body, &mut lock)).await,
        Some(end) => Box::pin(run.whole(&keys, body, &mut lock, end)).await,
    };
    lock.release().await;
    let counts = done?;
    let arguments = [site.title.clone(), counts.inserted.to_string(), counts.updated.to_string()];
    let message = messages::text(MessageId::Imported, call.language(), &arguments);
    if request.whole != Some(End::Undone) {
        Box::pin(logic::notify_of_bulk(call, table, logic::Bulk::Import, &message)).await?;
    }
    Ok(Written { id: call.id, message, limit: table.limit })
}

/// How a call ends that is made as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// `Atomic`.
    Made,
    /// `DryRun`.
    Undone,
}

/// What the body asks for.
struct Request<'b> {
    /// The records as posted.
    rows: &'b [Json<'b>],
    /// The records as read.
    records: Vec<RecordRequest>,
    /// Whether rows that no record matches are created.
    creates: bool,
    /// Whether it is one transaction, which the reference does not know (docs/extensions.md).
    whole: Option<End>,
}

impl<'b> Request<'b> {
    /// One value anywhere that does not fit refuses the whole call (04 §2.2, step 2).
    fn read(call: &Call, table: &Table<'_>, body: &'b Json<'b>) -> Result<Self, Error> {
        let Some(Json::Array(rows)) = body.member("Data") else {
            return Err(Error::InvalidJsonData);
        };
        let creates = match body.member("KeyNotFoundCreate") {
            Some(value) => lenient::from_json(value).map_err(|_| Error::InvalidJsonData)?,
            None => true,
        };
        let whole = match (is_set(body, "DryRun")?, is_set(body, "Atomic")?) {
            (true, _) => Some(End::Undone),
            (false, true) => Some(End::Made),
            (false, false) => None,
        };
        let version = call.services.parameters.api.version;
        let records = rows.iter().map(|row| {
            let mut record = match row {
                // A record of defaults only (04 §2.1).
                Json::Null => RecordRequest::default(),
                row => RecordRequest::read(row, table.settings.kind, version)?,
            };
            files::check_named(&record)?;
            // It never counts here (04 §2.1).
            record.migration_mode = Nullable(None);
            Ok(record)
        });
        Ok(Self { rows, records: records.collect::<Result<_, Error>>()?, creates, whole })
    }
}

/// Records written so far.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    inserted: usize,
    updated: usize,
}

/// The rows on their way.
struct Run<'a> {
    call: &'a Call,
    table: &'a Table<'a>,
    request: &'a Request<'a>,
    /// The keys; none when every row is created.
    names: &'a [Key],
    counts: Counts,
}

impl Run<'_> {
    /// Writes all rows or none, or looks what would become of them.
    async fn whole(
        self,
        keys: &Keys<'_>,
        body: &Json<'_>,
        lock: &mut TaskLock<'_>,
        end: End,
    ) -> Result<Counts, Error> {
        self.check_no_folder()?;
        let (whole, call) = self.call.begin_whole().await?;
        let atomic = end == End::Made;
        // Upserts that create wait at this lock, so they cannot meet the locks of the rows' keys in another order.
        let locks = [Lock::Exclusive(site_lock(&call, self.table))];
        let transaction = locks::begin(&call.services.db, &locks).await?;
        transaction.commit().await.map_err(db::Error::from)?;
        let done = Run { call: &call, ..self }.rows(keys, body, lock).await;
        let done = whole.end(done, atomic).await;
        done.map_err(|error| if atomic { nothing_stays(error) } else { error })
    }

    /// A folder takes part in no transaction.
    fn check_no_folder(&self) -> Result<(), Error> {
        let storage = Storage::of(&self.call.services);
        let columns = self.table.settings.columns.iter();
        let in_folder = storage.is_local_by_default()
            || columns
                .map(|column| &column.attachments)
                .any(|rules| storage.is_local(rules, i64::MAX));
        if in_folder && self.request.records.iter().any(brings_files) {
            return Err(Error::NotBuilt("Atomic and DryRun where files go to a folder"));
        }
        Ok(())
    }

    /// Writes the rows: in batches where the outcome is that of one after the other, else one by one.
    async fn rows(
        mut self,
        keys: &Keys<'_>,
        body: &Json<'_>,
        lock: &mut TaskLock<'_>,
    ) -> Result<Counts, Error> {
        let site = self.table.target.site.id;
        let conditions = if self.names.is_empty() {
            Vec::new()
        } else {
            let filter = filter::condition(self.call, self.table, body, self.names)?;
            super::keys::conditions(keys, self.names, self.request.rows, site, filter.as_ref())?
        };
        let requests = &self.request.records;
        let (call, table, creates) = (self.call, self.table, self.request.creates);
        let mut batches = Batches::new(call, table, requests, creates, &conditions).await?;
        let mut at = 0;
        while at < requests.len() {
            lock.refresh().await?;
            if let Some(batches) = &mut batches {
                let progress = batches.next(at).await?;
                at += progress.rows;
                self.counts.inserted += progress.inserted;
                self.counts.updated += progress.updated;
                if let Some(cause) = progress.failure {
                    return Err(self.failed(at, cause));
                }
                if progress.rows > 0 {
                    continue;
                }
            }
            self.count(at, conditions.get(at)).await?;
            at += 1;
        }
        Ok(self.counts)
    }

    async fn count(&mut self, at: usize, condition: Option<&Predicate>) -> Result<(), Error> {
        match self.row(at, condition).await {
            Ok(Upserted::Created(_)) => self.counts.inserted += 1,
            Ok(Upserted::Updated(_)) => self.counts.updated += 1,
            Ok(Upserted::Skipped) => {}
            Err(cause) => return Err(self.failed(at, cause)),
        }
        Ok(())
    }

    async fn row(&self, at: usize, condition: Option<&Predicate>) -> Result<Upserted, Error> {
        let (call, table) = (self.call, self.table);
        let record = self.request.records.get(at);
        let (Some(condition), Some(row)) = (condition, self.request.rows.get(at)) else {
            let created = Box::pin(create_posted(call, table, record, None)).await?;
            let created =
                created.ok_or(Error::Corrupt("a record that exists without a condition"))?;
            return Ok(Upserted::Created(created));
        };
        let wanted = Wanted {
            condition,
            lock: lock_key(call, table, self.names, row),
            for_create: record,
            for_update: record,
            creates: self.request.creates,
        };
        Box::pin(find_and_write(call, table, &wanted)).await
    }

    fn failed(&self, at: usize, cause: Error) -> Error {
        let row = self.request.rows.get(at).unwrap_or(&Json::Null);
        Error::BulkUpsert(Box::new(FailedRow {
            title: self.table.target.site.title.clone(),
            inserted: self.counts.inserted,
            updated: self.counts.updated,
            index: message::index(self.call, self.table.settings, at, self.names, row),
            cause,
        }))
    }
}

/// The error of a row without the counts of those before it, which went with it.
fn nothing_stays(error: Error) -> Error {
    match error {
        Error::BulkUpsert(failed) => {
            Error::BulkUpsert(Box::new(FailedRow { inserted: 0, updated: 0, ..*failed }))
        }
        error => error,
    }
}
