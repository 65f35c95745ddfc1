//! The board by which processes on one database tell each other of changes (02 §18).

use sqlx::PgConnection;

use super::Error;
use super::sql::{Bind, Statement};
use crate::model::{TenantId, UserId};

/// What changed: `Statuses.StatusId`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Departments.
    Depts = 210,
    /// Groups.
    Groups = 220,
    /// Users.
    Users = 230,
    /// Permissions of a site.
    Permissions = 240,
}

/// Writes `touched as (…)`: a common table expression that sets the signal's time, in the transaction of the change.
pub fn touch(sql: &mut Statement, tenant: TenantId, by: UserId, signal: Signal) {
    set(sql.syntax("touched as ("), tenant, by, signal);
    sql.syntax(")");
}

/// Sets the signal's time, for changes that several statements make.
#[tracing::instrument(name = "db.statuses.send", skip_all)]
pub async fn send(
    conn: &mut PgConnection,
    tenant: TenantId,
    by: UserId,
    signal: Signal,
) -> Result<(), Error> {
    let mut sql = Statement::new();
    set(&mut sql, tenant, by, signal);
    sql.into_query()?.execute(conn).await?;
    Ok(())
}

fn set(sql: &mut Statement, tenant: TenantId, by: UserId, signal: Signal) {
    sql.syntax(
        "insert into \"Statuses\" (\"TenantId\", \"StatusId\", \"Value\", \"Creator\", \"Updator\") values (",
    );
    sql.bind(Bind::Int(Some(tenant.0)))
        .syntax(", ")
        .bind(Bind::Int(Some(signal as i32)))
        .syntax(", '', ");
    sql.bind(Bind::Int(Some(by.0))).syntax(", ").bind(Bind::Int(Some(by.0)));
    sql.syntax(
        ") on conflict (\"TenantId\", \"StatusId\") do update set \"Value\" = '', \"Updator\" = excluded.\"Updator\", \
         \"UpdatedTime\" = current_timestamp",
    );
}

/// Makes the signals of a tenant that has none yet, as the reference does when its first user signs in (02 §18).
#[tracing::instrument(name = "db.statuses.create", skip_all)]
pub async fn create(conn: &mut PgConnection, tenant: TenantId, by: UserId) -> Result<(), Error> {
    sqlx::query(
        r#"
        insert into "Statuses" ("TenantId", "StatusId", "Value", "Creator", "Updator")
        select $1, signal, '', $2, $2 from unnest(array[210, 220, 230, 240]) as signal
            on conflict ("TenantId", "StatusId") do nothing
        "#,
    )
    .bind(tenant.0)
    .bind(by.0)
    .execute(conn)
    .await?;
    Ok(())
}
