//! Sites that links lead to.

use sqlx::{PgConnection, Row};

use crate::db::Error;
use crate::db::calls::SettingsVersion;
use crate::model::{ReferenceType, SiteId, TenantId};

/// A site as links lead to it.
#[derive(Debug, Clone)]
pub struct LinkedSite {
    /// The site and the version of its settings.
    pub version: SettingsVersion,
    /// What it holds.
    pub kind: ReferenceType,
    /// `SiteSettings`; empty when unset.
    pub settings: String,
    /// The sites that it is registered to link to (06 §1.8).
    pub destinations: Vec<SiteId>,
}

/// Those of the sites that are tables of the tenant.
#[tracing::instrument(name = "db.sites.linked", skip_all)]
pub async fn linked(
    conn: &mut PgConnection,
    tenant: TenantId,
    ids: &[i64],
) -> Result<Vec<LinkedSite>, Error> {
    let rows = sqlx::query(
        r#"
        select s."SiteId", s."Ver", s."UpdatedTime", s."ReferenceType", coalesce(s."SiteSettings", ''),
               array(select "DestinationId" from "Links" where "SourceId" = s."SiteId")
          from "Sites" s
         where s."TenantId" = $1 and s."SiteId" = any($2) and s."ReferenceType" in ('Issues', 'Results', 'Wikis')
        "#,
    )
    .bind(tenant.0)
    .bind(ids)
    .fetch_all(conn)
    .await?;
    let mut sites = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(kind) = ReferenceType::from_name(row.try_get(3)?) else { continue };
        sites.push(LinkedSite {
            version: SettingsVersion {
                site: SiteId(row.try_get(0)?),
                ver: row.try_get(1)?,
                updated_time: row.try_get(2)?,
            },
            kind,
            settings: row.try_get(4)?,
            destinations: row.try_get::<Vec<i64>, _>(5)?.into_iter().map(SiteId).collect(),
        });
    }
    Ok(sites)
}
