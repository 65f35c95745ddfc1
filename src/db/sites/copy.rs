//! Copying sites with their records (06 §3.7): what is read, and the new ids.

use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};

use crate::db::{Columns, Error};
use crate::model::{Caller, ReferenceType, Rights, SiteId};

const SOURCES: &str = include_str!("../queries/copy_sources.sql");

/// A site that may be copied.
#[derive(Debug, Clone)]
pub struct Source {
    /// `SiteId`.
    pub id: SiteId,
    /// `Title`.
    pub title: String,
    /// `Body`.
    pub body: String,
    /// `SiteName`.
    pub name: String,
    /// `SiteGroupName`.
    pub group_name: String,
    /// The ten guides, in the order of their columns.
    pub guides: Vec<Option<String>>,
    /// What it holds.
    pub kind: ReferenceType,
    /// `ParentId`.
    pub parent: SiteId,
    /// `InheritPermission`.
    pub inherit_permission: SiteId,
    /// `SiteSettings`; NULL is empty.
    pub settings: String,
    /// `Publish`.
    pub publish: bool,
    /// `DisableCrossSearch`.
    pub disable_cross_search: bool,
    /// What the site's rows let the caller do.
    pub rights: Rights,
    /// The order of its children that all users see, as JSON; empty if there is none.
    pub order: String,
    /// Whether the table is locked.
    pub locked: bool,
}

/// Those of the sites that the tenant has, in the given order.
#[tracing::instrument(name = "db.sites.sources", skip_all)]
pub async fn sources(
    conn: &mut PgConnection,
    caller: &Caller,
    ids: &[i64],
) -> Result<Vec<Source>, Error> {
    let groups: Vec<i32> = caller.enabled_groups.iter().map(|group| group.0).collect();
    let rows = sqlx::query(SOURCES)
        .bind(caller.tenant.id.0)
        .bind(ids)
        .bind(caller.user.0)
        .bind(groups)
        .bind(if caller.dept_enabled { caller.dept.0 } else { 0 })
        .fetch_all(conn)
        .await?;
    rows.iter().map(source).collect()
}

fn source(row: &PgRow) -> Result<Source, Error> {
    let mut next = Columns::of(row);
    Ok(Source {
        id: SiteId(next.next()?),
        title: next.next()?,
        body: next.next()?,
        name: next.next()?,
        group_name: next.next()?,
        guides: next.next()?,
        kind: ReferenceType::from_name(next.next()?).unwrap_or(ReferenceType::Dashboards),
        parent: SiteId(next.next()?),
        inherit_permission: SiteId(next.next()?),
        settings: next.next()?,
        publish: next.next()?,
        disable_cross_search: next.next()?,
        rights: Rights(next.next::<Option<i64>>()?.unwrap_or_default()),
        order: next.next()?,
        locked: next.next()?,
    })
}

/// An id and that of its copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copied {
    /// The original.
    pub old: i64,
    /// The copy.
    pub new: i64,
    /// The original's site, if it is a record.
    pub site: Option<i64>,
}

/// New ids for sites, and for the records of some of them that the caller may read: sites first, all in their order.
///
/// `open` are sites whose records the caller may read by the site's rows, `others` those where each record decides.
#[tracing::instrument(name = "db.sites.allocate", skip_all)]
pub async fn allocate(
    conn: &mut PgConnection,
    caller: &Caller,
    sites: &[i64],
    open: &[i64],
    others: &[i64],
) -> Result<Vec<Copied>, Error> {
    let groups: Vec<i32> = caller.enabled_groups.iter().map(|group| group.0).collect();
    let rows = sqlx::query(
        r#"
        select old, site, nextval(pg_get_serial_sequence('"Items"', 'ReferenceId'))
          from (select id as old, null::bigint as site, place
                  from unnest($1::bigint[]) with ordinality as wanted (id, place)
                union all
                select i."ReferenceId", i."SiteId", null
                  from "Items" i
                 where i."ReferenceType" <> 'Sites'
                   and (i."SiteId" = any($2)
                        or (i."SiteId" = any($3) and exists (
                            select from "Permissions" p
                             where p."ReferenceId" = i."ReferenceId" and p."PermissionType" & 1 = 1
                               and (p."UserId" = $4 or p."UserId" = -1 or p."GroupId" = any($5)
                                    or (p."DeptId" = $6 and p."DeptId" <> 0)))))
                order by 2 nulls first, 3, 1) as ordered
        "#,
    )
    .bind(sites)
    .bind(open)
    .bind(others)
    .bind(caller.user.0)
    .bind(groups)
    .bind(if caller.dept_enabled { caller.dept.0 } else { 0 })
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| Ok(Copied { old: row.try_get(0)?, site: row.try_get(1)?, new: row.try_get(2)? }))
        .collect()
}
