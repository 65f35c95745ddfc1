//! `update` (03 §5).

use crate::db;
use crate::db::records::{self, Update, Updated};
use crate::db::sql::Ident;
use crate::domain::ahead::Ahead;
use crate::domain::settings::ColumnRight;
use crate::domain::{Call, Error, Services, auth};
use crate::lenient::Json;
use crate::messages::MessageId;
use crate::model::Rights;

use super::posted::Posting;
use super::record::{Record, Stored};
use super::request::RecordRequest;
use super::stored::{self, TimeRange};
use super::{
    Table, Written, check_columns, files, labels, links, load, logic, text, validate, versions,
};

/// Changes the record that the URL addresses, with the checks in the reference's order (03 §5.1).
pub async fn update(call: &Call, table: &Table<'_>, body: &Json<'_>) -> Result<Written, Error> {
    // Before everything else: a record that is not there (03 §5.1, step 5).
    let record = load::by_id(call, table, call.id).await?.ok_or(Error::NotFound)?;
    let request =
        RecordRequest::read(body, table.settings.kind, call.services.parameters.api.version);
    let request =
        request.and_then(|request| files::check_shape_for_update(&request).map(|()| request));
    update_posted(call, table, record, request.as_ref().ok()).await
}

/// The record that an update will want, as far as the settings in memory tell.
pub fn ahead(services: &Services, _: &Json<'_>, id: i64) -> Option<Ahead> {
    Ahead::with(services, id, |settings, _| Some(load::has_id(settings.kind, id)))
}

/// Changes a record that is loaded already. No request is one that cannot be read.
pub(super) async fn update_posted(
    call: &Call,
    table: &Table<'_>,
    record: Record,
    request: Option<&RecordRequest>,
) -> Result<Written, Error> {
    let stored = record.stored.clone().ok_or(Error::NotFound)?;
    let record = prepare(call, table, record, &stored, request).await?;
    write(call, table, &record, &stored).await
}

/// The record with what a request changes, when nothing refuses it.
pub(super) async fn prepare(
    call: &Call,
    table: &Table<'_>,
    mut record: Record,
    stored: &Stored,
    request: Option<&RecordRequest>,
) -> Result<Record, Error> {
    if let Some(request) = request {
        let users = call.users().await?;
        Posting { call, users: &users }.apply(&mut record, request);
        logic::compute(call, table, &mut record).await?;
    }
    check(call, table, &record, stored, request).await?;
    let request = request.ok_or(Error::InvalidJsonData)?;
    logic::check_supported(table, request)?;
    logic::run_processes(call, table, &mut record, request).await?;
    Ok(record)
}

/// Everything that may refuse before the write (03 §5.1, step 6).
async fn check(
    call: &Call,
    table: &Table<'_>,
    record: &Record,
    stored: &Stored,
    request: Option<&RecordRequest>,
) -> Result<(), Error> {
    let sets_permissions = request.is_some_and(|request| request.record_permissions.is_some());
    if sets_permissions && !table.access.can(Rights::MANAGE_PERMISSION, super::Scope::Item) {
        return Err(Error::HasNotPermission);
    }
    auth::check_api_open(call)?;
    if request.is_none() {
        return Err(Error::InvalidJsonData);
    }
    table.check_not_locked(call)?;
    check_record_not_locked(call, record, stored).await?;
    table.check_writable(call, Rights::UPDATE, record)?;
    check_columns(call, &table.access, record, ColumnRight::Update)?;
    validate::check_texts(record, table.wide_counts_double(call))
}

/// QUIRK(03 §9.5): a locked record is closed to everybody, so the API cannot unlock it.
async fn check_record_not_locked(
    call: &Call,
    record: &Record,
    stored: &Stored,
) -> Result<(), Error> {
    let locked = record.saved("Locked").is_some_and(crate::model::Value::bool);
    if !locked {
        return Ok(());
    }
    let users = call.users().await?;
    let user = users.name(stored.updator.0.into()).unwrap_or_default().to_owned();
    Err(Error::LockedRecord { id: stored.id, user, time: call.to_user(stored.updated_time) })
}

async fn write(
    call: &Call,
    table: &Table<'_>,
    record: &Record,
    stored: &Stored,
) -> Result<Written, Error> {
    let site = &table.target.site;
    let labels = labels::load(call, table.settings, &[record]).await?;
    let item = text::item_text(call, site, record, &labels);
    let (unique, checked) = stored::unique(record, table.columns);
    let version = versions::next(call, record, stored);
    let change = Update {
        kind: site.kind,
        site: site.id,
        id: stored.id,
        token: stored.token,
        user: call.caller.user,
        version,
        history_columns: &history_columns(table),
        values: &stored::for_update(record, table.columns, TimeRange::of(call)),
        item: &item,
        links: &links::destinations(site, record),
        unique: &unique,
    };
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    match records::update(&mut conn, &change).await? {
        Updated::Done => Ok(Written::new(
            stored.id,
            MessageId::Updated,
            &item.title,
            call.language(),
            table.limit,
        )),
        Updated::Conflict => Err(Error::UpdateConflicts),
        Updated::Duplicate(at) => Err(stored::duplicated(call, &checked, at)),
    }
}

/// Every column that the table and its history have in common: the whole row is kept (02 §7.3).
pub(super) fn history_columns(table: &Table<'_>) -> Vec<Ident> {
    table.columns.columns.iter().map(crate::db::ColumnInfo::ident).collect()
}
