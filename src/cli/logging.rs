//! Log lines on standard output.

use anyhow::anyhow;
use tracing_subscriber::EnvFilter;

use crate::config::{Config, LogFormat};

/// Starts logging; once per process.
pub(super) fn start(config: &Config) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&config.log_level)
        .map_err(|error| anyhow!("log_level {:?} is no filter: {error}", config.log_level))?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter);
    let started = match config.log_format {
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
        LogFormat::Text => lines.try_init(),
    };
    started.map_err(|error| anyhow!("cannot start logging: {error}"))
}
