//! `database extend`: our own schema, beside the reference's (docs/extensions.md).

use chrono_tz::Tz;

use super::{Error, Plan, Step as _, run};
use crate::db::connect::{self, Session};
use crate::db::{quote, server_zone};
use crate::parameters::Parameters;

/// Makes what is missing of our schema and opens it to the application; run again, it changes nothing.
#[tracing::instrument(name = "db.bootstrap.extend", skip_all)]
pub async fn extend(parameters: &Parameters, time_zone: Option<Tz>) -> Result<(), Error> {
    let plan = Plan::new(parameters)?;
    let zone = server_zone(&plan.owner, time_zone).await?;
    let mut owner = connect::open(&plan.owner, &Session::new(zone, parameters))
        .await
        .step("log in as the owner")?;
    run(
        &mut owner,
        "make the schema kokochi",
        include_str!("../../../migrations/0003_idempotency.sql").to_owned(),
    )
    .await?;
    let user = quote::name(&plan.user.user);
    let grant = format!(
        "grant usage on schema kokochi to {user}; \
         grant select, insert, update, delete on all tables in schema kokochi to {user}"
    );
    run(&mut owner, "grant the rights on the schema kokochi", grant).await
}
