//! What a file of sites has besides the sites: whose rights, and the names of whom it speaks of (06 §3.7).

use sqlx::{PgConnection, Row};

use super::PermissionRow;
use crate::db::{Columns, Error};
use crate::model::TenantId;

/// A permission row, and whose it is.
#[derive(Debug, Clone, Copy)]
pub struct Granted {
    /// The site, be it of a record.
    pub site: i64,
    /// The site itself or one of its records.
    pub reference: i64,
    /// The row.
    pub row: PermissionRow,
}

/// The rows of some sites, and of the records of others.
#[tracing::instrument(name = "db.sites.granted", skip_all)]
pub async fn granted(
    conn: &mut PgConnection,
    tenant: TenantId,
    sites: &[i64],
    sites_of_records: &[i64],
) -> Result<Vec<Granted>, Error> {
    let rows = sqlx::query(
        r#"
        select i."SiteId", p."ReferenceId", p."DeptId", p."GroupId", p."UserId", p."PermissionType"
          from "Sites" s
          join "Items" i on i."SiteId" = s."SiteId"
          join "Permissions" p on p."ReferenceId" = i."ReferenceId"
         where s."TenantId" = $1
           and case when i."ReferenceType" = 'Sites' then s."SiteId" = any($2) else s."SiteId" = any($3) end
         order by 1, 2, 3, 4, 5
        "#,
    )
    .bind(tenant.0)
    .bind(sites)
    .bind(sites_of_records)
    .fetch_all(conn)
    .await?;
    let read = |row| {
        let columns = &mut Columns::of(row);
        Ok(Granted {
            site: columns.next()?,
            reference: columns.next()?,
            row: PermissionRow {
                dept: columns.next()?,
                group: columns.next()?,
                user: columns.next()?,
                rights: columns.next()?,
            },
        })
    };
    rows.iter().map(read).collect()
}

/// Whether packages may bring rows for all users: a flag of the tenant forbids it (06 §2.2).
#[tracing::instrument(name = "db.sites.takes_all_users", skip_all)]
pub async fn takes_all_users(conn: &mut PgConnection, tenant: TenantId) -> Result<bool, Error> {
    let row = sqlx::query(
        r#"select not exists (select from "Tenants" where "TenantId" = $1 and "DisableAllUsersPermission")"#,
    )
    .bind(tenant.0)
    .fetch_one(conn)
    .await?;
    Ok(row.try_get(0)?)
}

/// Departments, groups and users of a tenant by what names them in other installations too.
#[derive(Debug, Clone, Default)]
pub struct SubjectNames {
    /// `DeptId` and `DeptCode`.
    pub depts: Vec<(i32, String)>,
    /// `GroupId` and `GroupName`.
    pub groups: Vec<(i32, String)>,
    /// `UserId` and `LoginId`.
    pub users: Vec<(i32, String)>,
}

/// Whose names are wanted: none is everybody's.
#[derive(Debug, Clone, Default)]
pub struct WantedNames {
    /// Departments.
    pub depts: Option<Vec<i32>>,
    /// Groups.
    pub groups: Option<Vec<i32>>,
    /// Users.
    pub users: Option<Vec<i32>>,
}

/// The names of subjects that the tenant has.
#[tracing::instrument(name = "db.sites.subject_names", skip_all)]
pub async fn subject_names(
    conn: &mut PgConnection,
    tenant: TenantId,
    wanted: &WantedNames,
) -> Result<SubjectNames, Error> {
    let rows = sqlx::query(
        r#"
        select 1, "DeptId", "DeptCode" from "Depts"
         where "TenantId" = $1 and ($2::integer[] is null or "DeptId" = any($2))
        union all
        select 2, "GroupId", "GroupName" from "Groups"
         where "TenantId" = $1 and ($3::integer[] is null or "GroupId" = any($3))
        union all
        select 3, "UserId", "LoginId" from "Users"
         where "TenantId" = $1 and ($4::integer[] is null or "UserId" = any($4))
         order by 1, 2
        "#,
    )
    .bind(tenant.0)
    .bind(&wanted.depts)
    .bind(&wanted.groups)
    .bind(&wanted.users)
    .fetch_all(conn)
    .await?;
    let mut names = SubjectNames::default();
    for row in &rows {
        let list = match row.try_get::<i32, _>(0)? {
            1 => &mut names.depts,
            2 => &mut names.groups,
            _ => &mut names.users,
        };
        list.push((row.try_get(1)?, row.try_get::<Option<String>, _>(2)?.unwrap_or_default()));
    }
    Ok(names)
}

/// The ids of subjects by their names, in the order of the names; none where the tenant has no such subject, and the
/// lowest where several have one name.
#[derive(Debug, Clone, Default)]
pub struct SubjectIds {
    /// By `DeptCode`.
    pub depts: Vec<Option<i32>>,
    /// By `GroupName`.
    pub groups: Vec<Option<i32>>,
    /// By `LoginId`.
    pub users: Vec<Option<i32>>,
}

/// Who has these names. An empty one is nobody's.
#[tracing::instrument(name = "db.sites.subject_ids", skip_all)]
pub async fn subject_ids(
    conn: &mut PgConnection,
    tenant: TenantId,
    dept_codes: &[&str],
    group_names: &[&str],
    login_ids: &[&str],
) -> Result<SubjectIds, Error> {
    let row = sqlx::query(
        r#"
        select array(select (select min("DeptId") from "Depts"
                              where "TenantId" = $1 and "DeptCode" = name and name <> '')
                       from unnest($2::text[]) with ordinality as wanted (name, place) order by place),
               array(select (select min("GroupId") from "Groups"
                              where "TenantId" = $1 and "GroupName" = name and name <> '')
                       from unnest($3::text[]) with ordinality as wanted (name, place) order by place),
               array(select (select min("UserId") from "Users"
                              where "TenantId" = $1 and "LoginId" = name and name <> '')
                       from unnest($4::text[]) with ordinality as wanted (name, place) order by place)
        "#,
    )
    .bind(tenant.0)
    .bind(dept_codes)
    .bind(group_names)
    .bind(login_ids)
    .fetch_one(conn)
    .await?;
    Ok(SubjectIds { depts: row.try_get(0)?, groups: row.try_get(1)?, users: row.try_get(2)? })
}

/// The record of a wiki.
#[derive(Debug, Clone)]
pub struct WikiRecord {
    /// Its site.
    pub site: i64,
    /// `WikiId`.
    pub id: i64,
    /// `Title`.
    pub title: String,
    /// `Body`.
    pub body: String,
    /// `Comments`, as they are stored.
    pub comments: String,
}

/// The records of those of the sites that are wikis.
#[tracing::instrument(name = "db.sites.wiki_records", skip_all)]
pub async fn wiki_records(
    conn: &mut PgConnection,
    sites: &[i64],
) -> Result<Vec<WikiRecord>, Error> {
    let rows = sqlx::query(
        r#"
        select "SiteId", "WikiId", "Title", coalesce("Body", ''), coalesce("Comments", '')
          from "Wikis"
         where "SiteId" = any($1)
         order by 1, 2
        "#,
    )
    .bind(sites)
    .fetch_all(conn)
    .await?;
    let read = |row| {
        let columns = &mut Columns::of(row);
        Ok(WikiRecord {
            site: columns.next()?,
            id: columns.next()?,
            title: columns.next()?,
            body: columns.next()?,
            comments: columns.next()?,
        })
    };
    rows.iter().map(read).collect()
}
