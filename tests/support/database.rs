//! Databases of the service: one is made by `kokochi database init`, all others are copies of it.
//!
//! Copies share the roles, whose `search_path` is a role default and so holds in every database of the cluster.

use std::fs;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;

use super::cli;
use super::parameters::{ParameterFolder, SERVICE};
use super::postgres::Postgres;
use super::sql::Session;

/// A database that goes away when this is dropped.
pub(crate) struct Database {
    pub(crate) port: u16,
    pub(crate) name: String,
    session: Session,
}

impl Database {
    /// A copy of a freshly initialised database.
    pub(crate) fn copy() -> Self {
        static TEMPLATE: OnceLock<Result<String, String>> = OnceLock::new();
        match TEMPLATE.get_or_init(make_template) {
            Ok(template) => Self::copy_of(template).unwrap_or_else(|error| panic!("{error}")),
            Err(error) => panic!("{error}"),
        }
    }

    /// A copy of this one. No server may be connected to it; our own connection is closed.
    pub(crate) fn copy_again(&self) -> Self {
        self.session.close();
        Self::copy_of(&self.name).unwrap_or_else(|error| panic!("{error}"))
    }

    fn copy_of(template: &str) -> Result<Self, String> {
        static COUNT: AtomicU32 = AtomicU32::new(1);
        let port = Postgres::shared().port;
        // The process is named too: several test binaries may share a cluster.
        let name = format!("test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let maintenance = Session::new(port, "postgres");
        maintenance.execute(&format!(
            r#"create database "{name}" template "{template}" owner "{SERVICE}_Owner""#
        ))?;
        maintenance.close();
        Ok(Self { port, session: Session::new(port, &name), name })
    }

    /// Runs one or more statements as superuser.
    pub(crate) fn execute(&self, sql: &str) -> Result<(), String> {
        self.session.execute(sql)
    }

    /// The rows of a query.
    pub(crate) fn rows(&self, sql: &str) -> Result<Value, String> {
        self.session.rows(sql)
    }

    /// Parameters that lead to this database.
    pub(crate) fn parameters(&self) -> ParameterFolder {
        ParameterFolder::new(self.port, &self.name)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.session.close();
        let maintenance = Session::new(self.port, "postgres");
        // Only to save room: the whole cluster is thrown away.
        let _ = maintenance
            .execute(&format!(r#"drop database if exists "{}" with (force)"#, self.name));
        maintenance.close();
    }
}

/// Lets `kokochi database init` make a database and takes it aside under another name.
///
/// The name tells that it is complete, and belongs to the very binary under test. An advisory lock keeps two test
/// binaries on one cluster apart, and `init` away from those who use its roles: it ends their sessions.
fn make_template() -> Result<String, String> {
    let port = Postgres::shared().port;
    let binary = fs::metadata(cli::BINARY)
        .and_then(|file| file.modified())
        .map_err(|error| error.to_string())?;
    let since = binary.duration_since(std::time::UNIX_EPOCH).map_err(|error| error.to_string())?;
    let name = format!("template_{}", since.as_nanos());

    let maintenance = Session::new(port, "postgres");
    maintenance.execute("select pg_advisory_lock(20260401)")?;
    let found =
        maintenance.rows(&format!("select datname from pg_database where datname = '{name}'"))?;
    if found.as_array().is_some_and(Vec::is_empty) {
        let parameters = ParameterFolder::new(port, SERVICE);
        let done = cli::run(&["database", "init", "--parameters", parameters.path_text()]);
        if !done.success {
            return Err(format!("`kokochi database init` failed:\n{}", done.text));
        }
        maintenance.execute(&format!(r#"alter database "{SERVICE}" rename to "{name}""#))?;
    }
    maintenance.close();
    Ok(name)
}
