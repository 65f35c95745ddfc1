//! Rows of `Items`, where sites and records share one space of ids.

use std::collections::HashMap;

use sqlx::{PgConnection, Row};

use super::Error;
use crate::model::{Caller, SiteId};

/// The titles of those items that lie in one of the sites and that the caller may read (03 §24): rights come from
/// the site's rows or the item's own. Privileged callers read every item of their tenant.
#[tracing::instrument(name = "db.items.readable_titles", skip_all)]
pub async fn readable_titles(
    conn: &mut PgConnection,
    caller: &Caller,
    sites: &[SiteId],
    ids: &[i64],
) -> Result<HashMap<i64, String>, Error> {
    Ok(readable_links(conn, caller, sites, ids).await?.titles)
}

/// What columns with links to sites show.
#[derive(Debug, Clone, Default)]
pub struct ReadableLinks {
    /// Titles of records by id.
    pub titles: HashMap<i64, String>,
    /// The texts of those sites that are wikis, by site: their lines are choices.
    pub wikis: HashMap<i64, String>,
}

/// As [`readable_titles`], with the texts of wikis among the sites.
#[tracing::instrument(name = "db.items.readable_links", skip_all)]
pub async fn readable_links(
    conn: &mut PgConnection,
    caller: &Caller,
    sites: &[SiteId],
    ids: &[i64],
) -> Result<ReadableLinks, Error> {
    let sites: Vec<i64> = sites.iter().map(|site| site.0).collect();
    let groups: Vec<i32> = caller.enabled_groups.iter().map(|group| group.0).collect();
    let rows = sqlx::query(
        r#"
        select linked.is_wiki, linked.id, linked.text
          from (select false as is_wiki, i."SiteId" as site, i."ReferenceId" as item, i."ReferenceId" as id,
                       coalesce(i."Title", '') as text
                  from "Items" i
                 where i."ReferenceId" = any($2) and i."SiteId" = any($3)
                union all
                select true, w."SiteId", w."WikiId", w."SiteId", coalesce(w."Body", '')
                  from "Wikis" w
                 where w."SiteId" = any($3)) as linked
          join "Sites" s on s."SiteId" = linked.site and s."TenantId" = $1
         where $4 or exists (
               select from "Permissions" p
                where p."ReferenceId" in (s."InheritPermission", linked.item) and p."PermissionType" & 1 = 1
                  and (p."UserId" = $5 or p."UserId" = -1 or p."GroupId" = any($6)
                       or (p."DeptId" = $7 and p."DeptId" <> 0)))
        "#,
    )
    .bind(caller.tenant.id.0)
    .bind(ids)
    .bind(sites)
    .bind(caller.privileged)
    .bind(caller.user.0)
    .bind(groups)
    .bind(if caller.dept_enabled { caller.dept.0 } else { 0 })
    .fetch_all(conn)
    .await?;
    let mut links = ReadableLinks::default();
    for row in &rows {
        let into = if row.try_get(0)? { &mut links.wikis } else { &mut links.titles };
        into.insert(row.try_get(1)?, row.try_get(2)?);
    }
    Ok(links)
}

/// How many records a site has, for the contract's limit (03 §4.1).
#[tracing::instrument(name = "db.items.count_records", skip_all)]
pub async fn count_records(conn: &mut PgConnection, site: SiteId) -> Result<i64, Error> {
    let row = sqlx::query(
        r#"select count(*) from "Items" where "SiteId" = $1 and "ReferenceType" <> 'Sites'"#,
    )
    .bind(site.0)
    .fetch_one(conn)
    .await?;
    Ok(row.try_get(0)?)
}

/// A record by its title.
#[derive(Debug, Clone)]
pub struct Titled {
    /// Its site.
    pub site: SiteId,
    /// The record.
    pub id: i64,
    /// `Items.Title`.
    pub title: String,
}

/// The records of some titles in the sites, as far as the caller may read them, in the order of their ids.
#[tracing::instrument(name = "db.items.records_titled", skip_all)]
pub async fn records_titled(
    conn: &mut PgConnection,
    caller: &Caller,
    sites: &[SiteId],
    titles: &[String],
) -> Result<Vec<Titled>, Error> {
    let sites: Vec<i64> = sites.iter().map(|site| site.0).collect();
    let groups: Vec<i32> = caller.enabled_groups.iter().map(|group| group.0).collect();
    let rows = sqlx::query(
        r#"
        select i."SiteId", i."ReferenceId", i."Title"
          from "Items" i
          join "Sites" s on s."SiteId" = i."SiteId" and s."TenantId" = $1
         where i."Title" = any($2) and i."SiteId" = any($3) and i."ReferenceType" <> 'Sites'
           and ($4 or exists (
               select from "Permissions" p
                where p."ReferenceId" in (s."InheritPermission", i."ReferenceId") and p."PermissionType" & 1 = 1
                  and (p."UserId" = $5 or p."UserId" = -1 or p."GroupId" = any($6)
                       or (p."DeptId" = $7 and p."DeptId" <> 0))))
         order by i."ReferenceId"
        "#,
    )
    .bind(caller.tenant.id.0)
    .bind(titles)
    .bind(sites)
    .bind(caller.privileged)
    .bind(caller.user.0)
    .bind(groups)
    .bind(if caller.dept_enabled { caller.dept.0 } else { 0 })
    .fetch_all(conn)
    .await?;
    let read = |row: &sqlx::postgres::PgRow| {
        Ok(Titled { site: SiteId(row.try_get(0)?), id: row.try_get(1)?, title: row.try_get(2)? })
    };
    rows.iter().map(read).collect()
}
