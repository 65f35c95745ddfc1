//! `kokochi sql`: the operator's named SQL (07 §2).

use std::collections::HashSet;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::Subcommand;

use super::{ParametersFolder, load_parameters, say};
use crate::config::Config;
use crate::db::connect::Session;
use crate::db::{Pool, named_sql as script, server_zone};
use crate::domain::named_sql::{self, Definition, NamedSqls, Standard};
use crate::domain::zones::Zones;
use crate::http::extended_sql;
use crate::lenient;
use crate::parameters::Role;

/// `kokochi sql list|check|run`
#[derive(Debug, Subcommand)]
pub(super) enum Sql {
    /// Lists every definition: its name, what runs it, its placeholders, where it comes from.
    List(ParametersFolder),
    /// Reads every definition and tells what is wrong or can never run.
    Check(ParametersFolder),
    /// Runs a definition, whatever it is for, and prints what the API would answer.
    Run(Run),
}

/// `kokochi sql run NAME [--param NAME=VALUE]…`
#[derive(Debug, clap::Args)]
pub(super) struct Run {
    #[command(flatten)]
    folder: ParametersFolder,
    /// The definition's name.
    name: String,
    /// A parameter: its value as JSON, or as it is where it is none.
    #[arg(long = "param", value_name = "NAME=VALUE")]
    params: Vec<String>,
    /// The tenant that `@ipT` stands for.
    #[arg(long, default_value_t = 0)]
    tenant: i32,
    /// The department that `@ipD` stands for.
    #[arg(long, default_value_t = 0)]
    dept: i32,
    /// The user that `@ipU` stands for.
    #[arg(long, default_value_t = 0)]
    user: i32,
}

pub(super) async fn run(config: Config, command: Sql) -> anyhow::Result<ExitCode> {
    match command {
        Sql::List(folder) => {
            let definitions = Source::open(config, &folder).await?.definitions;
            definitions.iter().map(line).for_each(say);
            Ok(ExitCode::SUCCESS)
        }
        Sql::Check(folder) => {
            let definitions = Source::open(config, &folder).await?.definitions;
            let warnings = warnings(&definitions);
            warnings.iter().for_each(say);
            say(format_args!("{} definitions, {} warnings", definitions.len(), warnings.len()));
            Ok(if warnings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Sql::Run(run) => run_one(config, run).await,
    }
}

/// The definitions, and ways into the database that they are for.
struct Source {
    definitions: std::sync::Arc<[Definition]>,
    pools: [Pool; 2],
    zone: chrono_tz::Tz,
}

impl Source {
    async fn open(config: Config, folder: &ParametersFolder) -> anyhow::Result<Self> {
        let parameters = load_parameters(&config, folder.parameters.as_deref())?;
        let user = parameters.connection(Role::User)?;
        let zone = server_zone(&user, config.time_zone).await?;
        let session = Session::new(zone, &parameters);
        let owner = parameters.connection(Role::Owner)?;
        let pools = [Pool::new(&user, &session, 1)?, Pool::new(&owner, &session, 1)?];
        let [db, _] = &pools;
        let mut conn = db.acquire().await.context("cannot connect to the database")?;
        let named_sqls = NamedSqls::new(&parameters);
        named_sqls.load(&mut conn).await?;
        drop(conn);
        Ok(Self { definitions: named_sqls.definitions(), pools, zone })
    }
}

async fn run_one(config: Config, run: Run) -> anyhow::Result<ExitCode> {
    let source = Source::open(config, &run.folder).await?;
    let named = |definition: &&Definition| definition.name.as_deref() == Some(run.name.as_str());
    let Some(definition) = source.definitions.iter().find(named) else {
        bail!("no definition is named {}", run.name);
    };
    let posted = posted(&run.params)?;
    let posted = lenient::parse(&posted).context("a parameter cannot be read")?;
    let standard = Standard { tenant: run.tenant, dept: run.dept, user: run.user };
    let zones = Zones::new(source.zone, "");
    let params = named_sql::params(standard, Some(&posted), |instant| zones.server_time(instant))
        .context("a parameter is neither a text nor a number nor a boolean")?;
    let [db, owner_db] = &source.pools;
    let pool = if definition.as_owner { owner_db } else { db };
    let tables = script::run(pool, &definition.script, &params).await?;
    say(extended_sql::answer(&tables).body);
    Ok(ExitCode::SUCCESS)
}

/// The parameters as one JSON object.
fn posted(params: &[String]) -> anyhow::Result<String> {
    let mut members = serde_json::Map::new();
    for param in params {
        let (name, value) = param.split_once('=').context("a parameter is NAME=VALUE")?;
        let value = serde_json::from_str(value).unwrap_or_else(|_| value.into());
        members.insert(name.to_owned(), value);
    }
    Ok(serde_json::Value::Object(members).to_string())
}

fn line(definition: &Definition) -> String {
    let mut runs: Vec<&str> = definition.hooks.iter().map(|hook| hook.name()).collect();
    if definition.api {
        runs.insert(0, if definition.as_owner { "Api as owner" } else { "Api" });
    }
    if definition.disabled {
        runs.insert(0, "Disabled");
    }
    let placeholders: Vec<_> =
        definition.script.parameters().into_iter().map(|name| format!("@{name}")).collect();
    let from = definition.path.as_deref().unwrap_or("the table Extensions");
    format!("{}: {}; {}; {from}", name(definition), runs.join(", "), placeholders.join(" "))
}

fn name(definition: &Definition) -> &str {
    definition.name.as_deref().unwrap_or("(without name)")
}

/// What is right by itself but hardly meant.
fn warnings(definitions: &[Definition]) -> Vec<String> {
    let mut names = HashSet::new();
    let mut warnings = Vec::new();
    for definition in definitions.iter().filter(|definition| !definition.disabled) {
        let mut warn = |text: &str| warnings.push(format!("{}: {text}", name(definition)));
        if definition.command.is_none() {
            warn("has no SQL");
        }
        if !definition.api && definition.hooks.is_empty() {
            warn("nothing runs it: neither Api nor one of the moments is set");
        }
        if definition.api && definition.specify_by_name {
            warn("the API can never run it, because SpecifyByName is set");
        }
        if definition.api && definition.name.is_none() {
            warn("only calls without a name run it");
        }
        if definition.api && !names.insert(definition.name.as_deref()) {
            warn("an earlier definition has the same name and runs instead where it applies");
        }
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_json_where_they_can_be() {
        let params = ["A=1", "B=x=y", "C=\"1\"", "D="].map(str::to_owned);
        assert_eq!(posted(&params).unwrap(), r#"{"A":1,"B":"x=y","C":"1","D":""}"#);
        assert!(posted(&["A".to_owned()]).is_err());
    }

    #[test]
    fn what_can_never_run_is_told() {
        let read = |text: &str| Definition::read(&lenient::parse(text).unwrap()).unwrap();
        let definitions = [
            read(r#"{"Name":"a","Api":true,"CommandText":"select 1"}"#),
            read(r#"{"Name":"a","Api":true,"CommandText":"select 1"}"#),
            read(r#"{"Name":"b","Api":true,"SpecifyByName":true}"#),
            read(r#"{"Name":"c","Disabled":true}"#),
        ];
        let warnings = warnings(&definitions);
        assert_eq!(warnings.len(), 3, "{warnings:?}");
        assert!(warnings[0].starts_with("a: an earlier definition"));
    }
}
