//! Deleting a site with everything below it.

use sqlx::{PgConnection, Row};

use crate::db::sql::{Bind, Ident, Statement};
use crate::db::{Catalogue, Error, TableInfo};
use crate::model::{SiteId, TenantId, UserId};

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deleted {
    /// It is gone.
    Done,
    /// A site elsewhere inherits the permissions of one of them, so all stay: its id and title.
    Inherited(SiteId, String),
}

/// What is moved to the deleted rows: live rows, deleted rows, and the names of the two steps.
const TABLES: [[Ident; 4]; 6] = [
    names(["Items", "Items_deleted", "items_gone", "items_kept"]),
    names(["Dashboards", "Dashboards_deleted", "dashboards_gone", "dashboards_kept"]),
    names(["Issues", "Issues_deleted", "issues_gone", "issues_kept"]),
    names(["Results", "Results_deleted", "results_gone", "results_kept"]),
    names(["Wikis", "Wikis_deleted", "wikis_gone", "wikis_kept"]),
    names(["Sites", "Sites_deleted", "sites_gone", "sites_kept"]),
];

const fn names([live, deleted, gone, kept]: [&'static str; 4]) -> [Ident; 4] {
    [Ident::new(live), Ident::new(deleted), Ident::new(gone), Ident::new(kept)]
}

/// Moves a site, all sites below it and their records to the deleted rows, in one statement (06 §3.6). Permissions, links,
/// files, schedules and former versions stay.
#[tracing::instrument(name = "db.sites.delete", skip_all)]
pub async fn delete(
    conn: &mut PgConnection,
    catalogue: &Catalogue,
    tenant: TenantId,
    site: SiteId,
    by: UserId,
) -> Result<Deleted, Error> {
    let mut sql = Statement::new();
    family(&mut sql, tenant, site);
    for names in &TABLES {
        let [live, ..] = names;
        if let Some(table) = catalogue.table(live.as_str()) {
            moved(&mut sql, table, names, by);
        }
    }
    sql.syntax(
        " select (select \"SiteId\" from outside), (select coalesce(\"Title\", '') from outside)",
    );
    let row = sql.into_query()?.fetch_one(conn).await?;
    Ok(match (row.try_get(0)?, row.try_get::<Option<String>, _>(1)?) {
        (Some(heir), title) => Deleted::Inherited(SiteId(heir), title.unwrap_or_default()),
        (None, _) => Deleted::Done,
    })
}

/// `family`: the site and all below it; `outside`: a site that inherits from one of them without being one.
fn family(sql: &mut Statement, tenant: TenantId, site: SiteId) {
    let tenant = || Bind::Int(Some(tenant.0));
    sql.syntax("with recursive family as (select \"SiteId\" from \"Sites\" where \"TenantId\" = ")
        .bind(tenant());
    sql.syntax(" and \"SiteId\" = ").bind(Bind::Long(Some(site.0)));
    sql.syntax(
        " union select child.\"SiteId\" from \"Sites\" child join family on child.\"ParentId\" = family.\"SiteId\" \
         where child.\"TenantId\" = ",
    );
    sql.bind(tenant());
    sql.syntax(
        "), outside as (select \"SiteId\", \"Title\" from \"Sites\" where \"InheritPermission\" in (select \"SiteId\" \
         from family) and \"SiteId\" not in (select \"SiteId\" from family) and \"TenantId\" = ",
    );
    sql.bind(tenant()).syntax(" order by \"SiteId\" limit 1)");
}

fn moved(sql: &mut Statement, table: &TableInfo, names: &[Ident; 4], by: UserId) {
    let [live, deleted, gone, kept] = names;
    let columns: Vec<Ident> = table.columns.iter().map(crate::db::ColumnInfo::ident).collect();
    sql.syntax(", ").ident(gone).syntax(" as (delete from ").ident(live);
    sql.syntax(
        " where \"SiteId\" in (select \"SiteId\" from family) and not exists (select from outside) returning ",
    );
    sql.idents(&columns).syntax("), ");
    sql.ident(kept).syntax(" as (insert into ").ident(deleted).syntax(" (").idents(&columns);
    sql.syntax(") select ");
    sql.separated(&columns, ", ", |sql, column| match column.as_str() {
        "Updator" => {
            sql.bind(Bind::Int(Some(by.0)));
        }
        "UpdatedTime" => {
            sql.syntax("current_timestamp");
        }
        _ => {
            sql.ident(column);
        }
    });
    sql.syntax(" from ").ident(gone).syntax(")");
}
