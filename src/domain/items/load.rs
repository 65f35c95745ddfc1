//! Reading records to change them.

use crate::db::records::{self, RecordRow, Select};
use crate::db::sql::{Bind, Ident, Predicate};
use crate::db::{self, ColumnInfo, TableInfo};
use crate::domain::scripts::Moment;
use crate::domain::settings::{Column, TableSettings};
use crate::domain::{Call, Error};
use crate::model::{ReferenceType, SiteId};

use super::record::Record;
use super::{Table, hooks, scripts};

/// The record of that id, if the table has it.
pub(crate) async fn by_id(
    call: &Call,
    table: &Table<'_>,
    id: i64,
) -> Result<Option<Record>, Error> {
    let condition = hooks::seen(call, table, Some(id), has_id(table.settings.kind, id));
    let condition = scripts::narrowed(call, table, condition).await?;
    let Some(mut record) = matching(call, table, condition).await?.pop() else { return Ok(None) };
    scripts::run(call, table, Moment::WhenloadingRecord, &mut record).await?;
    Ok(Some(record))
}

/// The condition that a record has that id.
pub(crate) fn has_id(kind: ReferenceType, id: i64) -> Predicate {
    Predicate::Equal(Ident::id_of(kind), Bind::Long(Some(id)))
}

/// Up to two records that meet a condition: enough to know whether there is none, one, or several.
pub(crate) async fn matching(
    call: &Call,
    table: &Table<'_>,
    condition: Predicate,
) -> Result<Vec<Record>, Error> {
    let columns = columns(table.settings, table.columns);
    let rows = if let Some(rows) = call.take_looked_up(table.settings, &condition) {
        rows
    } else {
        let query = select(table.settings, table.target.site.id, &columns, condition);
        let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
        records::select(&mut conn, &query).await?
    };
    Ok(rows.into_iter().map(|row| record(table, &columns, row)).collect())
}

/// The query that loads what an update needs.
pub(crate) fn select<'a>(
    settings: &TableSettings,
    site: SiteId,
    columns: &'a [&'a ColumnInfo],
    condition: Predicate,
) -> Select<'a> {
    Select {
        kind: settings.kind,
        site,
        columns,
        condition,
        mails: settings.full_text_number_of_mails,
        limit: 2,
    }
}

/// A loaded row as a record.
pub(crate) fn record(table: &Table<'_>, columns: &[&ColumnInfo], row: RecordRow) -> Record {
    Record::load(table.settings, columns.iter().map(|column| column.name.as_str()), row)
}

/// The columns of the table that are values of a record.
///
/// The reference loads what is on the editor and leaves the rest, which then cannot be cleared and is missing in
/// former versions (03 §8.2); we load every column. Only the lock is looked at as it does: a table without the
/// column on its editor does not notice it (QUIRK(03 §9.5)).
pub(crate) fn columns<'a>(settings: &TableSettings, table: &'a TableInfo) -> Vec<&'a ColumnInfo> {
    let wanted =
        settings.columns.iter().filter(|column| is_value(column) && is_loaded(settings, column));
    wanted.filter_map(|column| table.column(&column.name)).collect()
}

/// Whether the reference loads the column too: those of the editor and those with a default input (03 §8.2).
pub(crate) fn is_loaded_by_reference(settings: &TableSettings, column: &Column) -> bool {
    settings.is_in_editor(&column.name) || column.default_input.is_some()
}

fn is_loaded(settings: &TableSettings, column: &Column) -> bool {
    column.name != "Locked" || is_loaded_by_reference(settings, column)
}

/// Ids, versions, users and times are no values: every row brings them.
pub fn is_value(column: &Column) -> bool {
    column.definition.physical
        && !matches!(
            column.name.as_str(),
            "SiteId"
                | "ResultId"
                | "IssueId"
                | "WikiId"
                | "Ver"
                | "Creator"
                | "Updator"
                | "CreatedTime"
                | "UpdatedTime"
        )
}
