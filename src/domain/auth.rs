//! Who calls, and whether the API is open to them (01 §5, §6).

use std::sync::Arc;

use rust_decimal::Decimal;
use serde::Deserialize;

use crate::db;
use crate::db::calls::{self, Found, SettingsVersion};
use crate::db::statuses;
use crate::lenient;

use super::ahead::{Ahead, LookedUp};
use super::call::{Call, Trail};
use super::contract::Contract;
use super::items::load;
use super::request::Common;
use super::zones::Zones;
use super::{Error, Services};

/// The call of whoever has the body's key; nobody without a key, with an unknown one, or one that two users share.
pub async fn identify(
    services: &Arc<Services>,
    common: &Common,
    id: i64,
    ahead: Option<Ahead>,
) -> Result<Option<Call>, Error> {
    let Some(api_key) = common.api_key.as_deref().filter(|key| !key.is_empty()) else {
        return Ok(None);
    };
    let known = services.known(id);
    let version = known.as_ref().map(|known| known.version);
    let Some(found) = find(services, api_key, id, version, ahead.as_ref()).await? else {
        return Ok(None);
    };
    let looked_up = ahead.zip(found.looked_up).map(|(ahead, rows)| LookedUp::new(ahead, rows));
    let mut caller = found.caller;
    caller.privileged = services.parameters.security.privileged_users.contains(&caller.login_id);
    caller.tenant_manager |= caller.privileged;
    let settings = found.target.as_ref().and_then(|target| {
        let site = &target.site;
        let version =
            SettingsVersion { site: site.id, ver: site.ver, updated_time: site.updated_time };
        services.settings(id, version, site.kind, found.settings.as_deref(), known.as_ref())
    });
    Ok(Some(Call {
        contract: Contract::read(&caller.tenant.contract),
        zones: Zones::new(services.server_zone, &caller.time_zone),
        now: services.clock.now(),
        origin: String::new(),
        base_path: String::new(),
        // Who routes the call fills them in.
        controller: "",
        action: "",
        id,
        target: found.target,
        settings,
        api_version: api_version(services, common),
        trail: Trail::default(),
        scripts: super::scripts::State::default(),
        versions: found.versions,
        looked_up: looked_up.unwrap_or_default(),
        services: Arc::clone(services),
        caller,
    }))
}

async fn find(
    services: &Services,
    api_key: &str,
    id: i64,
    known: Option<SettingsVersion>,
    ahead: Option<&Ahead>,
) -> Result<Option<Found>, Error> {
    let columns = ahead.and_then(|ahead| {
        let table = services.catalogue.table(ahead.settings.kind.name())?;
        Some((ahead, load::columns(&ahead.settings, table)))
    });
    let select = columns.as_ref().map(|(ahead, columns)| {
        load::select(&ahead.settings, ahead.site, columns, ahead.condition.clone())
    });
    let found = calls::find(&services.db, api_key, id, known, select.as_ref()).await?;
    if let Some(Found { caller, versions: None, .. }) = &found {
        let mut conn = services.db.acquire().await.map_err(db::Error::from)?;
        // The tenant's first call. This one loads what it needs; from the next on, it may be kept.
        statuses::create(&mut conn, caller.tenant.id, caller.user).await?;
    }
    Ok(found)
}

/// The version that answers echo: the body's, or the parameter where there is none (01 §8).
fn api_version(services: &Services, common: &Common) -> Decimal {
    common.api_version().unwrap_or(services.parameters.api.version)
}

/// Refuses callers to whom the API is closed (01 §6.1, first part of the gate).
pub fn check_api_open(call: &Call) -> Result<(), Error> {
    let open = call.services.parameters.api.enabled
        && call.contract.allows_api()
        && user_may_use_api(call);
    if open { Ok(()) } else { Err(Error::InvalidRequest) }
}

/// 01 §6.2. `Users.AllowApi` matters only where the API is switched off for everybody else.
fn user_may_use_api(call: &Call) -> bool {
    let caller = &call.caller;
    if caller.privileged {
        return true;
    }
    let closed = call.services.parameters.user.disable_api || caller.tenant.disable_api;
    (!closed || caller.allow_api) && !flags(&caller.settings).disable_api
}

/// The switches in `Users.UserSettings` (06 §2.4).
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[expect(clippy::struct_excessive_bools, reason = "the reference's own switches")]
pub struct UserFlags {
    /// The API is closed to the user.
    pub disable_api: bool,
    /// The user may not create sites at the top level.
    pub disable_top_site_creation: bool,
    /// The user manages users and departments without being a tenant manager.
    pub enable_manage_tenant: bool,
    /// The user may not manage groups.
    pub disable_group_admin: bool,
    /// The user may not create groups.
    pub disable_group_creation: bool,
}

/// The switches of a user; unreadable settings have none.
pub fn flags(user_settings: &str) -> UserFlags {
    if user_settings.is_empty() {
        UserFlags::default()
    } else {
        lenient::from_str(user_settings).unwrap_or_default()
    }
}
