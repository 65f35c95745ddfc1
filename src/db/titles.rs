//! Titles of records that show those of others (03 §12.5).

use sqlx::{PgConnection, Row};

use super::{Columns, Error};
use crate::model::{SiteId, SiteVersion, TenantId};

/// The records of a site that link to one of the records, in the order of their ids.
#[tracing::instrument(name = "db.titles.linking", skip_all)]
pub async fn linking(
    conn: &mut PgConnection,
    site: SiteId,
    destinations: &[i64],
) -> Result<Vec<i64>, Error> {
    let rows = sqlx::query(
        r#"
        select distinct l."SourceId"
          from "Links" l
          join "Items" i on i."ReferenceId" = l."SourceId" and i."SiteId" = $1
         where l."DestinationId" = any($2) and l."SourceId" <> $1
         order by 1
        "#,
    )
    .bind(site.0)
    .bind(destinations)
    .fetch_all(conn)
    .await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// Gives items their titles; the search text is to be made anew. Who changed them last stays. Those whose title is
/// another one now.
#[tracing::instrument(name = "db.titles.store", skip_all)]
pub async fn store(
    conn: &mut PgConnection,
    ids: &[i64],
    titles: &[String],
) -> Result<Vec<i64>, Error> {
    let rows = sqlx::query(
        r#"
        update "Items" i
           set "Title" = made.title, "SearchIndexCreatedTime" = null
          from unnest($1::bigint[], $2::text[]) as made (id, title)
         where i."ReferenceId" = made.id and i."Title" is distinct from made.title
        returning i."ReferenceId"
        "#,
    )
    .bind(ids)
    .bind(titles)
    .fetch_all(conn)
    .await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// The sites that are registered to link to a site.
#[tracing::instrument(name = "db.titles.sources", skip_all)]
pub async fn sources(
    conn: &mut PgConnection,
    tenant: TenantId,
    site: SiteId,
) -> Result<Vec<SiteVersion>, Error> {
    let rows = sqlx::query(
        r#"
        select s."SiteId", s."Ver", s."UpdatedTime"
          from "Links" l
          join "Sites" s on s."SiteId" = l."SourceId" and s."TenantId" = $1
         where l."DestinationId" = $2
        "#,
    )
    .bind(tenant.0)
    .bind(site.0)
    .fetch_all(conn)
    .await?;
    let read = |row| {
        let columns = &mut Columns::of(row);
        Ok(SiteVersion {
            id: SiteId(columns.next()?),
            ver: columns.next()?,
            updated_time: columns.next()?,
        })
    };
    rows.iter().map(read).collect()
}
