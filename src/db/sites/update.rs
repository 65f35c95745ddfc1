//! Changing a site.

use chrono::NaiveDateTime;
use sqlx::{PgConnection, Row};

use super::permissions::{self, PermissionRow};
use crate::db::Error;
use crate::db::sql::{Bind, Ident, Statement};
use crate::db::statuses::{self, Signal};
use crate::model::{ReferenceType, SiteId, TenantId, UserId};

/// A change of a site and of the rows that belong to it.
#[derive(Debug, Clone)]
pub struct Update<'a> {
    /// The tenant.
    pub tenant: TenantId,
    /// The site.
    pub site: SiteId,
    /// Who changes it.
    pub user: UserId,
    /// `Sites.UpdatedTime` as it was read: who finds another one changes nothing (02 §7.6).
    pub read_at: NaiveDateTime,
    /// Copies the row to the history table and sets this `Ver`.
    pub version: Option<i32>,
    /// The columns of the history table, where there is a new version.
    pub history_columns: &'a [Ident],
    /// The columns that change.
    pub values: Vec<(Ident, Bind)>,
    /// `Items.Title`.
    pub title: &'a str,
    /// `Items.FullText` as words, and when it was made; none leaves it alone.
    pub full_text: Option<(Vec<String>, NaiveDateTime)>,
    /// The sites that the settings link to.
    pub links: &'a [i64],
    /// Reminders by id, and when each is due next.
    pub reminders: &'a [(i32, NaiveDateTime)],
    /// The rows that replace those of the site, if its permissions are replaced.
    pub permissions: Option<&'a [PermissionRow]>,
}

/// Changes a site with its item, links, schedules and permissions: one statement, so that other processes, which notice
/// the new `UpdatedTime`, find all of it (06 §4.3). False, with nothing written, when somebody else changed it.
#[tracing::instrument(name = "db.sites.update", skip_all)]
pub async fn update(conn: &mut PgConnection, change: &Update<'_>) -> Result<bool, Error> {
    Ok(statement(change).into_query()?.fetch_one(conn).await?.try_get(0)?)
}

fn statement(change: &Update<'_>) -> Statement {
    let mut sql = Statement::new();
    site(&mut sql, change);
    if change.version.is_some() {
        history(&mut sql, change);
    }
    item(&mut sql, change);
    links(&mut sql, change);
    reminders(&mut sql, change);
    if let Some(rows) = change.permissions {
        permission_rows(&mut sql, change, rows);
        statuses::touch(sql.syntax(", "), change.tenant, change.user, Signal::Permissions);
    }
    sql.syntax(" select exists (select from changed)");
    sql
}

fn site(sql: &mut Statement, change: &Update<'_>) {
    // The clock, not the beginning of the transaction (06 §4.3), and never the same time twice: caches and the check
    // for conflicts tell versions of a site by it.
    sql.syntax(
        "with changed as (update \"Sites\" set \"UpdatedTime\" = greatest(clock_timestamp()::timestamp(3), \
         \"UpdatedTime\" + interval '1 millisecond'), \"Updator\" = ",
    );
    sql.bind(Bind::Int(Some(change.user.0)));
    if let Some(version) = change.version {
        sql.syntax(", \"Ver\" = ").bind(Bind::Int(Some(version)));
    }
    for (name, value) in &change.values {
        sql.syntax(", ").ident(name).syntax(" = ").bind(value.clone());
    }
    sql.syntax(" where ");
    own_row(sql, change);
    sql.syntax(" and \"UpdatedTime\" = ")
        .bind(Bind::Time(Some(change.read_at)))
        .syntax(" returning \"SiteId\")");
}

fn history(sql: &mut Statement, change: &Update<'_>) {
    sql.syntax(", history as (insert into ")
        .ident(&Ident::history(ReferenceType::Sites))
        .syntax(" (");
    sql.idents(change.history_columns).syntax(") select ").idents(change.history_columns);
    sql.syntax(" from \"Sites\" where ");
    own_row(sql, change);
    sql.syntax(" and exists (select from changed))");
}

fn item(sql: &mut Statement, change: &Update<'_>) {
    sql.syntax(
        ", item as (update \"Items\" set \"UpdatedTime\" = current_timestamp, \"Updator\" = ",
    );
    sql.bind(Bind::Int(Some(change.user.0))).syntax(", \"SiteId\" = ").bind(site_id(change));
    sql.syntax(", \"Title\" = ").bind(Bind::text(change.title));
    if let Some((words, made)) = &change.full_text {
        sql.syntax(", \"FullText\" = ").bind(Bind::text(words.join(" ")));
        sql.syntax(", \"SearchIndexCreatedTime\" = ").bind(Bind::Time(Some(*made)));
    }
    sql.syntax(" where \"ReferenceId\" = ").bind(site_id(change));
    sql.syntax(" and exists (select from changed))");
}

