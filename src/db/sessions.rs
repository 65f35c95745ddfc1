//! The table `Sessions`: texts kept under a key, per user or per browser session (07 §1.3).

use chrono::NaiveDateTime;
use sqlx::{PgConnection, Row};

use super::gather::Question;
use super::sql::{Bind, Statement};
use super::{Error, Pool};
use crate::model::UserId;

/// The text under a key. The page of the row is that of the API; a row of another page belongs to a screen.
#[tracing::instrument(name = "db.sessions.get", skip_all)]
pub async fn get(pool: &Pool, guid: &str, key: &str) -> Result<Option<String>, Error> {
    let question = Question {
        statement: Statement::beginning(
            r#"
            select asked.at, kept."Value"
              from unnest((select $1::text[]), $2::text[]) with ordinality as asked(guid, key, at)
             cross join lateral (
                   select "Value" from "Sessions"
                    where "SessionGuid" = asked.guid and "Key" = asked.key and "Page" in ('', 'sessions')
                    order by "Page" limit 1) as kept
            "#,
            Vec::new(),
        ),
        values: vec![Bind::text(guid), Bind::text(key)],
    };
    let rows = pool.ask(question).await?;
    Ok(rows.first().map(|row| row.try_get(1)).transpose()?)
}

/// Keeps a text under a key.
///
/// A row that is there is rewritten whatever its page, and two first writes at once both succeed (BUG(07 §1.10): in
/// the reference one of them fails).
#[tracing::instrument(name = "db.sessions.set", skip_all)]
pub async fn set(
    conn: &mut PgConnection,
    guid: &str,
    key: &str,
    value: &str,
    user: UserId,
) -> Result<(), Error> {
    sqlx::query(include_str!("queries/set_session.sql"))
        .bind(guid)
        .bind(key)
        .bind(value)
        .bind(user.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Removes what is under a key, on every page; false when [`get`] would find nothing.
#[tracing::instrument(name = "db.sessions.delete", skip_all)]
pub async fn delete(conn: &mut PgConnection, guid: &str, key: &str) -> Result<bool, Error> {
    let done = sqlx::query(
        r#"
        delete from "Sessions"
         where "SessionGuid" = $1 and "Key" = $2
           and exists (select from "Sessions" as own
                        where own."SessionGuid" = $1 and own."Key" = $2 and own."Page" in ('', 'sessions'))
        "#,
    )
    .bind(guid)
    .bind(key)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// A text that is kept for a user.
#[derive(Debug)]
pub struct Kept {
    /// Its key, without the prefix.
    pub key: String,
    /// The text.
    pub value: String,
    /// Whether a script kept something that is no text, as JSON.
    pub is_json: bool,
}

/// Everything under keys of a prefix.
#[tracing::instrument(name = "db.sessions.all", skip_all)]
pub async fn all(conn: &mut PgConnection, guid: &str, prefix: &str) -> Result<Vec<Kept>, Error> {
    let rows = sqlx::query(
        r#"
        select substr("Key", length($2) + 1), coalesce("Value", ''), coalesce("Comments" = 'json', false)
          from "Sessions"
         where "SessionGuid" = $1 and starts_with("Key", $2) and "Page" in ('', 'sessions')
         order by "Key", "Page" desc
        "#,
    )
    .bind(guid)
    .bind(prefix)
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Kept { key: row.try_get(0)?, value: row.try_get(1)?, is_json: row.try_get(2)? })
        })
        .collect()
}

/// Keeps texts under keys, with whether each is JSON.
#[tracing::instrument(name = "db.sessions.set_all", skip_all)]
pub async fn set_all(
    conn: &mut PgConnection,
    guid: &str,
    texts: &[(String, String, bool)],
    user: UserId,
) -> Result<(), Error> {
    if texts.is_empty() {
        return Ok(());
    }
    let keys: Vec<&str> = texts.iter().map(|(key, ..)| key.as_str()).collect();
    let values: Vec<&str> = texts.iter().map(|(_, value, _)| value.as_str()).collect();
    let are_json: Vec<bool> = texts.iter().map(|(.., is_json)| *is_json).collect();
    sqlx::query(include_str!("queries/set_sessions.sql"))
        .bind(guid)
        .bind(keys)
        .bind(values)
        .bind(are_json)
        .bind(user.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Removes what is under keys, on every page.
#[tracing::instrument(name = "db.sessions.delete_all", skip_all)]
pub async fn delete_all(conn: &mut PgConnection, guid: &str, keys: &[String]) -> Result<(), Error> {
    if keys.is_empty() {
        return Ok(());
    }
    sqlx::query(r#"delete from "Sessions" where "SessionGuid" = $1 and "Key" = any($2)"#)
        .bind(guid)
        .bind(keys)
        .execute(conn)
        .await?;
    Ok(())
}

/// Removes what browser sessions left behind before a time; what belongs to users stays (07 §1.8).
#[tracing::instrument(name = "db.sessions.clean", skip_all)]
pub async fn clean(conn: &mut PgConnection, before: NaiveDateTime) -> Result<u64, Error> {
    let done = sqlx::query(
        r#"delete from "Sessions" where "UpdatedTime" < $1 and "SessionGuid" not like '@%'"#,
    )
    .bind(before)
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}
