//! Our own schema `kokochi`, beside the reference's, which stays as it is (docs/extensions.md).

use chrono_tz::Tz;
use sqlx::PgConnection;

use super::{Error, Plan, Step as _, run};
use crate::db::connect::{self, Session};
use crate::db::{quote, server_zone};
use crate::parameters::Parameters;

/// A part of the schema: its table, and what makes it.
struct Part {
    what: &'static str,
    table: &'static str,
    sql: &'static str,
}

/// Mails and web hooks on their way out.
const QUEUE: Part = Part {
    what: "the queue of deliveries",
    table: "kokochi.deliveries",
    sql: include_str!("../../../migrations/0002_deliveries.sql"),
};
/// Answers to calls with an `Idempotency-Key`.
const ANSWERS: Part = Part {
    what: "the answers of calls",
    table: "kokochi.idempotency",
    sql: include_str!("../../../migrations/0003_idempotency.sql"),
};

/// Makes the queue, unless it is there. An owner who may make no schema leaves the database without one: the server
/// says so when it starts, and works.
pub(super) async fn make_queue(
    owner: &mut PgConnection,
    plan: &Plan,
    made: &mut Vec<String>,
) -> Result<(), Error> {
    let (exists, allowed): (bool, bool) = sqlx::query_as(
        "select to_regclass($1) is not null,
                has_database_privilege(current_database(), 'create') or to_regnamespace('kokochi') is not null",
    )
    .bind(QUEUE.table)
    .fetch_one(&mut *owner)
    .await
    .step("look for the queue of deliveries")?;
    if exists || !allowed {
        return Ok(());
    }
    QUEUE.make(owner, plan).await?;
    made.push(QUEUE.what.to_owned());
    Ok(())
}

/// `database extend`: makes what is missing of the schema and opens it to the application; run again, it changes
/// nothing.
#[tracing::instrument(name = "db.bootstrap.extend", skip_all)]
pub async fn extend(parameters: &Parameters, time_zone: Option<Tz>) -> Result<(), Error> {
    let plan = Plan::new(parameters)?;
    let zone = server_zone(&plan.owner, time_zone).await?;
    let mut owner = connect::open(&plan.owner, &Session::new(zone, parameters))
        .await
        .step("log in as the owner")?;
    for part in [QUEUE, ANSWERS] {
        part.make(&mut owner, &plan).await?;
    }
    Ok(())
}

impl Part {
    /// One message, and so one transaction.
    async fn make(&self, owner: &mut PgConnection, plan: &Plan) -> Result<(), Error> {
        let user = quote::name(&plan.user.user);
        let Self { what, table, sql } = self;
        let sql = format!(
            "{sql}\ngrant usage on schema kokochi to {user};\n\
             grant select, insert, update, delete on {table} to {user};"
        );
        run(owner, format!("make {what}"), sql).await
    }
}
