//! What `kokochi database advise` asks, and the statements that it prints. Nothing here changes the database.

use std::collections::HashSet;

use sqlx::{PgConnection, Row};

use super::{Error, TableInfo, quote};
use crate::model::{ReferenceType, SiteId};

/// A table as the database has it.
#[derive(Debug)]
pub struct SiteSettings {
    /// The site.
    pub id: SiteId,
    /// `Sites.SiteSettings`.
    pub text: Option<String>,
}

/// The settings of all tables of a kind.
#[tracing::instrument(name = "db.index_advice.settings", skip_all)]
pub async fn settings(
    conn: &mut PgConnection,
    kind: ReferenceType,
) -> Result<Vec<SiteSettings>, Error> {
    let rows = sqlx::query(
        r#"select "SiteId", "SiteSettings" from "Sites" where "ReferenceType" = $1 order by "SiteId""#,
    )
    .bind(kind.name())
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| Ok(SiteSettings { id: SiteId(row.try_get(0)?), text: row.try_get(1)? }))
        .collect()
}

/// The columns that stand behind `SiteId` at the beginning of an index of the kind's table.
#[tracing::instrument(name = "db.index_advice.indexed", skip_all)]
pub async fn indexed(
    conn: &mut PgConnection,
    kind: ReferenceType,
) -> Result<HashSet<String>, Error> {
    let names: Vec<String> = sqlx::query_scalar(
        r"select second.attname::text
            from pg_index i
            join pg_class c on c.oid = i.indrelid and pg_table_is_visible(c.oid)
            join pg_attribute first on first.attrelid = c.oid and first.attnum = i.indkey[0]
            join pg_attribute second on second.attrelid = c.oid and second.attnum = i.indkey[1]
           where c.relname = $1 and i.indisvalid and first.attname = 'SiteId'",
    )
    .bind(kind.name())
    .fetch_all(conn)
    .await?;
    Ok(names.into_iter().collect())
}

/// The statement that makes the index; none for a column that the table does not have.
///
/// Only rows that have a value are in it: all sites of a kind share one table, and most use few of its columns.
pub fn statement(table: &TableInfo, column: &str) -> Option<String> {
    let column = table.column(column)?;
    let index = quote::name(&format!("kokochi_{}_{}", table.name, column.name));
    let (table, column) = (quote::name(&table.name), quote::name(&column.name));
    Some(format!(
        "CREATE INDEX CONCURRENTLY IF NOT EXISTS {index} ON {table} (\"SiteId\", {column}) WHERE {column} IS NOT NULL;"
    ))
}
