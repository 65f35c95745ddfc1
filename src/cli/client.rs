//! What the commands have in common that do what a call does, without HTTP: who asks, and what for.

use std::io::{BufWriter, Write};
use std::sync::Arc;

use anyhow::{Context as _, bail};

use super::{ParametersFolder, load_parameters};
use crate::config::Config;
use crate::domain::items::{self, Opened, Table};
use crate::domain::{Call, Common, Error, auth};
use crate::http;
use crate::messages;

/// Whose rights count.
#[derive(Debug, clap::Args)]
pub(super) struct Access {
    #[command(flatten)]
    folder: ParametersFolder,
    /// API key of the user whose rights count.
    #[arg(long, value_name = "KEY", env = "KOKOCHI_API_KEY", hide_env_values = true)]
    api_key: String,
}

impl Access {
    /// What every body of that user would have.
    pub(super) fn common(&self) -> Common {
        Common::of_key(&self.api_key)
    }

    /// The call, as one of the API would be.
    pub(super) async fn call(
        &self,
        config: &Config,
        site: i64,
        action: &'static str,
    ) -> anyhow::Result<Call> {
        let parameters = load_parameters(config, self.folder.parameters.as_deref())?;
        let services = Box::pin(crate::app::services(parameters, config)).await?;
        let call = auth::identify(&Arc::clone(&services), &self.common(), site, None).await;
        match call.map_err(|error| told(&error, services.default_language()))? {
            Some(call) => Ok(call.routed("items", action)),
            None => bail!("nobody has that key"),
        }
    }
}

/// Whose rights count, and which table.
#[derive(Debug, clap::Args)]
pub(super) struct Client {
    #[command(flatten)]
    access: Access,
    /// Id of the table's site.
    site: i64,
}

impl Client {
    /// The call, as one of the API would be.
    pub(super) async fn call(&self, config: &Config, action: &'static str) -> anyhow::Result<Call> {
        self.access.call(config, self.site, action).await
    }
}

/// The table that a call is for.
pub(super) async fn table(call: &Call) -> anyhow::Result<Table<'_>> {
    match items::open(call).await.map_err(|error| refused(call, &error))? {
        Opened::Table(table) if table.target.is_site() => Ok(table),
        _ => bail!("{} is no table of results or issues", call.id),
    }
}

/// What a client of the API would be told.
pub(super) fn refused(call: &Call, error: &Error) -> anyhow::Error {
    told(error, call.language())
}

fn told(error: &Error, language: messages::Language) -> anyhow::Error {
    let text = http::message(error, language);
    if error.is_failure() { anyhow::anyhow!("{text}: {error}") } else { anyhow::anyhow!(text) }
}

/// Tells how many rows are done, on one line where people look.
pub(super) fn progress(rows: usize) {
    eprint!("\r{rows} rows");
}

/// Ends that line.
pub(super) fn progress_ends() {
    eprintln!();
}

/// A file to write into, or what goes out.
pub(super) fn create(path: Option<&std::path::Path>) -> anyhow::Result<Box<dyn Write + Send>> {
    Ok(match path {
        Some(path) => {
            let file = std::fs::File::create(path);
            let file = file.with_context(|| format!("cannot write {}", path.display()))?;
            Box::new(BufWriter::new(file))
        }
        None => Box::new(BufWriter::new(std::io::stdout())),
    })
}

/// A file as a whole, or what comes in.
pub(super) fn read(path: &std::path::Path) -> anyhow::Result<Vec<u8>> {
    use std::io::Read as _;
    if path == std::path::Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes).context("cannot read what comes in")?;
        return Ok(bytes);
    }
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}
