//! The sites that a table is linked with, with the caller's rights on each.

use sqlx::PgConnection;
use sqlx::postgres::PgRow;

use super::calls::SettingsVersion;
use super::{Columns, Error};
use crate::model::{Caller, ItemId, Lock, ReferenceType, Rights, Site, SiteId, Target, TenantId};

/// Sites of the caller's tenant as what is addressed, in the order of their ids, with the text of their settings unless
/// its version is known.
#[tracing::instrument(name = "db.linked_sites", skip_all)]
pub async fn linked_sites(
    conn: &mut PgConnection,
    caller: &Caller,
    ids: &[SiteId],
    known: &[SettingsVersion],
) -> Result<Vec<(Target, Option<String>)>, Error> {
    let groups: Vec<i32> = caller.enabled_groups.iter().map(|group| group.0).collect();
    let rows = sqlx::query(include_str!("queries/linked_sites.sql"))
        .bind(caller.tenant.id.0)
        .bind(ids.iter().map(|id| id.0).collect::<Vec<_>>())
        .bind(caller.user.0)
        .bind(groups)
        .bind(if caller.dept_enabled { caller.dept.0 } else { 0 })
        .bind(known.iter().map(|known| known.site.0).collect::<Vec<_>>())
        .bind(known.iter().map(|known| known.ver).collect::<Vec<_>>())
        .bind(known.iter().map(|known| known.updated_time).collect::<Vec<_>>())
        .fetch_all(conn)
        .await?;
    rows.iter().map(read).collect()
}

/// The sites of a tenant that link to a site and want their records deleted along with its own (03 §7.1, step 5).
#[tracing::instrument(name = "db.dependent_sites", skip_all)]
pub async fn dependent_sites(
    conn: &mut PgConnection,
    tenant: TenantId,
    site: SiteId,
) -> Result<Vec<SiteId>, Error> {
    let ids: Vec<i64> = sqlx::query_scalar(
        r#"select site."SiteId"
             from "Links" as link join "Sites" as site on site."SiteId" = link."SourceId"
            where link."DestinationId" = $1 and site."TenantId" = $2
              and strpos(site."SiteSettings", 'DeleteWithLinks') > 0
            order by site."SiteId"
        "#,
    )
    .bind(site.0)
    .bind(tenant.0)
    .fetch_all(conn)
    .await?;
    Ok(ids.into_iter().map(SiteId).collect())
}

fn read(row: &PgRow) -> Result<(Target, Option<String>), Error> {
    let columns = &mut Columns::of(row);
    let id = SiteId(columns.next()?);
    let title: String = columns.next::<Option<String>>()?.unwrap_or_default();
    let kind = ReferenceType::from_name(columns.next()?).unwrap_or(ReferenceType::Dashboards);
    let (parent, inherit_permission) = (SiteId(columns.next()?), SiteId(columns.next()?));
    let (ver, updated_time, settings) = (columns.next()?, columns.next()?, columns.next()?);
    let (time, user) = (columns.next::<Option<_>>()?, columns.next::<Option<String>>()?);
    let destinations: Option<Vec<i64>> = columns.next()?;
    let rights = columns.next::<Option<i64>>()?.map(Rights);
    let site = Site {
        id,
        title: title.clone(),
        kind,
        parent,
        inherit_permission,
        ver,
        updated_time,
        lock: time.zip(user).map(|(time, user)| Lock { user, time }),
        api_count: 0,
        api_count_date: None,
        destinations: destinations.unwrap_or_default().into_iter().map(SiteId).collect(),
        sources: Vec::new(),
    };
    let target = Target {
        item: ItemId(id.0),
        item_title: title,
        site,
        site_rights: rights,
        item_rights: rights,
    };
    Ok((target, settings))
}
