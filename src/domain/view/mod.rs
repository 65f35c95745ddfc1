//! The View language (05 §8–§14): what a request wants to see, compiled to conditions and an order.
//!
//! Callers start with [`Compiler`]. Everything here is pure but [`links::load`], which looks up the sites of joined
//! columns before. Values of requests end as parameters and their names as look-ups in the table's columns: nothing of
//! a request becomes SQL.
//!
//! A filter that the reference answers with an error page is refused, never dropped: what is dropped widens a list, and
//! lists are deleted by views too.

mod dates;
mod filters;
mod general;
mod links;
mod numbers;
mod order;
mod rows;
mod scope;
mod search;
mod session;
#[cfg(test)]
mod tests;
mod texts;

pub use links::{LinkedColumn, Links, load as load_links};
pub use rows::Rows;
pub use session::{default_view, effective};

use std::borrow::Cow;

use chrono::NaiveDateTime;

use crate::db::TableInfo;
use crate::db::records::{ListQuery, RECORD};
use crate::db::sql::Predicate;
use crate::model::{Caller, Rights, Site};

use super::permissions::Access;
use super::settings::TableSettings;
use super::settings::document::View;
use super::zones::Zones;
use super::{Call, Error};

use self::filters::{Filters, Names};

/// What a view is compiled for: a caller, a table, a purpose.
#[derive(Debug, Clone, Copy)]
pub struct Compiler<'a> {
    /// Who asks, and when.
    pub reader: Reader<'a>,
    /// The settings of the table.
    pub table: &'a TableSettings,
    /// The columns that the database has.
    pub columns: &'a TableInfo,
    /// The site.
    pub site: &'a Site,
    /// The caller's rights on it.
    pub access: Access,
    /// The right that rows have to grant, where the site does not.
    pub needed: Rights,
    /// The one record that is asked for.
    pub record: Option<i64>,
    /// The joined columns that can be filtered and sorted by.
    pub links: &'a Links<'a>,
    /// Whether those may be used. Without, a joined column that resolves is refused, as the reference's default mode
    /// fails on it (05 §9.8).
    pub joins: bool,
}

/// Who asks, and when.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    /// The caller.
    pub caller: &'a Caller,
    /// The server's zone and the caller's.
    pub zones: &'a Zones,
    /// Now, by the server's clock.
    pub server_now: NaiveDateTime,
    /// Now, by the caller's clock.
    pub user_now: NaiveDateTime,
    /// Status values from here on are "complete".
    pub completion_code: i32,
    /// Milliseconds taken from the upper end of ranges of days.
    pub minimum_time: i64,
    /// Whether searches look into files.
    pub search_documents: bool,
}

impl<'a> Reader<'a> {
    /// The caller of a call.
    pub fn of(call: &'a Call) -> Self {
        let parameters = &call.services.parameters;
        Self {
            caller: &call.caller,
            zones: &call.zones,
            server_now: call.server_now(),
            user_now: call.user_now(),
            completion_code: parameters.general.completion_code,
            // Without any, the first moment of the next day would belong to this one.
            minimum_time: parameters.rds.minimum_time.max(1),
            search_documents: parameters.search.search_documents,
        }
    }
}

impl Compiler<'_> {
    /// Conditions and order of a view; no view is one that says nothing.
    ///
    /// Names that do not resolve and values that are no condition are skipped (05 §9.1).
    pub fn compile(&self, view: Option<&View>) -> Result<ListQuery, Error> {
        self.compile_with(view, self.table.always_request_search_condition)
    }

    /// As [`Compiler::compile`], also of tables that show nothing to those who ask for nothing.
    pub fn compile_all(&self, view: Option<&View>) -> Result<ListQuery, Error> {
        self.compile_with(view, false)
    }

    fn compile_with(
        &self,
        view: Option<&View>,
        requests_condition: bool,
    ) -> Result<ListQuery, Error> {
        let view = view.map_or_else(|| Cow::Owned(View::default()), Cow::Borrowed);
        let view = session::effective(view, self.table, self.reader.caller);
        let filters = Filters::new(self, &view);
        let mut wanted = filters.conditions()?;
        let general = general::conditions(self, &filters, &view);
        let search = search::condition(self, &filters, &view)?;
        let is_restricted = !wanted.is_empty()
            || general::is_any(&view)
            || !view.search.is_empty()
            || self.record.is_some();
        if requests_condition && !is_restricted {
            wanted.push(Predicate::Any(Vec::new()));
        }
        let mut parts = scope::conditions(self);
        parts.extend(general);
        parts.extend(wanted);
        parts.extend(search);
        Ok(ListQuery {
            predicate: Predicate::All(parts),
            order: order::order(Names::Records(self), self.table.kind.id_column(), &RECORD, &view)?,
            joins: if self.joins { self.links.joins().to_vec() } else { Vec::new() },
            is_of_one_record: self.record.is_some(),
        })
    }
}
