//! Values that records add up to in their parents (03 §12.4).

use chrono::NaiveDateTime;
use rust_decimal::Decimal;
use sqlx::{PgConnection, Row};

use super::records::{ListQuery, RECORD, RowsOf, Source};
use super::sql::{Bind, Ident, Statement};
use super::{Error, TableInfo};
use crate::model::{ReferenceType, SiteId};

/// What is computed of the records that link to a parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aggregate {
    /// How many there are.
    Count,
    /// Their sum.
    Total,
    /// Their mean.
    Average,
    /// The least.
    Min,
    /// The greatest.
    Max,
}

/// One value of a parent.
#[derive(Debug, Clone)]
pub struct Sum {
    /// What is computed.
    pub aggregate: Aggregate,
    /// Of which column; a count needs none.
    pub column: Option<Ident>,
    /// The column that holds the parent's id as a text.
    pub link: Ident,
    /// Which of the records that link to the parent count; none is all.
    pub view: Option<ListQuery>,
}

/// A column of a parent, and what it holds.
#[derive(Debug, Clone)]
pub struct Destination {
    /// The column.
    pub column: Ident,
    /// Whether NULL is another value than 0.
    pub nullable: bool,
    /// Whether a condition on parents may want 0 in it instead.
    pub or_zero: bool,
    /// What it holds.
    pub sum: Sum,
}

/// The table whose records are summed.
#[derive(Debug, Clone, Copy)]
pub struct Children<'a> {
    /// What it holds.
    pub kind: ReferenceType,
    /// Its columns.
    pub columns: &'a TableInfo,
    /// Its site.
    pub site: SiteId,
}

/// Every value of every parent, in the order of `sums`; 0 where no record counts. One statement.
#[tracing::instrument(name = "db.summaries.compute", skip_all)]
pub async fn compute(
    conn: &mut PgConnection,
    children: Children<'_>,
    parents: &[i64],
    sums: &[Sum],
) -> Result<Vec<(i64, Vec<Decimal>)>, Error> {
    let rows = statement(children, parents, sums).into_query()?.fetch_all(conn).await?;
    let read = |row: &sqlx::postgres::PgRow| {
        let values = (1..=sums.len()).map(|at| row.try_get(at)).collect::<Result<_, _>>()?;
        Ok((row.try_get(0)?, values))
    };
    rows.iter().map(read).collect()
}

/// One number of a table's records, those of a view if there is one; no link is looked at.
#[tracing::instrument(name = "db.summaries.of_table", skip_all)]
pub async fn of_table(
    conn: &mut PgConnection,
    children: Children<'_>,
    sum: &Sum,
) -> Result<Decimal, Error> {
    let mut sql = Statement::new();
    sql.syntax("select ");
    aggregate(&mut sql, sum);
    sql.syntax(" from ");
    source(&mut sql, children, sum.view.as_ref());
    which(&mut sql, children, sum.view.as_ref());
    Ok(sql.into_query()?.fetch_one(conn).await?.try_get(0)?)
}

/// The first or the last time that a column of a table's records has; none where all are empty.
#[tracing::instrument(name = "db.summaries.time_of_table", skip_all)]
pub async fn time_of_table(
    conn: &mut PgConnection,
    children: Children<'_>,
    view: &ListQuery,
    column: &Ident,
    last: bool,
) -> Result<Option<NaiveDateTime>, Error> {
    let mut sql = Statement::new();
    sql.syntax(if last { "select max(" } else { "select min(" });
    sql.ident(&column.clone().of(&RECORD)).syntax(") from ");
    source(&mut sql, children, Some(view));
    which(&mut sql, children, Some(view));
    Ok(sql.into_query()?.fetch_one(conn).await?.try_get(0)?)
}

