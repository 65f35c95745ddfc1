//! `kokochi demo`: everything that it takes to try the server, in one command.
//!
//! Makes a private PostgreSQL in the data folder, a parameter folder for it, an API key for the Administrator and a
//! table, serves it, and tells how to call it. All of it is kept for the next time.

mod account;
mod client;
mod cluster;
mod folder;
mod programs;
mod table;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{listed, logging, say};
use crate::config::{Config, LogFormat, prefers_japanese};
use crate::db::api_keys::{self, Change};
use crate::db::connect::{self, Session};
use crate::db::{bootstrap, demo, server_zone};
use crate::parameters::{Parameters, Role};

use cluster::Cluster;

/// Whose key the demo uses.
const ADMINISTRATOR: &str = "Administrator";

/// `kokochi demo`
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Folder of everything that the demo makes; ./data unless configured.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Address of the API; that of the configuration unless given.
    #[arg(long, value_name = "ADDRESS")]
    bind: Option<SocketAddr>,
}

pub(super) async fn run(mut config: Config, arguments: Arguments) -> anyhow::Result<ExitCode> {
    config.bind = arguments.bind.unwrap_or(config.bind);
    config.data = arguments.data.unwrap_or(config.data);
    // People look at it, not programs.
    config.log_format = LogFormat::Text;
    logging::start(&config)?;
    // From here on, a signal no longer ends us with PostgreSQL left behind.
    let mut stop = Stop::listen()?;
    // Otherwise the key would go to whoever listens there.
    drop(
        TcpListener::bind(config.bind)
            .await
            .with_context(|| format!("cannot listen on {}", config.bind))?,
    );
    let folder = folder::make(&config.data)?;
    let cluster = Cluster::open(&config, &folder).await?;
    cluster.start().await?;
    let served = Box::pin(serve_from(config, &folder, &cluster, &mut stop)).await;
    cluster.stop().await?;
    served.map(|()| ExitCode::SUCCESS)
}

/// What calls need, once the database is ready.
struct Ready {
    parameters: Parameters,
    /// The Administrator's key.
    key: String,
    /// The table of an earlier run.
    table: Option<i64>,
}

/// Fills the database, if need be, and answers calls until we are told to stop.
async fn serve_from(
    config: Config,
    folder: &Path,
    cluster: &Cluster,
    stop: &mut Stop,
) -> anyhow::Result<()> {
    let ready = tokio::select! {
        ready = prepare(&config, folder, cluster) => ready?,
        () = stop.asked() => return Ok(()),
    };
    let announced = announce(config.bind, folder, cluster, &ready);
    let mut served = std::pin::pin!(crate::app::serve(ready.parameters.clone(), &config));
    tokio::select! {
        served = &mut served => return served,
        announced = announced => if let Err(error) = announced {
            // The server is of use without the table.
            tracing::error!("the demo's table is missing: {error:#}");
        },
    }
    served.await
}

/// Makes the parameter folder, the database and the key, as far as they are missing.
async fn prepare(config: &Config, folder: &Path, cluster: &Cluster) -> anyhow::Result<Ready> {
    let dir = folder::write_parameters(config, folder, cluster).await?;
    let parameters = Parameters::load(Some(&dir)).map_err(|problems| listed(&problems))?;
    let outcome = bootstrap::init(&parameters, config.time_zone).await?;
    if !outcome.report.is_complete() {
        bail!("the demo's database is damaged:\n{}", outcome.report);
    }
    let target = parameters.connection(Role::User)?;
    let zone = server_zone(&target, config.time_zone).await?;
    let mut connection = connect::open(&target, &Session::new(zone, &parameters)).await?;
    let key = match api_keys::find(&mut connection, ADMINISTRATOR).await? {
        Some(key) => key,
        None => new_key(&mut connection).await?,
    };
    let table = match folder::remembered_table(folder) {
        Some(id) if demo::site_exists(&mut connection, id).await? => Some(id),
        _ => None,
    };
    Ok(Ready { parameters, key, table })
}

async fn new_key(connection: &mut sqlx::PgConnection) -> anyhow::Result<String> {
    let key = api_keys::random();
    match api_keys::set(connection, ADMINISTRATOR, &key).await? {
        Change::Done { .. } => Ok(key),
        Change::NoSuchUser | Change::Taken => {
            bail!("the demo's database has no user {ADMINISTRATOR}")
        }
    }
}

/// Waits for the server, makes the table and tells how to use it.
async fn announce(
    server: SocketAddr,
    folder: &Path,
    cluster: &Cluster,
    ready: &Ready,
) -> anyhow::Result<()> {
    client::wait_for(server).await?;
    let table = if let Some(table) = ready.table {
        table
    } else {
        let table = table::demo_table(server, &ready.key, prefers_japanese()).await?;
        folder::remember_table(folder, table).context("cannot remember the table")?;
        table
    };
    say(format_args!(
        "\nKokochi serves a private database.\n\n  data folder     {}\n  PostgreSQL in   {}\n  \
         parameter files {}\n  address         http://{server}\n  table           {table}\n  \
         API key         {}  ({ADMINISTRATOR})\n\nTry (again to see an update):\n\n{}\n",
        folder.display(),
        cluster.data().display(),
        folder::parameters(folder).display(),
        ready.key,
        table::curl_lines(server, &ready.key, table),
    ));
    Ok(())
}

/// The signals to stop.
struct Stop {
    terminated: Signal,
    interrupted: Signal,
}

impl Stop {
    /// Listens from now on.
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminated: signal(SignalKind::terminate())?,
            interrupted: signal(SignalKind::interrupt())?,
        })
    }

    /// Ends when one has come.
    async fn asked(&mut self) {
        tokio::select! {
            _ = self.terminated.recv() => {}
            _ = self.interrupted.recv() => {}
        }
    }
}
