//! `kokochi database init`, `extend` and `check`.

use std::process::ExitCode;

use anyhow::Context as _;

use super::{ParametersFolder, load_parameters, say};
use crate::config::Config;
use crate::db::connect::{self, Session};
use crate::db::{bootstrap, schema, server_zone};
use crate::parameters::{Parameters, Role};

/// What to do with the database.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Database {
    /// Makes what is missing: roles, database, schema, tables, first rows. Never drops or alters anything.
    Init(ParametersFolder),
    /// Makes the table that `Idempotency-Key` needs, in our own schema `kokochi`. The reference's tables stay as they are.
    Extend(ParametersFolder),
    /// Tells which tables and columns are missing.
    Check(ParametersFolder),
}

pub(super) async fn run(config: Config, command: Database) -> anyhow::Result<ExitCode> {
    let report = match command {
        Database::Init(folder) => {
            let parameters = load_parameters(&config, folder.parameters.as_deref())?;
            let outcome = bootstrap::init(&parameters, config.time_zone).await?;
            say(&outcome);
            outcome.report
        }
        Database::Extend(folder) => {
            let parameters = load_parameters(&config, folder.parameters.as_deref())?;
            bootstrap::extend(&parameters, config.time_zone).await?;
            say("the schema kokochi is complete");
            return Ok(ExitCode::SUCCESS);
        }
        Database::Check(folder) => {
            let parameters = load_parameters(&config, folder.parameters.as_deref())?;
            let report = check(&config, &parameters).await?;
            say(&report);
            report
        }
    };
    Ok(if report.is_complete() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn check(config: &Config, parameters: &Parameters) -> anyhow::Result<schema::Report> {
    let target = parameters.connection(Role::User)?;
    let zone = server_zone(&target, config.time_zone).await?;
    let session = Session::new(zone, parameters);
    let mut connection =
        connect::open(&target, &session).await.context("cannot connect to the database")?;
    schema::check(&mut connection).await.context("cannot read the database's tables")
}
