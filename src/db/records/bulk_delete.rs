//! Deleting many records at once (04 §3.5, §3.7): one statement, whatever their number.

use chrono::NaiveDateTime;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};

use super::delete::dependents;
use super::list::ListQuery;
use super::moved::Move;
use super::source::{RECORD, RowsOf, Source};
use crate::db::sql::{Bind, Ident, Statement};
use crate::db::{Catalogue, Error, TableInfo};
use crate::model::{ReferenceType, SiteId, TenantId, UserId};

/// Records to delete.
#[derive(Debug, Clone, Copy)]
pub struct BulkDelete<'a> {
    /// The tenant.
    pub tenant: TenantId,
    /// The table.
    pub kind: ReferenceType,
    /// Its columns.
    pub table: &'a TableInfo,
    /// The site, whose records alone are deleted.
    pub site: SiteId,
    /// Who deletes them.
    pub user: UserId,
    /// Which records, and the order in which a locked one is looked for.
    pub query: &'a ListQuery,
    /// Which of them by their ids.
    pub selection: &'a Selection,
    /// Whether they are gone for good.
    pub physical: bool,
    /// Whether their images stay; each goes to another record of the site whose text shows it.
    pub keeps_images: bool,
    /// Whether what linking sites want deleted along with them is gone already.
    pub cascaded: bool,
}

/// Records by their ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// Every record.
    All,
    /// These.
    Only(Vec<i64>),
    /// All others.
    Except(Vec<i64>),
    /// Those that link to one of these.
    LinkingTo(Vec<i64>),
}

/// The records that a deletion would take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// Their ids, in ascending order.
    pub ids: Vec<i64>,
    /// The locked one that stands in the way: [`BulkDeleted::Locked`].
    pub locked: Option<BulkDeleted>,
}

/// What became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BulkDeleted {
    /// So many are gone.
    Done(i64),
    /// One of them is locked; nothing was written.
    Locked {
        /// The first locked one.
        id: i64,
        /// Who changed it last.
        user: UserId,
        /// When.
        time: NaiveDateTime,
    },
    /// A linking site wants its records deleted along with them (04 §3.6); nothing was written.
    HasDependents,
}

/// Looks what [`bulk_delete`] would take; nothing is written and nothing held.
#[tracing::instrument(name = "db.records.choose", skip_all)]
pub async fn choose(conn: &mut PgConnection, delete: &BulkDelete<'_>) -> Result<Chosen, Error> {
    let mut sql = Statement::new();
    sql.syntax("with ");
    chosen(&mut sql, delete, false);
    locked(&mut sql, delete);
    sql.syntax(
        " select array(select distinct id from chosen order by id), locked.id, locked.\"Updator\", \
         locked.\"UpdatedTime\" from (select) as one left join locked on true",
    );
    let row = sql.into_query()?.fetch_one(conn).await?;
    Ok(Chosen { ids: row.try_get(0)?, locked: read_locked(&row)? })
}

fn read_locked(row: &PgRow) -> Result<Option<BulkDeleted>, Error> {
    let Some(id) = row.try_get(1)? else { return Ok(None) };
    Ok(Some(BulkDeleted::Locked { id, user: UserId(row.try_get(2)?), time: row.try_get(3)? }))
}

/// Moves the records, their items and their files to the deleted tables, or removes them for good.
#[tracing::instrument(name = "db.records.bulk_delete", skip_all)]
pub async fn bulk_delete(
    conn: &mut PgConnection,
    catalogue: &Catalogue,
    delete: &BulkDelete<'_>,
) -> Result<BulkDeleted, Error> {
    let row = statement(catalogue, delete).into_query()?.fetch_one(conn).await?;
    if row.try_get(4)? {
        return Ok(BulkDeleted::HasDependents);
    }
    match read_locked(&row)? {
        Some(locked) => Ok(locked),
        None => Ok(BulkDeleted::Done(row.try_get(0)?)),
    }
}

fn statement(catalogue: &Catalogue, delete: &BulkDelete<'_>) -> Statement {
    let mut sql = Statement::new();
    sql.syntax("with ");
    dependents(&mut sql, delete.site);
    sql.syntax(", ");
    chosen(&mut sql, delete, true);
    locked(&mut sql, delete);
    // Nothing is deleted along with records that go for good (04 §3.6).
    sql.syntax(", kept as materialized (select exist and ")
        .bind(Bind::Bool(Some(!(delete.physical || delete.cascaded))));
    sql.syntax(
        " and exists (select from chosen) and not exists (select from locked) as exist from dependents), \
         going as materialized (select id from chosen where not exists (select from locked) \
         and not (select exist from kept))",
    );
    let steps = Steps { catalogue, delete };
    steps.write(&mut sql);
    sql.syntax(
        " select (select count(*) from record), locked.id, locked.\"Updator\", locked.\"UpdatedTime\", \
         (select exist from kept) \
         from (select) as one left join locked on true",
    );
    sql
}

