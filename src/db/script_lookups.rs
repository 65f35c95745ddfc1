//! What server scripts look up: sites by their names, members of departments and groups (07 §4.5).

use serde_json::Value as Json;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};

use super::Error;
use super::sql::{Bind, Ident, Statement};
use crate::model::TenantId;

/// The name of a site that is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SiteNaming {
    /// `Title`.
    Title,
    /// `SiteName`.
    Name,
    /// `SiteGroupName`.
    GroupName,
}

/// The tenant's sites of a name, by id; whether the caller may see them is not looked at.
#[tracing::instrument(name = "db.script_lookups.sites", skip_all)]
pub async fn sites(
    conn: &mut PgConnection,
    tenant: TenantId,
    naming: SiteNaming,
    name: &str,
) -> Result<Vec<i64>, Error> {
    let column = match naming {
        SiteNaming::Title => "Title",
        SiteNaming::Name => "SiteName",
        SiteNaming::GroupName => "SiteGroupName",
    };
    let mut sql = Statement::new();
    sql.syntax(r#"select "SiteId" from "Sites" where "TenantId" = "#)
        .bind(Bind::Int(Some(tenant.0)));
    sql.syntax(" and ").ident(&Ident::new(column)).syntax(" = ");
    sql.bind(Bind::Text(Some(name.to_owned()))).syntax(r#" order by "SiteId""#);
    let rows = sql.into_query()?.fetch_all(conn).await?;
    Ok(rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?)
}

/// The users of a department of the tenant, by id, as objects of scripts.
#[tracing::instrument(name = "db.script_lookups.dept_members", skip_all)]
pub async fn dept_members(
    conn: &mut PgConnection,
    tenant: TenantId,
    dept: i32,
) -> Result<Vec<Json>, Error> {
    let query = sqlx::query(
        r#"
        select to_jsonb(member) from (
            select "UserId", "DeptId", "LoginId", "Name", coalesce("UserCode", '') as "UserCode",
                   coalesce("TenantManager", false) as "TenantManager",
                   coalesce("ServiceManager", false) as "ServiceManager",
                   coalesce("Disabled", false) as "Disabled"
              from "Users" where "TenantId" = $1 and "DeptId" = $2 and $2 <> 0) as member
         order by "UserId"
        "#,
    );
    objects(&query.bind(tenant.0).bind(dept).fetch_all(conn).await?)
}

/// The members of a group of the tenant, its direct child groups among them, sorted by user, department and group.
#[tracing::instrument(name = "db.script_lookups.group_members", skip_all)]
pub async fn group_members(
    conn: &mut PgConnection,
    tenant: TenantId,
    group: i32,
) -> Result<Vec<Json>, Error> {
    let query = sqlx::query(
        r#"
        select to_jsonb(member) from (
            select 0 as "GroupId", '' as "GroupName", own."DeptId", coalesce(dept."DeptName", '') as "DeptName",
                   coalesce(dept."DeptCode", '') as "DeptCode", own."UserId", coalesce(person."LoginId", '') as "LoginId",
                   coalesce(person."Name", '') as "Name", coalesce(person."UserCode", '') as "UserCode",
                   coalesce(person."TenantManager", false) as "TenantManager",
                   coalesce(person."Disabled", dept."Disabled", false) as "Disabled", own."Admin"
              from "GroupMembers" as own
              join "Groups" as grp on grp."GroupId" = own."GroupId" and grp."TenantId" = $1
              left join "Depts" as dept on dept."DeptId" = own."DeptId" and dept."TenantId" = $1
              left join "Users" as person on person."UserId" = own."UserId" and person."TenantId" = $1
             where own."GroupId" = $2 and not own."ChildGroup"
            union all
            select child."GroupId", child."GroupName", 0, '', '', 0, '', '', '', false,
                   coalesce(child."Disabled", false), false
              from "GroupChildren" as edge
              join "Groups" as grp on grp."GroupId" = edge."GroupId" and grp."TenantId" = $1
              join "Groups" as child on child."GroupId" = edge."ChildId" and child."TenantId" = $1
             where edge."GroupId" = $2) as member
         order by "UserId", "DeptId", "GroupId"
        "#,
    );
    objects(&query.bind(tenant.0).bind(group).fetch_all(conn).await?)
}

/// The groups of the tenant that are direct members of a group, by id, as objects of scripts.
#[tracing::instrument(name = "db.script_lookups.group_children", skip_all)]
pub async fn group_children(
    conn: &mut PgConnection,
    tenant: TenantId,
    group: i32,
) -> Result<Vec<Json>, Error> {
    let query = sqlx::query(
        r#"
        select jsonb_build_object('GroupId', child."GroupId", 'GroupName', child."GroupName",
                                  'Body', coalesce(child."Body", ''), 'Disabled', coalesce(child."Disabled", false))
          from "GroupChildren" as edge
          join "Groups" as grp on grp."GroupId" = edge."GroupId" and grp."TenantId" = $1
          join "Groups" as child on child."GroupId" = edge."ChildId" and child."TenantId" = $1
         where edge."GroupId" = $2
         order by child."GroupId"
        "#,
    );
    objects(&query.bind(tenant.0).bind(group).fetch_all(conn).await?)
}

/// Whether a group of the tenant has a user or a department, itself or by a group below it.
#[tracing::instrument(name = "db.script_lookups.group_contains", skip_all)]
pub async fn group_contains(
    conn: &mut PgConnection,
    tenant: TenantId,
    group: i32,
    (user, dept): (i32, i32),
) -> Result<bool, Error> {
    let row = sqlx::query(
        r#"
        select exists (
            select from "GroupMembers" as own
              join "Groups" as grp on grp."GroupId" = own."GroupId" and grp."TenantId" = $1
             where own."GroupId" = $2
               and (own."UserId" = $3 and $3 <> 0 or own."DeptId" = $4 and $4 <> 0
                 or own."DeptId" <> 0 and own."DeptId" = (
                        select "DeptId" from "Users" where "TenantId" = $1 and "UserId" = $3)))
        "#,
    );
    let row = row.bind(tenant.0).bind(group).bind(user).bind(dept).fetch_one(conn).await?;
    Ok(row.try_get(0)?)
}

fn objects(rows: &[PgRow]) -> Result<Vec<Json>, Error> {
    Ok(rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?)
}
