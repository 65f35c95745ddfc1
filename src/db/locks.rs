//! Locks by name that last as long as a transaction.

use sqlx::{PgPool, Postgres, Transaction};

use super::Error;

/// A transaction that holds the advisory lock of a key from its first statement on: one round trip for both.
///
/// Statements after this one see everything that earlier holders of the lock have committed.
#[tracing::instrument(name = "db.locks.begin", skip_all)]
#[expect(clippy::disallowed_methods, reason = "the text holds nothing but an integer")]
pub async fn begin(pool: &PgPool, key: i64) -> Result<Transaction<'static, Postgres>, Error> {
    let sql = format!("begin; select pg_advisory_xact_lock({key})");
    Ok(pool.begin_with(sqlx::AssertSqlSafe(sql)).await?)
}
