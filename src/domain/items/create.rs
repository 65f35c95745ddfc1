//! `create` (03 §4).

use sqlx::PgConnection;

use crate::db;
use crate::db::locks::Lock;
use crate::db::records::{self, Insert, Inserted, NEW_ID, Origin};
use crate::db::sql::Predicate;
use crate::domain::named_sql::Hook;
use crate::domain::scripts::Moment;
use crate::domain::settings::ColumnRight;
use crate::domain::{Call, Error, auth};
use crate::lenient::Json;
use crate::messages::MessageId;
use crate::model::Rights;

use super::files::{self, Files};
use super::logic::{After, Applied, Kind};
use super::posted::Posting;
use super::record::{Migration, Record};
use super::request::RecordRequest;
use super::stored::{self, TimeRange};
use super::upsert::site_lock;
use super::{
    Table, Written, check_columns, defaults, hooks, images, labels, links, logic, permissions,
    scripts, text, validate,
};

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
    let (record, files, applied) = Box::pin(prepare(call, table, request)).await?;
    let write = Write { call, table, record: &record, files: &files, applied: &applied };
    // What stands open while a record is written is large, and callers would carry it along.
    Box::pin(write.run(unless)).await
}

/// The record that a request makes, its files and what its processes ask for, when nothing refuses it.
pub(super) async fn prepare(
    call: &Call,
    table: &Table<'_>,
    request: Option<&RecordRequest>,
) -> Result<(Record, Files, Applied), Error> {
    let mut record = Record::new(table.settings);
    let users = call.users().await?;
    let posting = Posting { call, users: &users };
    // The reference looks for a record 0 here, which only its scripts notice (07 §4.3).
    scripts::viewed(call, table, None).await?;
    defaults::apply(call, &mut record);
    let mut files = Ok(Files::default());
    if let Some(request) = request {
        posting.apply(&mut record, request);
        files = apply_files(&posting, &mut record, request).await;
        logic::compute(call, table, &mut record).await?;
    }
    let files = check(call, table, &record, request, files).await?;
    let request = request.ok_or(Error::InvalidJsonData)?;
    let applied = logic::run_processes(call, table, &mut record, request).await?;
    logic::summaries_of_children(call, table, &mut record).await?;
    scripts::run_before(call, table, Moment::BeforeCreate, &mut record).await?;
    Ok((record, files, applied))
}

/// Puts posted files and images into a record that is not there yet.
pub(super) async fn apply_files(
    posting: &Posting<'_>,
    record: &mut Record,
    request: &RecordRequest,
) -> Result<Files, Error> {
    let mut files = Files::of_new(posting.call, record, request);
    images::apply(posting, record, request, &mut files).await?;
    Ok(files)
}

/// Everything that may refuse before the write (03 §4.1, step 6).
pub(super) async fn check(
    call: &Call,
    table: &Table<'_>,
    record: &Record,
    request: Option<&RecordRequest>,
    files: Result<Files, Error>,
) -> Result<Files, Error> {
    auth::check_api_open(call)?;
    if request.is_none() {
        return Err(Error::InvalidJsonData);
    }
    table.check_not_locked(call)?;
    table.check_writable(call, Rights::CREATE, record)?;
    check_columns(call, &table.access, record, ColumnRight::Create)?;
    let files = files?;
    files.check_limits(call, record).await?;
    validate::check_texts(call, record).await?;
    Ok(files)
}

pub(super) async fn check_items_limit(call: &Call, table: &Table<'_>) -> Result<(), Error> {
    let Some(limit) = call.contract.items() else { return Ok(()) };
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    let count = db::items::count_records(&mut conn, table.target.site.id).await?;
    if count + 1 > limit { Err(Error::ItemsLimit) } else { Ok(()) }
}

/// A new record that nothing speaks against.
pub(super) struct Write<'a> {
    pub(super) call: &'a Call,
    pub(super) table: &'a Table<'a>,
    pub(super) record: &'a Record,
    pub(super) files: &'a Files,
    pub(super) applied: &'a Applied,
}

