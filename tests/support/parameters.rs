//! Folders of parameter files, as an operator of the reference has them.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{repository, scratch};

/// The name of the service: database, schema and roles are called after it.
pub(crate) const SERVICE: &str = "Implem.Pleasanter";

/// A folder with the files that a test needs; the server takes all others as shipped.
pub(crate) struct ParameterFolder {
    path: PathBuf,
}

impl ParameterFolder {
    /// Connections to one database, and the language and time zone of the recordings.
    pub(crate) fn new(port: u16, database: &str) -> Self {
        Self::for_service(port, database, SERVICE)
    }

    /// The same for a service of another name, which has roles of its own.
    pub(crate) fn for_service(port: u16, database: &str, service: &str) -> Self {
        let folder = Self { path: scratch::folder("parameters") };
        folder.set("Service.json", "Name", json!(service));
        folder.set("Service.json", "DefaultLanguage", json!("ja"));
        folder.set("Service.json", "TimeZoneDefault", json!("Asia/Tokyo"));
        let server = format!("Server=127.0.0.1;Port={port}");
        for (member, user, database) in [
            ("SaConnectionString", "postgres", "postgres"),
            ("OwnerConnectionString", "#ServiceName#_Owner", database),
            ("UserConnectionString", "#ServiceName#_User", database),
        ] {
            let text = format!("{server};Database={database};UID={user};PWD=secret");
            folder.set("Rds.json", member, json!(text));
        }
        folder
    }

    /// Changes one member of a file; the others are as shipped, or as set before.
    pub(crate) fn set(&self, file: &str, member: &str, value: Value) -> &Self {
        let own = self.path.join(file);
        let from = if own.exists() {
            own.clone()
        } else {
            repository("tests/conformance/parameters").join(file)
        };
        let mut content = read(&from);
        content[member] = value;
        fs::write(own, content.to_string()).expect("the folder is ours");
        self
    }

    /// Takes a folder of named SQL definitions.
    pub(crate) fn extended_sqls(&self, folder: &Path) -> &Self {
        symlink(folder, self.path.join("ExtendedSqls")).expect("the folder is ours");
        self
    }

    /// The folder as a command line takes it.
    pub(crate) fn path_text(&self) -> &str {
        self.path.to_str().expect("a path of ASCII")
    }
}

/// A parameter file; the shipped ones begin with a byte order mark.
pub(crate) fn read(file: &Path) -> Value {
    let text =
        fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let json = text.trim_start_matches('\u{feff}');
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}
