//! Which columns of a table deserve an index, by what its settings say about their use.
//!
//! Pure. What each index serves is in `docs/performance.md`; `db::index_advice` writes the statements.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{ColumnClass, ReferenceType, SiteId};

use super::settings::Document;

/// What an index is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// The key of imports, and so most likely of upserts.
    Key,
    /// Every write looks for the same value in other records.
    NoDuplication,
    /// Lists are filtered by it.
    Filter,
}

impl Purpose {
    /// The word for people.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::NoDuplication => "no duplication",
            Self::Filter => "filter",
        }
    }
}

/// The columns of all tables of a kind, with the sites and the purposes of each.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Advice(BTreeMap<String, BTreeMap<i64, BTreeSet<Purpose>>>);

impl Advice {
    /// Adds what a table's settings say.
    pub fn add(&mut self, site: SiteId, document: &Document) {
        let key = document.default_import_key.as_str();
        self.note(site, key, Purpose::Key, is_looked_up(key));
        for column in document.columns.iter().filter(|c| c.no_duplication == Some(true)) {
            let name = column.column_name.as_str();
            self.note(site, name, Purpose::NoDuplication, is_looked_up(name));
        }
        let listed = document.filter_columns.iter().flatten();
        let views = document.views.iter().flat_map(|view| view.column_filter_hash.keys());
        for name in listed.chain(views) {
            self.note(site, name, Purpose::Filter, is_filtered_by_value(document, name));
        }
    }

    fn note(&mut self, site: SiteId, column: &str, purpose: Purpose, useful: bool) {
        if useful {
            let sites = self.0.entry(column.to_owned()).or_default();
            sites.entry(site.0).or_default().insert(purpose);
        }
    }

    /// The columns in the order of their names, each with its sites.
    pub fn columns(&self) -> impl Iterator<Item = (&str, &BTreeMap<i64, BTreeSet<Purpose>>)> {
        self.0.iter().map(|(column, sites)| (column.as_str(), sites))
    }
}

/// Whether a look-up compares values of the column as they are stored.
fn is_looked_up(column: &str) -> bool {
    matches!(
        ColumnClass::of(column),
        Some(ColumnClass::Class | ColumnClass::Num | ColumnClass::Date)
    )
}

/// Whether filters compare values, and not parts of texts, for which no index of this kind is of use (05 §9).
fn is_filtered_by_value(document: &Document, column: &str) -> bool {
    match ColumnClass::of(column) {
        Some(ColumnClass::Num | ColumnClass::Date) => true,
        Some(ColumnClass::Class) => document.columns.iter().any(|settings| {
            settings.column_name == column
                && settings.choices_text.as_deref().is_some_and(|text| !text.trim().is_empty())
        }),
        Some(_) => false,
        None => matches!(
            column,
            "Status" | "Manager" | "Owner" | "StartTime" | "CompletionTime" | "WorkValue"
        ),
    }
}

/// The kinds of tables that indexes are advised for.
pub const KINDS: [ReferenceType; 2] = [ReferenceType::Results, ReferenceType::Issues];

#[cfg(test)]
mod tests {
    use super::*;

    fn advice(settings: &str) -> Vec<(String, Vec<Purpose>)> {
        let mut advice = Advice::default();
        advice.add(SiteId(7), &Document::read(Some(settings), ReferenceType::Results));
        let flat = |(name, sites): (&str, &BTreeMap<i64, BTreeSet<Purpose>>)| {
            (name.to_owned(), sites.values().flatten().copied().collect())
        };
        advice.columns().map(flat).collect()
    }

    #[test]
    fn keys_and_unique_columns_are_looked_up_in_every_write() {
        let settings = r#"{"Version":1.017,"DefaultImportKey":"ClassA",
            "Columns":[{"ColumnName":"NumA","NoDuplication":true},{"ColumnName":"Title","NoDuplication":true}]}"#;
        assert_eq!(
            advice(settings),
            [
                ("ClassA".to_owned(), vec![Purpose::Key]),
                ("NumA".to_owned(), vec![Purpose::NoDuplication])
            ]
        );
    }

    #[test]
    fn texts_are_filtered_by_their_parts_unless_they_are_choices() {
        let settings = r#"{"Version":1.017,"FilterColumns":["ClassA","ClassB","Status","CheckA","Body"],
            "Columns":[{"ColumnName":"ClassB","ChoicesText":"1,x"}],
            "Views":[{"Id":1,"ColumnFilterHash":{"DateA":"x","ClassA~9,NumA":"1"}}]}"#;
        let names: Vec<String> = advice(settings).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["ClassB", "DateA", "Status"]);
    }

    #[test]
    fn a_table_without_such_settings_needs_none() {
        assert_eq!(advice(""), []);
    }
}
