//! Members and children of groups (08 §9).

use std::collections::HashMap;

use sqlx::{PgConnection, Row as _};

use crate::db::Error;
use crate::model::{DeptId, TenantId, UserId};

/// A direct member: a department or a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// The department, or 0.
    pub dept: i32,
    /// The user, or 0.
    pub user: i32,
    /// Whether it may change the group.
    pub admin: bool,
}

/// What a caller is to a group.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Membership {
    /// A member, direct or inherited.
    pub member: bool,
    /// A member who may change the group.
    pub admin: bool,
}

/// What a user is to a group, itself, by its department or as everybody (08 §2.2).
#[tracing::instrument(name = "db.organisation.membership", skip_all)]
pub async fn membership(
    conn: &mut PgConnection,
    group: i32,
    user: UserId,
    dept: DeptId,
) -> Result<Membership, Error> {
    let row = sqlx::query(
        r#"
        select count(*) > 0, coalesce(bool_or("Admin"), false) from "GroupMembers"
         where "GroupId" = $1 and ("UserId" in ($2, -1) or ("DeptId" = $3 and $3 <> 0))
        "#,
    )
    .bind(group)
    .bind(user.0)
    .bind(dept.0)
    .fetch_one(conn)
    .await?;
    Ok(Membership { member: row.try_get(0)?, admin: row.try_get(1)? })
}

/// The direct members of groups that still exist, in the order of lists (08 §9.2).
#[tracing::instrument(name = "db.organisation.members", skip_all)]
pub async fn members(
    conn: &mut PgConnection,
    groups: &[i32],
) -> Result<HashMap<i32, Vec<Member>>, Error> {
    let rows = sqlx::query(
        r#"
        select "GroupId", "DeptId", "UserId", "Admin" from "GroupMembers" as member
         where "GroupId" = any($1) and not "ChildGroup"
           and (exists (select from "Depts" as dept where dept."DeptId" = member."DeptId")
             or exists (select from "Users" as person where person."UserId" = member."UserId"))
         order by "UserId", "DeptId"
        "#,
    )
    .bind(groups)
    .fetch_all(conn)
    .await?;
    let mut members: HashMap<i32, Vec<Member>> = HashMap::new();
    for row in rows {
        let member =
            Member { dept: row.try_get(1)?, user: row.try_get(2)?, admin: row.try_get(3)? };
        members.entry(row.try_get(0)?).or_default().push(member);
    }
    Ok(members)
}

/// The children of groups that still exist, by id.
#[tracing::instrument(name = "db.organisation.children", skip_all)]
pub async fn children(
    conn: &mut PgConnection,
    groups: &[i32],
) -> Result<HashMap<i32, Vec<i32>>, Error> {
    let rows = sqlx::query(
        r#"
        select edge."GroupId", edge."ChildId" from "GroupChildren" as edge
          join "Groups" as child on child."GroupId" = edge."ChildId"
         where edge."GroupId" = any($1) order by edge."ChildId"
        "#,
    )
    .bind(groups)
    .fetch_all(conn)
    .await?;
    let mut children: HashMap<i32, Vec<i32>> = HashMap::new();
    for row in rows {
        children.entry(row.try_get(0)?).or_default().push(row.try_get(1)?);
    }
    Ok(children)
}

