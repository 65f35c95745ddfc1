//! SQL for tests, without `psql`: plain text in, JSON out.

use std::future::Future;
use std::sync::OnceLock;

use serde_json::Value;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use sqlx::{AssertSqlSafe, Connection, Executor, Row};
use tokio::runtime::Runtime;
use tokio::sync::Mutex;

/// The schema of the reference, which is where its tables and extensions lie.
const SEARCH_PATH: &str = r#""Implem.Pleasanter",pg_catalog"#;

/// One connection as superuser, opened at the first use and closed by [`Session::close`].
pub(crate) struct Session {
    options: PgConnectOptions,
    connection: Mutex<Option<PgConnection>>,
}

impl Session {
    pub(crate) fn new(port: u16, database: &str) -> Self {
        let options = PgConnectOptions::new_without_pgpass()
            .host("127.0.0.1")
            .port(port)
            .username("postgres")
            .password("postgres")
            .database(database)
            .ssl_mode(PgSslMode::Disable)
            .options([("search_path", SEARCH_PATH)]);
        Self { options, connection: Mutex::new(None) }
    }

    /// Runs one or more statements.
    pub(crate) fn execute(&self, sql: &str) -> Result<(), String> {
        self.with(sql, async |connection, sql| connection.execute(text(sql)).await.map(drop))
    }

    /// The rows of a query, as PostgreSQL writes them in JSON.
    pub(crate) fn rows(&self, sql: &str) -> Result<Value, String> {
        let query = sql.trim_end().trim_end_matches(';');
        let wrapped = format!("select coalesce(json_agg(t), '[]')::text from ({query}) t");
        let row =
            self.with(&wrapped, async |connection, sql| connection.fetch_one(text(sql)).await)?;
        let json: String = row.try_get(0).map_err(|error| error.to_string())?;
        serde_json::from_str(&json).map_err(|error| format!("{error}: {json}"))
    }

    /// Ends the connection, so that the database can be copied, renamed or dropped.
    pub(crate) fn close(&self) {
        block_on(async {
            if let Some(connection) = self.connection.lock().await.take() {
                // It is to be gone either way; how it went tells nothing.
                let _ = connection.close().await;
            }
        });
    }

    fn with<T>(
        &self,
        sql: &str,
        run: impl AsyncFnOnce(&mut PgConnection, &str) -> Result<T, sqlx::Error>,
    ) -> Result<T, String> {
        let described = |error: sqlx::Error| format!("{error}\n{sql}");
        block_on(async {
            let mut held = self.connection.lock().await;
            let connection = match held.take() {
                Some(connection) => connection,
                None => PgConnection::connect_with(&self.options).await.map_err(described)?,
            };
            let done = run(held.insert(connection), sql).await;
            if !matches!(done, Ok(_) | Err(sqlx::Error::Database(_))) {
                *held = None; // The connection itself failed; the next statement gets a new one.
            }
            done.map_err(described)
        })
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the text is a test's own, and tests run it on scratch databases only"
)]
fn text(sql: &str) -> sqlx::RawSql {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
}

/// Runs a future of the driver on the one runtime of this process.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().expect("a runtime can be started")).block_on(future)
}
