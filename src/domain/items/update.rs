//! `update` (03 §5).

use crate::db;
use crate::db::records::{self, Update, Updated};
use crate::db::sites::PermissionRow;
use crate::db::sql::Ident;
use crate::domain::ahead::Ahead;
use crate::domain::named_sql::Hook;
use crate::domain::scripts::Moment;
use crate::domain::settings::ColumnRight;
use crate::domain::{Call, Error, Services, auth};
use crate::lenient::Json;
use crate::messages::MessageId;
use crate::model::{ReferenceType, Rights};

use super::files::{self, Files};
use super::logic::{After, Applied, Kind};
use super::posted::Posting;
use super::record::{Record, Stored};
use super::request::RecordRequest;
use super::stored::{self, TimeRange};
use super::{
    Table, Written, check_columns, hooks, images, labels, links, load, logic, permissions, scripts,
    text, validate, versions,
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

/// Puts an uploaded file into the record that the call addresses, as an ordinary update (08 §10.3): beside the file of
/// the guid `old` in its column, or in its place when it has the same guid.
pub async fn upload(
    call: &Call,
    table: &Table<'_>,
    old: &str,
    file: records::NewFile,
) -> Result<Written, Error> {
    let record = load::by_id(call, table, call.id).await?.ok_or(Error::NotFound)?;
    let request = RecordRequest::of_upload(format!("{old},{}", file.guid), file);
    update_posted(call, table, record, Some(&request)).await
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
    let preparing = Box::pin(prepare(call, table, record, &stored, request));
    let (record, files, applied) = preparing.await?;
    let permissions = match request {
        Some(request) => permissions::for_updating(call, &record, request).await?,
        None => None,
    };
    let write = Write {
        call,
        table,
        record: &record,
        stored: &stored,
        files: &files,
        permissions: permissions.as_deref(),
        applied: &applied,
    };
    Box::pin(write.run()).await
}

/// The record with what a request changes, its files and what its processes ask for, when nothing refuses it.
pub(super) async fn prepare(
    call: &Call,
    table: &Table<'_>,
    mut record: Record,
    stored: &Stored,
    request: Option<&RecordRequest>,
) -> Result<(Record, Files, Applied), Error> {
    let mut files = Ok(Files::default());
    if let Some(request) = request {
        let users = call.users().await?;
        let posting = Posting { call, users: &users };
        posting.apply(&mut record, request);
        files = apply_files(&posting, &mut record, request).await;
        logic::compute(call, table, &mut record).await?;
    }
    let files = check(call, table, &record, stored, request, files).await?;
    let request = request.ok_or(Error::InvalidJsonData)?;
    let applied = logic::run_processes(call, table, &mut record, request).await?;
    logic::summaries_of_children(call, table, &mut record).await?;
    scripts::run_before(call, table, Moment::BeforeUpdate, &mut record).await?;
    Ok((record, files, applied))
}

/// Puts posted files and images into a stored record.
pub(super) async fn apply_files(
    posting: &Posting<'_>,
    record: &mut Record,
    request: &RecordRequest,
) -> Result<Files, Error> {
    let mut files = Files::of_stored(posting.call, record, request).await?;
    images::apply(posting, record, request, &mut files).await?;
    Ok(files)
}

/// Everything that may refuse before the write (03 §5.1, step 6).
pub(super) async fn check(
    call: &Call,
    table: &Table<'_>,
    record: &Record,
    stored: &Stored,
    request: Option<&RecordRequest>,
    files: Result<Files, Error>,
) -> Result<Files, Error> {
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
    let files = files?;
    files.check_limits(call, record).await?;
    validate::check_texts(call, record).await?;
    Ok(files)
}

/// QUIRK(03 §9.5): a locked record is closed to everybody, so the API cannot unlock it.
pub(super) async fn check_record_not_locked(
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

/// A changed record that nothing speaks against.
pub(super) struct Write<'a> {
    pub(super) call: &'a Call,
    pub(super) table: &'a Table<'a>,
    pub(super) record: &'a Record,
    pub(super) stored: &'a Stored,
    pub(super) files: &'a Files,
    /// The record's permission rows from now on; none leaves them alone.
    pub(super) permissions: Option<&'a [PermissionRow]>,
    pub(super) applied: &'a Applied,
}

impl Write<'_> {
    pub(super) async fn run(&self) -> Result<Written, Error> {
        let Self { call, table, record, stored, .. } = *self;
        let site = &table.target.site;
        let labels = labels::load(call, table.settings, &[record]).await?;
        let item = text::item_text(call, site, record, &labels);
        let (unique, checked) = stored::unique(record, table.columns);
        let version = versions::next(call, record, stored);
        let change = Update {
            tenant: call.caller.tenant.id,
            kind: site.kind,
            site: site.id,
            id: stored.id,
            token: stored.token,
            user: call.caller.user,
            version,
            history_columns: &version.map(|_| history_columns(call, site.kind)).unwrap_or_default(),
            values: &stored::for_update(record, table.columns, TimeRange::of(call)),
            item: &item,
            links: &links::destinations(site, record),
            files: self.files.changes(),
            permissions: self.permissions,
            site_title: (site.kind == ReferenceType::Wikis).then(|| record.text("Title")),
            unique: &unique,
        };
        let after = After::of(call, table, record, self.applied, Kind::Update).await?;
        self.files.store(call).await?;
        let updated = self.update(change, &after).await;
        if !matches!(updated, Ok((Updated::Done, ..))) {
            self.files.discard(call).await;
        }
        match updated? {
            (Updated::Done, record, title) => {
                self.files.settle(call).await;
                after.update_parents().await?;
                let changed = hooks::after(call, table, Hook::OnUpdated, stored.id).await?;
                let title = changed.unwrap_or(title);
                logic::carry_title_over(call, table, stored.id, &title).await?;
                scripts::run_after(call, table, Moment::AfterUpdate, stored.id).await?;
                let language = call.language();
                let written =
                    Written::new(stored.id, MessageId::Updated, &title, language, table.limit);
                let message = logic::message(call, &record, self.applied).await?;
                Ok(written.with_message(message))
            }
            (Updated::Conflict, ..) => Err(Error::UpdateConflicts),
            (Updated::Duplicate(at), ..) => Err(stored::duplicated(call, &checked, at)),
        }
    }

    /// In a transaction only if there is more to do than to change the record. With the record and its title as they
    /// are then.
    ///
    /// That transaction is one of the owner: what it looks up meanwhile takes connections of the other pool, so that no
    /// transaction waits for a connection that another one holds.
    async fn update(
        &self,
        change: Update<'_>,
        after: &After<'_>,
    ) -> Result<(Updated, Record, String), Error> {
        let Self { call, table, record, .. } = *self;
        let unchanged = |updated| (updated, record.clone(), change.item.title.clone());
        let before = hooks::before_update(call, table, self.stored);
        if before.is_empty() && after.is_nothing() {
            let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
            return Ok(unchanged(records::update(&mut conn, &change).await?));
        }
        let mut transaction = call.services.owner_db.begin().await.map_err(db::Error::from)?;
        let kind = table.settings.kind;
        let token = hooks::run_before(&before, &mut transaction, kind, self.stored).await?;
        let Some(token) = token else { return Ok(unchanged(Updated::Conflict)) };
        let change = Update { token, ..change.clone() };
        let updated = records::update(&mut transaction, &change).await?;
        if updated != Updated::Done {
            return Ok(unchanged(updated));
        }
        let title = change.item.title.clone();
        let (record, title) = after.run(&mut transaction, record, change.id, title).await?;
        transaction.commit().await.map_err(db::Error::from)?;
        after.committed();
        Ok((updated, record, title))
    }
}

/// Every column that the table and its history have in common: the whole row is kept (02 §7.3).
pub(super) fn history_columns(call: &Call, kind: ReferenceType) -> Vec<Ident> {
    call.services.catalogue.shared(&Ident::table(kind), &Ident::history(kind))
}
