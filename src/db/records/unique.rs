//! The no-duplication check (02 §6.4), inside the statement that writes.

use crate::db::sql::{Bind, Ident, Predicate, Statement};
use crate::model::{ReferenceType, SiteId};

/// A value that no other record of the site may have.
#[derive(Debug, Clone)]
pub struct Unique {
    /// The column.
    pub column: Ident,
    /// The value, as it would be stored.
    pub value: Bind,
}

/// Writes `taken as (select …)`: the position of the first condition that holds, or NULL when none does.
///
/// Position 0 is `unless`, the others are those of `unique`, counted from 1.
pub(super) fn taken(
    sql: &mut Statement,
    kind: ReferenceType,
    site: SiteId,
    own: Option<i64>,
    unless: Option<&Predicate>,
    unique: &[Unique],
) {
    sql.syntax("taken as (select min(at) as at from (select null::integer as at");
    if let Some(condition) = unless {
        exists(sql, kind, site, 0, |sql| condition.render(sql));
    }
    for (at, check) in (1..).zip(unique) {
        exists(sql, kind, site, at, |sql| {
            sql.ident(&check.column).syntax(" = ").bind(check.value.clone());
            if let Some(own) = own {
                sql.syntax(" and ")
                    .ident(&Ident::id_of(kind))
                    .syntax(" <> ")
                    .bind(Bind::Long(Some(own)));
            }
        });
    }
    sql.syntax(") as conditions)");
}

fn exists(
    sql: &mut Statement,
    kind: ReferenceType,
    site: SiteId,
    at: i32,
    condition: impl FnOnce(&mut Statement),
) {
    sql.syntax(" union all select ")
        .bind(Bind::Int(Some(at)))
        .syntax(" where exists (select from ");
    sql.ident(&Ident::table(kind))
        .syntax(" where \"SiteId\" = ")
        .bind(Bind::Long(Some(site.0)))
        .syntax(" and ");
    condition(sql);
    sql.syntax(")");
}
