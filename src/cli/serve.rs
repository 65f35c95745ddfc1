//! `kokochi serve`.

use std::net::SocketAddr;
use std::process::ExitCode;

use super::{ParametersFolder, load_parameters, logging};
use crate::config::Config;

/// `kokochi serve --parameters DIR --bind ADDRESS`
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    folder: ParametersFolder,
    /// Address of the API; that of the configuration unless given.
    #[arg(long, value_name = "ADDRESS")]
    bind: Option<SocketAddr>,
}

pub(super) async fn run(mut config: Config, arguments: Arguments) -> anyhow::Result<ExitCode> {
    let parameters = load_parameters(&config, arguments.folder.parameters.as_deref())?;
    config.bind = arguments.bind.unwrap_or(config.bind);
    logging::start(&config)?;
    Box::pin(crate::app::serve(parameters, &config)).await?;
    Ok(ExitCode::SUCCESS)
}
