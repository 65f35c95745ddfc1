//! Definitions from the operator's files and from the `Extensions` table (07 §2.1).

use std::path::Path;

use crate::db::named_sql::ExtensionRow;
use crate::lenient;
use crate::parameters::{DefinitionFile, Problem, definitions};

use super::definition::Definition;

/// The definitions of a folder of parameter files. Either every file is fine or every problem is listed.
pub fn from_files(parameters: &Path) -> Result<Vec<Definition>, Vec<Problem>> {
    definitions(&parameters.join("ExtendedSqls"), "sql", from_file)
}

/// The definitions of rows; a row that cannot be read is passed over, as in the reference, but not in silence.
pub fn from_rows(rows: Vec<ExtensionRow>) -> Vec<Definition> {
    rows.into_iter().filter_map(from_row).collect()
}

fn from_row(row: ExtensionRow) -> Option<Definition> {
    let json = lenient::parse(&row.settings).map_err(|error| error.to_string());
    let definition =
        json.and_then(|json| Definition::read(&json).map_err(|error| error.to_string()));
    let mut definition = definition
        .inspect_err(|error| tracing::warn!(name = row.name, error, "an extension cannot be read"))
        .ok()?;
    if !row.name.is_empty() {
        definition.name = Some(row.name);
    }
    match row.body.filter(|body| !body.is_empty()) {
        Some(body) => Some(definition.with_command(Some(body))),
        None => Some(definition),
    }
}

fn from_file(file: &DefinitionFile) -> Result<Definition, String> {
    let json = lenient::parse(&file.text).map_err(|error| error.to_string())?;
    let mut definition = Definition::read(&json).map_err(|error| error.to_string())?;
    if let Some(body) = &file.body {
        definition = definition.with_command(Some(body.clone()));
    }
    definition.path = Some(file.path.clone());
    Ok(definition)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn row(name: &str, settings: &str, body: Option<&str>) -> ExtensionRow {
        ExtensionRow {
            name: name.to_owned(),
            settings: settings.to_owned(),
            body: body.map(str::to_owned),
        }
    }

    #[test]
    fn names_and_texts_of_rows_win_over_their_settings() {
        let settings = r#"{"Name":"own","CommandText":"select 1"}"#;
        let read = from_rows(vec![
            row("", settings, None),
            row("no", "{", None),
            row("other", settings, Some("select 2")),
        ]);
        let read: Vec<_> = read
            .iter()
            .map(|d| (d.name.as_deref().unwrap(), d.command.as_deref().unwrap()))
            .collect();
        assert_eq!(read, [("own", "select 1"), ("other", "select 2")]);
    }

    #[test]
    fn files_are_read_by_name_and_folders_after_them() {
        let folder = std::env::temp_dir().join(format!("kokochi-sqls-{}", uuid::Uuid::new_v4()));
        let sqls = folder.join("ExtendedSqls");
        fs::create_dir_all(sqls.join("a")).unwrap();
        for (file, text) in [
            ("a/z.json", r#"{"Name":"z"}"#),
            ("c.json", "\u{feff}{\"Name\":\"c\",\"CommandText\":\"select 1\"}"),
            ("c.json.sql", "select 2"),
            ("b.json", r#"{"Name":"b"}"#),
            ("d.json.txt", "no"),
        ] {
            fs::write(sqls.join(file), text).unwrap();
        }
        let read = from_files(&folder).unwrap();
        let names: Vec<_> = read.iter().map(|d| d.name.as_deref().unwrap()).collect();
        assert_eq!(names, ["b", "c", "z"]);
        assert_eq!(read[1].command.as_deref(), Some("select 2"));

        fs::write(sqls.join("e.json"), "[]").unwrap();
        fs::write(sqls.join("f.json"), "{").unwrap();
        assert_eq!(from_files(&folder).unwrap_err().len(), 2);
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(from_files(&folder), Ok(Vec::new()));
    }
}