/// The records, if asked for held until the end: nobody changes or locks them meanwhile. Joins may bring one several times.
fn chosen(sql: &mut Statement, delete: &BulkDelete<'_>, held: bool) {
    let id = Ident::id_of(delete.kind).of(&RECORD);
    sql.syntax("chosen as materialized (select ").ident(&id).syntax(" as id, ");
    sql.ident(&Ident::new("Locked").of(&RECORD)).syntax(" from ");
    source(delete).render(sql, true);
    sql.syntax(" where ").ident(&Ident::new("SiteId").of(&RECORD)).syntax(" = ");
    sql.bind(Bind::Long(Some(delete.site.0)));
    match delete.selection {
        Selection::All => {}
        Selection::Only(ids) => {
            sql.syntax(" and ").ident(&id).syntax(" = any(").bind(longs(ids)).syntax(")");
        }
        Selection::Except(ids) => {
            sql.syntax(" and ").ident(&id).syntax(" <> all(").bind(longs(ids)).syntax(")");
        }
        Selection::LinkingTo(ids) => {
            sql.syntax(" and ").ident(&id);
            sql.syntax(
                " = any(array(select \"SourceId\" from \"Links\" where \"DestinationId\" = any(",
            );
            sql.bind(longs(ids)).syntax(")))");
        }
    }
    sql.syntax(" and ");
    delete.query.predicate.render(sql);
    if held {
        // In the order of their ids, as every statement that holds many: two of them never wait for each other.
        sql.syntax(" order by ").ident(&id).syntax(" for update of record");
    }
    sql.syntax(")");
}

fn source<'a>(delete: &BulkDelete<'a>) -> Source<'a> {
    let joins = &delete.query.joins;
    Source { kind: delete.kind, columns: delete.table, rows: RowsOf::Live, joins }
}

fn longs(ids: &[i64]) -> Bind {
    Bind::Longs(ids.iter().copied().map(Some).collect())
}

/// The first locked one in the order of the view (04 §3.4, step 5).
fn locked(sql: &mut Statement, delete: &BulkDelete<'_>) {
    let column = |name| Ident::new(name).of(&RECORD);
    let id = Ident::id_of(delete.kind).of(&RECORD);
    sql.syntax(", locked as materialized (select ").ident(&id).syntax(" as id, ");
    sql.ident(&column("Updator")).syntax(", ").ident(&column("UpdatedTime")).syntax(" from ");
    source(delete).render(sql, true);
    sql.syntax(" where ")
        .ident(&id)
        .syntax(" = any(array(select id from chosen where \"Locked\"))");
    if !delete.query.order.is_empty() {
        sql.syntax(" order by ");
        sql.separated(&delete.query.order, ", ", |sql, order| order.render(sql));
    }
    sql.syntax(" limit 1)");
}

struct Steps<'a> {
    catalogue: &'a Catalogue,
    delete: &'a BulkDelete<'a>,
}

impl Steps<'_> {
    fn write(&self, sql: &mut Statement) {
        let delete = self.delete;
        let (kind, id) = (delete.kind, Ident::id_of(delete.kind));
        let is_going = |sql: &mut Statement, id: &Ident| {
            // By the index, whatever the planner expects of the number of records.
            sql.ident(id).syntax(" = any(array(select id from going))");
        };
        self.step(
            sql,
            ["record", "record_copy"],
            [Ident::table(kind), Ident::deleted(kind)],
            |sql| {
                is_going(sql, &id);
            },
        );
        let reference = Ident::new("ReferenceId");
        self.step(sql, ["item", "item_copy"], ["Items", "Items_deleted"].map(Ident::new), |sql| {
            is_going(sql, &reference);
        });
        self.step(
            sql,
            ["file", "file_copy"],
            ["Binaries", "Binaries_deleted"].map(Ident::new),
            |sql| {
                is_going(sql, &reference);
                if !delete.physical {
                    self.own_files(sql);
                }
            },
        );
        if delete.keeps_images && !delete.physical {
            self.images(sql);
        }
    }

    fn step(
        &self,
        sql: &mut Statement,
        [deleted, copied]: [&'static str; 2],
        [from, into]: [Ident; 2],
        condition: impl FnOnce(&mut Statement),
    ) {
        let deleted = Ident::new(deleted);
        if self.delete.physical {
            sql.syntax(", ").ident(&deleted).syntax(" as (delete from ").ident(&from);
            sql.syntax(" where ");
            condition(sql);
            sql.syntax(" returning 1)");
            return;
        }
        let columns = self.catalogue.shared(&from, &into);
        let moved = Move { from, into, columns: &columns, user: self.delete.user };
        moved.write(sql, &deleted, &Ident::new(copied), condition);
    }

    fn own_files(&self, sql: &mut Statement) {
        sql.syntax(" and \"TenantId\" = ").bind(Bind::Int(Some(self.delete.tenant.0)));
        if self.delete.keeps_images {
            sql.syntax(" and \"BinaryType\" is distinct from 'Images'");
        }
    }

    /// Images that stay go to the first other record of the site whose text shows them (04 §3.5).
    fn images(&self, sql: &mut Statement) {
        sql.syntax(
            ", image as (update \"Binaries\" as image set \"ReferenceId\" = shown.id from (\
             select file.\"BinaryId\" as file, min(other.\"ReferenceId\") as id from \"Binaries\" as file \
             join \"Items\" as other on other.\"SiteId\" = ",
        );
        sql.bind(Bind::Long(Some(self.delete.site.0)));
        sql.syntax(
            " and other.\"FullText\" ilike '%/' || file.\"Guid\" || '/%' \
             where other.\"ReferenceId\" not in (select id from going) and file.\"TenantId\" = ",
        );
        sql.bind(Bind::Int(Some(self.delete.tenant.0)));
        sql.syntax(
            " and file.\"ReferenceId\" = any(array(select id from going)) and file.\"BinaryType\" = 'Images' \
             group by file.\"BinaryId\") as shown where image.\"BinaryId\" = shown.file)",
        );
    }
}
