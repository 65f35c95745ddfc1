//! Users: `users/create` (08 §4).

use regex::Regex;
use serde::Deserialize;
use sha2::{Digest, Sha512};

use crate::db;
use crate::db::sql::{Bind, Ident};
use crate::lenient::{self, Json, Nullable};
use crate::messages::{self, MessageId};

use super::{Call, Error, auth};

/// What was written, for the answer.
#[derive(Debug, Clone)]
pub struct WrittenUser {
    /// `Users.UserId`.
    pub id: i64,
    /// The message's text.
    pub message: String,
}

/// A user as posted.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct UserRequest {
    login_id: Option<String>,
    global_id: Option<String>,
    name: Option<String>,
    user_code: Option<String>,
    password: Option<String>,
    language: Option<String>,
    time_zone: Option<String>,
    dept_id: Nullable<i32>,
    theme: Option<String>,
    body: Option<String>,
    tenant_manager: Nullable<bool>,
    disabled: Nullable<bool>,
    lockout: Nullable<bool>,
    lockout_counter: Nullable<i32>,
    allow_creation_at_top_site: Nullable<bool>,
    allow_group_administration: Nullable<bool>,
    allow_group_creation: Nullable<bool>,
    allow_api: Nullable<bool>,
    allow_moving_from_top_site: Nullable<bool>,
}

/// Adds a user to the caller's tenant, with the checks in the reference's order (08 §4).
pub async fn create(call: &Call, body: &Json<'_>) -> Result<WrittenUser, Error> {
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    let tenant = call.caller.tenant.id;
    if let Some(limit) = call.contract.users()
        && db::users::count(&mut conn, tenant).await? + 1 > limit
    {
        return Err(Error::UsersLimit);
    }
    let request: Result<UserRequest, _> = lenient::from_json(body);
    auth::check_api_open(call)?;
    let request = request.map_err(|_| Error::InvalidJsonData)?;
    if !call.services.parameters.service.show_profiles && !call.caller.privileged {
        return Err(Error::InvalidRequest);
    }
    check_right(call)?;
    check_columns(call, &request)?;
    check_password(call, &request)?;
    let name = request.name.clone().unwrap_or_default();
    let id = db::users::insert(&mut conn, tenant, call.caller.user, &values(call, &request)).await;
    let id = id.map_err(|error| match error {
        db::Error::DuplicateKey { .. } => Error::LoginIdAlreadyUse,
        other => other.into(),
    })?;
    let message = messages::text(MessageId::Created, call.language(), &[name]);
    Ok(WrittenUser { id: id.0.into(), message })
}

/// Tenant managers create users; who delegates for them may know that there are users (08 §2.2).
fn check_right(call: &Call) -> Result<(), Error> {
    let delegated = auth::flags(&call.caller.settings).enable_manage_tenant;
    match (call.caller.tenant_manager, delegated) {
        (true, false) => Ok(()),
        (false, false) => Err(Error::NotFound),
        (_, true) => Err(Error::HasNotPermission),
    }
}

/// Columns that only a service manager may set, unless a parameter opens them (08 §2.4), in alphabetical order.
fn check_columns(call: &Call, request: &UserRequest) -> Result<(), Error> {
    let parameters = &call.services.parameters.user;
    let api_is_closed =
        call.contract.allows_api() && (parameters.disable_api || call.caller.tenant.disable_api);
    let columns = [
        (&request.allow_api, api_is_closed, "APIを許可", "Allow API"),
        (
            &request.allow_creation_at_top_site,
            parameters.disable_top_site_creation,
            "トップでのサイト作成を許可",
            "Allow creation at top site",
        ),
        (
            &request.allow_group_administration,
            parameters.disable_group_admin,
            "グループ管理を許可",
            "Allow group administration",
        ),
        (
            &request.allow_group_creation,
            parameters.disable_group_creation,
            "グループ作成を許可",
            "Allow group creation",
        ),
        (
            &request.allow_moving_from_top_site,
            parameters.disable_moving_from_top_site,
            "トップからの移動を許可",
            "Allow moving from top site",
        ),
    ];
    let forbidden = columns.iter().find(|(value, opened, ..)| {
        value.0 == Some(true) && !opened && !call.caller.service_manager
    });
    match forbidden {
        Some((_, _, ja, en)) => {
            let label = if call.language() == messages::Language::Ja { ja } else { en };
            Err(Error::HasNotChangeColumnPermission { label: (*label).to_owned() })
        }
        None => Ok(()),
    }
}

