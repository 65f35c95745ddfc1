//! Sites: the counter of calls, and new sites.

use chrono::NaiveDateTime;
use sqlx::{PgConnection, Row};

use super::Error;
use super::calls::SettingsVersion;
use super::sql::{Bind, Ident, Statement};
use super::statuses::{self, Signal};
use crate::model::{Caller, ReferenceType, Rights, SiteId, TenantId, UserId};

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

/// A site as links lead to it.
#[derive(Debug, Clone)]
pub struct LinkedSite {
    /// The site and the version of its settings.
    pub version: SettingsVersion,
    /// What it holds.
    pub kind: ReferenceType,
    /// `SiteSettings`; empty when unset.
    pub settings: String,
    /// The sites that it is registered to link to (06 §1.8).
    pub destinations: Vec<SiteId>,
}

/// Those of the sites that are tables of the tenant.
#[tracing::instrument(name = "db.sites.linked", skip_all)]
pub async fn linked(
    conn: &mut PgConnection,
    tenant: TenantId,
    ids: &[i64],
) -> Result<Vec<LinkedSite>, Error> {
    let rows = sqlx::query(
        r#"
        select s."SiteId", s."Ver", s."UpdatedTime", s."ReferenceType", coalesce(s."SiteSettings", ''),
               array(select "DestinationId" from "Links" where "SourceId" = s."SiteId")
          from "Sites" s
         where s."TenantId" = $1 and s."SiteId" = any($2) and s."ReferenceType" in ('Issues', 'Results', 'Wikis')
        "#,
    )
    .bind(tenant.0)
    .bind(ids)
    .fetch_all(conn)
    .await?;
    let mut sites = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(kind) = ReferenceType::from_name(row.try_get(3)?) else { continue };
        sites.push(LinkedSite {
            version: SettingsVersion {
                site: SiteId(row.try_get(0)?),
                ver: row.try_get(1)?,
                updated_time: row.try_get(2)?,
            },
            kind,
            settings: row.try_get(4)?,
            destinations: row.try_get::<Vec<i64>, _>(5)?.into_iter().map(SiteId).collect(),
        });
    }
    Ok(sites)
}

/// A site to add.
#[derive(Debug, Clone)]
pub struct NewSite<'a> {
    /// The tenant.
    pub tenant: TenantId,
    /// Who adds it.
    pub user: UserId,
    /// What it holds.
    pub kind: ReferenceType,
    /// `Title`.
    pub title: &'a str,
    /// The folder it lies in; 0 is the top level.
    pub parent: SiteId,
    /// Whose permissions apply; none is its own.
    pub inherit_permission: Option<SiteId>,
    /// Further columns of `Sites`.
    pub values: Vec<(Ident, Bind)>,
    /// Its permission rows.
    pub permissions: &'a [PermissionRow],
    /// Whether a list of permissions was given, of which other processes are told.
    pub touches_permissions: bool,
    /// The record of a wiki: title, body, comments.
    pub wiki: Option<NewWiki<'a>>,
}

/// The one record of a new wiki.
#[derive(Debug, Clone)]
pub struct NewWiki<'a> {
    /// `Wikis.Body`; none is NULL.
    pub body: Option<&'a str>,
    /// `Wikis.Comments`; none is NULL.
    pub comments: Option<&'a str>,
    /// `Items.Title` of the record.
    pub item_title: &'a str,
    /// `Items.FullText` of the record as words, with [`super::records::NEW_ID`] for its id, and when it was made.
    pub full_text: Option<(&'a [String], NaiveDateTime)>,
}

/// A row of `Permissions`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PermissionRow {
    /// `DeptId`, 0 when the row is not for a department.
    pub dept: i32,
    /// `GroupId`, 0 when the row is not for a group.
    pub group: i32,
    /// `UserId`, 0 when the row is not for a user; −1 is all users.
    pub user: i32,
    /// `PermissionType`.
    pub rights: i64,
}

impl PermissionRow {
    /// A line such as `User,5,31`; none without exactly three parts. QUIRK(02 §14): another first word than `Dept`,
    /// `Group` and `User` makes a row for nobody.
    pub fn parse(line: &str) -> Option<Self> {
        let mut parts = line.split(',');
        let (subject, id, rights) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        let id = id.trim().parse().unwrap_or_default();
        let of = |name: &str| if subject == name { id } else { 0 };
        let rights = rights.trim().parse().unwrap_or_default();
        Some(Self { dept: of("Dept"), group: of("Group"), user: of("User"), rights })
    }

