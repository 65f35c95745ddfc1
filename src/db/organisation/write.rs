//! Adding, changing and deleting rows; each tells other processes in the same statement (08 §2.6).

use sqlx::{PgConnection, Row as _};

use super::signal;
use crate::db::records::Move;
use crate::db::sql::{Bind, Ident, Statement};
use crate::db::statuses;
use crate::db::{Catalogue, Error};
use crate::model::{OrganisationTable, TenantId, UserId};

/// Adds a row; its id comes from the table.
#[tracing::instrument(name = "db.organisation.insert", skip_all)]
pub async fn insert(
    conn: &mut PgConnection,
    table: OrganisationTable,
    tenant: TenantId,
    by: UserId,
    values: &[(Ident, Bind)],
) -> Result<i32, Error> {
    let mut sql = Statement::new();
    sql.syntax("with ");
    statuses::touch(&mut sql, tenant, by, signal(table));
    sql.syntax(" insert into ").ident(&Ident::new(table.name()));
    sql.syntax(" (\"TenantId\", \"Creator\", \"Updator\"");
    for (name, _) in values {
        sql.syntax(", ").ident(name);
    }
    sql.syntax(") values (").bind(Bind::Int(Some(tenant.0)));
    sql.syntax(", ").bind(Bind::Int(Some(by.0))).syntax(", ").bind(Bind::Int(Some(by.0)));
    for (_, value) in values {
        sql.syntax(", ").bind(value.clone());
    }
    sql.syntax(") returning ").ident(&Ident::new(table.id_column()));
    Ok(sql.into_query()?.fetch_one(conn).await?.try_get(0)?)
}

/// A change of a row.
#[derive(Debug)]
pub struct Update<'a> {
    /// The table.
    pub table: OrganisationTable,
    /// The tenant.
    pub tenant: TenantId,
    /// The row.
    pub id: i32,
    /// The version of the row that was read.
    pub token: i64,
    /// Who changes it.
    pub by: UserId,
    /// Copies the row to the history table and sets this `Ver`.
    pub version: Option<i32>,
    /// The columns that change.
    pub values: &'a [(Ident, Bind)],
}

/// Changes a row. False, with nothing of it written, when somebody else changed or removed it since it was read.
#[tracing::instrument(name = "db.organisation.update", skip_all)]
pub async fn update(
    conn: &mut PgConnection,
    catalogue: &Catalogue,
    change: &Update<'_>,
) -> Result<bool, Error> {
    let table = Ident::new(change.table.name());
    let own_row = |sql: &mut Statement| {
        sql.syntax(" where \"TenantId\" = ").bind(Bind::Int(Some(change.tenant.0)));
        sql.syntax(" and ").ident(&Ident::new(change.table.id_column())).syntax(" = ");
        sql.bind(Bind::Int(Some(change.id)));
    };
    let mut sql = Statement::new();
    sql.syntax("with ");
    statuses::touch(&mut sql, change.tenant, change.by, signal(change.table));
    sql.syntax(", changed as (update ").ident(&table);
    sql.syntax(" set \"UpdatedTime\" = current_timestamp, \"Updator\" = ");
    sql.bind(Bind::Int(Some(change.by.0)));
    if let Some(version) = change.version {
        sql.syntax(", \"Ver\" = ").bind(Bind::Int(Some(version)));
    }
    for (name, value) in change.values {
        sql.syntax(", ").ident(name).syntax(" = ").bind(value.clone());
    }
    own_row(&mut sql);
    sql.syntax(" and xmin = ").bind(Bind::text(change.token.to_string()));
    sql.syntax("::xid returning 1)");
    if change.version.is_some() {
        let history = Ident::new(change.table.history());
        let columns = catalogue.shared(&table, &history);
        sql.syntax(", history as (insert into ").ident(&history).syntax(" (").idents(&columns);
        sql.syntax(") select ").idents(&columns).syntax(" from ").ident(&table);
        own_row(&mut sql);
        sql.syntax(" and exists (select from changed))");
    }
    sql.syntax(" select exists (select from changed)");
    Ok(sql.into_query()?.fetch_one(conn).await?.try_get(0)?)
}

/// Moves a row, its tenant's pictures, and of groups members and children, to the deleted tables (08 §6, §9.5). False
/// when there is no such row.
#[tracing::instrument(name = "db.organisation.delete", skip_all)]
pub async fn delete(
    conn: &mut PgConnection,
    catalogue: &Catalogue,
    table: OrganisationTable,
    tenant: TenantId,
    id: i32,
    by: UserId,
) -> Result<bool, Error> {
    let own_id = || Bind::Int(Some(id));
    let own_tenant = || Bind::Int(Some(tenant.0));
    let mut sql = Statement::new();
    sql.syntax("with ");
    statuses::touch(&mut sql, tenant, by, signal(table));
    let mut moved = |from, into, names: [&'static str; 2], condition: &dyn Fn(&mut Statement)| {
        let (from, into) = (Ident::new(from), Ident::new(into));
        let columns = catalogue.shared(&from, &into);
        let moved = Move { from, into, columns: &columns, user: by };
        let [gone, kept] = names.map(Ident::new);
        moved.write(&mut sql, &gone, &kept, |sql| condition(sql));
    };
    moved(table.name(), table.deleted(), ["gone", "kept"], &|sql| {
        sql.syntax("\"TenantId\" = ").bind(own_tenant()).syntax(" and ");
        sql.ident(&Ident::new(table.id_column())).syntax(" = ").bind(own_id());
    });
    moved("Binaries", "Binaries_deleted", ["pictures", "pictures_kept"], &|sql| {
        sql.syntax("\"TenantId\" = ").bind(own_tenant());
        sql.syntax(" and \"ReferenceId\" = ").bind(Bind::Long(Some(id.into())));
        sql.syntax(" and \"BinaryType\" = 'TenantManagementImages' and exists (select from gone)");
    });
    if table == OrganisationTable::Groups {
        for (from, into, names) in [
            ("GroupMembers", "GroupMembers_deleted", ["members", "members_kept"]),
            ("GroupChildren", "GroupChildren_deleted", ["children", "children_kept"]),
        ] {
            moved(from, into, names, &|sql| {
                sql.syntax("\"GroupId\" = ").bind(own_id());
                sql.syntax(" and exists (select from gone)");
            });
        }
    }
    sql.syntax(" select exists (select from gone)");
    Ok(sql.into_query()?.fetch_one(conn).await?.try_get(0)?)
}
