//! Adding a record.

use chrono::NaiveDateTime;
use sqlx::{PgConnection, Row};

use super::files::{self, NewFile, Writer};
use super::{ItemText, NEW_ID, Unique, permissions, unique};
use crate::db::Error;
use crate::db::sites::PermissionRow;
use crate::db::sql::{Bind, Ident, Predicate, Statement};
use crate::model::{ReferenceType, SiteId, TenantId, UserId};

/// A record to add, with the rows that belong to it.
#[derive(Debug, Clone)]
pub struct Insert<'a> {
    /// The tenant.
    pub tenant: TenantId,
    /// The table.
    pub kind: ReferenceType,
    /// The site.
    pub site: SiteId,
    /// Who adds it.
    pub user: UserId,
    /// Who and when of a record that comes from elsewhere; none is the caller, now.
    pub origin: Option<Origin>,
    /// Title and search text; where they name the record's id they hold [`NEW_ID`].
    pub item: &'a ItemText,
    /// The columns to write besides ids, version and users.
    pub values: &'a [(Ident, Bind)],
    /// The records it links to.
    pub links: &'a [i64],
    /// Its files.
    pub files: &'a [NewFile],
    /// Guids in its text: images that the caller has put into the site become the record's (02 §13).
    pub pasted: &'a [String],
    /// Its permission rows, each subject once.
    pub permissions: &'a [PermissionRow],
    /// Values that no other record may have.
    pub unique: &'a [Unique],
    /// Nothing is added when a record of the site meets this already.
    pub unless: Option<&'a Predicate>,
}

/// Who made a record elsewhere, and when (03 §25). Its item counts as changed by the caller now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// `Creator`.
    pub creator: UserId,
    /// `Updator`.
    pub updator: UserId,
    /// `CreatedTime`; none is now.
    pub created_time: Option<NaiveDateTime>,
    /// `UpdatedTime`; none is now.
    pub updated_time: Option<NaiveDateTime>,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inserted {
    /// It has this id.
    Done(i64),
    /// A record meets the condition of `unless`; nothing was written.
    Exists,
    /// The value of the unique column at this place is taken; nothing was written.
    Duplicate(usize),
}

/// Adds a record, its item and its links in one statement, which needs the owner role for the id (02 §1.2).
#[tracing::instrument(name = "db.records.insert", skip_all)]
pub async fn insert(conn: &mut PgConnection, new: &Insert<'_>) -> Result<Inserted, Error> {
    let row = statement(new).into_query()?.fetch_one(conn).await?;
    let (id, taken): (Option<i64>, Option<i32>) = (row.try_get(0)?, row.try_get(1)?);
    Ok(match (id, taken) {
        (Some(id), _) => Inserted::Done(id),
        (None, Some(at)) if at > 0 => {
            Inserted::Duplicate(usize::try_from(at - 1).unwrap_or_default())
        }
        (None, _) => Inserted::Exists,
    })
}

fn statement(new: &Insert<'_>) -> Statement {
    let mut sql = Statement::new();
    sql.syntax("with ");
    unique::taken(&mut sql, new.kind, new.site, None, new.unless, new.unique);
    sql.syntax(
        ", new as materialized (select nextval(pg_get_serial_sequence('\"Items\"', 'ReferenceId')) as id \
         from taken where at is null)",
    );
    item(&mut sql, new);
    record(&mut sql, new);
    if !new.links.is_empty() {
        sql.syntax(
            ", links as (insert into \"Links\" (\"DestinationId\", \"SourceId\", \"Creator\", \"Updator\") \
             select destination, id, ",
        );
        users(&mut sql, new.user, new.user).syntax(" from new, unnest(");
        sql.bind(Bind::Longs(new.links.iter().copied().map(Some).collect()))
            .syntax(") as destination)");
    }
    let writer = Writer { tenant: new.tenant, user: new.user };
    files::insert(&mut sql, writer, new.files, "new");
    files::adopt_pasted(&mut sql, writer, new.site.0, new.pasted);
    permissions::insert(&mut sql, new.user, new.permissions);
    sql.syntax(" select (select id from new), (select at from taken)");
    sql
}

fn item(sql: &mut Statement, new: &Insert<'_>) {
    sql.syntax(
        ", item as (insert into \"Items\" (\"ReferenceId\", \"ReferenceType\", \"SiteId\", \"Creator\", \"Updator\", \
         \"Title\", \"CreatedTime\"",
    );
    sql.syntax(if new.item.full_text.is_some() {
        ", \"FullText\", \"SearchIndexCreatedTime\")"
    } else {
        ")"
    });
    sql.syntax(" select id, ")
        .bind(Bind::text(new.kind.name()))
        .syntax(", ")
        .bind(Bind::Long(Some(new.site.0)));
    let creator = new.origin.map_or(new.user, |origin| origin.creator);
    users(sql.syntax(", "), creator, new.user).syntax(", ");
    let marker = || Bind::text(NEW_ID);
    sql.syntax("replace(").bind(Bind::text(new.item.title.as_str())).syntax(", ").bind(marker());
    sql.syntax(", id::text)");
    time(sql.syntax(", "), new.origin.and_then(|origin| origin.created_time));
    if let Some((words, made)) = &new.item.full_text {
        // A word that equals the id stands where the id does: the first of equal words stays (08 §15.2).
        let words = Bind::Texts(words.iter().cloned().map(Some).collect());
        sql.syntax(", replace(array_to_string(array_remove(")
            .bind(words)
            .syntax(", id::text), ' '), ");
        sql.bind(marker()).syntax(", id::text), ").bind(Bind::Time(Some(*made)));
    }
    sql.syntax(" from new)");
}

fn record(sql: &mut Statement, new: &Insert<'_>) {
    sql.syntax(", record as (insert into ").ident(&Ident::table(new.kind)).syntax(" (\"SiteId\", ");
    sql.ident(&Ident::id_of(new.kind)).syntax(", \"Ver\", \"Creator\", \"Updator\"");
    if new.origin.is_some() {
        sql.syntax(", \"CreatedTime\", \"UpdatedTime\"");
    }
    for (name, _) in new.values {
        sql.syntax(", ").ident(name);
    }
    sql.syntax(") select ").bind(Bind::Long(Some(new.site.0))).syntax(", id, 1, ");
    match new.origin {
        None => users(sql, new.user, new.user),
        Some(origin) => {
            users(sql, origin.creator, origin.updator).syntax(", ");
            time(sql, origin.created_time).syntax(", ");
            time(sql, origin.updated_time)
        }
    };
    for (_, value) in new.values {
        sql.syntax(", ").bind(value.clone());
    }
    sql.syntax(" from new)");
}

/// The time, or now as the table's default has it.
fn time(sql: &mut Statement, time: Option<NaiveDateTime>) -> &mut Statement {
    match time {
        Some(time) => sql.bind(Bind::Time(Some(time))),
        None => sql.syntax("current_timestamp"),
    }
}

/// Creator and updator.
fn users(sql: &mut Statement, creator: UserId, updator: UserId) -> &mut Statement {
    sql.bind(Bind::Int(Some(creator.0))).syntax(", ").bind(Bind::Int(Some(updator.0)))
}
