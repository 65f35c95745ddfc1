//! Where named SQL runs around writes of records, and what it lets callers see (07 §2.9, §2.10).

use sqlx::PgConnection;

use crate::db;
use crate::db::records;
use crate::db::sql::{Ident, Predicate};
use crate::domain::named_sql::{self, Hook, Hooks, Subject};
use crate::domain::{Call, Error};
use crate::model::ReferenceType;

use super::record::Stored;
use super::{Table, labels, load, text};

/// Whether hooks run for each record that the call writes: not for the rows of an import (07 §2.9, observed).
fn has_rows(call: &Call) -> bool {
    call.action != "import"
}

/// What runs first in the transaction of a create.
pub(super) fn before_create(call: &Call, table: &Table<'_>) -> Hooks {
    if !has_rows(call) {
        return Hooks::default();
    }
    // QUIRK(07 §2.9): `IdList` is compared with the id of the URL, while the text gets 0.
    named_sql::hooks(call, Hook::OnCreating, subject(table, None))
}

/// What runs first in the transaction of an update.
pub(super) fn before_update(call: &Call, table: &Table<'_>, stored: &Stored) -> Hooks {
    if !has_rows(call) {
        return Hooks::default();
    }
    let updated_time = Some(stored.updated_time);
    let subject = Subject { updated_time, ..subject(table, Some(stored.id)) };
    named_sql::hooks(call, Hook::OnUpdating, subject)
}

/// Runs what comes after a write, in a transaction of its own; the title that the record has then, if anything ran.
///
/// QUIRK(07 §2.9): the write stands even when this fails, and the item keeps the title from before.
pub(super) async fn after(
    call: &Call,
    table: &Table<'_>,
    hook: Hook,
    id: i64,
) -> Result<Option<String>, Error> {
    let hooks = named_sql::hooks(call, hook, subject(table, Some(id)));
    if hooks.is_empty() || !has_rows(call) {
        return Ok(None);
    }
    let mut transaction = call.services.db.begin().await.map_err(db::Error::from)?;
    hooks.run(&mut transaction).await?;
    transaction.commit().await.map_err(db::Error::from)?;
    let Some(record) = load::by_id(call, table, id).await? else { return Ok(None) };
    let labels = labels::load(call, table.settings, &[&record]).await?;
    Ok(Some(text::item_text(call, &table.target.site, &record, &labels).title))
}

/// What runs around the delete of a record.
pub(super) fn around_delete(call: &Call, table: &Table<'_>, id: i64) -> (Hooks, Hooks) {
    let hooks = |hook| named_sql::hooks(call, hook, subject(table, Some(id)));
    (hooks(Hook::OnDeleting), hooks(Hook::OnDeleted))
}

/// Runs what comes before a write of a record and locks the record; none when somebody else changed it meanwhile.
///
/// The token is that of the row afterwards: what ran may have changed the record itself, which is no conflict.
pub(super) async fn run_before(
    hooks: &Hooks,
    conn: &mut PgConnection,
    kind: ReferenceType,
    stored: &Stored,
) -> Result<Option<i64>, Error> {
    if records::lock_version(conn, kind, stored.id).await? != Some(stored.token) {
        return Ok(None);
    }
    hooks.run(conn).await?;
    Ok(records::lock_version(conn, kind, stored.id).await?)
}

/// What runs around a bulk delete.
pub(super) fn around_bulk_delete(call: &Call, table: &Table<'_>) -> (Hooks, Hooks) {
    let hooks = |hook| named_sql::hooks(call, hook, subject(table, None));
    (hooks(Hook::OnBulkDeleting), hooks(Hook::OnBulkDeleted))
}

/// The condition, narrowed to the records that the caller may see; `id` is the record, where it is a certain one.
pub(super) fn seen(
    call: &Call,
    table: &Table<'_>,
    id: Option<i64>,
    condition: Predicate,
) -> Predicate {
    let kind = table.settings.kind;
    named_sql::seen(call, kind, &Ident::id_of(kind), subject(table, id), None, condition)
}

/// Whether records may be there that the caller does not see.
pub(super) fn narrows(call: &Call, table: &Table<'_>) -> bool {
    named_sql::may_run(call, &[Hook::OnSelectingWhere], table.target.site.id.0)
}

/// The site's table, and a record of it.
pub(super) fn subject(table: &Table<'_>, id: Option<i64>) -> Subject {
    Subject { site: table.target.site.id.0, id, updated_time: None }
}
