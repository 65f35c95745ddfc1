//! Reading a site to change it.

use sqlx::{PgConnection, Row};

use crate::db::Error;
use crate::model::{SiteId, TenantId, UserId};

/// What a change of a site has to know besides what came with the call.
#[derive(Debug, Clone)]
pub struct SiteTexts {
    /// `Title`.
    pub title: String,
    /// `Body`; NULL is empty.
    pub body: String,
    /// `Comments`; NULL is empty.
    pub comments: String,
    /// `SiteSettings`; NULL is empty.
    pub settings: String,
    /// Who made it.
    pub creator: UserId,
    /// Whether the other site that was asked for is one of the tenant; true when none was.
    pub other_exists: bool,
}

/// The texts of a site, and whether another one exists; none when the site does not.
#[tracing::instrument(name = "db.sites.load", skip_all)]
pub async fn load(
    conn: &mut PgConnection,
    tenant: TenantId,
    site: SiteId,
    other: Option<SiteId>,
) -> Result<Option<SiteTexts>, Error> {
    let row = sqlx::query(
        r#"
        select "Title", coalesce("Body", ''), coalesce("Comments", ''), coalesce("SiteSettings", ''), "Creator",
               $3::bigint is null or exists (select from "Sites" where "TenantId" = $1 and "SiteId" = $3)
          from "Sites"
         where "TenantId" = $1 and "SiteId" = $2
        "#,
    )
    .bind(tenant.0)
    .bind(site.0)
    .bind(other.map(|other| other.0))
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(SiteTexts {
        title: row.try_get(0)?,
        body: row.try_get(1)?,
        comments: row.try_get(2)?,
        settings: row.try_get(3)?,
        creator: UserId(row.try_get(4)?),
        other_exists: row.try_get(5)?,
    }))
}
