//! `kokochi set-api-key`.

use std::process::ExitCode;

use anyhow::{Context as _, bail};

use super::{ParametersFolder, load_parameters, say};
use crate::config::Config;
use crate::db::api_keys::{self, Change};
use crate::db::connect::{self, Session};
use crate::db::server_zone;
use crate::parameters::Role;

/// The longest key that fits its column.
const LONGEST_KEY: usize = 128;

/// `kokochi set-api-key --parameters DIR LOGIN_ID [KEY]`
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    folder: ParametersFolder,
    /// Login id of the user.
    login_id: String,
    /// The key; a random one unless given.
    key: Option<String>,
}

pub(super) async fn run(config: Config, arguments: Arguments) -> anyhow::Result<ExitCode> {
    let key = arguments.key.unwrap_or_else(api_keys::random);
    if key.is_empty() || key.len() > LONGEST_KEY || !key.bytes().all(|b| b.is_ascii_alphanumeric())
    {
        // Other keys would work, but would not be masked in the log of calls (01 §13).
        bail!("a key has 1 to {LONGEST_KEY} letters and digits");
    }
    let parameters = load_parameters(&config, arguments.folder.parameters.as_deref())?;
    let target = parameters.connection(Role::User)?;
    let zone = server_zone(&target, config.time_zone).await?;
    let mut connection = connect::open(&target, &Session::new(zone, &parameters))
        .await
        .context("cannot connect to the database")?;
    match api_keys::set(&mut connection, &arguments.login_id, &key)
        .await
        .context("cannot set the key")?
    {
        Change::Done { usable: true } => say(&key),
        Change::Done { usable: false } => {
            say(&key);
            bail!(
                "the key is set, but {} is disabled or locked and cannot use it",
                arguments.login_id
            );
        }
        Change::NoSuchUser => bail!("no user has the login id {}", arguments.login_id),
        Change::Taken => {
            bail!("another user has that key already; with two of them neither could use it")
        }
    }
    Ok(ExitCode::SUCCESS)
}
