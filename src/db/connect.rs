//! Ways into the database.
//!
//! Every connection gets the server's zone, since the driver starts with UTC, in which `CURRENT_TIMESTAMP` would
//! store other times than the original does (02 §7.4). The role's own `search_path` stays, so that tables are found
//! in whatever schema they are.

use chrono_tz::Tz;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{ConnectOptions as _, Connection as _, PgConnection};

use crate::parameters::{ConnectionString, Parameters};

/// How many prepared statements a connection keeps; their texts depend on shapes, of which there are many.
const STATEMENTS_KEPT: usize = 1_000;

/// What each connection is set to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    zone: Tz,
    /// In milliseconds; 0 is none.
    statement_timeout: u64,
}

impl Session {
    /// Sessions in the server's zone, with the time limit of `Rds.json`.
    pub fn new(zone: Tz, parameters: &Parameters) -> Self {
        Self { zone, statement_timeout: parameters.rds.sql_command_time_out.saturating_mul(1000) }
    }

    /// The server's zone.
    pub fn zone(&self) -> Tz {
        self.zone
    }

    async fn apply(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        sqlx::query(
            "select set_config('TimeZone', $1, false), set_config('statement_timeout', $2, false)",
        )
        .bind(self.zone.name())
        .bind(self.statement_timeout.to_string())
        .execute(connection)
        .await?;
        Ok(())
    }
}

/// A single connection.
pub async fn open(
    target: &ConnectionString,
    session: &Session,
) -> Result<PgConnection, sqlx::Error> {
    let mut connection = PgConnection::connect_with(&options(target)).await?;
    session.apply(&mut connection).await?;
    Ok(connection)
}

/// The driver's form of a connection string. Statements are not logged, as some hold passwords and all hold data.
pub(super) fn options(target: &ConnectionString) -> PgConnectOptions {
    let mut options = PgConnectOptions::new_without_pgpass()
        .host(&target.server)
        .port(target.port)
        .database(&target.database)
        .username(&target.user)
        .ssl_mode(ssl_mode(target.ssl_mode.as_deref()))
        .application_name("kokochi")
        .statement_cache_capacity(STATEMENTS_KEPT);
    if target.server.starts_with('/') {
        options = options.socket(&target.server);
    }
    if let Some(password) = &target.password {
        options = options.password(password.expose());
    }
    if let Some(path) = &target.search_path {
        options = options.options([("search_path", path)]);
    }
    options.disable_statement_logging()
}

fn ssl_mode(named: Option<&str>) -> PgSslMode {
    let named = named.unwrap_or_default().to_lowercase().replace(['-', ' '], "");
    match named.as_str() {
        "disable" => PgSslMode::Disable,
        "allow" => PgSslMode::Allow,
        "require" => PgSslMode::Require,
        "verifyca" => PgSslMode::VerifyCa,
        "verifyfull" => PgSslMode::VerifyFull,
        _ => PgSslMode::Prefer,
    }
}
