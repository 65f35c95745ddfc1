//! The files of the `Extended…` folders: one definition each, whose body may lie beside it (07 §2.1, §4.1).

use std::fs;
use std::path::{Path, PathBuf};

use crate::lenient;

use super::Problem;

/// A file of a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefinitionFile {
    /// Where it lies.
    pub path: String,
    /// Its JSON.
    pub text: String,
    /// The body beside it, in a file of the same name and a further extension.
    pub body: Option<String>,
}

/// The definitions of a folder, each as `read` reads it: first those of the folder itself by name, then of the folders in
/// it. Without such a folder there are none. Either every file is fine or every problem is listed. Bodies have the
/// extension `body`.
pub fn definitions<T>(
    folder: &Path,
    body: &str,
    read: impl Fn(&DefinitionFile) -> Result<T, String>,
) -> Result<Vec<T>, Vec<Problem>> {
    let mut found = Found { body, files: Vec::new(), problems: Vec::new() };
    if folder.is_dir() {
        found.read_folder(folder);
    }
    let Found { files, mut problems, .. } = found;
    let mut all = Vec::with_capacity(files.len());
    for file in &files {
        match read(file) {
            Ok(definition) => all.push(definition),
            Err(text) => problems.push(Problem { file: file.path.clone(), key: None, text }),
        }
    }
    if problems.is_empty() { Ok(all) } else { Err(problems) }
}

struct Found<'b> {
    body: &'b str,
    files: Vec<DefinitionFile>,
    problems: Vec<Problem>,
}

impl Found<'_> {
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
        let mut beside = file.as_os_str().to_owned();
        beside.push(".");
        beside.push(self.body);
        let beside = PathBuf::from(beside);
        let mut body = None;
        if beside.is_file() {
            body = self.text(&beside);
        }
        self.files.push(DefinitionFile { path: file.display().to_string(), text, body });
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
