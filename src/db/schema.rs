//! Which tables and columns we need, and whether a database has them.
//!
//! Databases of Pleasanter 1.4.18 to 1.5.3 are served; what 1.5 added is optional. Extension columns (`ClassA`…) are
//! never demanded, since an installation may have disabled some (02 §3.8).

use std::fmt;
use std::sync::LazyLock;

use indexmap::IndexMap;
use serde::Deserialize;
use sqlx::PgConnection;

use super::{Catalogue, Error};

/// The variants of each table (02 §2).
pub(super) const VARIANTS: [&str; 3] = ["", "_deleted", "_history"];

/// `assets/schema.json`
#[derive(Debug, Default, Deserialize)]
struct Needed {
    added_in_1_5: Added,
    /// Columns of each live table, extension columns aside.
    tables: IndexMap<String, Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
struct Added {
    tables: Vec<String>,
    columns: IndexMap<String, Vec<String>>,
}

/// A test reads the file, so that it is never empty.
static NEEDED: LazyLock<Needed> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../assets/schema.json")).unwrap_or_default()
});

/// What a database lacks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Missing tables.
    pub tables: Vec<String>,
    /// Missing columns of tables that exist: table and column.
    pub columns: Vec<(String, String)>,
    /// Whether it has what Pleasanter 1.5 added.
    pub has_1_5: bool,
}

impl Report {
    /// Whether nothing is missing.
    pub fn is_complete(&self) -> bool {
        self.tables.is_empty() && self.columns.is_empty()
    }

    /// Whether there is no table at all, as in a database that is still empty or under a wrong `search_path`.
    pub fn is_empty_database(&self) -> bool {
        self.tables.len() == needed_tables().count()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_complete() {
            let version = if self.has_1_5 { "1.5" } else { "1.4" };
            return write!(f, "every table and column is there (as of Pleasanter {version})");
        }
        if self.is_empty_database() {
            return f.write_str("there is no table; is the search_path of the role right?");
        }
        for table in &self.tables {
            writeln!(f, "missing table: {table}")?;
        }
        for (table, column) in &self.columns {
            writeln!(f, "missing column: {table}.{column}")?;
        }
        Ok(())
    }
}

/// Compares the tables that the connection's `search_path` leads to with what we need.
pub async fn check(connection: &mut PgConnection) -> Result<Report, Error> {
    Ok(compare(&Catalogue::load(connection).await?))
}

/// Compares a catalogue with what we need.
pub fn compare(catalogue: &Catalogue) -> Report {
    let mut report = Report { has_1_5: catalogue.table("McpLogs").is_some(), ..Report::default() };
    for (base, variant) in needed_tables() {
        let name = format!("{base}{variant}");
        let Some(table) = catalogue.table(&name) else {
            report.tables.push(name);
            continue;
        };
        for column in needed_columns(base) {
            if !table.has_column(column) {
                report.columns.push((name.clone(), column.clone()));
            }
        }
    }
    report
}

/// The names of all tables, also of optional ones.
pub(super) fn table_names() -> Vec<String> {
    let bases = NEEDED.tables.keys();
    bases.flat_map(|base| VARIANTS.map(|variant| format!("{base}{variant}"))).collect()
}

fn needed_tables() -> impl Iterator<Item = (&'static str, &'static str)> {
    let optional = |base: &String| NEEDED.added_in_1_5.tables.contains(base);
    let bases = NEEDED.tables.keys().filter(move |base| !optional(base));
    bases.flat_map(|base| VARIANTS.map(|variant| (base.as_str(), variant)))
}

fn needed_columns(base: &str) -> impl Iterator<Item = &'static String> {
    let added = NEEDED.added_in_1_5.columns.get(base);
    let columns = NEEDED.tables.get(base).into_iter().flatten();
    columns.filter(move |column| !added.is_some_and(|added| added.contains(column)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_tables_are_known() {
        assert_eq!(table_names().len(), 90);
        assert_eq!(needed_tables().count(), 81);
        assert!(needed_columns("Sites").all(|column| column != "Form"));
        assert!(needed_columns("Results").any(|column| column == "Locked"));
    }

    #[test]
    fn an_empty_database_lacks_everything() {
        let report = compare(&Catalogue::default());

        assert!(report.is_empty_database() && !report.is_complete() && !report.has_1_5);
    }

    #[test]
    fn the_report_names_what_is_missing() {
        let report = Report {
            tables: vec!["Links_history".to_owned()],
            columns: vec![("Users".to_owned(), "ApiKey".to_owned())],
            has_1_5: true,
        };

        assert_eq!(
            report.to_string(),
            "missing table: Links_history\nmissing column: Users.ApiKey\n"
        );
    }
}
