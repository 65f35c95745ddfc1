//! Named SQL: statements of the operator that callers run by name, and that run by themselves at writes (07 §2).
//!
//! Callers start with [`run`] and [`hooks`]. [`NamedSqls`] keeps the definitions; they are read at the start and when
//! [`NamedSqls::load`] is called again.

mod definition;
mod hooks;
mod load;
mod values;

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use sqlx::PgConnection;

use crate::db;
use crate::db::named_sql::{ExtensionType, Failure, Table};
use crate::lenient::{self, Json};
use crate::parameters::{Parameters, Problem};

use super::{Call, Error};

pub use definition::{Definition, Hook, Place, Standard};
pub use hooks::{Hooks, SELECTING_WHERE, Subject, hooks, may_run, seen};
pub use load::{from_files, from_rows};
pub use values::read as params;

/// The definitions in force.
pub struct NamedSqls {
    folder: Option<PathBuf>,
    definitions: RwLock<Arc<[Definition]>>,
}

impl NamedSqls {
    /// None yet.
    pub fn new(parameters: &Parameters) -> Self {
        Self {
            folder: parameters.dir().map(ToOwned::to_owned),
            definitions: RwLock::new(Arc::default()),
        }
    }

    /// Reads every definition anew. What is in force stays when something is wrong with a file.
    pub async fn load(&self, conn: &mut PgConnection) -> Result<usize, LoadError> {
        let mut read = match &self.folder {
            Some(folder) => from_files(folder).map_err(LoadError::Files)?,
            None => Vec::new(),
        };
        read.extend(from_rows(db::named_sql::extensions(conn, ExtensionType::Sql).await?));
        let count = read.len();
        *self.definitions.write().unwrap_or_else(PoisonError::into_inner) = read.into();
        Ok(count)
    }

    /// What is in force.
    pub fn definitions(&self) -> Arc<[Definition]> {
        Arc::clone(&self.definitions.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Why definitions could not be read.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// Something is wrong with files.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Files(Vec<Problem>),
    /// The database failed.
    #[error("cannot read the table Extensions")]
    Storage(#[from] db::Error),
}

/// Runs the definition that a body names, with the body's parameters, as asked for in a place.
///
/// QUIRK(07 §2.4): no right on tables or sites is asked for, nor whether the API is open to the caller.
pub async fn run(call: &Call, body: &Json<'_>, place: &Place<'_>) -> Result<Vec<Table>, Error> {
    if !matches!(body, Json::Object(_)) {
        return Err(Error::BadRequest);
    }
    let name: Option<String> = match body.member("Name") {
        Some(name) => lenient::from_json(name).map_err(|_| Error::BadRequest)?,
        None => None,
    };
    let definitions = call.services.named_sqls.definitions();
    let to_server = |instant| call.zones.server_time(instant);
    let params = params(Standard::of(call), body.member("Params"), to_server)?;
    // BUG(07 §2.4): the reference crashes where nothing is found, instead of refusing.
    let definition = definitions
        .iter()
        .find(|definition| {
            definition.api && definition.name == name && definition.applies(&call.caller, place)
        })
        .ok_or(Error::BadRequest)?;
    let script = definition.script_at(place).ok_or(Error::NamedSql(Refusal::NoCommand))?;
    let services = &call.services;
    let pool = if definition.as_owner { &services.owner_db } else { &services.db };
    let rds = &services.parameters.rds;
    let mut tries = u32::try_from(rds.deadlock_retry_count).unwrap_or_default();
    loop {
        match db::named_sql::run(pool, &script, &params).await {
            // BUG(07 §2.6): the reference does not know 40P01, and in the end answers as if nothing had been found.
            Err(failure) if failure.is_retryable() && tries > 0 => {
                tries -= 1;
                tokio::time::sleep(Duration::from_millis(rds.deadlock_retry_interval)).await;
            }
            done => {
                return done.map_err(|failure| {
                    let lacks_values = !script.lacking(&params).is_empty();
                    Error::NamedSql(Refusal::Failed { failure, lacks_values })
                });
            }
        }
    }
}

/// Why a definition did not run to its end.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The definition has no SQL.
    #[error("InvalidOperationException: the definition has no command text")]
    NoCommand,
    /// The SQL failed.
    #[error("{failure}")]
    Failed {
        /// How.
        failure: Failure,
        /// Whether placeholders had no value: then most likely the caller forgot one.
        lacks_values: bool,
    },
}

impl Refusal {
    /// Whether the caller can do something about it.
    pub const fn is_callers(&self) -> bool {
        matches!(self, Self::Failed { lacks_values: true, failure: Failure::Refused { .. } })
    }
}
