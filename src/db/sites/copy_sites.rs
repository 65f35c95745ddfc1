//! Adding copies of sites (06 §3.7).

use chrono::NaiveDateTime;
use sqlx::PgConnection;

use super::Source;
use super::permissions::{self, OriginalRows, PermissionRow};
use crate::db::Error;
use crate::db::sql::{Bind, Ident, Statement};
use crate::db::statuses::{self, Signal};
use crate::model::{TenantId, UserId};

/// A copy of a site, complete.
#[derive(Debug, Clone)]
pub struct SiteCopy<'a> {
    /// What it is a copy of.
    pub source: &'a Source,
    /// Its id.
    pub id: i64,
    /// Its title.
    pub title: String,
    /// The folder that it lies in.
    pub parent: i64,
    /// Whose permissions apply.
    pub inherit_permission: i64,
    /// Its settings.
    pub settings: String,
    /// Its search text.
    pub full_text: Option<(Vec<String>, NaiveDateTime)>,
    /// The sites that it links to.
    pub links: Vec<i64>,
    /// Reminders and when they are due.
    pub reminders: Vec<(i32, NaiveDateTime)>,
    /// Rows that it gets, if its permissions are its own; of two for one subject the first counts, those of the
    /// original before these.
    pub permissions: Vec<PermissionRow>,
    /// The order of its children, as JSON.
    pub order: Option<String>,
}

/// The ten guides, in the order of their columns.
const GUIDES: [Ident; 10] = [
    Ident::new("GridGuide"),
    Ident::new("EditorGuide"),
    Ident::new("CalendarGuide"),
    Ident::new("CrosstabGuide"),
    Ident::new("GanttGuide"),
    Ident::new("BurnDownGuide"),
    Ident::new("TimeSeriesGuide"),
    Ident::new("AnalyGuide"),
    Ident::new("KambanGuide"),
    Ident::new("ImageLibGuide"),
];

