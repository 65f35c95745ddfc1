//! Reading a page of records: rows and their number in one statement (05 §3.1, §7).

use sqlx::PgConnection;
use sqlx::postgres::PgRow;

use super::order::OrderBy;
use super::select::{RecordRow, read_value};
use super::source::{ITEM, Join, RECORD, RowsOf, Source};
use crate::db::sql::{Bind, Ident, Predicate, Statement};
use crate::db::{ColumnInfo, Columns, Error, TableInfo};
use crate::model::{ReferenceType, SiteId, Value};

/// What a view asks for: conditions, order, and the tables joined for them.
#[derive(Debug, Clone, PartialEq)]
pub struct ListQuery {
    /// Which rows; the conditions on site and permissions included. Columns name [`RECORD`], [`ITEM`] or a join.
    pub predicate: Predicate,
    /// Their order.
    pub order: Vec<OrderBy>,
    /// The tables that conditions, order and linked columns look at.
    pub joins: Vec<Join>,
}

/// A page of records.
#[derive(Debug, Clone, Copy)]
pub struct List<'a> {
    /// The table.
    pub kind: ReferenceType,
    /// Its columns.
    pub table: &'a TableInfo,
    /// Which variant of it.
    pub rows: RowsOf,
    /// The columns wanted besides those that every row brings.
    pub columns: &'a [&'a ColumnInfo],
    /// What is wanted of joined tables.
    pub linked: &'a [Linked<'a>],
    /// Which records, in which order.
    pub query: &'a ListQuery,
    /// How many rows are skipped.
    pub offset: i64,
    /// The most rows.
    pub limit: i64,
}

/// What is wanted of a joined table.
#[derive(Debug, Clone)]
pub struct Linked<'a> {
    /// The place of the join.
    pub join: usize,
    /// The columns.
    pub columns: &'a [&'a ColumnInfo],
    /// Whether the caller may read its record.
    pub readable: Predicate,
}

/// A page.
#[derive(Debug, Clone)]
pub struct Listed {
    /// How many rows there are on all pages.
    pub total: i64,
    /// The rows of the page.
    pub rows: Vec<ListRow>,
}

/// A row of a list.
#[derive(Debug, Clone)]
pub struct ListRow {
    /// The record, without mails.
    pub record: RecordRow,
    /// The site it belongs to, which differs from the one addressed where sites are integrated.
    pub site: SiteId,
    /// `Items.Title`.
    pub item_title: String,
    /// What was wanted of joined tables, in the order of [`List::linked`].
    pub linked: Vec<LinkedRow>,
}

/// What a row has of a joined table.
#[derive(Debug, Clone)]
pub struct LinkedRow {
    /// The linked record; none where there is none.
    pub id: Option<i64>,
    /// Whether the caller may read it.
    pub readable: bool,
    /// `Items.Title` of it.
    pub title: String,
    /// The wanted columns, in their order.
    pub values: Vec<Value>,
}

/// A page of the records of a view.
#[tracing::instrument(name = "db.records.list", skip_all)]
pub async fn list(conn: &mut PgConnection, list: &List<'_>) -> Result<Listed, Error> {
    let rows = statement(list).into_query()?.fetch_all(conn).await?;
    let mut listed = Listed { total: 0, rows: Vec::with_capacity(rows.len()) };
    for row in &rows {
        let mut next = Columns::of(row);
        listed.total = next.next()?;
        // Past the last page there is one row, which has the number only.
        if next.next::<Option<i64>>()?.is_some() {
            listed.rows.push(read(&mut next, list)?);
        }
    }
    Ok(listed)
}

/// The rows are counted only where the page does not tell: when it is full, or lies behind the last row.
fn statement(list: &List<'_>) -> Statement {
    let mut sql = Statement::new();
    let (offset, limit) = (list.offset.max(0), list.limit.max(0));
    sql.syntax("with page as materialized (select row_number() over () as at, matching.* from (");
    page(&mut sql, list);
    sql.syntax(" offset ").bind(Bind::Long(Some(offset)));
    sql.syntax(" limit ").bind(Bind::Long(Some(limit)));
    sql.syntax(") as matching), found as (select count(*) as rows from page) ");
    sql.syntax("select case when found.rows < ").bind(Bind::Long(Some(limit)));
    sql.syntax(" and (found.rows > 0 or ").bind(Bind::Long(Some(offset)));
    sql.syntax(" = 0) then found.rows + ").bind(Bind::Long(Some(offset)));
    sql.syntax(" else (");
    count(&mut sql, list);
    sql.syntax(") end, page.* from found left join page on true order by page.at");
    sql
}

