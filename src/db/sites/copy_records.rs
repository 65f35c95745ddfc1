//! Adding copies of records (06 §3.7).

use sqlx::PgConnection;

use super::Copied;
use super::permissions::{OriginalRows, is_among};
use crate::db::Error;
use crate::db::sql::{Bind, Ident, Statement};
use crate::model::{ReferenceType, UserId};

/// Records to copy from one site to another.
#[derive(Debug, Clone)]
pub struct RecordCopy<'a> {
    /// What the sites hold.
    pub kind: ReferenceType,
    /// The new site.
    pub site: i64,
    /// The records of the original that are copied.
    pub records: &'a [Copied],
    /// The columns that are copied as they are.
    pub columns: &'a [Ident],
    /// The columns that hold an id of a record: copied records are named by their copies.
    pub links: &'a [Ident],
    /// Columns that cannot be NULL and whose values are not copied: texts become empty, numbers 0, times now.
    pub blanks: &'a [Ident],
    /// Whether the search text may be taken along: not where it holds what the caller may not read.
    pub with_full_text: bool,
    /// The rows of permissions of each record that are taken along.
    pub permissions: OriginalRows,
}

/// Adds copies of records, first versions by the caller, with items, links and permissions: one statement.
///
/// `all` are the records of every copied site.
#[tracing::instrument(name = "db.sites.insert_records", skip_all)]
pub async fn insert_records(
    conn: &mut PgConnection,
    user: UserId,
    copy: &RecordCopy<'_>,
    all: &[Copied],
) -> Result<(), Error> {
    let mut sql = Statement::new();
    let table = Ident::table(copy.kind);
    let id = Ident::id_of(copy.kind);
    let pairs = |sql: &mut Statement, copied: &[Copied]| {
        let ids = |of: fn(&Copied) -> i64| {
            Bind::Longs(copied.iter().map(|record| Some(of(record))).collect())
        };
        sql.syntax("(select * from unnest(").bind(ids(|record| record.old)).syntax(", ");
        sql.bind(ids(|record| record.new)).syntax(") as pair (old, new))");
    };
    sql.syntax("with own as materialized ");
    pairs(&mut sql, copy.records);
    sql.syntax(", every as materialized ");
    pairs(&mut sql, all);
    copied_items(&mut sql, user, copy);
    sql.syntax(", records as (insert into ").ident(&table).syntax(" (\"SiteId\", ").ident(&id);
    sql.syntax(", \"Ver\", \"Creator\", \"Updator\"");
    for column in copy.columns.iter().chain(copy.links).chain(copy.blanks) {
        sql.syntax(", ").ident(column);
    }
    sql.syntax(") select ").bind(Bind::Long(Some(copy.site))).syntax(", own.new, 1, ");
    users(&mut sql, user);
    for column in copy.columns {
        sql.syntax(", r.").ident(column);
    }
    for column in copy.links {
        sql.syntax(", coalesce(").ident(column).syntax(".new::text, r.").ident(column).syntax(")");
    }
    for column in copy.blanks {
        sql.syntax(match column.as_str() {
            "CompletionTime" => ", current_timestamp",
            "Status" => ", 0",
            _ => ", ''",
        });
    }
    sql.syntax(" from own join ").ident(&table).syntax(" r on r.").ident(&id).syntax(" = own.old");
    for column in copy.links {
        sql.syntax(" left join every as ").ident(column).syntax(" on ").ident(column);
        sql.syntax(".old::text = r.").ident(column);
    }
    sql.syntax(")");
    sql.syntax(
        ", links as (insert into \"Links\" (\"DestinationId\", \"SourceId\", \"Creator\", \"Updator\") \
         select distinct coalesce(every.new, l.\"DestinationId\"), own.new, ",
    );
    users(&mut sql, user).syntax(
        " from own join \"Links\" l on l.\"SourceId\" = own.old left join every on every.old = l.\"DestinationId\")",
    );
    if copy.permissions != OriginalRows::None {
        sql.syntax(
            ", permissions as (insert into \"Permissions\" (\"ReferenceId\", \"DeptId\", \"GroupId\", \"UserId\", \
             \"PermissionType\", \"Creator\", \"Updator\") select own.new, p.\"DeptId\", p.\"GroupId\", p.\"UserId\", \
             p.\"PermissionType\", ",
        );
        users(&mut sql, user)
            .syntax(" from own join \"Permissions\" p on p.\"ReferenceId\" = own.old where ");
        is_among(&mut sql, copy.permissions);
        sql.syntax(")");
    }
    sql.syntax(" select 1");
    sql.into_query()?.execute(conn).await?;
    Ok(())
}

/// The search text has the record's id among its words.
fn copied_items(sql: &mut Statement, user: UserId, copy: &RecordCopy<'_>) {
    sql.syntax(
        ", items as (insert into \"Items\" (\"ReferenceId\", \"ReferenceType\", \"SiteId\", \"Title\", \"FullText\", \
         \"SearchIndexCreatedTime\", \"Creator\", \"Updator\") select own.new, i.\"ReferenceType\", ",
    );
    sql.bind(Bind::Long(Some(copy.site))).syntax(", i.\"Title\", ");
    sql.syntax(if copy.with_full_text {
        "array_to_string(array_replace(string_to_array(i.\"FullText\", ' '), own.old::text, own.new::text), ' '), \
         i.\"SearchIndexCreatedTime\", "
    } else {
        "null, null, "
    });
    users(sql, user).syntax(" from own join \"Items\" i on i.\"ReferenceId\" = own.old)");
}

/// Creator and updator, both the caller.
fn users(sql: &mut Statement, user: UserId) -> &mut Statement {
    sql.bind(Bind::Int(Some(user.0))).syntax(", ").bind(Bind::Int(Some(user.0)))
}