/// Every edge between groups of a tenant.
#[tracing::instrument(name = "db.organisation.edges", skip_all)]
pub async fn edges(conn: &mut PgConnection, tenant: TenantId) -> Result<Vec<(i32, i32)>, Error> {
    let rows = sqlx::query(
        r#"
        select edge."GroupId", edge."ChildId" from "GroupChildren" as edge
          join "Groups" as parent on parent."GroupId" = edge."GroupId" where parent."TenantId" = $1
        "#,
    )
    .bind(tenant.0)
    .fetch_all(conn)
    .await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

/// Replaces the direct members of a group.
#[tracing::instrument(name = "db.organisation.replace_members", skip_all)]
pub async fn replace_members(
    conn: &mut PgConnection,
    group: i32,
    by: UserId,
    members: &[Member],
) -> Result<(), Error> {
    sqlx::query(r#"delete from "GroupMembers" where "GroupId" = $1 and not "ChildGroup""#)
        .bind(group)
        .execute(&mut *conn)
        .await?;
    let depts: Vec<i32> = members.iter().map(|member| member.dept).collect();
    let users: Vec<i32> = members.iter().map(|member| member.user).collect();
    let admins: Vec<bool> = members.iter().map(|member| member.admin).collect();
    sqlx::query(
        r#"
        insert into "GroupMembers" ("GroupId", "DeptId", "UserId", "ChildGroup", "Admin", "Creator", "Updator")
        select $1, dept, person, false, admin, $2, $2
          from unnest($3::int[], $4::int[], $5::bool[]) as given(dept, person, admin)
        "#,
    )
    .bind(group)
    .bind(by.0)
    .bind(depts)
    .bind(users)
    .bind(admins)
    .execute(conn)
    .await?;
    Ok(())
}

/// Replaces the children of a group.
#[tracing::instrument(name = "db.organisation.replace_children", skip_all)]
pub async fn replace_children(
    conn: &mut PgConnection,
    group: i32,
    by: UserId,
    children: &[i32],
) -> Result<(), Error> {
    sqlx::query(r#"delete from "GroupChildren" where "GroupId" = $1"#)
        .bind(group)
        .execute(&mut *conn)
        .await?;
    sqlx::query(
        r#"
        insert into "GroupChildren" ("GroupId", "ChildId", "Creator", "Updator")
        select $1, child, $2, $2 from unnest($3::int[]) as given(child)
        "#,
    )
    .bind(group)
    .bind(by.0)
    .bind(children)
    .execute(conn)
    .await?;
    Ok(())
}

/// Derives the inherited members of groups and of their ancestors anew (08 §9.6).
#[tracing::instrument(name = "db.organisation.synchronize", skip_all)]
pub async fn synchronize(
    conn: &mut PgConnection,
    tenant: TenantId,
    groups: &[i32],
    by: UserId,
    depth: i32,
) -> Result<(), Error> {
    let affected: Vec<i32> = sqlx::query(include_str!("../queries/affected_groups.sql"))
        .bind(groups)
        .bind(tenant.0)
        .bind(depth)
        .fetch_all(&mut *conn)
        .await?
        .iter()
        .map(|row| row.try_get(0))
        .collect::<Result<_, _>>()?;
    sqlx::query(r#"delete from "GroupMembers" where "GroupId" = any($1) and "ChildGroup""#)
        .bind(&affected)
        .execute(&mut *conn)
        .await?;
    sqlx::query(include_str!("../queries/inherited_members.sql"))
        .bind(&affected)
        .bind(tenant.0)
        .bind(depth)
        .bind(by.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// A member of a group, as files name them.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// The group.
    pub group: i32,
    /// The member.
    pub member: Member,
}

/// Removes all members of groups, inherited ones included (08 §9.7).
#[tracing::instrument(name = "db.organisation.clear_members", skip_all)]
pub async fn clear_members(conn: &mut PgConnection, groups: &[i32]) -> Result<(), Error> {
    sqlx::query(r#"delete from "GroupMembers" where "GroupId" = any($1)"#)
        .bind(groups)
        .execute(conn)
        .await?;
    Ok(())
}

/// Adds direct members, or changes whether those that are there may change their group.
#[tracing::instrument(name = "db.organisation.put_members", skip_all)]
pub async fn put_members(
    conn: &mut PgConnection,
    by: UserId,
    entries: &[Entry],
    adds: bool,
) -> Result<(), Error> {
    let ints = |of: fn(&Entry) -> i32| entries.iter().map(of).collect::<Vec<i32>>();
    let admins: Vec<bool> = entries.iter().map(|entry| entry.member.admin).collect();
    let sql = if adds {
        r#"
        insert into "GroupMembers" ("GroupId", "DeptId", "UserId", "ChildGroup", "Admin", "Creator", "Updator")
        select team, dept, person, false, admin, $1, $1
          from unnest($2::int[], $3::int[], $4::int[], $5::bool[]) as given(team, dept, person, admin)
        "#
    } else {
        r#"
        update "GroupMembers" as member set "Admin" = admin, "Updator" = $1, "UpdatedTime" = current_timestamp
          from unnest($2::int[], $3::int[], $4::int[], $5::bool[]) as given(team, dept, person, admin)
         where member."GroupId" = team and member."DeptId" = dept and member."UserId" = person
           and not member."ChildGroup"
        "#
    };
    sqlx::query(sql)
        .bind(by.0)
        .bind(ints(|entry| entry.group))
        .bind(ints(|entry| entry.member.dept))
        .bind(ints(|entry| entry.member.user))
        .bind(admins)
        .execute(conn)
        .await?;
    Ok(())
}
