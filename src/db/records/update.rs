//! Changing a record.

use sqlx::{PgConnection, Row};

use super::files::{self, FileChanges, Writer};
use super::{ItemText, Unique, permissions, unique};
use crate::db::Error;
use crate::db::sites::PermissionRow;
use crate::db::sql::{Bind, Ident, Statement};
use crate::model::{ReferenceType, SiteId, TenantId, UserId};

/// A change of a record and of the rows that belong to it.
#[derive(Debug, Clone)]
pub struct Update<'a> {
    /// The tenant.
    pub tenant: TenantId,
    /// The table.
    pub kind: ReferenceType,
    /// The site.
    pub site: SiteId,
    /// The record.
    pub id: i64,
    /// The version of the row that was read.
    pub token: i64,
    /// Who changes it.
    pub user: UserId,
    /// Copies the row to the history table and sets this `Ver`.
    pub version: Option<i32>,
    /// The columns of the history table, where there is a new version.
    pub history_columns: &'a [Ident],
    /// The columns that change.
    pub values: &'a [(Ident, Bind)],
    /// Title and search text.
    pub item: &'a ItemText,
    /// The records it links to from now on.
    pub links: &'a [i64],
    /// What happens to its files.
    pub files: FileChanges<'a>,
    /// Its permission rows from now on, each subject once; none leaves them alone.
    pub permissions: Option<&'a [PermissionRow]>,
    /// The site's title from now on: a wiki's is that of its record (03 §23).
    pub site_title: Option<&'a str>,
    /// Values that no other record may have.
    pub unique: &'a [Unique],
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Updated {
    /// It is changed.
    Done,
    /// Somebody else changed or removed the row since it was read; nothing was written.
    Conflict,
    /// The value of the unique column at this place is taken; nothing was written.
    Duplicate(usize),
}

/// Changes a record, its item and its links, and copies the former version where one is asked for: one statement.
#[tracing::instrument(name = "db.records.update", skip_all)]
pub async fn update(conn: &mut PgConnection, change: &Update<'_>) -> Result<Updated, Error> {
    let row = statement(change).into_query()?.fetch_one(conn).await?;
    let (changed, taken): (bool, Option<i32>) = (row.try_get(0)?, row.try_get(1)?);
    Ok(match (changed, taken) {
        (true, _) => Updated::Done,
        (false, Some(at)) => Updated::Duplicate(usize::try_from(at - 1).unwrap_or_default()),
        (false, None) => Updated::Conflict,
    })
}

/// Locks a record until the transaction ends; its token is that of the row as it is now.
#[tracing::instrument(name = "db.records.lock", skip_all)]
pub async fn lock_version(
    conn: &mut PgConnection,
    kind: ReferenceType,
    id: i64,
) -> Result<Option<i64>, Error> {
    let mut sql = Statement::new();
    sql.syntax("select xmin::text::bigint from ").ident(&Ident::table(kind)).syntax(" where ");
    sql.ident(&Ident::id_of(kind)).syntax(" = ").bind(Bind::Long(Some(id))).syntax(" for update");
    let row = sql.into_query()?.fetch_optional(conn).await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}

fn statement(change: &Update<'_>) -> Statement {
    let mut sql = Statement::new();
    sql.syntax("with ");
    unique::taken(&mut sql, change.kind, change.site, Some(change.id), None, change.unique);
    record(&mut sql, change);
    if change.version.is_some() {
        history(&mut sql, change);
    }
    item(&mut sql, change);
    links(&mut sql, change);
    files(&mut sql, change);
    if let Some(rows) = change.permissions {
        permissions::replace(&mut sql, change.user, change.id, rows);
    }
    if let Some(title) = change.site_title {
        site(&mut sql, change, title);
    }
    sql.syntax(" select exists (select from changed), (select at from taken)");
    sql
}

fn site(sql: &mut Statement, change: &Update<'_>, title: &str) {
    sql.syntax(", site as (update \"Sites\" set \"Title\" = ").bind(Bind::text(title));
    sql.syntax(", \"Updator\" = ").bind(Bind::Int(Some(change.user.0)));
    sql.syntax(", \"UpdatedTime\" = current_timestamp where \"TenantId\" = ");
    sql.bind(Bind::Int(Some(change.tenant.0)));
    sql.syntax(" and \"SiteId\" = ").bind(Bind::Long(Some(change.site.0)));
    sql.syntax(" and exists (select from changed))");
}

