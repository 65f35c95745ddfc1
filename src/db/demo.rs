//! What only `kokochi demo` asks.

use sqlx::PgConnection;

/// Whether a site still exists.
pub async fn site_exists(connection: &mut PgConnection, id: i64) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(r#"select exists (select from "Sites" where "SiteId" = $1)"#)
        .bind(id)
        .fetch_one(connection)
        .await
}