/// The pairs of sites (06 §1.8), written anew at every update.
fn links(sql: &mut Statement, change: &Update<'_>) {
    let destinations = || Bind::Longs(change.links.iter().copied().map(Some).collect());
    sql.syntax(", unlinked as (delete from \"Links\" where \"SourceId\" = ").bind(site_id(change));
    sql.syntax(" and \"DestinationId\" <> all(").bind(destinations());
    sql.syntax(
        ") and exists (select from changed)), linked as (insert into \"Links\" (\"DestinationId\", \"SourceId\", \
         \"Creator\", \"Updator\") select destination, ",
    );
    sql.bind(site_id(change)).syntax(", ");
    users(sql, change.user).syntax(" from unnest(").bind(destinations()).syntax(
        ") as destination where exists (select from changed) on conflict (\"DestinationId\", \"SourceId\") do update \
         set \"Creator\" = excluded.\"Creator\", \"Updator\" = excluded.\"Updator\", \
         \"CreatedTime\" = current_timestamp, \"UpdatedTime\" = current_timestamp)",
    );
}

/// The schedules (08 §16.3), written anew at every update.
fn reminders(sql: &mut Statement, change: &Update<'_>) {
    let ids = || Bind::Ints(change.reminders.iter().map(|(id, _)| Some(*id)).collect());
    sql.syntax(", unscheduled as (delete from \"ReminderSchedules\" where \"SiteId\" = ")
        .bind(site_id(change));
    sql.syntax(" and \"Id\" <> all(").bind(ids());
    sql.syntax(
        ") and exists (select from changed)), scheduled as (insert into \"ReminderSchedules\" (\"SiteId\", \"Id\", \
         \"ScheduledTime\", \"Creator\", \"Updator\") select ",
    );
    sql.bind(site_id(change)).syntax(", id, due, ");
    users(sql, change.user).syntax(" from unnest(").bind(ids()).syntax(", ");
    sql.bind(Bind::Times(change.reminders.iter().map(|(_, due)| Some(*due)).collect())).syntax(
        ") as reminder (id, due) where exists (select from changed) on conflict (\"SiteId\", \"Id\") do update \
         set \"ScheduledTime\" = excluded.\"ScheduledTime\", \"Creator\" = excluded.\"Creator\", \
         \"Updator\" = excluded.\"Updator\", \"CreatedTime\" = current_timestamp, \
         \"UpdatedTime\" = current_timestamp)",
    );
}

/// The rows that are not given go, the given ones come, or stay as if they came.
fn permission_rows(sql: &mut Statement, change: &Update<'_>, rows: &[PermissionRow]) {
    sql.syntax(", revoked as (delete from \"Permissions\" where \"ReferenceId\" = ")
        .bind(site_id(change));
    sql.syntax(
        " and (\"DeptId\", \"GroupId\", \"UserId\") not in (select dept, \"group\", \"user\" from ",
    );
    permissions::given(sql, rows);
    sql.syntax(
        ") and exists (select from changed)), granted as (insert into \"Permissions\" (\"ReferenceId\", \"DeptId\", \
         \"GroupId\", \"UserId\", \"PermissionType\", \"Creator\", \"Updator\") select ",
    );
    sql.bind(site_id(change)).syntax(", dept, \"group\", \"user\", rights, ");
    users(sql, change.user).syntax(" from ");
    permissions::given(sql, rows);
    sql.syntax(
        " where exists (select from changed) on conflict (\"ReferenceId\", \"DeptId\", \"GroupId\", \"UserId\") do \
         update set \"PermissionType\" = excluded.\"PermissionType\", \"Ver\" = 1, \
         \"Creator\" = excluded.\"Creator\", \"Updator\" = excluded.\"Updator\", \
         \"CreatedTime\" = current_timestamp, \"UpdatedTime\" = current_timestamp)",
    );
}

fn own_row(sql: &mut Statement, change: &Update<'_>) {
    sql.syntax("\"TenantId\" = ").bind(Bind::Int(Some(change.tenant.0)));
    sql.syntax(" and \"SiteId\" = ").bind(site_id(change));
}

fn site_id(change: &Update<'_>) -> Bind {
    Bind::Long(Some(change.site.0))
}

/// Creator and updator, both the caller.
fn users(sql: &mut Statement, user: UserId) -> &mut Statement {
    sql.bind(Bind::Int(Some(user.0))).syntax(", ").bind(Bind::Int(Some(user.0)))
}
