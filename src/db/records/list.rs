//! Reading a page of records: rows and their number in one statement (05 §3.1, §7).

use sqlx::postgres::PgRow;

use super::order::{OrderBy, SortKey};
use super::select::{RecordRow, read_value};
use super::source::{ITEM, Join, RECORD, RowsOf, Source};
use crate::db::sql::{Bind, Frame, Ident, Predicate, Statement};
use crate::db::{ColumnInfo, Columns, Error, Pool, TableInfo};
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
    /// Whether the conditions hold for one record at most.
    pub is_of_one_record: bool,
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
    /// Whether `Items.Title` is wanted.
    pub titles: bool,
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
    /// `Items.Title`, if it was wanted.
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

impl<'a> List<'a> {
    /// Whether there is one row at most, on the first page: a record stands once for each of its children.
    fn is_of_one_row(&self) -> bool {
        self.query.is_of_one_record
            && self.rows == RowsOf::Live
            && !self.query.joins.iter().any(|join| join.child)
            && self.offset <= 0
            && self.limit > 0
    }

    /// Whether it is the first page of a whole table, newest first: what an index has in that order already.
    fn is_walked(&self) -> bool {
        let site = Ident::new("SiteId").of(&RECORD);
        let of_site =
            |part: &Predicate| matches!(part, Predicate::Equal(column, _) if *column == site);
        let newest = [Ident::new("UpdatedTime"), Ident::id_of(self.kind)];
        let newest = newest
            .map(|column| OrderBy { key: SortKey::Column(column.of(&RECORD)), descending: true });
        self.has_rows_by_id()
            && !self.needs_items()
            && self.offset <= 0
            && (1..=WALKED).contains(&self.limit)
            && self.query.order == newest
            && matches!(&self.query.predicate, Predicate::All(parts) if parts.iter().all(of_site))
    }

    /// Whether a row is known by the id of its record: joined tables and histories have several of one.
    fn has_rows_by_id(&self) -> bool {
        self.rows == RowsOf::Live && self.query.joins.is_empty()
    }

    /// Whether conditions or order look at items.
    fn asks_items(&self) -> bool {
        let query = self.query;
        query.predicate.looks_at(&ITEM) || query.order.iter().any(|order| order.looks_at(&ITEM))
    }

    /// The items of the records are needed where they are looked at, and to find out who has none. Every live record
    /// has one.
    fn needs_items(&self) -> bool {
        self.rows != RowsOf::Live || self.titles || self.asks_items()
    }

    fn source(&self) -> Source<'a> {
        let joins = &self.query.joins;
        Source { kind: self.kind, columns: self.table, rows: self.rows, joins }
    }
}

