//! The parameter files of the original, `App_Data/Parameters/*.json`, read as it reads them (07 §5).
//!
//! Callers start with [`Parameters::load`]. A file that is missing counts as shipped; a member that a file lacks
//! gets the zero value of its type, as in the original. Everything is read once and then immutable. What only
//! pages use is left out; the `Extended…` folders are read elsewhere, from [`Parameters::dir`].

mod connection;
mod definitions;
mod environment;
mod files;
mod load;
mod members;
mod secret;

use std::fmt;
use std::path::{Path, PathBuf};

pub use connection::{ConnectionString, Role};
pub use definitions::{DefinitionFile, definitions};
pub use files::*;
pub use secret::Secret;

/// Every parameter file.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    dir: Option<PathBuf>,
    /// `Api.json`
    pub api: Api,
    /// `Authentication.json`
    pub authentication: Authentication,
    /// `BackgroundTask.json`
    pub background_task: BackgroundTask,
    /// `BinaryStorage.json`
    pub binary_storage: BinaryStorage,
    /// `Deleted.json`
    pub deleted: Deleted,
    /// `General.json`
    pub general: General,
    /// `History.json`
    pub history: History,
    /// `Kvs.json`
    pub kvs: Kvs,
    /// `Mail.json`
    pub mail: Mail,
    /// `McpServer.json`
    pub mcp_server: McpServer,
    /// `Notification.json`
    pub notification: Notification,
    /// `Parameter.json`
    pub parameter: Parameter,
    /// `Permissions.json`
    pub permissions: Permissions,
    /// `PleasanterExtensions.json`
    pub pleasanter_extensions: PleasanterExtensions,
    /// `Rds.json`
    pub rds: Rds,
    /// `Script.json`
    pub script: Script,
    /// `Search.json`
    pub search: Search,
    /// `Security.json`
    pub security: Security,
    /// `Service.json`
    pub service: Service,
    /// `Session.json`
    pub session: Session,
    /// `SitePackage.json`
    pub site_package: SitePackage,
    /// `SysLog.json`
    pub sys_log: SysLog,
    /// `User.json`
    pub user: User,
    /// `Validation.json`
    pub validation: Validation,
}

impl Parameters {
    /// The folder that the files came from, after `Env.json`; none when everything is as shipped.
    pub fn dir(&self) -> Option<&Path> {
        self.dir.as_deref()
    }

    /// How a role gets into the database; refused when the connection string is empty or malformed.
    pub fn connection(&self, role: Role) -> Result<ConnectionString, Problem> {
        let text = self.connection_text(role);
        if text.is_empty() {
            return Err(Problem::at(
                "Rds.json",
                role.key(),
                "is empty, and so is every variable that may fill it",
            ));
        }
        ConnectionString::parse(text.expose(), &self.service.name)
            .map_err(|reason| Problem::at("Rds.json", role.key(), reason))
    }

    /// Puts a connection string of our own configuration before that of `Rds.json`.
    pub fn override_connection(&mut self, role: Role, text: &Secret) {
        *self.connection_text_mut(role) = text.clone();
    }

    fn connection_text(&self, role: Role) -> &Secret {
        match role {
            Role::Sa => &self.rds.sa_connection_string,
            Role::Owner => &self.rds.owner_connection_string,
            Role::User => &self.rds.user_connection_string,
        }
    }

    fn connection_text_mut(&mut self, role: Role) -> &mut Secret {
        match role {
            Role::Sa => &mut self.rds.sa_connection_string,
            Role::Owner => &mut self.rds.owner_connection_string,
            Role::User => &mut self.rds.user_connection_string,
        }
    }
}

/// Something wrong with a parameter file. Its text never repeats a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Problem {
    /// Name of the file, or its path where that helps.
    pub file: String,
    /// The member, such as `HealthCheck.Enabled`; none when the whole file is wrong.
    pub key: Option<String>,
    /// What is wrong with it.
    pub text: String,
}

impl Problem {
    fn at(file: &str, key: &str, text: impl Into<String>) -> Self {
        Self { file: file.to_owned(), key: Some(key.to_owned()), text: text.into() }
    }

    fn in_file(file: impl Into<String>, text: impl Into<String>) -> Self {
        Self { file: file.into(), key: None, text: text.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.key {
            Some(key) => write!(f, "{}: {key}: {}", self.file, self.text),
            None => write!(f, "{}: {}", self.file, self.text),
        }
    }
}
