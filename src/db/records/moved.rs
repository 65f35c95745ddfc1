//! Logical deletion: rows move to the deleted table of their own (02 §9.3).

use crate::db::sql::{Bind, Ident, Statement};
use crate::model::UserId;

/// Rows on their way to a deleted table.
#[derive(Debug, Clone)]
pub(in crate::db) struct Move<'a> {
    /// The live table.
    pub(in crate::db) from: Ident,
    /// The deleted table.
    pub(in crate::db) into: Ident,
    /// The columns that both have.
    pub(in crate::db) columns: &'a [Ident],
    /// Who deletes.
    pub(in crate::db) user: UserId,
}

impl Move<'_> {
    /// Writes two common table expressions of the given names: what is deleted under the condition, and its copy.
    pub(in crate::db) fn write(
        &self,
        sql: &mut Statement,
        deleted: &Ident,
        copied: &Ident,
        condition: impl FnOnce(&mut Statement),
    ) {
        sql.syntax(", ");
        self.write_first(sql, deleted, copied, condition);
    }

    /// As [`Move::write`], at the beginning of a list.
    pub(in crate::db) fn write_first(
        &self,
        sql: &mut Statement,
        deleted: &Ident,
        copied: &Ident,
        condition: impl FnOnce(&mut Statement),
    ) {
        sql.ident(deleted).syntax(" as (delete from ").ident(&self.from).syntax(" where ");
        condition(sql);
        sql.syntax(" returning ").idents(self.columns).syntax("), ");
        sql.ident(copied).syntax(" as (insert into ").ident(&self.into).syntax(" (");
        sql.idents(self.columns).syntax(") select ");
        // The row says who deleted it and when; all else stays as it was.
        sql.separated(self.columns, ", ", |sql, column| match column.as_str() {
            "Updator" => {
                sql.bind(Bind::Int(Some(self.user.0)));
            }
            "UpdatedTime" => {
                sql.syntax("current_timestamp");
            }
            _ => {
                sql.ident(column);
            }
        });
        sql.syntax(" from ").ident(deleted).syntax(")");
    }
}