fn files(sql: &mut Statement, change: &Update<'_>) {
    let writer = Writer { tenant: change.tenant, user: change.user };
    let (history, id_column) = (Ident::history(change.kind), Ident::id_of(change.kind));
    files::insert(sql, writer, change.files.added, "changed");
    files::overwrite(sql, writer, change.id, change.files.overwritten);
    files::remove(sql, writer, change.id, &history, &id_column, &change.files);
    files::adopt(sql, writer, change.id, change.files.adopted);
}

fn record(sql: &mut Statement, change: &Update<'_>) {
    sql.syntax(", changed as (update ")
        .ident(&Ident::table(change.kind))
        .syntax(" set \"Updator\" = ");
    sql.bind(Bind::Int(Some(change.user.0))).syntax(", \"UpdatedTime\" = current_timestamp");
    if let Some(version) = change.version {
        sql.syntax(", \"Ver\" = ").bind(Bind::Int(Some(version)));
    }
    for (name, value) in change.values {
        sql.syntax(", ").ident(name).syntax(" = ").bind(value.clone());
    }
    sql.syntax(" where ");
    own_row(sql, change);
    // The row's own version, which is stricter than the reference's comparison of milliseconds (02 §7.6).
    sql.syntax(" and xmin = ").bind(Bind::text(change.token.to_string()));
    sql.syntax("::xid and (select at from taken) is null returning ")
        .ident(&Ident::id_of(change.kind))
        .syntax(" as id)");
}

/// The statement's snapshot still has the former row, whatever the update beside it does.
fn history(sql: &mut Statement, change: &Update<'_>) {
    sql.syntax(", history as (insert into ").ident(&Ident::history(change.kind)).syntax(" (");
    sql.idents(change.history_columns)
        .syntax(") select ")
        .idents(change.history_columns)
        .syntax(" from ");
    sql.ident(&Ident::table(change.kind)).syntax(" where ");
    own_row(sql, change);
    sql.syntax(" and exists (select from changed))");
}

fn item(sql: &mut Statement, change: &Update<'_>) {
    sql.syntax(", item as (update \"Items\" set \"Updator\" = ")
        .bind(Bind::Int(Some(change.user.0)));
    sql.syntax(", \"UpdatedTime\" = current_timestamp, \"SiteId\" = ")
        .bind(Bind::Long(Some(change.site.0)));
    sql.syntax(", \"Title\" = ").bind(Bind::text(change.item.title.as_str()));
    if let Some((words, made)) = &change.item.full_text {
        sql.syntax(", \"FullText\" = ").bind(Bind::text(words.join(" ")));
        sql.syntax(", \"SearchIndexCreatedTime\" = ").bind(Bind::Time(Some(*made)));
    }
    sql.syntax(" where \"ReferenceId\" = ").bind(Bind::Long(Some(change.id)));
    sql.syntax(" and exists (select from changed))");
}

/// The links are written anew at every update (02 §12): those that stay get today's creator, the others go or come.
fn links(sql: &mut Statement, change: &Update<'_>) {
    let destinations = || Bind::Longs(change.links.iter().copied().map(Some).collect());
    sql.syntax(", unlinked as (delete from \"Links\" where \"SourceId\" = ")
        .bind(Bind::Long(Some(change.id)));
    sql.syntax(" and \"DestinationId\" <> all(")
        .bind(destinations())
        .syntax(") and exists (select from changed))");
    if change.links.is_empty() {
        return;
    }
    sql.syntax(
        ", linked as (insert into \"Links\" (\"DestinationId\", \"SourceId\", \"Creator\", \"Updator\") \
         select destination, ",
    );
    let user = || Bind::Int(Some(change.user.0));
    sql.bind(Bind::Long(Some(change.id))).syntax(", ").bind(user()).syntax(", ").bind(user());
    sql.syntax(" from unnest(").bind(destinations()).syntax(
        ") as destination where exists (select from changed) on conflict (\"DestinationId\", \"SourceId\") do update \
         set \"Creator\" = excluded.\"Creator\", \"Updator\" = excluded.\"Updator\", \
         \"CreatedTime\" = current_timestamp, \"UpdatedTime\" = current_timestamp)",
    );
}

fn own_row(sql: &mut Statement, change: &Update<'_>) {
    sql.ident(&Ident::id_of(change.kind)).syntax(" = ").bind(Bind::Long(Some(change.id)));
    sql.syntax(" and \"SiteId\" = ").bind(Bind::Long(Some(change.site.0)));
}
