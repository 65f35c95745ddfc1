//! Rows of `Sites` and what belongs to them: items, permissions, links, reminder schedules.

mod copy;
mod copy_records;
mod copy_sites;
mod delete;
mod insert;
mod linked;
mod load;
mod packaged;
mod permissions;
mod subjects;
mod tree;
mod update;

pub use copy::{Copied, Source, allocate, sources};
pub use copy_records::{RecordCopy, insert_records};
pub use copy_sites::{SiteCopy, insert_copies};
pub use delete::{Deleted, delete};
pub use insert::{NewSite, NewWiki, insert};
pub use linked::{LinkedSite, linked};
pub use load::{SiteTexts, load};
pub use packaged::{
    Granted, SubjectIds, SubjectNames, WantedNames, WikiRecord, granted, subject_ids,
    subject_names, takes_all_users, wiki_records,
};
pub use permissions::{OriginalRows, PermissionRow, insert_permissions};
pub use subjects::{Subjects, subjects};
pub use tree::{Node, nodes, titles};
pub use update::{Update, update};

use chrono::NaiveDateTime;
use sqlx::{PgConnection, Row};

use super::Error;
use crate::model::{Caller, Rights, SiteId, TenantId};

/// Counts a call on a site; false, with nothing written, when the day's limit is reached.
///
/// Unlike the reference's read and write this is one statement, so that calls at the same time all count (01 §12).
#[tracing::instrument(name = "db.sites.count_call", skip_all)]
pub async fn count_call(
    conn: &mut PgConnection,
    tenant: TenantId,
    site: SiteId,
    today: NaiveDateTime,
    limit: i64,
) -> Result<bool, Error> {
    let done = sqlx::query(
        r#"
        update "Sites"
           set "ApiCount" = case when "ApiCountDate" >= $3 then "ApiCount" else 0 end + 1,
               "ApiCountDate" = case when "ApiCountDate" >= $3 then "ApiCountDate" else $3 end
         where "TenantId" = $1 and "SiteId" = $2
           and case when "ApiCountDate" >= $3 then "ApiCount" else 0 end < $4
        "#,
    )
    .bind(tenant.0)
    .bind(site.0)
    .bind(today)
    .bind(limit)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// How many sites a tenant has.
#[tracing::instrument(name = "db.sites.count", skip_all)]
pub async fn count(conn: &mut PgConnection, tenant: TenantId) -> Result<i64, Error> {
    let row = sqlx::query(r#"select count(*) from "Sites" where "TenantId" = $1"#)
        .bind(tenant.0)
        .fetch_one(conn)
        .await?;
    Ok(row.try_get(0)?)
}

/// The caller's rights by the rows of a site of the tenant; none on a site that is not there (06 §2.3).
#[tracing::instrument(name = "db.sites.rights", skip_all)]
pub async fn rights(
    conn: &mut PgConnection,
    caller: &Caller,
    site: SiteId,
) -> Result<Rights, Error> {
    let groups: Vec<i32> = caller.enabled_groups.iter().map(|group| group.0).collect();
    let row = sqlx::query(
        r#"
        select bit_or(p."PermissionType")
          from "Sites" s
          join "Permissions" p on p."ReferenceId" = s."InheritPermission"
         where s."TenantId" = $1 and s."SiteId" = $2
           and (p."UserId" = $3 or p."UserId" = -1 or p."GroupId" = any($4)
                or (p."DeptId" = $5 and p."DeptId" <> 0))
        "#,
    )
    .bind(caller.tenant.id.0)
    .bind(site.0)
    .bind(caller.user.0)
    .bind(groups)
    .bind(if caller.dept_enabled { caller.dept.0 } else { 0 })
    .fetch_one(conn)
    .await?;
    Ok(Rights(row.try_get::<Option<i64>, _>(0)?.unwrap_or_default()))
}
