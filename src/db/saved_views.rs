//! Views that the screens of Pleasanter keep for a user (05 §13.5).

use sqlx::PgConnection;

use super::Error;
use crate::model::{SiteId, UserId};

/// The view that a user has saved for a site, as JSON.
#[tracing::instrument(name = "db.saved_views.find", skip_all)]
pub async fn find(
    conn: &mut PgConnection,
    user: UserId,
    site: SiteId,
) -> Result<Option<String>, Error> {
    let value = sqlx::query_scalar(
        r#"select "Value" from "Sessions" where "SessionGuid" = $1 and "Key" = 'View' and "Page" = $2"#,
    )
    .bind(format!("@{}", user.0))
    .bind(format!("items/{site}"))
    .fetch_optional(conn)
    .await?;
    Ok(value)
}
