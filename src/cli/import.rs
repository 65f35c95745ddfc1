//! `kokochi import`.

use std::path::PathBuf;
use std::process::ExitCode;

use super::client::{self, Client};
use super::say;
use crate::config::Config;
use crate::domain::items::{self, ImportOptions};

/// `kokochi import --parameters DIR SITE FILE [--update COLUMN]`
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    client: Client,
    /// The CSV file; `-` is what comes in.
    file: PathBuf,
    /// Update the records that have the same value in this column.
    #[arg(long, value_name = "COLUMN")]
    update: Option<String>,
    /// `Shift-JIS`; UTF-8 unless given, UTF-16 where the file says so.
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// Take users and times of new records from the file, where the table allows it.
    #[arg(long)]
    migration_mode: bool,
}

pub(super) async fn run(config: Config, arguments: Arguments) -> anyhow::Result<ExitCode> {
    let file = client::read(&arguments.file)?;
    let call = arguments.client.call(&config, "import").await?;
    let table = client::table(&call).await?;
    let options = ImportOptions {
        encoding: arguments.encoding,
        updatable_import: arguments.update.is_some(),
        key: arguments.update,
        migration_mode: arguments.migration_mode,
    };
    let done =
        Box::pin(items::import(&call, &table, &options, Some(&file), &client::progress)).await;
    client::progress_ends();
    say(done.map_err(|error| client::refused(&call, &error))?.message);
    Ok(ExitCode::SUCCESS)
}
