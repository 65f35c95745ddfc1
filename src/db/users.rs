//! Users, departments and groups of a tenant.

use std::collections::HashMap;

use sqlx::{PgConnection, Row};

use super::Error;
use crate::model::{DeptId, TenantId, UserId};

/// A user as far as choices, titles and look-ups of ids ask.
#[derive(Debug, Clone)]
pub struct UserRow {
    /// `Users.UserId`.
    pub id: UserId,
    /// `Users.Name`, or the login id when that is empty (08 §15.2).
    pub name: String,
    /// `Users.DeptId`.
    pub dept: DeptId,
    /// `Users.Disabled`.
    pub disabled: bool,
}

/// Every user of a tenant, disabled ones included.
#[tracing::instrument(name = "db.users.all", skip_all)]
pub async fn all(conn: &mut PgConnection, tenant: TenantId) -> Result<Vec<UserRow>, Error> {
    let rows = sqlx::query(
        r#"
        select "UserId", coalesce(nullif("Name", ''), "LoginId"), "DeptId", "Disabled"
          from "Users"
         where "TenantId" = $1
        "#,
    )
    .bind(tenant.0)
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(UserRow {
                id: UserId(row.try_get(0)?),
                name: row.try_get(1)?,
                dept: DeptId(row.try_get(2)?),
                disabled: row.try_get(3)?,
            })
        })
        .collect()
}

/// The names of a tenant's departments by id.
#[tracing::instrument(name = "db.users.dept_names", skip_all)]
pub async fn dept_names(
    conn: &mut PgConnection,
    tenant: TenantId,
) -> Result<HashMap<i64, String>, Error> {
    names(conn, tenant, r#"select "DeptId"::bigint, "DeptName" from "Depts" where "TenantId" = $1"#)
        .await
}

/// The names of a tenant's groups by id.
#[tracing::instrument(name = "db.users.group_names", skip_all)]
pub async fn group_names(
    conn: &mut PgConnection,
    tenant: TenantId,
) -> Result<HashMap<i64, String>, Error> {
    names(
        conn,
        tenant,
        r#"select "GroupId"::bigint, "GroupName" from "Groups" where "TenantId" = $1"#,
    )
    .await
}

async fn names(
    conn: &mut PgConnection,
    tenant: TenantId,
    sql: &'static str,
) -> Result<HashMap<i64, String>, Error> {
    let rows = sqlx::query(sql).bind(tenant.0).fetch_all(conn).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

/// How many users a tenant has.
#[tracing::instrument(name = "db.users.count", skip_all)]
pub async fn count(conn: &mut PgConnection, tenant: TenantId) -> Result<i64, Error> {
    let row = sqlx::query(r#"select count(*) from "Users" where "TenantId" = $1"#)
        .bind(tenant.0)
        .fetch_one(conn)
        .await?;
    Ok(row.try_get(0)?)
}
