//! The rows of a list: a table of records, their items, and tables joined along links.

use crate::db::TableInfo;
use crate::db::sql::{Bind, Ident, Statement};
use crate::model::{ReferenceType, SiteId};

/// The name of the table of records in a list's conditions and sorters.
pub const RECORD: Ident = Ident::new("record");
/// The name of the records' items there.
pub const ITEM: Ident = Ident::new("item");

/// Which variant of a table a list reads (05 §7).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RowsOf {
    /// The records.
    #[default]
    Live,
    /// Their former versions.
    History,
    /// Both.
    LiveAndHistory,
    /// Logically deleted records.
    Deleted,
}

/// A table joined along a link (05 §9.8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Join {
    /// The place of the join that it starts from; none for the records themselves.
    pub from: Option<usize>,
    /// Whether the column belongs to the joined table, whose records point to those of `from`; else the other way.
    pub child: bool,
    /// The column with the link.
    pub column: Ident,
    /// The site whose records are joined.
    pub site: SiteId,
    /// What it holds.
    pub kind: ReferenceType,
    /// What the table that it starts from holds.
    pub from_kind: ReferenceType,
}

impl Join {
    /// The name of the table of the join at a place.
    pub fn table(at: usize) -> Ident {
        Ident::numbered("link", at)
    }

    /// The name of the items of the join at a place.
    pub fn item(at: usize) -> Ident {
        Ident::numbered("link_item", at)
    }
}

/// What a list reads from.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The table.
    pub kind: ReferenceType,
    /// Its columns.
    pub columns: &'a TableInfo,
    /// Which variant of it.
    pub rows: RowsOf,
    /// What is joined to it.
    pub joins: &'a [Join],
}

impl Source<'_> {
    /// Writes what stands behind `from`. With items, a record without one is not there (05 §7).
    pub(in crate::db) fn render(&self, sql: &mut Statement, with_items: bool) {
        self.records(sql);
        sql.syntax(" as ").ident(&RECORD);
        if with_items {
            sql.syntax(" join \"Items\" as ").ident(&ITEM);
            sql.syntax(" on ").ident(&Ident::new("ReferenceId").of(&ITEM));
            sql.syntax(" = ").ident(&Ident::id_of(self.kind).of(&RECORD));
        }
        self.joined(sql);
    }

    fn joined(&self, sql: &mut Statement) {
        for (at, join) in self.joins.iter().enumerate() {
            render_join(sql, at, join);
        }
    }

    fn records(&self, sql: &mut Statement) {
        let name = match self.rows {
            RowsOf::Live => Ident::table(self.kind),
            RowsOf::History => Ident::history(self.kind),
            RowsOf::Deleted => Ident::deleted(self.kind),
            RowsOf::LiveAndHistory => {
                let columns: Vec<Ident> =
                    self.columns.columns.iter().map(crate::db::ColumnInfo::ident).collect();
                sql.syntax("(select ").idents(&columns).syntax(" from ");
                sql.ident(&Ident::table(self.kind)).syntax(" union all select ").idents(&columns);
                sql.syntax(" from ").ident(&Ident::history(self.kind)).syntax(")");
                return;
            }
        };
        sql.ident(&name);
    }
}

fn render_join(sql: &mut Statement, at: usize, join: &Join) {
    let (table, item) = (Join::table(at), Join::item(at));
    let from = join.from.map_or(RECORD, Join::table);
    let from_id = Ident::id_of(join.from_kind).of(&from);
    let (id, item_id) = (Ident::id_of(join.kind).of(&table), Ident::new("ReferenceId").of(&item));
    let site = |sql: &mut Statement, source: &Ident| {
        sql.syntax(" and ").ident(&Ident::new("SiteId").of(source));
        sql.syntax(" = ").bind(Bind::Long(Some(join.site.0)));
    };
    let named = |sql: &mut Statement| {
        sql.syntax(" left join ").ident(&Ident::table(join.kind)).syntax(" as ").ident(&table);
        sql.syntax(" on ");
    };
    let item_named = |sql: &mut Statement| {
        sql.syntax(" left join \"Items\" as ").ident(&item).syntax(" on ").ident(&item_id);
        sql.syntax(" = ");
    };
    if join.child {
        named(sql);
        linked_id(sql, &join.column.clone().of(&table));
        sql.syntax(" = ").ident(&from_id);
        site(sql, &table);
        item_named(sql);
        sql.ident(&id);
    } else {
        item_named(sql);
        linked_id(sql, &join.column.clone().of(&from));
        site(sql, &item);
        named(sql);
        sql.ident(&id).syntax(" = ").ident(&item_id);
    }
}

/// The id that a link column holds; NULL unless it is digits only (05 §9.8), and few enough to be one.
pub(super) fn linked_id(sql: &mut Statement, column: &Ident) {
    sql.syntax("case when ").ident(column).syntax(" ~ '^[0-9]{1,18}$' then ");
    sql.ident(column).syntax("::bigint end");
}
