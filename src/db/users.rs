//! Users of a tenant.

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
