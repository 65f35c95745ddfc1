//! Views of lists that hold no records: users, departments, groups (08 §2.7), extensions (07 §3.3).

use std::collections::HashMap;

use crate::db::TableInfo;
use crate::db::records::OrderBy;
use crate::db::sql::{Ident, Predicate};
use crate::domain::Error;
use crate::domain::settings::Column;
use crate::domain::settings::document::View;

use super::Reader;
use super::filters::{Field, Filters, Names};
use super::order::order;

/// A list without items, links and rights on rows: what names of its views mean.
#[derive(Debug, Clone)]
pub struct Rows<'a> {
    /// Who asks, and when.
    pub reader: Reader<'a>,
    /// The columns by name.
    pub columns: HashMap<&'a str, &'a Column>,
    /// The columns that the database has.
    pub info: &'a TableInfo,
    /// What the statement calls the table.
    pub source: Ident,
    /// The column with the id.
    pub id_column: &'static str,
    /// Whether `ColumnFilterNegatives` count.
    pub use_negative_filters: bool,
}

impl Rows<'_> {
    /// The conditions of a view's filters; names that mean no column are skipped (05 §9.1).
    pub fn conditions(&self, view: &View) -> Result<Vec<Predicate>, Error> {
        Filters::of(self.reader, Names::Rows(self), self.use_negative_filters, view).conditions()
    }

    /// The sorters of a view, then those that make the order certain.
    pub fn order(&self, view: &View) -> Result<Vec<OrderBy>, Error> {
        order(Names::Rows(self), self.id_column, &self.source, view)
    }

    pub(super) fn field(&self, name: &str) -> Option<Field<'_>> {
        Some(Field {
            column: self.columns.get(name)?,
            info: self.info.column(name),
            source: self.source.clone(),
            item: self.source.clone(),
            link_sites: Vec::new(),
        })
    }
}
