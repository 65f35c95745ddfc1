//! Search texts of stored records (08 §13).

use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};

use super::Error;
use crate::model::{SiteId, TenantId};

/// The records of a site of the tenant, by site: one or none.
#[tracing::instrument(name = "db.search_texts.of_site", skip_all)]
pub async fn of_site(
    conn: &mut PgConnection,
    tenant: TenantId,
    site: SiteId,
) -> Result<Vec<(SiteId, Vec<i64>)>, Error> {
    let rows = sqlx::query(
        r#"
        select i."SiteId", array_agg(i."ReferenceId" order by i."ReferenceId")
          from "Items" i
          join "Sites" s on s."SiteId" = i."SiteId" and s."TenantId" = $1
         where i."SiteId" = $2 and i."ReferenceType" <> 'Sites'
         group by i."SiteId"
        "#,
    )
    .bind(tenant.0)
    .bind(site.0)
    .fetch_all(conn)
    .await?;
    rows.iter().map(read).collect()
}

/// Records of the tenant whose text is older than they are, at most `lot`, by site.
#[tracing::instrument(name = "db.search_texts.outdated", skip_all)]
pub async fn outdated(
    conn: &mut PgConnection,
    tenant: TenantId,
    lot: i64,
) -> Result<Vec<(SiteId, Vec<i64>)>, Error> {
    let rows = sqlx::query(
        r#"
        select due."SiteId", array_agg(due."ReferenceId" order by due."ReferenceId")
          from (select i."SiteId", i."ReferenceId"
                  from "Items" i
                  join "Sites" s on s."SiteId" = i."SiteId" and s."TenantId" = $1
                 where i."ReferenceType" <> 'Sites'
                   and i."SearchIndexCreatedTime" is distinct from i."UpdatedTime"
                 limit $2) due
         group by due."SiteId"
        "#,
    )
    .bind(tenant.0)
    .bind(lot.max(0))
    .fetch_all(conn)
    .await?;
    rows.iter().map(read).collect()
}

fn read(row: &PgRow) -> Result<(SiteId, Vec<i64>), Error> {
    Ok((SiteId(row.try_get(0)?), row.try_get(1)?))
}

/// Gives items their search texts. Who changed them last, and when, stays. Items are locked in the order of their ids,
/// so that calls that do the same do not wait for each other.
#[tracing::instrument(name = "db.search_texts.store", skip_all)]
pub async fn store(conn: &mut PgConnection, ids: &[i64], texts: &[String]) -> Result<(), Error> {
    sqlx::query(
        r#"
        with locked as materialized (
            select "ReferenceId" as id from "Items" where "ReferenceId" = any($1) order by "ReferenceId" for update)
        update "Items" i
           set "FullText" = made.text, "SearchIndexCreatedTime" = i."UpdatedTime"
          from unnest($1::bigint[], $2::text[]) as made (id, text)
          join locked on locked.id = made.id
         where i."ReferenceId" = made.id
        "#,
    )
    .bind(ids)
    .bind(texts)
    .execute(conn)
    .await?;
    Ok(())
}
