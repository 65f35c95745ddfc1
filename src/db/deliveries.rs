//! The queue of what leaves the server: `kokochi.deliveries`, a table of our own (`migrations/0002_deliveries.sql`).
//!
//! A row that is taken is due again later, so that it is tried again unless it is finished in time, by whichever process
//! of the server; a delivery may therefore happen twice, and never not at all.

use serde_json::Value;
use sqlx::{PgConnection, Row};

use super::Error;

/// A delivery that is due.
pub struct Due {
    /// Its row.
    pub id: i64,
    /// How often it has been tried, this time included.
    pub attempts: i32,
    /// What is to be delivered.
    pub delivery: Value,
}

/// Whether the database has the queue, and the role may use it.
#[tracing::instrument(name = "db.deliveries.exists", skip_all)]
pub async fn exists(conn: &mut PgConnection) -> Result<bool, Error> {
    let row = sqlx::query(
        r"
        select coalesce((select has_table_privilege(c.oid, 'SELECT') and has_table_privilege(c.oid, 'INSERT')
                                and has_table_privilege(c.oid, 'UPDATE') and has_table_privilege(c.oid, 'DELETE')
                                and has_schema_privilege(n.oid, 'USAGE')
                           from pg_class c join pg_namespace n on n.oid = c.relnamespace
                          where n.nspname = 'kokochi' and c.relname = 'deliveries'), false)
        ",
    )
    .fetch_one(conn)
    .await?;
    Ok(row.try_get(0)?)
}

/// Adds deliveries.
#[tracing::instrument(name = "db.deliveries.add", skip_all)]
pub async fn add(conn: &mut PgConnection, deliveries: &[Value]) -> Result<(), Error> {
    sqlx::query("insert into kokochi.deliveries (delivery) select * from unnest($1::jsonb[])")
        .bind(deliveries)
        .execute(conn)
        .await?;
    Ok(())
}

/// Takes what is due; it is due again after a minute, then four, up to an hour.
#[tracing::instrument(name = "db.deliveries.take", skip_all)]
pub async fn take(conn: &mut PgConnection, most: i64) -> Result<Vec<Due>, Error> {
    let rows = sqlx::query(
        r"
        update kokochi.deliveries d
           set attempts = d.attempts + 1,
               due = now() + least(interval '1 hour', interval '1 minute' * power(4, least(d.attempts, 5)))
          from (select id from kokochi.deliveries where due <= now() order by due, id limit $1
                   for update skip locked) taken
         where d.id = taken.id
        returning d.id, d.attempts, d.delivery
        ",
    )
    .bind(most)
    .fetch_all(conn)
    .await?;
    let read = |row: &sqlx::postgres::PgRow| {
        Ok(Due { id: row.try_get(0)?, attempts: row.try_get(1)?, delivery: row.try_get(2)? })
    };
    rows.iter().map(read).collect()
}

/// Removes a delivery that is done, or given up.
#[tracing::instrument(name = "db.deliveries.finish", skip_all)]
pub async fn finish(conn: &mut PgConnection, id: i64) -> Result<(), Error> {
    sqlx::query("delete from kokochi.deliveries where id = $1").bind(id).execute(conn).await?;
    Ok(())
}
