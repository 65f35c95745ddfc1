//! Users as JSON exports show them (04 §5.5).

use std::collections::HashMap;

use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};

use super::Error;
use crate::model::TenantId;

/// A user, with its department.
#[derive(Debug, Clone, Default)]
pub struct Profile {
    /// `Users.UserId`.
    pub id: i32,
    /// `Users.LoginId`.
    pub login_id: String,
    /// `Users.Name`, or the login id when that is empty.
    pub name: String,
    /// `Users.UserCode`.
    pub code: String,
    /// `Users.Body`.
    pub body: String,
    /// The columns of [`FLAGS`], in their order.
    pub flags: [bool; 8],
    /// The department, if there is one.
    pub dept: Option<Dept>,
}

/// A department.
#[derive(Debug, Clone)]
pub struct Dept {
    /// `Depts.DeptId`.
    pub id: i32,
    /// `Depts.DeptCode`.
    pub code: String,
    /// `Depts.DeptName`.
    pub name: String,
    /// `Depts.Disabled`.
    pub disabled: bool,
}

/// The checks of a user, in the order of exports.
pub const FLAGS: [&str; 8] = [
    "TenantManager",
    "ServiceManager",
    "AllowCreationAtTopSite",
    "AllowGroupAdministration",
    "AllowGroupCreation",
    "AllowApi",
    "AllowMovingFromTopSite",
    "Disabled",
];

/// Some users of a tenant, by id.
#[tracing::instrument(name = "db.profiles.of", skip_all)]
pub async fn of(
    conn: &mut PgConnection,
    tenant: TenantId,
    users: &[i32],
) -> Result<HashMap<i64, Profile>, Error> {
    let rows = sqlx::query(
        r#"
        select u."UserId", u."LoginId", coalesce(nullif(u."Name", ''), u."LoginId"),
               coalesce(u."UserCode", ''), coalesce(u."Body", ''),
               u."TenantManager", u."ServiceManager", u."AllowCreationAtTopSite", u."AllowGroupAdministration",
               u."AllowGroupCreation", u."AllowApi", u."AllowMovingFromTopSite", u."Disabled",
               d."DeptId", coalesce(d."DeptCode", ''), coalesce(d."DeptName", ''), coalesce(d."Disabled", false)
          from "Users" u
          left join "Depts" d on d."DeptId" = u."DeptId" and d."TenantId" = u."TenantId"
         where u."TenantId" = $1 and u."UserId" = any($2)
        "#,
    )
    .bind(tenant.0)
    .bind(users)
    .fetch_all(conn)
    .await?;
    rows.iter().map(read).collect()
}

fn read(row: &PgRow) -> Result<(i64, Profile), Error> {
    let id: i32 = row.try_get(0)?;
    let mut flags = [false; 8];
    for (at, flag) in flags.iter_mut().enumerate() {
        *flag = row.try_get(5 + at)?;
    }
    let dept = match row.try_get(13)? {
        Some(id) => Some(Dept {
            id,
            code: row.try_get(14)?,
            name: row.try_get(15)?,
            disabled: row.try_get(16)?,
        }),
        None => None,
    };
    let profile = Profile {
        id,
        login_id: row.try_get(1)?,
        name: row.try_get(2)?,
        code: row.try_get(3)?,
        body: row.try_get(4)?,
        flags,
        dept,
    };
    Ok((id.into(), profile))
}
