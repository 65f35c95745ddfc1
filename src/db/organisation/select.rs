//! Reading pages of the three tables.

use std::collections::HashMap;

use sqlx::{PgConnection, Row as _};

use crate::db::records::{OrderBy, read_value};
use crate::db::sql::{Bind, Ident, Predicate, Statement};
use crate::db::{ColumnInfo, Columns, Error};
use crate::model::{OrganisationTable, TenantId, Value};

/// Which rows, and what of them.
#[derive(Debug)]
pub struct Select<'a> {
    /// The table.
    pub table: OrganisationTable,
    /// The tables whose rows count: the live one and its variants.
    pub sources: &'a [&'static str],
    /// The tenant.
    pub tenant: TenantId,
    /// The columns wanted.
    pub columns: &'a [&'a ColumnInfo],
    /// More columns that the condition or the order look at.
    pub extras: &'a [&'a ColumnInfo],
    /// Whether they look at the code of a user's department too, which the table has not.
    pub looks_at_dept_code: bool,
    /// Which rows of the tenant.
    pub condition: Predicate,
    /// The order.
    pub order: &'a [OrderBy],
    /// Rows to pass over.
    pub offset: i64,
    /// The most rows.
    pub limit: i64,
}

/// A row. NULL has become the initial value of its type.
#[derive(Debug, Clone)]
pub struct OrganisationRow {
    /// Its id.
    pub id: i32,
    /// Names this very version of the row.
    pub token: i64,
    /// The code of a user's department.
    pub dept_code: String,
    values: HashMap<String, Value>,
}

impl OrganisationRow {
    /// The value of a column that was asked for.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    /// The text of a column, empty where it was not asked for.
    pub fn text(&self, name: &str) -> &str {
        self.value(name).map(Value::text).unwrap_or_default()
    }

    /// The integer of a column, 0 where it was not asked for.
    pub fn int(&self, name: &str) -> i64 {
        self.value(name).map(Value::int).unwrap_or_default()
    }
}

/// A page, and how many rows there are on all of them.
#[derive(Debug)]
pub struct Listed {
    /// All rows that meet the condition.
    pub total: i64,
    /// Those of the page.
    pub rows: Vec<OrganisationRow>,
}

/// Reads a page and counts the rows, in one statement.
#[tracing::instrument(name = "db.organisation.select", skip_all)]
pub async fn select(conn: &mut PgConnection, select: &Select<'_>) -> Result<Listed, Error> {
    let rows = statement(select).into_query()?.fetch_all(conn).await?;
    let mut listed = Listed { total: 0, rows: Vec::with_capacity(rows.len()) };
    for row in &rows {
        listed.total = row.try_get(0)?;
        let mut next = Columns::from(row, 1);
        let Some(id) = next.next::<Option<i32>>()? else { continue };
        let (token, dept_code) = (next.next()?, next.next::<Option<String>>()?.unwrap_or_default());
        let values = select.columns.iter().map(|column| {
            Ok::<_, Error>((column.name.clone(), read_value(&mut next, column.data_type)?))
        });
        let values = values.collect::<Result<_, _>>()?;
        listed.rows.push(OrganisationRow { id, token, dept_code, values });
    }
    Ok(listed)
}

fn statement(select: &Select<'_>) -> Statement {
    let mut sql = Statement::new();
    let id = Ident::new(select.table.id_column());
    sql.syntax("with entry as (");
    sql.separated(select.sources, " union all ", |sql, source| {
        sql.syntax("select ").ident(&id).syntax(" as id, xmin::text::bigint as token, ");
        let columns = select.columns.iter().chain(select.extras);
        sql.idents(columns.map(|column| column.ident()).collect::<Vec<_>>().iter());
        if select.looks_at_dept_code {
            sql.syntax(", (select \"DeptCode\" from \"Depts\" as dept where dept.\"DeptId\" = ");
            sql.ident(&Ident::new("DeptId").of(&Ident::new(source))).syntax(") as \"DeptCode\"");
        }
        sql.syntax(" from ").ident(&Ident::new(source)).syntax(" where \"TenantId\" = ");
        sql.bind(Bind::Int(Some(select.tenant.0)));
    });
    sql.syntax("), wanted as (select * from entry where ");
    select.condition.render(&mut sql);
    sql.syntax("), page as (select row_number() over (");
    if !select.order.is_empty() {
        sql.syntax("order by ").separated(select.order, ", ", |sql, order| order.render(sql));
    }
    sql.syntax(") as at, entry.* from wanted as entry order by at offset ");
    sql.bind(Bind::Long(Some(select.offset))).syntax(" limit ");
    sql.bind(Bind::Long(Some(select.limit)));
    sql.syntax(") select total.rows, page.id, page.token, ");
    sql.syntax(if select.table == OrganisationTable::Users {
        "(select \"DeptCode\" from \"Depts\" as dept where dept.\"DeptId\" = page.\"DeptId\")"
    } else {
        "''"
    });
    let page = Ident::new("page");
    for column in select.columns {
        sql.syntax(", ").ident(&column.ident().of(&page));
    }
    sql.syntax(
        " from (select count(*) as rows from wanted) as total left join page on true order by page.at",
    );

    sql
}
