//! Adding a site.

use chrono::NaiveDateTime;
use sqlx::{PgConnection, Row};

use super::permissions::{self, PermissionRow};
use crate::db::sql::{Bind, Ident, Statement};
use crate::db::statuses::{self, Signal};
use crate::db::{Error, records};
use crate::model::{ReferenceType, SiteId, TenantId, UserId};

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
    /// `Items.FullText` of the record as words, with [`records::NEW_ID`] for its id, and when it was made.
    pub full_text: Option<(&'a [String], NaiveDateTime)>,
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
    permission_rows(&mut sql, new);
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

fn permission_rows(sql: &mut Statement, new: &NewSite<'_>) {
    if new.permissions.is_empty() {
        return;
    }
    sql.syntax(
        ", permissions as (insert into \"Permissions\" (\"ReferenceId\", \"DeptId\", \"GroupId\", \"UserId\", \
         \"PermissionType\", \"Creator\", \"Updator\") select id, dept, \"group\", \"user\", rights, ",
    );
    users(sql, new.user).syntax(" from new, ");
    permissions::given(sql, new.permissions);
    sql.syntax(")");
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
        sql.bind(Bind::text(records::NEW_ID))
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
