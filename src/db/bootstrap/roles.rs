//! The two login roles (02 §1.2, steps 2 and 4).

use sqlx::PgConnection;

use super::{Error, Plan, Step as _, run};
use crate::db::quote;
use crate::parameters::ConnectionString;

/// Makes the roles that are missing.
pub(super) async fn make(
    sa: &mut PgConnection,
    plan: &Plan,
    made: &mut Vec<String>,
) -> Result<(), Error> {
    if make_one(sa, &plan.owner, made).await? {
        // Whoever makes a database for another role has to belong to it, unless he is a superuser.
        let sql = format!("grant {} to current_user", quote::name(&plan.owner.user));
        run(sa, "grant the owner role to the superuser", sql).await?;
    }
    make_one(sa, &plan.user, made).await?;
    Ok(())
}

async fn make_one(
    sa: &mut PgConnection,
    role: &ConnectionString,
    made: &mut Vec<String>,
) -> Result<bool, Error> {
    let exists: bool =
        sqlx::query_scalar("select exists (select from pg_roles where rolname = $1)")
            .bind(&role.user)
            .fetch_one(&mut *sa)
            .await
            .step("list the roles")?;
    if exists {
        return Ok(false);
    }
    let sql = format!(
        "create role {} login{} valid until 'infinity'",
        quote::name(&role.user),
        password_clause(role)
    );
    run(sa, format!("make the role {}", role.user), sql).await?;
    made.push(format!("the role {}", role.user));
    Ok(true)
}

/// Sets what the original sets at every run: the `search_path` and the passwords of the connection strings.
pub(super) async fn set_up(sa: &mut PgConnection, plan: &Plan, schema: &str) -> Result<(), Error> {
    for role in [&plan.owner, &plan.user] {
        let name = quote::name(&role.user);
        let sql =
            format!("alter role {name} set search_path to {}, pg_catalog", quote::name(schema));
        run(sa, format!("set the search_path of {}", role.user), sql).await?;
        let clause = password_clause(role);
        if !clause.is_empty() {
            let sql = format!("alter role {name}{clause}");
            run(sa, format!("set the password of {}", role.user), sql).await?;
        }
    }
    Ok(())
}

fn password_clause(role: &ConnectionString) -> String {
    role.password
        .as_ref()
        .map(|password| format!(" password {}", quote::text(password.expose())))
        .unwrap_or_default()
}
