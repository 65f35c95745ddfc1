//! Who has permissions on a site.

use sqlx::PgConnection;

use crate::db::Error;
use crate::model::{OrganisationTable, SiteId, TenantId};

/// The site whose permissions a site has; none when the tenant has no such site.
#[tracing::instrument(name = "db.organisation.permissions_of", skip_all)]
pub async fn permissions_of(
    conn: &mut PgConnection,
    tenant: TenantId,
    site: SiteId,
) -> Result<Option<SiteId>, Error> {
    let root = sqlx::query_scalar(
        r#"select "InheritPermission" from "Sites" where "TenantId" = $1 and "SiteId" = $2"#,
    )
    .bind(tenant.0)
    .bind(site.0)
    .fetch_optional(conn)
    .await?;
    Ok(root.map(SiteId))
}

/// Those of the ids that a site's permissions name: users by whatever they belong to, departments and groups themselves.
#[tracing::instrument(name = "db.organisation.permitted", skip_all)]
pub async fn permitted(
    conn: &mut PgConnection,
    table: OrganisationTable,
    site: SiteId,
    ids: &[i32],
) -> Result<Vec<i32>, Error> {
    let sql = match table {
        OrganisationTable::Users => include_str!("../queries/permitted_users.sql"),
        OrganisationTable::Depts => {
            r#"select "DeptId" from "Permissions" where "ReferenceId" = $1 and "DeptId" = any($2) group by 1
               having max("PermissionType") > 0"#
        }
        OrganisationTable::Groups => {
            r#"select "GroupId" from "Permissions" where "ReferenceId" = $1 and "GroupId" = any($2) group by 1
               having max("PermissionType") > 0"#
        }
    };
    Ok(sqlx::query_scalar(sql).bind(site.0).bind(ids).fetch_all(conn).await?)
}
