//! Answers of calls with an `Idempotency-Key`, in a table of our own schema (docs/extensions.md).
//!
//! A row is claimed before its call runs and gets the answer afterwards. One without an answer belongs to a call that
//! runs, or that ended with its server: what that wrote is unknown, so it is never run again under the same key.

use sqlx::{PgConnection, Row as _};

use super::Error;

/// How long an answer is kept, in hours.
pub const HOURS: i32 = 24;

/// What a claim has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// Nothing: the call is the first and may run.
    First,
    /// A call that has no answer yet.
    Running,
    /// A call with another body.
    Other,
    /// The answer: its status and body.
    Answered(u16, String),
    /// The table is missing.
    NoTable,
}

/// Claims a key for a call; both are hashes. What is too old is removed.
#[tracing::instrument(name = "db.idempotency.claim", skip_all)]
pub async fn claim(conn: &mut PgConnection, key: &str, body: &str) -> Result<Claim, Error> {
    // A row may go between the two looks: then it is ours after all.
    loop {
        let claimed = sqlx::query(include_str!("queries/claim_idempotency.sql"))
            .bind(key)
            .bind(body)
            .bind(HOURS)
            .execute(&mut *conn)
            .await;
        match claimed {
            Ok(done) if done.rows_affected() > 0 => return Ok(Claim::First),
            Ok(_) => {}
            Err(error) if is_missing(&error) => return Ok(Claim::NoTable),
            Err(error) => return Err(error.into()),
        }
        let found =
            sqlx::query("select body = $2, status, answer from kokochi.idempotency where key = $1")
                .bind(key)
                .bind(body)
                .fetch_optional(&mut *conn)
                .await?;
        let Some(row) = found else { continue };
        if !row.try_get::<bool, _>(0)? {
            return Ok(Claim::Other);
        }
        let answer: (Option<i16>, Option<String>) = (row.try_get(1)?, row.try_get(2)?);
        return Ok(match answer {
            (Some(status), Some(text)) => {
                Claim::Answered(u16::try_from(status).unwrap_or(500), text)
            }
            _ => Claim::Running,
        });
    }
}

/// Keeps the answer of a claimed call.
#[tracing::instrument(name = "db.idempotency.answer", skip_all)]
pub async fn answer(
    conn: &mut PgConnection,
    key: &str,
    status: u16,
    answer: &str,
) -> Result<(), Error> {
    sqlx::query("update kokochi.idempotency set status = $2, answer = $3 where key = $1")
        .bind(key)
        .bind(i16::try_from(status).unwrap_or(500))
        .bind(answer)
        .execute(conn)
        .await?;
    Ok(())
}

/// Neither schema nor table.
fn is_missing(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    matches!(code.as_deref(), Some("42P01" | "3F000"))
}
