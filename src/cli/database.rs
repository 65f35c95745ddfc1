//! `kokochi database init`, `extend`, `check` and `advise`.

use std::process::ExitCode;

use anyhow::Context as _;
use sqlx::PgConnection;

use super::{ParametersFolder, load_parameters, say};
use crate::config::Config;
use crate::db::connect::{self, Session};
use crate::db::{Catalogue, bootstrap, index_advice, schema, server_zone};
use crate::domain::index_advice::{Advice, KINDS};
use crate::domain::settings::Document;
use crate::parameters::{Parameters, Role};

/// What to do with the database.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Database {
    /// Makes what is missing: roles, database, schema, tables, first rows. Never drops or alters anything.
    Init(ParametersFolder),
    /// Makes the tables of our own schema `kokochi`: answers for `Idempotency-Key`, and the queue of deliveries. The
    /// reference's tables stay as they are.
    Extend(ParametersFolder),
    /// Tells which tables and columns are missing.
    Check(ParametersFolder),
    /// Prints the statements of indexes that would serve the tables' keys and filters. Changes nothing.
    Advise(ParametersFolder),
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
        Database::Advise(folder) => {
            let parameters = load_parameters(&config, folder.parameters.as_deref())?;
            advise(&config, &parameters).await?;
            return Ok(ExitCode::SUCCESS);
        }
    };
    Ok(if report.is_complete() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn connection(config: &Config, parameters: &Parameters) -> anyhow::Result<PgConnection> {
    let target = parameters.connection(Role::User)?;
    let zone = server_zone(&target, config.time_zone).await?;
    let session = Session::new(zone, parameters);
    connect::open(&target, &session).await.context("cannot connect to the database")
}

/// Sites are named by their ids only: a title could leave the comment that it stands in.
async fn advise(config: &Config, parameters: &Parameters) -> anyhow::Result<()> {
    let mut connection = connection(config, parameters).await?;
    let catalogue = Catalogue::load(&mut connection).await?;
    for kind in KINDS {
        let Some(table) = catalogue.table(kind.name()) else { continue };
        let mut advice = Advice::default();
        for site in index_advice::settings(&mut connection, kind).await? {
            advice.add(site.id, &Document::read(site.text.as_deref(), kind));
        }
        let indexed = index_advice::indexed(&mut connection, kind).await?;
        for (column, sites) in advice.columns().filter(|(column, _)| !indexed.contains(*column)) {
            let Some(statement) = index_advice::statement(table, column) else { continue };
            for (site, purposes) in sites {
                let words: Vec<&str> = purposes.iter().map(|purpose| purpose.word()).collect();
                say(format_args!("-- site {site}: {}", words.join(", ")));
            }
            say(statement);
        }
    }
    Ok(())
}

async fn check(config: &Config, parameters: &Parameters) -> anyhow::Result<schema::Report> {
    let mut connection = connection(config, parameters).await?;
    schema::check(&mut connection).await.context("cannot read the database's tables")
}
