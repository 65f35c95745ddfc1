//! `create` (03 §4).

use crate::db;
use crate::db::locks::Lock;
use crate::db::records::{self, Insert, Inserted, NEW_ID};
use crate::db::sql::Predicate;
use crate::domain::settings::ColumnRight;
use crate::domain::{Call, Error, auth};
use crate::lenient::Json;
use crate::messages::MessageId;
use crate::model::Rights;

use super::posted::Posting;
use super::record::Record;
use super::request::RecordRequest;
use super::stored::{self, TimeRange};
use super::upsert::site_lock;
use super::{Table, Written, check_columns, defaults, files, labels, links, logic, text, validate};

/// Adds a record to the table, with the checks in the reference's order (03 §4.1).
pub async fn create(call: &Call, table: &Table<'_>, body: &Json<'_>) -> Result<Written, Error> {
    check_items_limit(call, table).await?;
    let request =
        RecordRequest::read(body, table.settings.kind, call.services.parameters.api.version);
    let request =
        request.and_then(|request| files::check_shape_for_create(&request).map(|()| request));
    match create_posted(call, table, request.as_ref().ok(), None).await? {
        Some(written) => Ok(written),
        None => Err(Error::Corrupt("a record that exists without a condition")),
    }
}

/// Adds a record to the table, unless one meets the condition; then nothing is returned. No request is one that cannot
/// be read.
pub(super) async fn create_posted(
    call: &Call,
    table: &Table<'_>,
    request: Option<&RecordRequest>,
    unless: Option<Unless<'_>>,
) -> Result<Option<Written>, Error> {
    let record = prepare(call, table, request).await?;
    let write = Write { call, table, record: &record };
    write.run(unless).await
}

/// The record that a request makes, when nothing refuses it.
pub(super) async fn prepare(
    call: &Call,
    table: &Table<'_>,
    request: Option<&RecordRequest>,
) -> Result<Record, Error> {
    let mut record = Record::new(table.settings);
    let users = call.users().await?;
    let posting = Posting { call, users: &users };
    defaults::apply(call, &mut record);
    if let Some(request) = request {
        posting.apply(&mut record, request);
        logic::compute(call, table, &mut record).await?;
    }
    check(call, table, &record, request)?;
    let request = request.ok_or(Error::InvalidJsonData)?;
    logic::check_supported(table, request)?;
    logic::run_processes(call, table, &mut record, request).await?;
    Ok(record)
}

/// Everything that may refuse before the write (03 §4.1, step 6).
fn check(
    call: &Call,
    table: &Table<'_>,
    record: &Record,
    request: Option<&RecordRequest>,
) -> Result<(), Error> {
    auth::check_api_open(call)?;
    if request.is_none() {
        return Err(Error::InvalidJsonData);
    }
    table.check_not_locked(call)?;
    table.check_writable(call, Rights::CREATE, record)?;
    check_columns(call, &table.access, record, ColumnRight::Create)?;
    validate::check_texts(record, table.wide_counts_double(call))
}

async fn check_items_limit(call: &Call, table: &Table<'_>) -> Result<(), Error> {
    let Some(limit) = call.contract.items() else { return Ok(()) };
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    let count = db::items::count_records(&mut conn, table.target.site.id).await?;
    if count + 1 > limit { Err(Error::ItemsLimit) } else { Ok(()) }
}

struct Write<'a> {
    call: &'a Call,
    table: &'a Table<'a>,
    record: &'a Record,
}

impl Write<'_> {
    async fn run(&self, unless: Option<Unless<'_>>) -> Result<Option<Written>, Error> {
        let (call, table, record) = (self.call, self.table, self.record);
        let site = &table.target.site;
        let labels = labels::load(call, table.settings, &[record]).await?;
        let item = text::item_text(call, site, record, &labels);
        let (unique, checked) = stored::unique(record, table.columns);
        let insert = Insert {
            kind: site.kind,
            site: site.id,
            user: call.caller.user,
            item: &item,
            values: &stored::for_insert(record, table.columns, TimeRange::of(call)),
            links: &links::destinations(site, record),
            unique: &unique,
            unless: unless.map(|(condition, _)| condition),
        };
        match self.insert(&insert, unless.map(|(_, lock)| lock)).await? {
            Inserted::Done(id) => {
                let title = item.title.replace(NEW_ID, &id.to_string());
                Ok(Some(Written::new(id, MessageId::Created, &title, call.language(), table.limit)))
            }
            Inserted::Duplicate(at) => Err(stored::duplicated(call, &checked, at)),
            Inserted::Exists => Ok(None),
        }
    }

    /// An upsert holds the lock of its keys while it looks and adds; a plain create needs neither.
    async fn insert(&self, insert: &Insert<'_>, lock: Option<i64>) -> Result<Inserted, Error> {
        let pool = &self.call.services.owner_db;
        let Some(lock) = lock else {
            let mut conn = pool.acquire().await.map_err(db::Error::from)?;
            return Ok(records::insert(&mut conn, insert).await?);
        };
        let locks = [Lock::Shared(site_lock(self.call, self.table)), Lock::Exclusive(lock)];
        let mut transaction = db::locks::begin(pool, &locks).await?;
        let inserted = records::insert(&mut transaction, insert).await?;
        transaction.commit().await.map_err(db::Error::from)?;
        Ok(inserted)
    }
}

/// A condition under which nothing is added, and the key of the lock that makes it hold until the end.
pub(super) type Unless<'a> = (&'a Predicate, i64);
