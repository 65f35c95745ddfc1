//! The order of a list.

use super::source::linked_id;
use crate::db::sql::{Bind, Ident, Statement};

/// One sorter.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderBy {
    /// What it looks at.
    pub key: SortKey,
    /// Whether the greatest comes first.
    pub descending: bool,
}

/// What a sorter looks at (05 §12).
#[derive(Debug, Clone, PartialEq)]
pub enum SortKey {
    /// The column; rows without value come last, or first when descending.
    Column(Ident),
    /// The column, where NULL counts as the value.
    Coalesced(Ident, Bind),
    /// The title of the record that the column names, if it lies in one of the sites; where those are wikis, the
    /// column itself.
    LinkedTitle(Ident, Vec<i64>),
    /// The remaining work of the row of this source.
    RemainingWork(Ident),
}

impl OrderBy {
    /// Whether the sorter looks at a source of the statement.
    pub(super) fn looks_at(&self, source: &Ident) -> bool {
        match &self.key {
            SortKey::Column(column)
            | SortKey::Coalesced(column, _)
            | SortKey::LinkedTitle(column, _) => column.source() == Some(source.as_str()),
            SortKey::RemainingWork(row) => row == source,
        }
    }

    /// Writes the sorter.
    pub(in crate::db) fn render(&self, sql: &mut Statement) {
        match &self.key {
            SortKey::Column(column) => {
                sql.ident(column);
            }
            SortKey::Coalesced(column, default) => coalesced(sql, column, default),
            SortKey::LinkedTitle(column, sites) => linked_title(sql, column, sites),
            SortKey::RemainingWork(source) => remaining_work(sql, source),
        }
        sql.syntax(if self.descending { " desc" } else { " asc" });
    }
}

fn coalesced(sql: &mut Statement, column: &Ident, default: &Bind) {
    sql.syntax("coalesce(").ident(column).syntax(", ").bind(default.clone()).syntax(")");
}

fn linked_title(sql: &mut Statement, column: &Ident, sites: &[i64]) {
    let sites = || Bind::Longs(sites.iter().copied().map(Some).collect());
    sql.syntax("case when exists (select from \"Sites\" where \"SiteId\" = any(").bind(sites());
    sql.syntax(
        ") and \"ReferenceType\" <> 'Wikis') then (select linked.\"Title\" from \"Items\" as linked \
         where linked.\"SiteId\" = any(",
    );
    sql.bind(sites()).syntax(") and linked.\"ReferenceId\" = ");
    linked_id(sql, column);
    sql.syntax(") else ");
    coalesced(sql, column, &Bind::text(""));
    sql.syntax(" end");
}

fn remaining_work(sql: &mut Statement, source: &Ident) {
    let work = Ident::new("WorkValue").of(source);
    sql.syntax("coalesce(").ident(&work).syntax(" - ").ident(&work).syntax(" * ");
    sql.ident(&Ident::new("ProgressRate").of(source)).syntax(" * 0.01, 0)");
}
