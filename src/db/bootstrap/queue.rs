//! The queue of deliveries, in a schema of our own beside the reference's.

use sqlx::PgConnection;

use super::{Error, Plan, Step as _, run};
use crate::db::quote;

/// Makes the queue, unless it is there. An owner who may make no schema leaves the database without one: the server
/// says so when it starts, and works.
pub(super) async fn make(
    owner: &mut PgConnection,
    plan: &Plan,
    made: &mut Vec<String>,
) -> Result<(), Error> {
    let (exists, allowed): (bool, bool) = sqlx::query_as(
        "select to_regclass('kokochi.deliveries') is not null,
                has_database_privilege(current_database(), 'create') or to_regnamespace('kokochi') is not null",
    )
    .fetch_one(&mut *owner)
    .await
    .step("look for the queue of deliveries")?;
    if exists || !allowed {
        return Ok(());
    }
    let user = quote::name(&plan.user.user);
    let sql = format!(
        "{}\ngrant usage on schema kokochi to {user};\n\
         grant select, insert, update, delete on kokochi.deliveries to {user};",
        include_str!("../../../migrations/0002_deliveries.sql")
    );
    run(owner, "make the queue of deliveries", sql).await?;
    made.push("the queue of deliveries".to_owned());
    Ok(())
}
