//! What users have beyond other rows: passwords, mail addresses, defaults (08 §4, §5).

use std::fmt::Write as _;
use std::sync::{Arc, LazyLock};

use chrono::{NaiveDateTime, NaiveTime, TimeDelta};
use regex::Regex;
use sha2::{Digest, Sha512};

use super::posted::Posted;
use crate::db::organisation::OrganisationRow;
use crate::db::sql::{Bind, Ident};
use crate::domain::tenants::Users;
use crate::domain::{Call, Error};
use crate::json::{self, Raw};
use crate::lenient::{self, Json};
use crate::model::Value;

/// What the empty date is stored as where it has to be.
const EMPTY_DATE: i64 = -2_209_161_600;

/// The stored form of a password: SHA-512 in lower-case hex, as the reference has it (02 §19.1).
pub(super) fn hash(password: &str) -> String {
    Sha512::digest(password.as_bytes()).iter().fold(String::with_capacity(128), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The users among whom a posted manager is looked up; nobody where none is posted. It has to be asked for before a
/// connection is held: it may need one.
pub(super) async fn known_to(call: &Call, posted: &Posted) -> Result<Option<Arc<Users>>, Error> {
    match posted.value("Manager").map(Value::int) {
        None | Some(0) => Ok(None),
        Some(_) => Ok(Some(call.users().await?)),
    }
}

/// The password as posted; the posted one becomes its hash, as does a posted code. A manager whom nobody knows is none.
pub(super) fn take_secrets(posted: &mut Posted, known: Option<&Users>) -> String {
    let password = posted.text("Password").map(str::to_owned);
    if let Some(password) = &password {
        posted.replace("Password", &Value::Text(hash(password)));
    }
    if let Some(code) = posted.text("SecondaryAuthenticationCode").filter(|code| !code.is_empty()) {
        let hashed = hash(code);
        posted.replace("SecondaryAuthenticationCode", &Value::Text(hashed));
    }
    let manager = posted.value("Manager").map(Value::int);
    if manager.is_some_and(|id| known.is_some_and(|known| known.find(id).is_none())) {
        posted.replace("Manager", &Value::Int(0));
    }
    password.unwrap_or_default()
}

/// Refuses passwords that equal the login id (08 §4, step 7).
pub(super) fn check_joe(call: &Call, password: &str, login_id: &str) -> Result<(), Error> {
    if call.services.parameters.security.joe_account_check && password == login_id {
        return Err(Error::JoeAccountCheck);
    }
    Ok(())
}

/// Refuses passwords that a policy does not like (08 §4, step 8). A policy that cannot be read likes none.
pub(super) fn check_policies(call: &Call, password: &str) -> Result<(), Error> {
    let security = &call.services.parameters.security;
    if security.disable_check_password_policy_if_api {
        return Ok(());
    }
    let matches = |pattern: &str| Regex::new(pattern).is_ok_and(|regex| regex.is_match(password));
    let mut enabled = security.password_policies.iter().filter(|policy| policy.enabled);
    if enabled.any(|policy| !matches(&policy.regex)) {
        return Err(Error::PasswordPolicyViolation);
    }
    Ok(())
}

/// The text of the first policy that a password breaks, in the caller's language (08 §7, step 10).
pub(super) fn refused_policy(call: &Call, password: &str) -> Option<String> {
    let matches = |pattern: &str| Regex::new(pattern).is_ok_and(|regex| regex.is_match(password));
    let policies = &call.services.parameters.security.password_policies;
    let policy = policies.iter().find(|policy| policy.enabled && !matches(&policy.regex))?;
    let language = call.language().code();
    let of = |wanted: Option<&str>| {
        policy.languages.iter().find(|text| text.language.as_deref() == wanted)
    };
    Some(of(Some(language)).or_else(|| of(None)).map(|text| text.body.clone()).unwrap_or_default())
}

static ADDRESS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"^(?:[^<>@]*<\s*)?[^\s@<>"(),:;\[\]\\]+@[^\s@<>"(),:;\[\]\\]+(?:\s*>)?$"#).ok()
});

/// Refuses the first text that is not one address (08 §4, step 10).
pub(super) fn check_addresses(addresses: &[String]) -> Result<(), Error> {
    let is_address =
        |text: &str| ADDRESS.as_ref().is_some_and(|pattern| pattern.is_match(text.trim()));
    match addresses.iter().find(|text| !is_address(text)) {
        Some(text) => Err(Error::BadMailAddress(text.clone())),
        None => Ok(()),
    }
}

/// The language of users of whom none is said: the tenant's, else the service's (08 §4, step 2).
pub(super) fn default_language(call: &Call) -> &str {
    or(&call.caller.tenant.language, &call.services.parameters.service.default_language)
}

/// As [`default_language`], the zone.
pub(super) fn default_zone(call: &Call) -> &str {
    or(&call.caller.tenant.time_zone, &call.services.parameters.service.time_zone_default)
}