    /// Whether both are for one subject, which the key of the table forbids.
    pub const fn is_same_subject(&self, other: &Self) -> bool {
        self.dept == other.dept && self.group == other.group && self.user == other.user
    }
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

/// Adds a site with its item and permissions, and a wiki's record: one statement, as the owner (02 §1.2).
#[tracing::instrument(name = "db.sites.insert", skip_all)]
pub async fn insert(conn: &mut PgConnection, new: &NewSite<'_>) -> Result<SiteId, Error> {
    let mut sql = Statement::new();
    sql.syntax(
        "with new as materialized (select nextval(pg_get_serial_sequence('\"Items\"', 'ReferenceId')) as id), \
         item as (insert into \"Items\" (\"ReferenceId\", \"ReferenceType\", \"SiteId\", \"Title\", \"Creator\", \
         \"Updator\") select id, 'Sites', id, ",
    );
    sql.bind(Bind::text(new.title)).syntax(", ");
    users(&mut sql, new.user).syntax(" from new)");
    site(&mut sql, new);
    permissions(&mut sql, new);
    if new.touches_permissions {
        statuses::touch(sql.syntax(", "), new.tenant, new.user, Signal::Permissions);
    }
    if let Some(record) = &new.wiki {
        wiki(&mut sql, new, record);
    }
    sql.syntax(" select id from new");
    Ok(SiteId(sql.into_query()?.fetch_one(conn).await?.try_get(0)?))
}

fn site(sql: &mut Statement, new: &NewSite<'_>) {
    sql.syntax(
        ", site as (insert into \"Sites\" (\"TenantId\", \"SiteId\", \"Title\", \"ReferenceType\", \"ParentId\", \
         \"InheritPermission\", \"Creator\", \"Updator\"",
    );
    for (name, _) in &new.values {
        sql.syntax(", ").ident(name);
    }
    sql.syntax(") select ")
        .bind(Bind::Int(Some(new.tenant.0)))
        .syntax(", id, ")
        .bind(Bind::text(new.title));
    sql.syntax(", ")
        .bind(Bind::text(new.kind.name()))
        .syntax(", ")
        .bind(Bind::Long(Some(new.parent.0)));
    sql.syntax(", coalesce(")
        .bind(Bind::Long(new.inherit_permission.map(|site| site.0)))
        .syntax(", id), ");
    users(sql, new.user);
    for (_, value) in &new.values {
        sql.syntax(", ").bind(value.clone());
    }
    sql.syntax(" from new)");
}

fn permissions(sql: &mut Statement, new: &NewSite<'_>) {
    if new.permissions.is_empty() {
        return;
    }
    let ints = |of: fn(&PermissionRow) -> i32| {
        Bind::Ints(new.permissions.iter().map(|row| Some(of(row))).collect())
    };
    sql.syntax(
        ", permissions as (insert into \"Permissions\" (\"ReferenceId\", \"DeptId\", \"GroupId\", \"UserId\", \
         \"PermissionType\", \"Creator\", \"Updator\") select id, dept, \"group\", \"user\", rights, ",
    );
    users(sql, new.user).syntax(" from new, unnest(").bind(ints(|row| row.dept)).syntax(", ");
    sql.bind(ints(|row| row.group)).syntax(", ").bind(ints(|row| row.user)).syntax(", ");
    sql.bind(Bind::Longs(new.permissions.iter().map(|row| Some(row.rights)).collect()));
    sql.syntax(") as given (dept, \"group\", \"user\", rights))");
}

fn wiki(sql: &mut Statement, new: &NewSite<'_>, record: &NewWiki<'_>) {
    // `from new` makes the second id wait for the first, which is the site's.
    sql.syntax(
        ", page as materialized (select nextval(pg_get_serial_sequence('\"Items\"', 'ReferenceId')) as page_id, \
         id as site_id from new), page_item as (insert into \"Items\" (\"ReferenceId\", \"ReferenceType\", \
         \"SiteId\", \"Creator\", \"Updator\", \"Title\"",
    );
    sql.syntax(if record.full_text.is_some() {
        ", \"FullText\", \"SearchIndexCreatedTime\")"
    } else {
        ")"
    });
    sql.syntax(" select page_id, 'Wikis', site_id, ");
    users(sql, new.user).syntax(", ").bind(Bind::text(record.item_title));
    if let Some((words, made)) = record.full_text {
        let words = Bind::Texts(words.iter().cloned().map(Some).collect());
        sql.syntax(", replace(array_to_string(array_remove(")
            .bind(words)
            .syntax(", page_id::text), ' '), ");
        sql.bind(Bind::text(super::records::NEW_ID))
            .syntax(", page_id::text), ")
            .bind(Bind::Time(Some(made)));
    }
    sql.syntax(
        " from page), page_row as (insert into \"Wikis\" (\"SiteId\", \"WikiId\", \"Ver\", \"Title\", \"Body\", \
         \"Comments\", \"Creator\", \"Updator\") select site_id, page_id, 1, ",
    );
    sql.bind(Bind::text(new.title))
        .syntax(", ")
        .bind(Bind::Text(record.body.map(str::to_owned)))
        .syntax(", ");
    sql.bind(Bind::Text(record.comments.map(str::to_owned))).syntax(", ");
    users(sql, new.user).syntax(" from page)");
}

/// Creator and updator, both the caller.
fn users(sql: &mut Statement, user: UserId) -> &mut Statement {
    sql.bind(Bind::Int(Some(user.0))).syntax(", ").bind(Bind::Int(Some(user.0)))
}