impl Write<'_> {
    pub(super) async fn run(&self, unless: Option<Unless<'_>>) -> Result<Option<Written>, Error> {
        let (call, table, record) = (self.call, self.table, self.record);
        let site = &table.target.site;
        let labels = labels::load(call, table.settings, &[record]).await?;
        let item = text::item_text(call, site, record, &labels);
        let (unique, checked) = stored::unique(record, table.columns);
        let insert = Insert {
            tenant: call.caller.tenant.id,
            kind: site.kind,
            site: site.id,
            user: call.caller.user,
            origin: record.migration.map(|migration| origin(migration, TimeRange::of(call))),
            item: &item,
            values: &stored::for_insert(record, table.columns, TimeRange::of(call)),
            links: &links::destinations(site, record),
            files: &self.files.added,
            pasted: &text::guids(&item),
            permissions: &permissions::for_creating(call, record).await?,
            unique: &unique,
            unless: unless.map(|(condition, _)| condition),
        };
        let after = After::of(call, table, record, self.applied, Kind::Create).await?;
        self.files.store(call).await?;
        let inserted = self.insert(&insert, unless.map(|(_, lock)| lock), &after).await;
        if !matches!(inserted, Ok((Inserted::Done(_), ..))) {
            self.files.discard(call).await;
        }
        match inserted? {
            (Inserted::Done(id), record, title) => {
                after.update_parents().await?;
                let changed = hooks::after(call, table, Hook::OnCreated, id).await?;
                scripts::run_after(call, table, Moment::AfterCreate, id).await?;
                let title = changed.unwrap_or(title);
                let written =
                    Written::new(id, MessageId::Created, &title, call.language(), table.limit);
                let message = logic::message(call, &record, self.applied).await?;
                Ok(Some(written.with_message(message)))
            }
            (Inserted::Duplicate(at), ..) => Err(stored::duplicated(call, &checked, at)),
            (Inserted::Exists, ..) => Ok(None),
        }
    }

    /// An upsert holds the lock of its keys while it looks and adds; a plain create needs neither, and no transaction
    /// unless there is more to do than to add the record. With the record and its title as they are then.
    async fn insert(
        &self,
        insert: &Insert<'_>,
        lock: Option<i64>,
        after: &After<'_>,
    ) -> Result<(Inserted, Record, String), Error> {
        let pool = &self.call.services.owner_db;
        let before = hooks::before_create(self.call, self.table);
        if lock.is_none() && before.is_empty() && after.is_nothing() {
            let mut conn = pool.acquire().await.map_err(db::Error::from)?;
            return self.insert_on(&mut conn, insert, after).await;
        }
        let mut transaction = match lock {
            Some(lock) => {
                let site = Lock::Shared(site_lock(self.call, self.table));
                db::locks::begin(pool, &[site, Lock::Exclusive(lock)]).await?
            }
            None => pool.begin().await.map_err(db::Error::from)?,
        };
        before.run(&mut transaction).await?;
        let inserted = self.insert_on(&mut transaction, insert, after).await?;
        if matches!(inserted, (Inserted::Done(_), ..)) {
            transaction.commit().await.map_err(db::Error::from)?;
            after.committed();
        }
        Ok(inserted)
    }

    async fn insert_on(
        &self,
        conn: &mut PgConnection,
        insert: &Insert<'_>,
        after: &After<'_>,
    ) -> Result<(Inserted, Record, String), Error> {
        let inserted = records::insert(conn, insert).await?;
        let Inserted::Done(id) = inserted else {
            return Ok((inserted, self.record.clone(), String::new()));
        };
        let title = insert.item.title.replace(NEW_ID, &id.to_string());
        let (record, title) = after.run(conn, self.record, id, title).await?;
        Ok((inserted, record, title))
    }
}

/// Who is not posted is nobody; a time that is not, or is none that can be stored, is now (02 §7.1).
fn origin(migration: Migration, range: TimeRange) -> Origin {
    Origin {
        creator: migration.creator.unwrap_or_default(),
        updator: migration.updator.unwrap_or_default(),
        created_time: migration.created_time.filter(|time| range.contains(*time)),
        updated_time: migration.updated_time.filter(|time| range.contains(*time)),
    }
}

/// A condition under which nothing is added, and the key of the lock that makes it hold until the end.
pub(super) type Unless<'a> = (&'a Predicate, i64);
