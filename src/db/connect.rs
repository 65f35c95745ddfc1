//! Pools of connections, each in the session that stored times need.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgSslMode};
use sqlx::{Connection, Executor, PgPool};

use super::Error;
use crate::parameters::ConnectionString;

/// How long a connection may rest before it is tried out prior to use: shorter rests cost no round trip.
const TRUSTED_FOR: Duration = Duration::from_secs(30);
/// How many prepared statements a connection keeps.
const STATEMENTS_KEPT: usize = 1_000;

/// What the driver needs to know of a connection string.
pub fn options(connection: &ConnectionString) -> PgConnectOptions {
    let mut options = PgConnectOptions::new_without_pgpass()
        .port(connection.port)
        .username(&connection.user)
        .database(&connection.database)
        .application_name(env!("CARGO_PKG_NAME"))
        .statement_cache_capacity(STATEMENTS_KEPT);
    options = if connection.server.starts_with('/') {
        options.socket(&connection.server)
    } else {
        options.host(&connection.server)
    };
    if let Some(password) = &connection.password {
        options = options.password(password.expose());
    }
    if let Some(path) = &connection.search_path {
        options = options.options([("search_path", path.as_str())]);
    }
    match connection.ssl_mode.as_deref().map(str::to_ascii_lowercase).as_deref() {
        Some("disable") => options.ssl_mode(PgSslMode::Disable),
        _ => options,
    }
}

/// A pool whose sessions are in the server's zone: the driver would set UTC and so change what column defaults store
/// (02 §7.4). Without a zone each session takes the one that the database itself gives to the role.
pub fn pool(connection: &ConnectionString, zone: Option<&str>, size: u32) -> PgPool {
    let zone = zone.or(connection.time_zone.as_deref()).map(str::to_owned);
    PgPoolOptions::new()
        .max_connections(size)
        .acquire_timeout(Duration::from_secs(30))
        .test_before_acquire(false)
        .before_acquire(|conn, meta| {
            Box::pin(async move {
                if meta.idle_for < TRUSTED_FOR {
                    return Ok(true);
                }
                conn.ping().await.map(|()| true)
            })
        })
        .after_connect(move |conn, _| {
            let zone = zone.clone();
            Box::pin(async move {
                match zone {
                    Some(zone) => {
                        sqlx::query("select set_config('TimeZone', $1, false)")
                            .bind(zone)
                            .execute(conn)
                            .await?;
                    }
                    None => {
                        conn.execute("set time zone default").await?;
                    }
                }
                Ok(())
            })
        })
        .connect_lazy_with(options(connection))
}

/// The zone of the pool's sessions, as PostgreSQL calls it.
pub async fn time_zone(pool: &PgPool) -> Result<String, Error> {
    Ok(sqlx::query_scalar("select current_setting('TimeZone')").fetch_one(pool).await?)
}
