//! Locks by name that last as long as a transaction.

use std::fmt::Write;

use super::{Error, Pool, Transaction};

/// A lock by its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    /// Holders of this kind do not exclude each other.
    Shared(i64),
    /// Its holder is alone.
    Exclusive(i64),
}

/// A transaction that holds advisory locks from its first statement on, taken in their order: one round trip for all.
///
/// Statements after this one see everything that earlier holders of the locks have committed.
#[tracing::instrument(name = "db.locks.begin", skip_all)]
pub async fn begin(pool: &Pool, locks: &[Lock]) -> Result<Transaction, Error> {
    let mut sql = String::new();
    for (at, lock) in locks.iter().enumerate() {
        // One statement: each costs PostgreSQL a plan of its own. What it selects it computes from left to right.
        sql.push_str(if at == 0 { "; select " } else { ", " });
        let _ = match lock {
            Lock::Shared(key) => write!(sql, "pg_advisory_xact_lock_shared({key})"),
            Lock::Exclusive(key) => write!(sql, "pg_advisory_xact_lock({key})"),
        };
    }
    Ok(pool.begin_with(sql).await?)
}