/// Adds copies of sites with items, links, schedules, orders and permissions: one statement for all of them.
///
/// `originals` are the original's own rows that come along.
#[tracing::instrument(name = "db.sites.insert_copies", skip_all)]
pub async fn insert_copies(
    conn: &mut PgConnection,
    tenant: TenantId,
    user: UserId,
    copies: &[SiteCopy<'_>],
    originals: OriginalRows,
) -> Result<(), Error> {
    let mut sql = Statement::new();
    sql.syntax("with items as (");
    items(&mut sql, user, copies);
    sql.syntax("), sites as (");
    sites(&mut sql, tenant, user, copies);
    sql.syntax("), links as (");
    pairs(&mut sql, user, copies);
    sql.syntax("), reminders as (");
    schedules(&mut sql, user, copies);
    sql.syntax("), orders as (");
    orders(&mut sql, user, copies);
    sql.syntax("), permissions as (");
    permission_rows(&mut sql, user, copies, originals);
    sql.syntax("), ");
    statuses::touch(&mut sql, tenant, user, Signal::Users);
    sql.syntax(" select 1");
    sql.into_query()?.execute(conn).await?;
    Ok(())
}

fn longs(copies: &[SiteCopy<'_>], of: impl Fn(&SiteCopy<'_>) -> i64) -> Bind {
    Bind::Longs(copies.iter().map(|copy| Some(of(copy))).collect())
}

fn texts(copies: &[SiteCopy<'_>], of: impl Fn(&SiteCopy<'_>) -> Option<String>) -> Bind {
    Bind::Texts(copies.iter().map(of).collect())
}

/// Creator and updator, both the caller.
fn users(sql: &mut Statement, user: UserId) -> &mut Statement {
    sql.bind(Bind::Int(Some(user.0))).syntax(", ").bind(Bind::Int(Some(user.0)))
}

fn items(sql: &mut Statement, user: UserId, copies: &[SiteCopy<'_>]) {
    sql.syntax(
        "insert into \"Items\" (\"ReferenceId\", \"ReferenceType\", \"SiteId\", \"Title\", \"FullText\", \
         \"SearchIndexCreatedTime\", \"Creator\", \"Updator\") select id, 'Sites', id, title, words, made, ",
    );
    users(sql, user).syntax(" from unnest(").bind(longs(copies, |copy| copy.id)).syntax(", ");
    sql.bind(texts(copies, |copy| Some(copy.title.clone()))).syntax(", ");
    let words = |copy: &SiteCopy<'_>| copy.full_text.as_ref().map(|(words, _)| words.join(" "));
    let made = copies.iter().map(|copy| copy.full_text.as_ref().map(|(_, made)| *made));
    sql.bind(texts(copies, words)).syntax(", ").bind(Bind::Times(made.collect()));
    sql.syntax(") as copy (id, title, words, made)");
}

fn sites(sql: &mut Statement, tenant: TenantId, user: UserId, copies: &[SiteCopy<'_>]) {
    sql.syntax(
        "insert into \"Sites\" (\"TenantId\", \"SiteId\", \"Title\", \"Body\", \"SiteName\", \"SiteGroupName\", \
         \"ReferenceType\", \"ParentId\", \"InheritPermission\", \"SiteSettings\", \"Publish\", \
         \"DisableCrossSearch\", \"Comments\", ",
    );
    sql.idents(&GUIDES).syntax(", \"Creator\", \"Updator\") select ");
    sql.bind(Bind::Int(Some(tenant.0))).syntax(
        ", id, title, body, name, group_name, kind, parent, inherit, settings, publish, unsearched, '[]', ",
    );
    sql.idents(&GUIDES).syntax(", ");
    users(sql, user).syntax(" from unnest(").bind(longs(copies, |copy| copy.id)).syntax(", ");
    for of in [
        (|copy| copy.title.clone()) as fn(&SiteCopy<'_>) -> String,
        |copy| copy.source.body.clone(),
        |copy| copy.source.name.clone(),
        |copy| copy.source.group_name.clone(),
        |copy| copy.source.kind.name().to_owned(),
    ] {
        sql.bind(texts(copies, |copy| Some(of(copy)))).syntax(", ");
    }
    sql.bind(longs(copies, |copy| copy.parent)).syntax(", ");
    sql.bind(longs(copies, |copy| copy.inherit_permission)).syntax(", ");
    sql.bind(texts(copies, |copy| Some(copy.settings.clone()))).syntax(", ");
    let flags = |of: fn(&Source) -> bool| {
        Bind::Bools(copies.iter().map(|copy| Some(of(copy.source))).collect())
    };
    sql.bind(flags(|source| source.publish)).syntax(", ");
    sql.bind(flags(|source| source.disable_cross_search));
    for at in 0..GUIDES.len() {
        sql.syntax(", ").bind(texts(copies, |copy| {
            Some(copy.source.guides.get(at).cloned().flatten().unwrap_or_default())
        }));
    }
    sql.syntax(
        ") as copy (id, title, body, name, group_name, kind, parent, inherit, settings, publish, unsearched, ",
    );
    sql.idents(&GUIDES).syntax(")");
}

fn pairs(sql: &mut Statement, user: UserId, copies: &[SiteCopy<'_>]) {
    let all = || copies.iter().flat_map(|copy| copy.links.iter().map(|link| (*link, copy.id)));
    sql.syntax(
        "insert into \"Links\" (\"DestinationId\", \"SourceId\", \"Creator\", \"Updator\") select destination, source, ",
    );
    users(sql, user).syntax(" from unnest(");
    sql.bind(Bind::Longs(all().map(|(destination, _)| Some(destination)).collect())).syntax(", ");
    sql.bind(Bind::Longs(all().map(|(_, source)| Some(source)).collect()));
    sql.syntax(") as pair (destination, source)");
}

fn schedules(sql: &mut Statement, user: UserId, copies: &[SiteCopy<'_>]) {
    let all = || {
        copies.iter().flat_map(|copy| copy.reminders.iter().map(|(id, due)| (copy.id, *id, *due)))
    };
    sql.syntax(
        "insert into \"ReminderSchedules\" (\"SiteId\", \"Id\", \"ScheduledTime\", \"Creator\", \"Updator\") \
         select site, id, due, ",
    );
    users(sql, user).syntax(" from unnest(");
    sql.bind(Bind::Longs(all().map(|(site, _, _)| Some(site)).collect())).syntax(", ");
    sql.bind(Bind::Ints(all().map(|(_, id, _)| Some(id)).collect())).syntax(", ");
    sql.bind(Bind::Times(all().map(|(_, _, due)| Some(due)).collect()));
    sql.syntax(") as reminder (site, id, due)");
}

fn orders(sql: &mut Statement, user: UserId, copies: &[SiteCopy<'_>]) {
    let all = || copies.iter().filter_map(|copy| Some((copy.id, copy.order.clone()?)));
    sql.syntax(
        "insert into \"Orders\" (\"ReferenceId\", \"ReferenceType\", \"OwnerId\", \"Data\", \"Creator\", \
         \"Updator\") select site, 'Sites', 0, data, ",
    );
    users(sql, user).syntax(" from unnest(");
    sql.bind(Bind::Longs(all().map(|(site, _)| Some(site)).collect())).syntax(", ");
    sql.bind(Bind::Texts(all().map(|(_, data)| Some(data)).collect()));
    sql.syntax(") as sorted (site, data)");
}

/// The original's rows, and the given ones for those that the original has none for.
fn permission_rows(
    sql: &mut Statement,
    user: UserId,
    copies: &[SiteCopy<'_>],
    originals: OriginalRows,
) {
    let roots: Vec<&SiteCopy<'_>> =
        copies.iter().filter(|copy| copy.inherit_permission == copy.id).collect();
    let ids = |of: fn(&SiteCopy<'_>) -> i64| {
        Bind::Longs(roots.iter().map(|copy| Some(of(copy))).collect())
    };
    sql.syntax(
        "insert into \"Permissions\" (\"ReferenceId\", \"DeptId\", \"GroupId\", \"UserId\", \"PermissionType\", \
         \"Creator\", \"Updator\") select distinct on (1, 2, 3, 4) site, dept, \"group\", \"user\", rights, ",
    );
    users(sql, user);
    sql.syntax(
        " from (select copy.new as site, p.\"DeptId\" as dept, p.\"GroupId\" as \"group\", p.\"UserId\" as \"user\", \
         p.\"PermissionType\" as rights, 0::bigint as place from unnest(",
    );
    sql.bind(ids(|copy| copy.source.id.0)).syntax(", ").bind(ids(|copy| copy.id));
    sql.syntax(
        ") as copy (old, new) join \"Permissions\" p on p.\"ReferenceId\" = copy.old where ",
    );
    permissions::is_among(sql, originals);
    sql.syntax(" union all select owner, dept, \"group\", \"user\", rights, place from ");
    let given = roots.iter().flat_map(|copy| copy.permissions.iter().map(|row| (copy.id, *row)));
    permissions::given_to(sql, &given.collect::<Vec<_>>());
    sql.syntax(") as rows order by 1, 2, 3, 4, place");
}
