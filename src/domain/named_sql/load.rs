//! Definitions from the operator's files and from the `Extensions` table (07 §2.1).

use std::fs;
use std::path::{Path, PathBuf};

use crate::db::named_sql::ExtensionRow;
use crate::lenient;
use crate::parameters::Problem;

use super::definition::Definition;

/// The definitions of a folder of parameter files: first those of `ExtendedSqls` itself by name, then of the folders in
/// it. Without such a folder there are none. Either every file is fine or every problem is listed.
pub fn from_files(parameters: &Path) -> Result<Vec<Definition>, Vec<Problem>> {
    let folder = parameters.join("ExtendedSqls");
    let mut files = Files::default();
    if folder.is_dir() {
        files.read_folder(&folder);
    }
    if files.problems.is_empty() { Ok(files.definitions) } else { Err(files.problems) }
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

#[derive(Default)]
struct Files {
    definitions: Vec<Definition>,
    problems: Vec<Problem>,
}

impl Files {
    fn read_folder(&mut self, folder: &Path) {
        let Some(mut entries) = self.entries(folder) else { return };
        entries.sort();
        let (folders, files): (Vec<_>, Vec<_>) =
            entries.into_iter().partition(|path| path.is_dir());
        for file in files.iter().filter(|path| has_json_name(path)) {
            self.read_file(file);
        }
        for folder in folders {
            self.read_folder(&folder);
        }
    }

    fn entries(&mut self, folder: &Path) -> Option<Vec<PathBuf>> {
        let listed = fs::read_dir(folder)
            .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect());
        listed.map_err(|error| self.report(folder, error.to_string())).ok()
    }

    fn read_file(&mut self, file: &Path) {
        let Some(text) = self.text(file) else { return };
        let json = lenient::parse(&text).map_err(|error| error.to_string());
        let read = json.and_then(|json| Definition::read(&json).map_err(|error| error.to_string()));
        let mut definition = match read {
            Ok(definition) => definition,
            Err(error) => return self.report(file, error),
        };
        let mut command = file.as_os_str().to_owned();
        command.push(".sql");
        let command = PathBuf::from(command);
        if command.is_file() {
            let Some(text) = self.text(&command) else { return };
            definition = definition.with_command(Some(text));
        }
        definition.path = Some(file.display().to_string());
        self.definitions.push(definition);
    }

    fn text(&mut self, file: &Path) -> Option<String> {
        match fs::read(file) {
            Ok(bytes) => Some(lenient::decode(&bytes).into_owned()),
            Err(error) => {
                self.report(file, error.to_string());
                None
            }
        }
    }

    fn report(&mut self, file: &Path, text: String) {
        self.problems.push(Problem { file: file.display().to_string(), key: None, text });
    }
}

fn has_json_name(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "json")
}

#[cfg(test)]
mod tests {
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