/// The parents of a site in which one of the columns does not have the value that the children add up to, or has one
/// where a condition may want 0; without regard to whether that is met. One statement, which reads each table once
/// however many parents there are.
#[tracing::instrument(name = "db.summaries.stale", skip_all)]
pub async fn stale(
    conn: &mut PgConnection,
    children: Children<'_>,
    (kind, site): (ReferenceType, SiteId),
    targets: &[Destination],
) -> Result<Vec<i64>, Error> {
    if targets.is_empty() {
        return Ok(Vec::new());
    }
    let parent = Ident::new("parent");
    let id = Ident::id_of(kind).of(&parent);
    let mut sql = Statement::new();
    sql.syntax("select ").ident(&id).syntax(" from ").ident(&Ident::table(kind));
    sql.syntax(" as parent");
    for (at, Destination { sum, .. }) in targets.iter().enumerate() {
        sql.syntax(" left join (select ").ident(&sum.link.clone().of(&RECORD));
        sql.syntax(" as link, ");
        aggregate(&mut sql, sum);
        sql.syntax(" as value from ");
        source(&mut sql, children, sum.view.as_ref());
        which(&mut sql, children, sum.view.as_ref());
        sql.syntax(" group by 1) as ").ident(&Ident::numbered("sum", at)).syntax(" on ");
        sql.ident(&Ident::new("link").of(&Ident::numbered("sum", at)));
        sql.syntax(" = ").ident(&id).syntax("::text");
    }
    sql.syntax(" where ").ident(&Ident::new("SiteId").of(&parent)).syntax(" = ");
    sql.bind(Bind::Long(Some(site.0))).syntax(" and (");
    sql.separated(targets.iter().enumerate(), " or ", |sql, (at, target)| {
        let column = target.column.clone().of(&parent);
        if target.or_zero {
            sql.syntax("coalesce(").ident(&column).syntax(", 0) <> 0 or ");
        }
        if target.nullable {
            sql.ident(&column);
        } else {
            sql.syntax("coalesce(").ident(&column).syntax(", 0)");
        }
        sql.syntax(" is distinct from round(coalesce(");
        sql.ident(&Ident::new("value").of(&Ident::numbered("sum", at))).syntax(", 0), 4)");
    });
    sql.syntax(") order by 1");
    let rows = sql.into_query()?.fetch_all(conn).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

fn statement(children: Children<'_>, parents: &[i64], sums: &[Sum]) -> Statement {
    let mut sql = Statement::new();
    sql.syntax("select parent.id");
    for sum in sums {
        sql.syntax(", (select ");
        aggregate(&mut sql, sum);
        sql.syntax(" from ");
        source(&mut sql, children, sum.view.as_ref());
        which(&mut sql, children, sum.view.as_ref());
        sql.syntax(" and ").ident(&sum.link.clone().of(&RECORD)).syntax(" = parent.id::text)");
    }
    sql.syntax(" from unnest(");
    sql.bind(Bind::Longs(parents.iter().copied().map(Some).collect()));
    sql.syntax(") as parent (id)");
    sql
}

/// A view may look at items and at joined records; without one the table alone will do.
fn source(sql: &mut Statement, children: Children<'_>, view: Option<&ListQuery>) {
    let Some(view) = view else {
        sql.ident(&Ident::table(children.kind)).syntax(" as ").ident(&RECORD);
        return;
    };
    let (kind, columns) = (children.kind, children.columns);
    Source { kind, columns, rows: RowsOf::Live, joins: &view.joins }.render(sql, true);
}

fn which(sql: &mut Statement, children: Children<'_>, view: Option<&ListQuery>) {
    sql.syntax(" where ").ident(&Ident::new("SiteId").of(&RECORD));
    sql.syntax(" = ").bind(Bind::Long(Some(children.site.0)));
    if let Some(view) = view {
        sql.syntax(" and ");
        view.predicate.render(sql);
    }
}

/// A mean keeps as many places as a column can hold and a formula may want; the type's own could exceed a decimal. What
/// is empty counts in it as 0 (04 §6.3), as which it is stored too.
fn aggregate(sql: &mut Statement, sum: &Sum) {
    let (function, column) = match (sum.aggregate, &sum.column) {
        (Aggregate::Total, Some(column)) => ("coalesce(sum(", column),
        (Aggregate::Average, Some(column)) => ("round(coalesce(avg(coalesce(", column),
        (Aggregate::Min, Some(column)) => ("coalesce(min(", column),
        (Aggregate::Max, Some(column)) => ("coalesce(max(", column),
        (Aggregate::Count, _) | (_, None) => {
            sql.syntax("count(*)::numeric");
            return;
        }
    };
    sql.syntax(function).ident(&column.clone().of(&RECORD));
    sql.syntax(if sum.aggregate == Aggregate::Average { ", 0)), 0), 8)" } else { "), 0)" });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_statement_has_every_value_of_every_parent() {
        let sum =
            |aggregate, column| Sum { aggregate, column, link: Ident::new("ClassA"), view: None };
        let sums = [sum(Aggregate::Count, None), sum(Aggregate::Average, Some(Ident::new("NumA")))];
        let columns = TableInfo::default();
        let children =
            Children { kind: ReferenceType::Results, columns: &columns, site: SiteId(1) };
        assert_eq!(
            statement(children, &[5, 6], &sums).text(),
            "select parent.id, (select count(*)::numeric from \"Results\" as \"record\" where \"record\".\"SiteId\" = \
             $1::bigint and \"record\".\"ClassA\" = parent.id::text), (select \
             round(coalesce(avg(coalesce(\"record\".\"NumA\", 0)), 0), 8) from \"Results\" as \"record\" where \
             \"record\".\"SiteId\" = $2::bigint and \"record\".\"ClassA\" = parent.id::text) from \
             unnest($3::bigint[]) as parent (id)"
        );
    }
}
