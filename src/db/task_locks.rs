//! The row of `Sessions` that keeps long operations off a table (04 §1.5). Pleasanter reads and writes the same one.

use sqlx::PgConnection;

use super::Error;
use crate::model::{SiteId, UserId};

/// The session of every such row.
const SESSION: &str = "SessionExclusive";

/// What the row of a site says, if there is one.
#[tracing::instrument(name = "db.task_locks.find", skip_all)]
pub async fn find(conn: &mut PgConnection, site: SiteId) -> Result<Option<String>, Error> {
    let value = sqlx::query_scalar(
        r#"select "Value" from "Sessions" where "SessionGuid" = $1 and "Key" = $2 and "Page" = ''"#,
    )
    .bind(SESSION)
    .bind(key(site))
    .fetch_optional(conn)
    .await?;
    Ok(value)
}

/// Writes the row, unless it says something else than `former` by now. Whether it was written.
#[tracing::instrument(name = "db.task_locks.write", skip_all)]
pub async fn write(
    conn: &mut PgConnection,
    site: SiteId,
    user: UserId,
    former: Option<&str>,
    value: &str,
) -> Result<bool, Error> {
    let done = sqlx::query(
        r#"
        insert into "Sessions" ("SessionGuid", "Key", "Page", "Value", "Creator", "Updator")
        values ($1, $2, '', $3, $4, $4)
        on conflict ("SessionGuid", "Key", "Page") do update
           set "Value" = excluded."Value", "Updator" = excluded."Updator", "UpdatedTime" = current_timestamp
         where "Sessions"."Value" = $5
        "#,
    )
    .bind(SESSION)
    .bind(key(site))
    .bind(value)
    .bind(user.0)
    .bind(former)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Removes the row if it still says that.
#[tracing::instrument(name = "db.task_locks.remove", skip_all)]
pub async fn remove(conn: &mut PgConnection, site: SiteId, value: &str) -> Result<(), Error> {
    sqlx::query(
        r#"delete from "Sessions" where "SessionGuid" = $1 and "Key" = $2 and "Page" = '' and "Value" = $3"#,
    )
    .bind(SESSION)
    .bind(key(site))
    .bind(value)
    .execute(conn)
    .await?;
    Ok(())
}

fn key(site: SiteId) -> String {
    format!("TableExclusive_SiteId={site}")
}
