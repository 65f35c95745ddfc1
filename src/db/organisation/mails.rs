//! `MailAddresses` of users.

use std::collections::HashMap;

use sqlx::{PgConnection, Row as _};

use crate::db::Error;
use crate::model::UserId;

/// The mail addresses of users by id.
#[tracing::instrument(name = "db.organisation.mail_addresses", skip_all)]
pub async fn mail_addresses(
    conn: &mut PgConnection,
    users: &[i64],
) -> Result<HashMap<i64, Vec<String>>, Error> {
    let rows = sqlx::query(
        r#"
        select "OwnerId", "MailAddress" from "MailAddresses"
         where "OwnerType" = 'Users' and "OwnerId" = any($1) order by "MailAddressId"
        "#,
    )
    .bind(users)
    .fetch_all(conn)
    .await?;
    let mut addresses: HashMap<i64, Vec<String>> = HashMap::new();
    for row in rows {
        addresses.entry(row.try_get(0)?).or_default().push(row.try_get(1)?);
    }
    Ok(addresses)
}

/// Replaces a user's mail addresses, unless they are the same; whether they were not (08 §4, step 14).
#[tracing::instrument(name = "db.organisation.replace_mail_addresses", skip_all)]
pub async fn replace_mail_addresses(
    conn: &mut PgConnection,
    user: i32,
    by: UserId,
    addresses: &[String],
) -> Result<bool, Error> {
    let mut before =
        mail_addresses(conn, &[user.into()]).await?.remove(&i64::from(user)).unwrap_or_default();
    let mut after = addresses.to_vec();
    before.sort();
    after.sort();
    if before == after {
        return Ok(false);
    }
    sqlx::query(r#"delete from "MailAddresses" where "OwnerType" = 'Users' and "OwnerId" = $1"#)
        .bind(i64::from(user))
        .execute(&mut *conn)
        .await?;
    sqlx::query(
        r#"
        insert into "MailAddresses" ("OwnerId", "OwnerType", "MailAddress", "Creator", "Updator")
        select $1, 'Users', address, $2, $2 from unnest($3::text[]) with ordinality as given(address, at) order by at
        "#,
    )
    .bind(i64::from(user))
    .bind(by.0)
    .bind(addresses)
    .execute(conn)
    .await?;
    Ok(true)
}
