//! Reading records by a condition.

use chrono::NaiveDateTime;
use sqlx::PgConnection;

use crate::db::numeric::Numeric;
use crate::db::sql::{Bind, Ident, Predicate, Statement};
use crate::db::{ColumnInfo, Columns, Error};
use crate::model::{DataType, ReferenceType, SiteId, Value};

/// Which records, and what of them.
#[derive(Debug, Clone)]
pub struct Select<'a> {
    /// The table.
    pub kind: ReferenceType,
    /// The site.
    pub site: SiteId,
    /// The columns wanted besides those that every row brings.
    pub columns: &'a [&'a ColumnInfo],
    /// Which rows of the site.
    pub condition: Predicate,
    /// How many mails of a record its search text wants (08 §15.2).
    pub mails: i32,
    /// The most rows.
    pub limit: i64,
}

/// A record as the database has it. NULL has become the initial value of its type.
#[derive(Debug, Clone)]
pub struct RecordRow {
    /// `ResultId`, `IssueId` or `WikiId`.
    pub id: i64,
    /// `Ver`.
    pub ver: i32,
    /// `Creator`.
    pub creator: i32,
    /// `Updator`.
    pub updator: i32,
    /// `CreatedTime`.
    pub created_time: NaiveDateTime,
    /// `UpdatedTime`.
    pub updated_time: NaiveDateTime,
    /// Names this very version of the row; an update that finds another one changes nothing.
    pub token: i64,
    /// Texts of the newest mails of the record.
    pub mails: Vec<String>,
    /// The wanted columns, in their order.
    pub values: Vec<Value>,
}

/// The records that meet the condition, in no order.
#[tracing::instrument(name = "db.records.select", skip_all)]
pub async fn select(conn: &mut PgConnection, query: &Select<'_>) -> Result<Vec<RecordRow>, Error> {
    let mut sql = Statement::new();
    write(&mut sql, query);
    let rows = sql.into_query()?.fetch_all(conn).await?;
    rows.iter().map(|row| read(&mut Columns::of(row), query.columns)).collect()
}

/// The records that meet the condition, locked until the end of the transaction, in the order of their ids, so that
/// several that lock the same ones do not wait for each other.
#[tracing::instrument(name = "db.records.lock", skip_all)]
pub async fn lock(conn: &mut PgConnection, query: &Select<'_>) -> Result<Vec<RecordRow>, Error> {
    let mut sql = Statement::new();
    rows(&mut sql, query);
    sql.syntax(" order by ").ident(&Ident::id_of(query.kind)).syntax(" for update of record");
    let rows = sql.into_query()?.fetch_all(conn).await?;
    rows.iter().map(|row| read(&mut Columns::of(row), query.columns)).collect()
}

/// Writes the query, alone or as a part of another.
pub(in crate::db) fn write(sql: &mut Statement, query: &Select<'_>) {
    rows(sql, query);
    sql.syntax(" limit ").bind(Bind::Long(Some(query.limit)));
}

fn rows(sql: &mut Statement, query: &Select<'_>) {
    sql.syntax("select ");
    fields(sql, query.kind, query.columns, query.mails);
    sql.syntax(" from ").ident(&Ident::table(query.kind)).syntax(" as record where \"SiteId\" = ");
    sql.bind(Bind::Long(Some(query.site.0))).syntax(" and ");
    query.condition.render(sql);
}

/// What every row brings, and the wanted columns, of a source that is called `record`.
pub(super) fn fields(
    sql: &mut Statement,
    kind: ReferenceType,
    columns: &[&ColumnInfo],
    number_of_mails: i32,
) {
    sql.ident(&Ident::id_of(kind));
    sql.syntax(", \"Ver\", \"Creator\", \"Updator\", \"CreatedTime\", \"UpdatedTime\", record.xmin::text::bigint, ");
    mails(sql, kind, number_of_mails);
    for column in columns {
        sql.syntax(", ").ident(&column.ident());
    }
}

/// The newest mails of the record, each as one text, newest first.
fn mails(sql: &mut Statement, kind: ReferenceType, number: i32) {
    if number <= 0 {
        sql.syntax("'{}'::text[]");
        return;
    }
    sql.syntax(
        "array(select concat_ws(' ', \"From\", \"To\", \"Cc\", \"Bcc\", \"Title\", \"Body\") from \"OutgoingMails\" \
         where \"ReferenceType\" = ",
    );
    sql.bind(Bind::text(kind.name()))
        .syntax(" and \"ReferenceId\" = record.")
        .ident(&Ident::id_of(kind));
    sql.syntax(" order by \"OutgoingMailId\" desc limit ")
        .bind(Bind::Int(Some(number)))
        .syntax(")");
}

/// Reads a row from the next column on.
pub(in crate::db) fn read(
    next: &mut Columns<'_>,
    columns: &[&ColumnInfo],
) -> Result<RecordRow, Error> {
    Ok(RecordRow {
        id: next.next()?,
        ver: next.next()?,
        creator: next.next()?,
        updator: next.next()?,
        created_time: next.next()?,
        updated_time: next.next()?,
        token: next.next()?,
        mails: next.next()?,
        values: columns
            .iter()
            .map(|column| read_value(next, column.data_type))
            .collect::<Result<_, _>>()?,
    })
}

/// Reads a value from the next column.
pub(in crate::db) fn read_value(
    next: &mut Columns<'_>,
    data_type: DataType,
) -> Result<Value, Error> {
    Ok(match data_type {
        DataType::Text => Value::Text(next.next::<Option<String>>()?.unwrap_or_default()),
        DataType::Int => Value::Int(next.next::<Option<i32>>()?.unwrap_or_default().into()),
        DataType::Long => Value::Int(next.next::<Option<i64>>()?.unwrap_or_default()),
        DataType::Decimal => {
            Value::Decimal(next.next::<Option<Numeric>>()?.map(|Numeric(number)| number))
        }
        DataType::Time => Value::Time(next.next()?),
        DataType::Bool => Value::Bool(next.next::<Option<bool>>()?.unwrap_or_default()),
    })
}
