//! The rows of sites as calls see them (05 §6).

use std::collections::HashMap;

use chrono::NaiveDateTime;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};

use super::{Columns, Error};
use crate::model::{SiteId, TenantId};

/// A row of `Sites`. Texts and flags that are NULL have become empty and false.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each is the column of its name")]
pub struct SiteRow {
    pub tenant_id: i32,
    pub site_id: i64,
    pub updated_time: NaiveDateTime,
    pub ver: i32,
    pub title: String,
    pub body: String,
    pub site_name: String,
    pub site_group_name: String,
    /// The texts beside the ten screens, in the order of their columns.
    pub guides: Vec<String>,
    pub reference_type: String,
    pub parent_id: i64,
    pub inherit_permission: i64,
    /// The permissions that refer to the site itself, as `User,1,511`; none unless they were asked for.
    pub permissions: Option<Vec<String>>,
    pub site_settings: String,
    pub publish: bool,
    pub disable_cross_search: bool,
    pub locked_time: Option<NaiveDateTime>,
    pub locked_user: i32,
    pub api_count_date: Option<NaiveDateTime>,
    pub api_count: i32,
    pub comments: String,
    pub creator: i32,
    pub updator: i32,
    pub created_time: NaiveDateTime,
}

/// The ten screens, by the columns of their guides.
const GUIDES: usize = 10;

/// The site of the tenant, with its permissions where they are wanted.
#[tracing::instrument(name = "db.site_records.find", skip_all)]
pub async fn find(
    conn: &mut PgConnection,
    tenant: TenantId,
    site: SiteId,
    with_permissions: bool,
) -> Result<Option<SiteRow>, Error> {
    let row = sqlx::query(include_str!("queries/site_record.sql"))
        .bind(tenant.0)
        .bind(site.0)
        .bind(with_permissions)
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(read).transpose()
}

/// The titles of those sites of the tenant.
#[tracing::instrument(name = "db.site_records.titles", skip_all)]
pub async fn titles(
    conn: &mut PgConnection,
    tenant: TenantId,
    sites: &[i64],
) -> Result<HashMap<i64, String>, Error> {
    let rows = sqlx::query(
        r#"select "SiteId", "Title" from "Sites" where "TenantId" = $1 and "SiteId" = any($2)"#,
    )
    .bind(tenant.0)
    .bind(sites)
    .fetch_all(conn)
    .await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

fn read(row: &PgRow) -> Result<SiteRow, Error> {
    let mut next = Columns::of(row);
    Ok(SiteRow {
        tenant_id: next.next()?,
        site_id: next.next()?,
        updated_time: next.next()?,
        ver: next.next()?,
        title: next.next()?,
        body: next.next()?,
        site_name: next.next()?,
        site_group_name: next.next()?,
        guides: (0..GUIDES).map(|_| next.next()).collect::<Result<_, _>>()?,
        reference_type: next.next()?,
        parent_id: next.next()?,
        inherit_permission: next.next()?,
        permissions: next.next()?,
        site_settings: next.next()?,
        publish: next.next()?,
        disable_cross_search: next.next()?,
        locked_time: next.next()?,
        locked_user: next.next()?,
        api_count_date: next.next()?,
        api_count: next.next()?,
        comments: next.next()?,
        creator: next.next()?,
        updator: next.next()?,
        created_time: next.next()?,
    })
}