/// A page of the records of a view.
#[tracing::instrument(name = "db.records.list", skip_all)]
pub async fn list(pool: &Pool, list: &List<'_>) -> Result<Listed, Error> {
    if list.is_of_one_row() {
        return one_row(pool, list).await;
    }
    if list.is_walked() {
        return walked(pool, list).await;
    }
    let query = statement(list).into_query()?;
    let mut conn = pool.acquire().await?;
    let rows = query.fetch_all(&mut *conn).await?;
    drop(conn);
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

/// One record is what most calls read, so that many of them go together.
async fn one_row(pool: &Pool, list: &List<'_>) -> Result<Listed, Error> {
    let mut sql = Statement::for_askers();
    all(&mut sql, list);
    let (rows, from) = if let Some(question) = sql.into_question(Frame::default()) {
        (pool.ask(question).await?, 1)
    } else {
        let mut sql = Statement::new();
        all(&mut sql, list);
        let mut conn = pool.acquire().await?;
        (sql.into_query()?.fetch_all(&mut *conn).await?, 0)
    };
    let read = |row| read(&mut Columns::from(row, from), list);
    let rows: Vec<ListRow> = rows.iter().map(read).collect::<Result<_, _>>()?;
    Ok(Listed { total: i64::try_from(rows.len()).unwrap_or(i64::MAX), rows })
}

macro_rules! walked {
    () => {
        500
    };
}

/// The most rows that are read along an index. The planner has to know such a number: of one that comes with the call it
/// expects a tenth of the table, and sorts all of it.
const WALKED: i64 = walked!();
/// The same as a part of the statement.
const LIMIT_WALKED: &str = concat!(" limit ", walked!(), ") as page limit ");

/// Rows as an index has them, which needs neither a list of ids nor a sort. They are counted with the last row of a
/// full page.
async fn walked(pool: &Pool, list: &List<'_>) -> Result<Listed, Error> {
    let mut sql = Statement::new();
    let limit = || Bind::Long(Some(list.limit));
    sql.syntax("select case when row_number() over () = ").bind(limit()).syntax(" then (");
    count(&mut sql, list);
    sql.syntax(") end, page.* from (");
    all(&mut sql, list);
    sql.syntax(LIMIT_WALKED).bind(limit());
    let mut conn = pool.acquire().await?;
    let rows = sql.into_query()?.fetch_all(&mut *conn).await?;
    drop(conn);
    let total = rows.last().map_or(Ok(None), |last| Columns::of(last).next::<Option<i64>>())?;
    let read = |row| read(&mut Columns::from(row, 1), list);
    let rows: Vec<ListRow> = rows.iter().map(read).collect::<Result<_, _>>()?;
    let total = total.unwrap_or_else(|| i64::try_from(rows.len()).unwrap_or(i64::MAX));
    Ok(Listed { total, rows })
}

/// The rows are counted only where the page does not tell: when it is full, or lies behind the last row.
fn statement(list: &List<'_>) -> Statement {
    let mut sql = Statement::new();
    let (offset, limit) = (list.offset.max(0), list.limit.max(0));
    sql.syntax("with page as materialized (select row_number() over () as at, matching.* from (");
    if list.has_rows_by_id() {
        ids(&mut sql, list);
    } else {
        all(&mut sql, list);
    }
    sql.syntax(" offset ").bind(Bind::Long(Some(offset)));
    sql.syntax(" limit ").bind(Bind::Long(Some(limit)));
    sql.syntax(") as matching), found as (select count(*) as rows from page) ");
    sql.syntax("select case when found.rows < ").bind(Bind::Long(Some(limit)));
    sql.syntax(" and (found.rows > 0 or ").bind(Bind::Long(Some(offset)));
    sql.syntax(" = 0) then found.rows + ").bind(Bind::Long(Some(offset)));
    sql.syntax(" else (");
    count(&mut sql, list);
    if list.has_rows_by_id() {
        sql.syntax(") end, page.at, record.* from found left join (page cross join lateral (");
        of_page(&mut sql, list);
        sql.syntax(") as record) on true order by page.at");
    } else {
        sql.syntax(") end, page.* from found left join page on true order by page.at");
    }
    sql
}

/// Writes the query of the ids of the rows, in their order: narrow rows are sorted faster, and most orders need to
/// look at an index only.
fn ids(sql: &mut Statement, list: &List<'_>) {
    sql.syntax("select ").ident(&Ident::id_of(list.kind).of(&RECORD)).syntax(" as id from ");
    list.source().render(sql, list.asks_items());
    matching(sql, list);
}

/// Writes the query of a row whose id `page` has. Looked up one by one, whatever the planner expects of a limit that
/// it does not know.
fn of_page(sql: &mut Statement, list: &List<'_>) {
    fields(sql, list);
    sql.syntax(" from ");
    list.source().render(sql, list.titles);
    sql.syntax(" where ").ident(&Ident::id_of(list.kind).of(&RECORD)).syntax(" = page.id offset 0");
}

/// Writes the query of all rows, in their order.
pub(super) fn all(sql: &mut Statement, list: &List<'_>) {
    fields(sql, list);
    sql.syntax(" from ");
    list.source().render(sql, list.needs_items());
    matching(sql, list);
}

/// Writes conditions and order.
fn matching(sql: &mut Statement, list: &List<'_>) {
    sql.syntax(" where ");
    list.query.predicate.render(sql);
    if !list.query.order.is_empty() {
        sql.syntax(" order by ");
        sql.separated(&list.query.order, ", ", |sql, order| order.render(sql));
    }
}

/// Writes the select list.
fn fields(sql: &mut Statement, list: &List<'_>) {
    let mut fields = Fields::default();
    sql.syntax("select ");
    for name in ["Ver", "Creator", "Updator", "CreatedTime", "UpdatedTime", "SiteId"] {
        fields.column(sql, &Ident::new(name).of(&RECORD));
    }
    fields.column(sql, &Ident::id_of(list.kind).of(&RECORD));
    if list.titles {
        fields.column(sql, &Ident::new("Title").of(&ITEM));
    }
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
}

/// The number of all rows.
fn count(sql: &mut Statement, list: &List<'_>) {
    sql.syntax("select count(*) from ");
    list.source().render(sql, list.rows != RowsOf::Live || list.query.predicate.looks_at(&ITEM));
    sql.syntax(" where ");
    list.query.predicate.render(sql);
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

/// A row of [`all`].
pub(super) fn read_row(row: &PgRow, list: &List<'_>) -> Result<ListRow, Error> {
    read(&mut Columns::of(row), list)
}

fn read(next: &mut Columns<'_>, list: &List<'_>) -> Result<ListRow, Error> {
    let (ver, creator, updator) = (next.next()?, next.next()?, next.next()?);
    let (created_time, updated_time) = (next.next()?, next.next()?);
    let (site, id) = (SiteId(next.next()?), next.next()?);
    let item_title = if list.titles { next.next::<Option<String>>()? } else { None };
    let item_title = item_title.unwrap_or_default();
    let values = read_values(next, list.columns)?;
    let linked = list.linked.iter().map(|linked| read_linked(next, linked));
    let linked = linked.collect::<Result<_, _>>()?;
    // Neither is wanted of a row that is only shown.
    let (token, mails) = (0, Vec::new());
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
