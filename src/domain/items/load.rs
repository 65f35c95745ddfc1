//! Reading records to change them.

use crate::db;
use crate::db::ColumnInfo;
use crate::db::records::{self, RecordRow, Select};
use crate::db::sql::{Bind, Ident, Predicate};
use crate::domain::settings::Column;
use crate::domain::{Call, Error};

use super::Table;
use super::record::Record;

/// The record of that id, if the table has it.
pub async fn by_id(call: &Call, table: &Table<'_>, id: i64) -> Result<Option<Record>, Error> {
    let condition = Predicate::Equal(Ident::id_of(table.settings.kind), Bind::Long(Some(id)));
    Ok(matching(call, table, condition).await?.pop())
}

/// Up to two records that meet a condition: enough to know whether there is none, one, or several.
pub async fn matching(
    call: &Call,
    table: &Table<'_>,
    condition: Predicate,
) -> Result<Vec<Record>, Error> {
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    let columns = columns(table);
    let query = select(table, &columns, condition);
    let rows = records::select(&mut conn, &query).await?;
    Ok(rows.into_iter().map(|row| record(table, &columns, row)).collect())
}

/// The query that loads what an update needs.
pub fn select<'a>(
    table: &Table<'a>,
    columns: &'a [&'a ColumnInfo],
    condition: Predicate,
) -> Select<'a> {
    Select {
        kind: table.settings.kind,
        site: table.target.site.id,
        columns,
        condition,
        mails: table.settings.full_text_number_of_mails,
        limit: 2,
    }
}

/// A loaded row as a record.
pub fn record(table: &Table<'_>, columns: &[&ColumnInfo], row: RecordRow) -> Record {
    Record::load(table.settings, columns.iter().map(|column| column.name.as_str()), row)
}

/// The columns of the table that are values of a record.
///
/// The reference loads what is on the editor and leaves the rest, which then cannot be cleared and is missing in
/// former versions (03 §8.2); we load every column. Only the lock is looked at as it does: a table without the
/// column on its editor does not notice it (QUIRK(03 §9.5)).
pub fn columns<'a>(table: &Table<'a>) -> Vec<&'a ColumnInfo> {
    let settings = table.settings;
    let wanted =
        settings.columns.iter().filter(|column| is_value(column) && is_loaded(table, column));
    wanted.filter_map(|column| table.columns.column(&column.name)).collect()
}

fn is_loaded(table: &Table<'_>, column: &Column) -> bool {
    column.name != "Locked" || table.settings.is_in_editor("Locked")
}

/// Ids, versions, users and times are no values: every row brings them.
fn is_value(column: &Column) -> bool {
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
