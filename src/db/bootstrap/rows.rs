//! The first rows (02 §20), which the original adds when it starts for the first time.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha512};
use sqlx::{Connection as _, PgConnection};

use crate::parameters::Parameters;

/// Adds the first tenant, the Administrator and the version row, each unless it is there.
pub(super) async fn make(
    owner: &mut PgConnection,
    parameters: &Parameters,
    made: &mut Vec<String>,
) -> Result<(), sqlx::Error> {
    let mut transaction = owner.begin().await?;
    let tenant = sqlx::query(
        r#"insert into "Tenants" ("TenantId", "TenantName", "Creator", "Updator")
           select 1, 'DefaultTenant', 0, 0
            where not exists (select from "Tenants" where "TenantId" = 1)"#,
    )
    .execute(&mut *transaction)
    .await?;
    let administrator = add_administrator(&mut transaction, parameters).await?;
    // Without this row the original mends old data once; where there are links, it should still do so.
    sqlx::query(
        r#"insert into "Statuses" ("TenantId", "StatusId", "Value", "Creator", "Updator")
           select 0, 100, '0.43.52.0', 0, 0
            where not exists (select from "Statuses" where "TenantId" = 0 and "StatusId" = 100)
              and not exists (select from "Links")"#,
    )
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    if tenant.rows_affected() > 0 {
        made.push("the tenant DefaultTenant".to_owned());
    }
    if administrator {
        made.push("the user Administrator".to_owned());
    }
    Ok(())
}

/// Adds the Administrator to an empty table of users.
async fn add_administrator(
    connection: &mut PgConnection,
    parameters: &Parameters,
) -> Result<bool, sqlx::Error> {
    let period = parameters.security.password_expiration_period;
    let keeps_password = parameters.service.without_change_default_password;
    let added = sqlx::query(
        r#"insert into "Users" ("TenantId", "LoginId", "Name", "Password", "DeptId", "FirstAndLastNameOrder",
                                "Disabled", "TenantManager", "PasswordExpirationTime", "Creator", "Updator")
           select 1, 'Administrator', 'Administrator', $1, 0, 1, false, true,
                  case when not $2 then date_trunc('second', localtimestamp)
                       when $3 > 0 then current_date + $3 end, 0, 0
            where not exists (select from "Users")"#,
    )
    .bind(sha512_hex(parameters.service.default_password.expose()))
    .bind(keeps_password)
    .bind(period)
    .execute(connection)
    .await?;
    Ok(added.rows_affected() > 0)
}

/// SHA-512 in lower-case hexadecimal digits: how passwords are stored, and what new API keys look like.
pub fn sha512_hex(text: &str) -> String {
    Sha512::digest(text.as_bytes()).iter().fold(String::with_capacity(128), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn passwords_are_hashed_like_the_original_does() {
        assert!(
            super::sha512_hex("pleasanter").starts_with("c4a5472f5a8182479702bd498155a42d5b48a883")
        );
    }
}
