//! The tree of a tenant's sites.

use sqlx::{PgConnection, Row};

use crate::db::Error;
use crate::model::{Caller, SiteId, TenantId};

/// A site of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// `SiteId`.
    pub id: SiteId,
    /// `ParentId`; 0 is the top level.
    pub parent: SiteId,
    /// Whether it is a folder.
    pub is_folder: bool,
    /// Its place among the wanted names, if it has one of them.
    pub name: Option<usize>,
    /// Whether the site's rows let the caller read or add records; asked only where the name is wanted.
    pub open: bool,
}

/// Every site of the caller's tenant by id, with the rights on those that have one of the names: one query.
#[tracing::instrument(name = "db.sites.nodes", skip_all)]
pub async fn nodes(
    conn: &mut PgConnection,
    caller: &Caller,
    names: &[String],
) -> Result<Vec<Node>, Error> {
    let groups: Vec<i32> = caller.enabled_groups.iter().map(|group| group.0).collect();
    let rows = sqlx::query(
        r#"
        select s."SiteId", s."ParentId", s."ReferenceType" = 'Sites', array_position($2, s."SiteName"::text),
               s."SiteName" = any($2) and exists (
                   select from "Sites" root
                     join "Permissions" p on p."ReferenceId" = root."InheritPermission"
                    where root."TenantId" = $1 and root."SiteId" = s."InheritPermission" and p."PermissionType" & 3 <> 0
                      and (p."UserId" = $3 or p."UserId" = -1 or p."GroupId" = any($4)
                           or (p."DeptId" = $5 and p."DeptId" <> 0)))
          from "Sites" s
         where s."TenantId" = $1
         order by s."SiteId"
        "#,
    )
    .bind(caller.tenant.id.0)
    .bind(names)
    .bind(caller.user.0)
    .bind(groups)
    .bind(if caller.dept_enabled { caller.dept.0 } else { 0 })
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            let name: Option<i32> = row.try_get(3)?;
            Ok(Node {
                id: SiteId(row.try_get(0)?),
                parent: SiteId(row.try_get(1)?),
                is_folder: row.try_get(2)?,
                name: name.and_then(|at| usize::try_from(at - 1).ok()),
                open: row.try_get::<Option<bool>, _>(4)?.unwrap_or_default(),
            })
        })
        .collect()
}

/// Every site of a tenant: its id, that of the site it lies in, and its title.
#[tracing::instrument(name = "db.sites.titles", skip_all)]
pub async fn titles(
    conn: &mut PgConnection,
    tenant: TenantId,
) -> Result<Vec<(SiteId, SiteId, String)>, Error> {
    let rows = sqlx::query(
        r#"select "SiteId", "ParentId", coalesce("Title", '') from "Sites" where "TenantId" = $1"#,
    )
    .bind(tenant.0)
    .fetch_all(conn)
    .await?;
    let read = |row: &sqlx::postgres::PgRow| {
        Ok((SiteId(row.try_get(0)?), SiteId(row.try_get(1)?), row.try_get(2)?))
    };
    rows.iter().map(read).collect()
}
