//! The zone of the times that a database holds (02 §7.4).
//!
//! It is the zone of sessions that set none, like those of the original. Our driver always asks for UTC, and a session
//! cannot tell what it would have been otherwise; hence another client asks, which sets none.

use std::time::Duration;

use chrono_tz::Tz;

use crate::parameters::{ConnectionString, Secret};

/// How long the server may take.
const LONGEST_WAIT: Duration = Duration::from_secs(15);

/// Why the zone is not known.
#[derive(Debug, thiserror::Error)]
pub enum ZoneError {
    /// The server cannot be reached or refuses the login.
    #[error("cannot log in to PostgreSQL")]
    Unreachable(#[from] tokio_postgres::Error),
    /// The server does not answer.
    #[error("PostgreSQL does not tell its time zone; set time_zone in config/server.toml")]
    Silent,
    /// It uses a zone that is no IANA name.
    #[error("the time zone {0} of PostgreSQL is not known; set time_zone in config/server.toml")]
    Unknown(String),
}

/// The zone that is configured, else that of the connection string, else the server's own.
pub async fn server_zone(
    target: &ConnectionString,
    configured: Option<Tz>,
) -> Result<Tz, ZoneError> {
    if let Some(zone) = configured {
        return Ok(zone);
    }
    let name = match &target.time_zone {
        Some(name) => name.clone(),
        None => tokio::time::timeout(LONGEST_WAIT, ask(target))
            .await
            .map_err(|_| ZoneError::Silent)??,
    };
    // QUIRK(05 §4.7): the original's official container calls the zone Etc/UTC, and users in UTC can tell.
    if matches!(name.as_str(), "UTC" | "GMT" | "Etc/GMT") {
        return Ok(Tz::Etc__UTC);
    }
    Tz::from_str_insensitive(&name).map_err(|_| ZoneError::Unknown(name))
}

async fn ask(target: &ConnectionString) -> Result<String, ZoneError> {
    let mut config = tokio_postgres::Config::new();
    config.host(&target.server).port(target.port).user(&target.user).dbname(&target.database);
    if let Some(password) = target.password.as_ref().map(Secret::expose) {
        config.password(password);
    }
    let (client, connection) = config.connect(tokio_postgres::NoTls).await?;
    let connection = tokio::spawn(connection);
    let answer = client.simple_query("show timezone").await?;
    drop(client);
    connection.abort();
    let name = answer.iter().find_map(|message| match message {
        tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    });
    name.ok_or(ZoneError::Silent)
}
