//! The database, its schema and its extensions (02 §1.2, steps 3 and 5, and §1.3).

use sqlx::PgConnection;

use super::{Error, Plan, Step as _, run};
use crate::db::quote;

/// Makes the database if it is missing, and sees to its owner otherwise.
pub(super) async fn make(
    sa: &mut PgConnection,
    plan: &Plan,
    made: &mut Vec<String>,
) -> Result<(), Error> {
    let (database, owner) = (&plan.owner.database, &plan.owner.user);
    let (name, owner_name) = (quote::name(database), quote::name(owner));
    let current: Option<String> = sqlx::query_scalar(
        "select pg_get_userbyid(datdba)::text from pg_database where datname = $1",
    )
    .bind(database)
    .fetch_optional(&mut *sa)
    .await
    .step("list the databases")?;
    match current {
        Some(current) if current == *owner => Ok(()),
        Some(_) => {
            made.push(format!("{owner} the owner of the database {database}"));
            let sql = format!("alter database {name} owner to {owner_name}");
            run(sa, format!("change the owner of the database {database}"), sql).await
        }
        None => {
            let sql = format!("create database {name} owner {owner_name}");
            run(sa, format!("make the database {database}"), sql).await?;
            made.push(format!("the database {database}"));
            let sql = format!(
                "revoke all on database {name} from public; grant all on database {name} to {owner_name}; \
                 grant connect, temporary on database {name} to {}",
                quote::name(&plan.user.user)
            );
            run(sa, format!("set the rights on the database {database}"), sql).await
        }
    }
}

/// Where the tables of the database are, or where they go: the schema named like the service, but `public` when a
/// very old version put them there.
pub(super) async fn find_schema(inside: &mut PgConnection, plan: &Plan) -> Result<String, Error> {
    let in_public: bool = sqlx::query_scalar(
        "select to_regnamespace(quote_ident($1)) is null and to_regclass('public.\"Items\"') is not null",
    )
    .bind(&plan.schema)
    .fetch_one(inside)
    .await
    .step("look for the schema")?;
    Ok(if in_public { "public".to_owned() } else { plan.schema.clone() })
}

/// Takes the right to make things in the superuser's own `public` from everybody, as the original does.
pub(super) async fn close_public(sa: &mut PgConnection) -> Result<(), Error> {
    let sql = "revoke create on schema public from public".to_owned();
    run(sa, "take the right to create from everybody", sql).await
}

/// Makes the schema and the extensions that are missing.
pub(super) async fn make_schema(
    owner: &mut PgConnection,
    plan: &Plan,
    schema: &str,
    made: &mut Vec<String>,
) -> Result<(), Error> {
    let name = quote::name(schema);
    let exists: bool = sqlx::query_scalar("select to_regnamespace(quote_ident($1)) is not null")
        .bind(schema)
        .fetch_one(&mut *owner)
        .await
        .step("look for the schema")?;
    if !exists {
        let sql = format!("create schema {name} authorization {}", quote::name(&plan.owner.user));
        run(owner, format!("make the schema {schema}"), sql).await?;
        made.push(format!("the schema {schema}"));
    }
    let user = quote::name(&plan.user.user);
    let sql = format!("grant usage on schema {name} to {user}");
    run(owner, format!("let {} use the schema", plan.user.user), sql).await?;
    for extension in ["pg_trgm", "pgcrypto"] {
        let exists: bool =
            sqlx::query_scalar("select exists (select from pg_extension where extname = $1)")
                .bind(extension)
                .fetch_one(&mut *owner)
                .await
                .step("list the extensions")?;
        if !exists {
            let sql = format!("create extension {extension} with schema {name}");
            run(owner, format!("make the extension {extension}"), sql).await?;
            made.push(format!("the extension {extension}"));
        }
    }
    Ok(())
}