/// A missing login id or password counts as an empty one (08 §4, steps 7 and 8).
fn check_password(call: &Call, request: &UserRequest) -> Result<(), Error> {
    let security = &call.services.parameters.security;
    let password = request.password.as_deref().unwrap_or_default();
    if security.joe_account_check && password == request.login_id.as_deref().unwrap_or_default() {
        return Err(Error::JoeAccountCheck);
    }
    let policies = security.password_policies.iter().filter(|policy| policy.enabled);
    let violated =
        |pattern: &str| !Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(password));
    if !security.disable_check_password_policy_if_api
        && policies.into_iter().any(|policy| violated(&policy.regex))
    {
        return Err(Error::PasswordPolicyViolation);
    }
    Ok(())
}

/// The columns that the insert writes: what is NOT NULL, and what differs from its initial value.
fn values(call: &Call, request: &UserRequest) -> Vec<(Ident, Bind)> {
    let service = &call.services.parameters.service;
    let tenant = &call.caller.tenant;
    let or = |posted: &Option<String>, tenant: &str, default: &str| {
        let default = if tenant.is_empty() { default } else { tenant };
        posted.clone().unwrap_or_else(|| default.to_owned())
    };
    let language = or(&request.language, &tenant.language, &service.default_language);
    let time_zone = or(&request.time_zone, &tenant.time_zone, &service.time_zone_default);
    let flag = |value: &Nullable<bool>| Bind::Bool(Some(value.0.unwrap_or_default()));
    let mut values = vec![
        (Ident::new("LoginId"), text(request.login_id.as_deref().unwrap_or_default(), 256)),
        (Ident::new("Language"), text(&language, 32)),
        (Ident::new("DeptId"), Bind::Int(Some(request.dept_id.0.unwrap_or_default()))),
        (Ident::new("TenantManager"), flag(&request.tenant_manager)),
        (Ident::new("Disabled"), flag(&request.disabled)),
        (Ident::new("Lockout"), flag(&request.lockout)),
        (
            Ident::new("LockoutCounter"),
            Bind::Int(Some(request.lockout_counter.0.unwrap_or_default())),
        ),
        (Ident::new("AllowCreationAtTopSite"), flag(&request.allow_creation_at_top_site)),
        (Ident::new("AllowGroupAdministration"), flag(&request.allow_group_administration)),
        (Ident::new("AllowGroupCreation"), flag(&request.allow_group_creation)),
        (Ident::new("AllowApi"), flag(&request.allow_api)),
        (Ident::new("AllowMovingFromTopSite"), flag(&request.allow_moving_from_top_site)),
        (Ident::new("PasswordHistries"), Bind::text("[]")),
    ];
    // QUIRK(08 §4): UTC counts as not given and leaves the column to its database default.
    if time_zone != "UTC" {
        values.push((Ident::new("TimeZone"), text(&time_zone, 32)));
    }
    let given = [
        ("GlobalId", &request.global_id, 36),
        ("Name", &request.name, 128),
        ("UserCode", &request.user_code, 32),
        ("Theme", &request.theme, 32),
        ("Body", &request.body, u32::MAX),
    ];
    let given =
        given.into_iter().filter_map(|(name, value, max)| Some((name, value.as_deref()?, max)));
    values.extend(
        given
            .filter(|(_, value, _)| !value.is_empty())
            .map(|(name, value, max)| (Ident::new(name), text(value, max))),
    );
    if let Some(password) = request.password.as_deref().filter(|password| !password.is_empty()) {
        values.push((Ident::new("Password"), Bind::text(hash(password))));
    }
    values
}

/// Over-long texts are cut (08 §2.4).
fn text(value: &str, max_units: u32) -> Bind {
    Bind::text(super::items::cut(value, Some(max_units)))
}

/// The stored form of a password: SHA-512 in lower-case hex, as the reference has it (02 §19.1).
pub fn hash(password: &str) -> String {
    use std::fmt::Write;
    Sha512::digest(password.as_bytes()).iter().fold(String::with_capacity(128), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 02 §20: the hash of the shipped default password.
    #[test]
    fn passwords_are_hashed_like_the_reference_does() {
        assert!(
            hash("pleasanter")
                .starts_with("c4a5472f5a8182479702bd498155a42d5b48a88318107a3f2b1e5b0a3806da4c")
        );
    }
}
