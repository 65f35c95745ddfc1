//! Single values of users, departments and groups.

use sqlx::{PgConnection, Row};

use super::sql::{Bind, Ident, Statement};
use super::{ColumnInfo, Columns, Error, records};
use crate::model::{ReferenceType, TenantId, UserId, Value};

/// The columns of one row of the tenant; none when it has no such row.
#[tracing::instrument(name = "db.people.values", skip_all)]
pub async fn values(
    conn: &mut PgConnection,
    tenant: TenantId,
    (table, id_column): (Ident, Ident),
    id: i32,
    columns: &[&ColumnInfo],
) -> Result<Option<Vec<Value>>, Error> {
    let mut sql = Statement::new();
    let names: Vec<Ident> = columns.iter().map(|column| column.ident()).collect();
    sql.syntax("select ").idents(&names).syntax(" from ").ident(&table);
    sql.syntax(" where \"TenantId\" = ").bind(Bind::Int(Some(tenant.0)));
    sql.syntax(" and ").ident(&id_column).syntax(" = ").bind(Bind::Int(Some(id)));
    let row = sql.into_query()?.fetch_optional(conn).await?;
    row.map(|row| {
        let next = &mut Columns::of(&row);
        columns.iter().map(|column| records::read_value(next, column.data_type)).collect()
    })
    .transpose()
}

/// The first mail address of a user.
#[tracing::instrument(name = "db.people.mail_address", skip_all)]
pub async fn mail_address(conn: &mut PgConnection, user: UserId) -> Result<Option<String>, Error> {
    let row = sqlx::query(
        r#"
        select "MailAddress" from "MailAddresses"
         where "OwnerType" = 'Users' and "OwnerId" = $1
         order by "MailAddressId" limit 1
        "#,
    )
    .bind(i64::from(user.0))
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}

/// People whose addresses are wanted.
#[derive(Debug, Clone, Default)]
pub struct Addressed {
    /// Users.
    pub users: Vec<i32>,
    /// Departments: their members.
    pub depts: Vec<i32>,
    /// Groups: their members, and those of their departments.
    pub groups: Vec<i32>,
    /// A record: whoever was its manager, owner, creator or updator, in whatever version.
    pub related: Option<(ReferenceType, i64)>,
}

impl Addressed {
    /// Whether nobody is meant.
    pub const fn is_empty(&self) -> bool {
        self.users.is_empty()
            && self.depts.is_empty()
            && self.groups.is_empty()
            && self.related.is_none()
    }
}

/// The addresses of people of the tenant, in the order of their ids; of those of a record only the first of each.
/// Disabled users get no mail.
#[tracing::instrument(name = "db.people.addresses", skip_all)]
pub async fn addresses(
    conn: &mut PgConnection,
    tenant: TenantId,
    who: &Addressed,
) -> Result<Vec<String>, Error> {
    let ints = |ids: &[i32]| Bind::Ints(ids.iter().copied().map(Some).collect());
    let mut sql = Statement::new();
    sql.syntax("with related as (");
    related(&mut sql, who);
    sql.syntax("), wanted as (select u.\"UserId\" as id, bool_or(u.\"UserId\" = any(");
    sql.bind(ints(&who.users)).syntax(") or u.\"DeptId\" <> 0 and u.\"DeptId\" = any(");
    sql.bind(ints(&who.depts)).syntax(
        ") or exists (select from \"GroupMembers\" m where (m.\"UserId\" = u.\"UserId\" \
         or m.\"DeptId\" <> 0 and m.\"DeptId\" = u.\"DeptId\") and m.\"GroupId\" = any(",
    );
    sql.bind(ints(&who.groups));
    sql.syntax(
        "))) as named, bool_or(u.\"UserId\" in (select id from related)) as involved from \"Users\" u \
         where not u.\"Disabled\" and u.\"TenantId\" = ",
    );
    sql.bind(Bind::Int(Some(tenant.0))).syntax(
        " group by u.\"UserId\") select a.\"MailAddress\" from wanted join lateral \
         (select \"MailAddress\", row_number() over (order by \"MailAddressId\") as place from \"MailAddresses\" \
         where \"OwnerType\" = 'Users' and \"OwnerId\" = wanted.id) a on wanted.named or wanted.involved and a.place = 1 \
         order by wanted.id, a.place",
    );
    let rows = sql.into_query()?.fetch_all(conn).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// Everybody who had to do with a record, deleted versions included; nobody without one.
fn related(sql: &mut Statement, who: &Addressed) {
    let Some((kind, id)) = who.related else {
        sql.syntax("select 0 as id where false");
        return;
    };
    let people: &[&'static str] = match kind {
        ReferenceType::Results | ReferenceType::Issues => {
            &["Manager", "Owner", "Creator", "Updator"]
        }
        _ => &["Creator", "Updator"],
    };
    let tables = [Ident::table(kind), Ident::history(kind), Ident::deleted(kind)];
    let pairs: Vec<_> = tables
        .iter()
        .flat_map(|table| people.iter().map(move |column| (table, Ident::new(column))))
        .collect();
    sql.separated(&pairs, " union ", |sql, (table, column)| {
        sql.syntax("select ").ident(column).syntax(" as id from ").ident(table);
        sql.syntax(" where ").ident(&Ident::id_of(kind)).syntax(" = ").bind(Bind::Long(Some(id)));
    });
}