/// Writes the query of the rows, in their order.
pub(super) fn page(sql: &mut Statement, list: &List<'_>) {
    let mut fields = Fields::default();
    sql.syntax("select ");
    for name in ["Ver", "Creator", "Updator", "CreatedTime", "UpdatedTime", "SiteId"] {
        fields.column(sql, &Ident::new(name).of(&RECORD));
    }
    fields.column(sql, &Ident::id_of(list.kind).of(&RECORD));
    fields.column(sql, &Ident::new("Title").of(&ITEM));
    // Versions of the row are for changing it, which only live rows can be.
    fields.next(sql);
    sql.syntax(if list.rows == RowsOf::Live { "record.xmin::text::bigint" } else { "0::bigint" });
    fields.name(sql);
    for column in list.columns {
        fields.column(sql, &column.ident().of(&RECORD));
    }
    for linked in list.linked {
        let table = Join::table(linked.join);
        let kind = list.query.joins.get(linked.join).map_or(list.kind, |join| join.kind);
        fields.column(sql, &Ident::id_of(kind).of(&table));
        fields.next(sql);
        linked.readable.render(sql);
        fields.name(sql);
        fields.column(sql, &Ident::new("Title").of(&Join::item(linked.join)));
        for column in linked.columns {
            fields.column(sql, &column.ident().of(&table));
        }
    }
    sql.syntax(" from ");
    from_where(sql, list);
    if !list.query.order.is_empty() {
        sql.syntax(" order by ");
        sql.separated(&list.query.order, ", ", |sql, order| order.render(sql));
    }
}

fn from_where(sql: &mut Statement, list: &List<'_>) {
    source(list).render(sql);
    sql.syntax(" where ");
    list.query.predicate.render(sql);
}

/// The number of all rows. Every live record has an item, so that counting them without is as right and much faster.
fn count(sql: &mut Statement, list: &List<'_>) {
    sql.syntax("select count(*) from ");
    if list.rows == RowsOf::Live && !list.query.predicate.looks_at(&ITEM) {
        source(list).render_without_items(sql);
        sql.syntax(" where ");
        list.query.predicate.render(sql);
    } else {
        from_where(sql, list);
    }
}

fn source<'a>(list: &List<'a>) -> Source<'a> {
    Source { kind: list.kind, columns: list.table, rows: list.rows, joins: &list.query.joins }
}

/// Names the fields of the page: several tables have columns of one name.
#[derive(Default)]
struct Fields(usize);

impl Fields {
    fn column(&mut self, sql: &mut Statement, column: &Ident) {
        self.next(sql);
        sql.ident(column);
        self.name(sql);
    }

    fn next(&mut self, sql: &mut Statement) {
        if self.0 > 0 {
            sql.syntax(", ");
        }
        self.0 += 1;
    }

    fn name(&self, sql: &mut Statement) {
        sql.syntax(" as ").ident(&Ident::numbered("field", self.0));
    }
}

/// A row of [`page`] alone.
pub(super) fn read_row(row: &PgRow, list: &List<'_>) -> Result<ListRow, Error> {
    read(&mut Columns::of(row), list)
}

fn read(next: &mut Columns<'_>, list: &List<'_>) -> Result<ListRow, Error> {
    let (ver, creator, updator) = (next.next()?, next.next()?, next.next()?);
    let (created_time, updated_time) = (next.next()?, next.next()?);
    let (site, id) = (SiteId(next.next()?), next.next()?);
    let item_title = next.next::<Option<String>>()?.unwrap_or_default();
    let token = next.next()?;
    let values = read_values(next, list.columns)?;
    let linked = list.linked.iter().map(|linked| read_linked(next, linked));
    let linked = linked.collect::<Result<_, _>>()?;
    let mails = Vec::new();
    let record =
        RecordRow { id, ver, creator, updator, created_time, updated_time, token, mails, values };
    Ok(ListRow { record, site, item_title, linked })
}

fn read_linked(next: &mut Columns<'_>, linked: &Linked<'_>) -> Result<LinkedRow, Error> {
    Ok(LinkedRow {
        id: next.next()?,
        readable: next.next::<Option<bool>>()?.unwrap_or_default(),
        title: next.next::<Option<String>>()?.unwrap_or_default(),
        values: read_values(next, linked.columns)?,
    })
}

fn read_values(next: &mut Columns<'_>, columns: &[&ColumnInfo]) -> Result<Vec<Value>, Error> {
    columns.iter().map(|column| read_value(next, column.data_type)).collect()
}
