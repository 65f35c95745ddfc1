//! Who calls and what is addressed: the first round trip of every call.

use chrono::NaiveDateTime;
use sqlx::PgConnection;
use sqlx::postgres::PgRow;

use super::{Columns, Error};
use crate::messages::Language;
use crate::model::{
    Caller, DeptId, GroupId, ItemId, Lock, ReferenceType, Rights, Site, SiteId, Target, Tenant,
    TenantId, UserId,
};

/// The version of a site's settings that this process holds already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SettingsVersion {
    /// The site.
    pub site: SiteId,
    /// `Sites.Ver`.
    pub ver: i32,
    /// `Sites.UpdatedTime`.
    pub updated_time: NaiveDateTime,
}

/// What is known about a call before its own work begins.
#[derive(Debug, Clone)]
pub struct Found {
    /// The user whose key it is.
    pub caller: Caller,
    /// What the id in the URL addresses, if it exists in the caller's tenant.
    pub target: Option<Target>,
    /// `Sites.SiteSettings`; none when the caller of this function knows that version already.
    pub settings: Option<String>,
    /// Versions of the tenant's users, departments and groups: equal texts, equal content.
    pub versions: TenantVersions,
}

/// Signals of changes to what is cached per tenant (02 §18).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TenantVersions {
    /// Of `Users`.
    pub users: String,
    /// Of `Depts`.
    pub depts: String,
    /// Of `Groups`.
    pub groups: String,
}

/// The user an API key belongs to and what the call addresses; nobody when no key matches or two do (01 §5.1).
#[tracing::instrument(name = "db.calls.find", skip_all)]
pub async fn find(
    conn: &mut PgConnection,
    api_key: &str,
    id: i64,
    known: Option<SettingsVersion>,
) -> Result<Option<Found>, Error> {
    let mut rows = sqlx::query(include_str!("queries/find_call.sql"))
        .bind(api_key)
        .bind(id)
        .bind(known.map(|known| known.site.0))
        .bind(known.map(|known| known.ver))
        .bind(known.map(|known| known.updated_time))
        .fetch_all(conn)
        .await?;
    match (rows.pop(), rows.is_empty()) {
        (Some(row), true) => read(&row).map(Some),
        _ => Ok(None),
    }
}

fn read(row: &PgRow) -> Result<Found, Error> {
    let columns = &mut Columns::of(row);
    let caller = read_caller(columns)?;
    let versions =
        TenantVersions { users: columns.next()?, depts: columns.next()?, groups: columns.next()? };
    let (target, settings) = read_target(columns)?;
    Ok(Found { caller, target, settings, versions })
}

fn read_caller(columns: &mut Columns<'_>) -> Result<Caller, Error> {
    let tenant_id = TenantId(columns.next()?);
    Ok(Caller {
        user: UserId(columns.next()?),
        dept: DeptId(columns.next()?),
        dept_enabled: columns.next()?,
        login_id: columns.next()?,
        name: columns.next()?,
        language: Language::from_code(columns.next()?).unwrap_or(Language::En),
        time_zone: columns.next()?,
        groups: columns.next::<Vec<i32>>()?.into_iter().map(GroupId).collect(),
        enabled_groups: columns.next::<Vec<i32>>()?.into_iter().map(GroupId).collect(),
        tenant_manager: columns.next()?,
        service_manager: columns.next()?,
        allow_api: columns.next()?,
        allow_creation_at_top_site: columns.next()?,
        allow_group_administration: columns.next()?,
        allow_group_creation: columns.next()?,
        settings: columns.next()?,
        // A parameter lists the privileged; `domain::auth` looks it up.
        privileged: false,
        tenant: Tenant {
            id: tenant_id,
            contract: columns.next()?,
            disable_api: columns.next()?,
            allow_extensions_api: columns.next()?,
            language: columns.next()?,
            time_zone: columns.next()?,
        },
    })
}

fn read_target(columns: &mut Columns<'_>) -> Result<(Option<Target>, Option<String>), Error> {
    let Some(item) = columns.next::<Option<i64>>()? else { return Ok((None, None)) };
    let item_title = columns.next::<Option<String>>()?.unwrap_or_default();
    let id = SiteId(columns.next()?);
    let title = columns.next()?;
    let kind = ReferenceType::from_name(columns.next()?).unwrap_or(ReferenceType::Dashboards);
    let (parent, inherit_permission) = (SiteId(columns.next()?), SiteId(columns.next()?));
    let (ver, updated_time) = (columns.next()?, columns.next()?);
    let settings = columns.next()?;
    let locked: (Option<NaiveDateTime>, Option<i32>) = (columns.next()?, columns.next()?);
    let user: Option<String> = columns.next()?;
    // Locked means: a time, and a user who exists (06 §2.4).
    let lock = locked.0.zip(user).map(|(time, user)| Lock { user, time });
    let site = Site {
        id,
        title,
        kind,
        parent,
        inherit_permission,
        ver,
        updated_time,
        lock,
        api_count: columns.next()?,
        api_count_date: columns.next()?,
        destinations: columns
            .next::<Option<Vec<i64>>>()?
            .unwrap_or_default()
            .into_iter()
            .map(SiteId)
            .collect(),
    };
    let (site_rights, item_rights) =
        (columns.next::<Option<i64>>()?, columns.next::<Option<i64>>()?);
    let target = Target {
        item: ItemId(item),
        item_title,
        site,
        site_rights: site_rights.map(Rights),
        item_rights: item_rights.map(Rights),
    };
    Ok((Some(target), settings))
}
