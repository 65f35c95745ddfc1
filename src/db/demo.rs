//! What only `kokochi demo` asks.

use sqlx::PgConnection;

use super::Error;

/// Whether a site still exists.
pub async fn site_exists(connection: &mut PgConnection, id: i64) -> Result<bool, Error> {
    let exists = sqlx::query_scalar(r#"select exists (select from "Sites" where "SiteId" = $1)"#)
        .bind(id)
        .fetch_one(connection)
        .await?;
    Ok(exists)
}
