//! Server scripts of the operator, for many sites: files of `ExtendedServerScripts`, and rows of `Extensions` (07 §4.1).

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use sqlx::PgConnection;

use crate::db::named_sql::{ExtensionRow, ExtensionType, extensions};
use crate::domain::Call;
use crate::domain::named_sql::{Definition, LoadError, Place};
use crate::domain::settings::document::ServerScript;
use crate::lenient;
use crate::parameters::{Parameters, definitions};

use super::Moment;

/// The scripts in force.
pub struct ExtendedScripts {
    folder: Option<PathBuf>,
    scripts: RwLock<Arc<[ExtendedScript]>>,
}

/// A script, and where it runs.
#[derive(Debug, Clone, PartialEq)]
struct ExtendedScript {
    matching: Definition,
    script: ServerScript,
}

impl ExtendedScripts {
    /// None yet.
    pub fn new(parameters: &Parameters) -> Self {
        let folder = parameters.dir().map(|dir| dir.join("ExtendedServerScripts"));
        Self { folder, scripts: RwLock::new(Arc::default()) }
    }

    /// Reads every script anew. What is in force stays when something is wrong with a file.
    pub async fn load(&self, conn: &mut PgConnection) -> Result<usize, LoadError> {
        let mut read = match &self.folder {
            Some(folder) => {
                definitions(folder, "js", |file| read(&file.text, None, file.body.as_deref()))
                    .map_err(LoadError::Files)?
            }
            None => Vec::new(),
        };
        let rows = extensions(conn, ExtensionType::ServerScript).await?;
        read.extend(rows.iter().filter_map(from_row));
        let count = read.len();
        *self.scripts.write().unwrap_or_else(PoisonError::into_inner) = read.into();
        Ok(count)
    }

    /// Whether there is any: then no table is without scripts for certain.
    pub fn is_empty(&self) -> bool {
        self.in_force().is_empty()
    }

    /// Whether one of them is for a moment, on whatever site.
    pub(super) fn has(&self, moment: Moment) -> bool {
        self.in_force().iter().any(|one| moment.has(&one.script))
    }

    /// Those that run for a call on a site, in their order.
    pub(super) fn matching(&self, call: &Call, site: i64) -> Vec<ServerScript> {
        let scripts = self.in_force();
        let place = Place::of(call, site);
        let due = scripts.iter().filter(|one| one.matching.applies(&call.caller, &place));
        due.map(|one| one.script.clone()).collect()
    }

    fn in_force(&self) -> Arc<[ExtendedScript]> {
        Arc::clone(&self.scripts.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A row that cannot be read is passed over, as in the reference, but not in silence.
fn from_row(row: &ExtensionRow) -> Option<ExtendedScript> {
    let name = Some(row.name.as_str()).filter(|name| !name.is_empty());
    let body = row.body.as_deref().filter(|body| !body.is_empty());
    read(&row.settings, name, body)
        .inspect_err(|error| {
            tracing::warn!(name = row.name, error, "an extension cannot be read");
        })
        .ok()
}

/// A name and a body from elsewhere win over those of the definition.
fn read(text: &str, name: Option<&str>, body: Option<&str>) -> Result<ExtendedScript, String> {
    let json = lenient::parse(text).map_err(|error| error.to_string())?;
    let matching = Definition::read(&json).map_err(|error| error.to_string())?;
    let mut script: ServerScript = lenient::from_json(&json).map_err(|error| error.to_string())?;
    if let Some(name) = name {
        script.name = Some(name.to_owned());
    }
    if let Some(body) = body {
        script.body = Some(body.to_owned());
    }
    Ok(ExtendedScript { matching, script })
}
