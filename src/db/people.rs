//! Single values of users, departments and groups.

use sqlx::{PgConnection, Row};

use super::sql::{Bind, Ident, Statement};
use super::{ColumnInfo, Columns, Error, records};
use crate::model::{TenantId, UserId, Value};

/// The columns of one row of the tenant; none when it has no such row.
#[tracing::instrument(name = "db.people.values", skip_all)]
pub async fn values(
    conn: &mut PgConnection,
    tenant: TenantId,
    (table, id_column): (Ident, Ident),
    id: i32,
    columns: &[&ColumnInfo],
) -> Result<Option<Vec<Value>>, Error> {
    let mut sql = Statement::new();
    let names: Vec<Ident> = columns.iter().map(|column| column.ident()).collect();
    sql.syntax("select ").idents(&names).syntax(" from ").ident(&table);
    sql.syntax(" where \"TenantId\" = ").bind(Bind::Int(Some(tenant.0)));
    sql.syntax(" and ").ident(&id_column).syntax(" = ").bind(Bind::Int(Some(id)));
    let row = sql.into_query()?.fetch_optional(conn).await?;
    row.map(|row| {
        let next = &mut Columns::of(&row);
        columns.iter().map(|column| records::read_value(next, column.data_type)).collect()
    })
    .transpose()
}

/// The first mail address of a user.
#[tracing::instrument(name = "db.people.mail_address", skip_all)]
pub async fn mail_address(conn: &mut PgConnection, user: UserId) -> Result<Option<String>, Error> {
    let row = sqlx::query(
        r#"
        select "MailAddress" from "MailAddresses"
         where "OwnerType" = 'Users' and "OwnerId" = $1
         order by "MailAddressId" limit 1
        "#,
    )
    .bind(i64::from(user.0))
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}