const fn or<'t>(own: &'t str, default: &'t str) -> &'t str {
    if own.is_empty() { default } else { own }
}

/// The columns that a new user gets beside those posted (08 §4, steps 2, 11 to 13).
pub(super) fn defaults(call: &Call, posted: &Posted, values: &mut Vec<(Ident, Bind)>) {
    if posted.text("Language").is_none() {
        values.retain(|(name, _)| name.as_str() != "Language");
        values.push((Ident::new("Language"), Bind::text(default_language(call))));
    }
    let zone = posted.text("TimeZone").unwrap_or_else(|| default_zone(call));
    values.retain(|(name, _)| name.as_str() != "TimeZone");
    // QUIRK(08 §4): UTC counts as not given and leaves the column to its database default.
    if zone != "UTC" {
        values.push((Ident::new("TimeZone"), Bind::text(zone)));
    }
    let security = &call.services.parameters.security;
    let password = posted.text("Password").unwrap_or_default();
    let histories = match security.enforce_password_histories {
        0 => "[]".to_owned(),
        kept => histories(call, "", password, kept),
    };
    values.push((Ident::new("PasswordHistries"), Bind::text(histories)));
    if posted.value("PasswordExpirationTime").is_none()
        && let Some(time) = expiration(call)
    {
        values.push((Ident::new("PasswordExpirationTime"), Bind::Time(Some(time))));
    }
}

/// The columns that a new password changes at once (08 §5, step 8).
pub(super) fn password_change(
    call: &Call,
    row: &OrganisationRow,
    hashed: &str,
) -> Result<Vec<(Ident, Bind)>, Error> {
    let kept = call.services.parameters.security.enforce_password_histories;
    let mut values = vec![
        (Ident::new("Password"), Bind::text(hashed)),
        (Ident::new("PasswordChangeTime"), Bind::Time(Some(call.server_now()))),
    ];
    if kept > 0 {
        let stored = row.text("PasswordHistries");
        if entries(stored).iter().any(|entry| entry.password == hashed) {
            return Err(Error::PasswordHasBeenUsed);
        }
        let histories = histories(call, stored, hashed, kept);
        values.push((Ident::new("PasswordHistries"), Bind::text(histories)));
    }
    let current = row.value("PasswordExpirationTime").and_then(Value::time);
    // QUIRK(08 §5): no expiration is written as the empty date from now on.
    let empty = || chrono::DateTime::from_timestamp(EMPTY_DATE, 0).map(|time| time.naive_utc());
    let expires = expiration(call).or(current).or_else(empty);
    values.push((Ident::new("PasswordExpirationTime"), Bind::Time(expires)));
    Ok(values)
}

fn expiration(call: &Call) -> Option<NaiveDateTime> {
    let days = call.services.parameters.security.password_expiration_period;
    let today = call.server_now().date().and_time(NaiveTime::MIN);
    (days != 0).then(|| today + TimeDelta::days(i64::from(days)))
}

/// A former password.
struct Former {
    password: String,
    creator: i64,
    created_time: String,
}

fn entries(stored: &str) -> Vec<Former> {
    let Ok(Json::Array(entries)) = lenient::parse(stored) else { return Vec::new() };
    let text = |entry: &Json<'_>, name| {
        entry.member(name).and_then(Json::as_str).unwrap_or_default().to_owned()
    };
    let entry = |entry: &Json<'_>| Former {
        password: text(entry, "Password"),
        creator: entry.member("Creator").and_then(Json::as_i64).unwrap_or_default(),
        created_time: text(entry, "CreatedTime"),
    };
    entries.iter().map(entry).collect()
}

/// The former passwords with a new one in front.
fn histories(call: &Call, stored: &str, hashed: &str, kept: i32) -> String {
    let mut now = String::new();
    json::date_time(call.server_now(), &mut now);
    let newest = Former {
        password: hashed.to_owned(),
        creator: call.caller.user.0.into(),
        created_time: now,
    };
    let kept = usize::try_from(kept).unwrap_or_default();
    let all = std::iter::once(newest).chain(entries(stored)).take(kept);
    let texts: Vec<String> = all
        .map(|entry| {
            json::object(|o| {
                o.field("Password", &entry.password).field("Creator", &entry.creator);
                o.field("CreatedTime", &entry.created_time);
            })
        })
        .collect();
    json::array(|array| {
        for text in &texts {
            array.element(&Raw(text));
        }
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

    #[test]
    fn one_address_is_an_address() {
        let check = |text: &str| check_addresses(&[text.to_owned()]).is_ok();
        assert!(check("a@example.com") && check("Name <a@example.com>"));
        for text in ["nope", "", " ", "a@b.c,d@e.f", "a@b.c;d@e.f", "a@", "@b", "a b@c.d"] {
            assert!(!check(text), "{text}");
        }
    }
}
