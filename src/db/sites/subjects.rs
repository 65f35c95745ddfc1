//! Which users, groups and departments of a tenant exist.

use sqlx::{PgConnection, Row};

use crate::db::Error;
use crate::model::TenantId;

/// Ids that exist, each once.
#[derive(Debug, Clone, Default)]
pub struct Subjects {
    /// Of users.
    pub users: Vec<i32>,
    /// Of groups.
    pub groups: Vec<i32>,
    /// Of departments.
    pub depts: Vec<i32>,
}

/// Those of the ids that the tenant has, disabled ones included.
#[tracing::instrument(name = "db.sites.subjects", skip_all)]
pub async fn subjects(
    conn: &mut PgConnection,
    tenant: TenantId,
    users: &[i32],
    groups: &[i32],
    depts: &[i32],
) -> Result<Subjects, Error> {
    let row = sqlx::query(
        r#"
        select array(select "UserId" from "Users" where "TenantId" = $1 and "UserId" = any($2)),
               array(select "GroupId" from "Groups" where "TenantId" = $1 and "GroupId" = any($3)),
               array(select "DeptId" from "Depts" where "TenantId" = $1 and "DeptId" = any($4))
        "#,
    )
    .bind(tenant.0)
    .bind(users)
    .bind(groups)
    .bind(depts)
    .fetch_one(conn)
    .await?;
    Ok(Subjects { users: row.try_get(0)?, groups: row.try_get(1)?, depts: row.try_get(2)? })
}
