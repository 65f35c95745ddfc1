//! API keys, as administrators set them (01 §13, 02 §18).

use sqlx::{Connection as _, PgConnection, Row as _};

use super::Error;

/// What became of [`set`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// The user has the key.
    Done {
        /// Whether the user is neither disabled nor locked.
        usable: bool,
    },
    /// Nobody has that login id.
    NoSuchUser,
    /// Somebody else has that key; two users with the same key are both refused.
    Taken,
}

/// A key of the form that the original makes.
pub fn random() -> String {
    super::bootstrap::sha512_hex(&uuid::Uuid::new_v4().to_string())
}

/// Gives a user a key, and tells a Pleasanter on the same database that users have changed.
#[tracing::instrument(name = "db.api_keys.set", skip_all)]
pub async fn set(
    connection: &mut PgConnection,
    login_id: &str,
    key: &str,
) -> Result<Change, Error> {
    let mut transaction = connection.begin().await?;
    let taken: bool = sqlx::query_scalar(
        r#"select exists (select from "Users" where "ApiKey" = $1 and "LoginId" <> $2)"#,
    )
    .bind(key)
    .bind(login_id)
    .fetch_one(&mut *transaction)
    .await?;
    if taken {
        return Ok(Change::Taken);
    }
    let user = sqlx::query(
        r#"update "Users"
              set "ApiKey" = $1, "Updator" = "UserId", "UpdatedTime" = current_timestamp
            where "LoginId" = $2
            returning "TenantId", not ("Disabled" or "Lockout"), "UserId""#,
    )
    .bind(key)
    .bind(login_id)
    .fetch_optional(&mut *transaction)
    .await?;
    let Some(user) = user else { return Ok(Change::NoSuchUser) };
    let (tenant, usable, id): (i32, bool, i32) =
        (user.try_get(0)?, user.try_get(1)?, user.try_get(2)?);
    sqlx::query(
        r#"insert into "Statuses" ("TenantId", "StatusId", "Value", "Creator", "Updator")
           values ($1, 230, '', $2, $2)
           on conflict ("TenantId", "StatusId")
           do update set "UpdatedTime" = current_timestamp, "Updator" = $2"#,
    )
    .bind(tenant)
    .bind(id)
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(Change::Done { usable })
}

/// The key of a user; none when there is no such user or no key.
pub async fn find(connection: &mut PgConnection, login_id: &str) -> Result<Option<String>, Error> {
    let key: Option<Option<String>> =
        sqlx::query_scalar(r#"select nullif("ApiKey", '') from "Users" where "LoginId" = $1"#)
            .bind(login_id)
            .fetch_optional(connection)
            .await?;
    Ok(key.flatten())
}
