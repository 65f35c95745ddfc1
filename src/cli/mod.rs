//! The command line: one file per subcommand, and the only place that uses `anyhow`.

mod check_config;
mod client;
mod database;
mod demo;
mod export;
mod import;
mod logging;
mod serve;
mod set_api_key;
mod site;
mod sql;

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Parser, Subcommand};

use crate::config::Config;
use crate::parameters::Parameters;

/// A server that takes over the HTTP API of Pleasanter.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Cli {
    /// Our own settings; config/server.toml if it exists.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Answers calls until it is told to stop.
    Serve(serve::Arguments),
    /// Makes or checks a database.
    #[command(subcommand)]
    Database(database::Database),
    /// Gives a user an API key and prints it.
    SetApiKey(set_api_key::Arguments),
    /// Adds or updates the records of a CSV file, as the API's import does.
    Import(import::Arguments),
    /// Writes the records of a table as CSV or JSON, as the API's export does.
    Export(export::Arguments),
    /// Takes sites from one installation to another.
    #[command(subcommand)]
    Site(site::Site),
    /// Shows, checks and runs named SQL.
    #[command(subcommand)]
    Sql(sql::Sql),
    /// Reads all settings and tells what is wrong with them.
    CheckConfig(ParametersFolder),
    /// Serves a private database of its own, with a table to try.
    Demo(demo::Arguments),
}

/// Where Pleasanter's parameter files are.
#[derive(Debug, clap::Args)]
struct ParametersFolder {
    /// Folder of Pleasanter's parameter files (Rds.json, Service.json, …); a missing file counts as shipped.
    #[arg(long, value_name = "DIR")]
    parameters: Option<PathBuf>,
}

/// Runs the command named by the process's arguments: 0 when all went well, 1 when not, 2 for a wrong command line.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Runtime::new().context("cannot start the runtime") {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error),
    };
    match runtime.block_on(run_command(cli)) {
        Ok(code) => code,
        Err(error) => fail(&error),
    }
}

async fn run_command(cli: Cli) -> anyhow::Result<ExitCode> {
    let config = Config::load(cli.config.as_deref()).map_err(|problems| listed(&problems))?;
    match cli.command {
        Command::Serve(arguments) => serve::run(config, arguments).await,
        Command::Database(command) => database::run(config, command).await,
        Command::SetApiKey(arguments) => set_api_key::run(config, arguments).await,
        Command::Import(arguments) => Box::pin(import::run(config, arguments)).await,
        Command::Export(arguments) => Box::pin(export::run(config, arguments)).await,
        Command::Site(command) => Box::pin(site::run(config, command)).await,
        Command::Sql(command) => sql::run(config, command).await,
        Command::CheckConfig(folder) => check_config::run(&config, &folder),
        Command::Demo(arguments) => Box::pin(demo::run(config, arguments)).await,
    }
}

/// Tells what went wrong, with its causes, where people look.
fn fail(error: &anyhow::Error) -> ExitCode {
    let mut text = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        // Some errors repeat their cause themselves.
        if !text.ends_with(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    eprintln!("kokochi: {text}");
    ExitCode::FAILURE
}

/// Prints what the user asked for.
fn say(text: impl Display) {
    println!("{text}");
}

/// Several problems as one error.
fn listed<P: Display>(problems: &[P]) -> anyhow::Error {
    let lines: Vec<String> = problems.iter().map(|problem| format!("\n  {problem}")).collect();
    anyhow::anyhow!("settings cannot be used:{}", lines.concat())
}

/// The parameters of the folder, else of the configured one, with the connection strings of our configuration.
fn load_parameters(config: &Config, folder: Option<&Path>) -> anyhow::Result<Parameters> {
    let folder = folder.or(config.parameters.as_deref());
    let mut parameters = Parameters::load(folder).map_err(|problems| listed(&problems))?;
    config.apply_connections(&mut parameters);
    Ok(parameters)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_promised_command_lines_are_understood() {
        for line in [
            "kokochi database init --parameters DIR",
            "kokochi database extend --parameters DIR",
            "kokochi database check --parameters DIR",
            "kokochi database advise --parameters DIR",
            "kokochi serve --parameters DIR --bind 127.0.0.1:80",
            "kokochi set-api-key --parameters DIR Administrator",
            "kokochi set-api-key --parameters DIR Administrator KEY",
            "kokochi sql list --parameters DIR",
            "kokochi sql check",
            "kokochi sql run Sample --param RefID=1 --user 1",
            "kokochi import --parameters DIR --api-key KEY 12 FILE --update ClassA",
            "kokochi export --parameters DIR --api-key KEY 12 --output FILE",
            "kokochi site export --parameters DIR --api-key KEY 12 13 FILE --with-data",
            "kokochi site import --parameters DIR --api-key KEY FILE --parent 12 --with-data",
            "kokochi check-config",
            "kokochi demo",
            "kokochi check-config --config FILE",
        ] {
            assert!(Cli::try_parse_from(line.split(' ')).is_ok(), "{line}");
        }
    }
}
