//! Texts that callers keep under keys, each for itself or for its browser session (07 §1).
//!
//! QUIRK(07 §1.2): neither the switches of the API nor its daily limit concern these calls.

use std::sync::Mutex;
use std::time::Duration;

use chrono::NaiveDate;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use serde::Deserialize;

use crate::db;
use crate::lenient::{self, Json};
use crate::parameters::Parameters;

use super::{Call, Error};

/// What keys of rows begin with: all that separates them from what screens keep in the same table.
pub const KEY_PREFIX: &str = "User_";

/// What a body asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct SessionRequest {
    session_key: Option<String>,
    session_value: Option<String>,
    /// Whether the text is the caller's own, and not its browser session's.
    pub save_per_user: bool,
}

impl SessionRequest {
    /// The request, which always needs a key.
    pub fn read(body: &Json<'_>) -> Result<Self, Error> {
        let request: Self = lenient::from_json(body).map_err(|_| Error::BadRequest)?;
        if request.key().is_empty() { Err(Error::BadRequest) } else { Ok(request) }
    }

    /// The key as it came.
    pub fn key(&self) -> &str {
        self.session_key.as_deref().unwrap_or_default()
    }

    /// QUIRK(07 §1.1): an empty text cannot be kept.
    fn value(&self) -> Result<&str, Error> {
        self.session_value.as_deref().filter(|value| !value.is_empty()).ok_or(Error::BadRequest)
    }

    /// The key of the row.
    fn stored_key(&self) -> String {
        format!("{KEY_PREFIX}{}", self.key())
    }

    /// PostgreSQL's texts cannot hold it, so nothing is ever found under such a key.
    fn has_nul(&self) -> bool {
        self.key().contains('\0')
    }
}

/// Where texts are kept: `Sessions.SessionGuid`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Area(String);

impl Area {
    /// The caller's own.
    pub fn of_caller(call: &Call) -> Self {
        Self(format!("@{}", call.caller.user.0))
    }

    /// `Sessions.SessionGuid`.
    pub fn guid(&self) -> &str {
        &self.0
    }
}

/// The text under a key.
pub async fn get(call: &Call, area: &Area, request: &SessionRequest) -> Result<String, Error> {
    if request.has_nul() {
        return Err(Error::NotFound);
    }
    let text = db::sessions::get(&call.services.db, &area.0, &request.stored_key()).await?;
    text.ok_or(Error::NotFound)
}

/// Keeps a text under a key. Whatever the database refuses, such as a key of more than 251 characters, is answered as
/// an internal error (07 §1.2, step 6).
pub async fn set(call: &Call, area: &Area, request: &SessionRequest) -> Result<(), Error> {
    let value = request.value()?;
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    db::sessions::set(&mut conn, &area.0, &request.stored_key(), value, call.caller.user)
        .await
        .map_err(Error::InternalServerError)
}

/// Removes what is under a key.
pub async fn delete(call: &Call, area: &Area, request: &SessionRequest) -> Result<(), Error> {
    if request.has_nul() {
        return Err(Error::NotFound);
    }
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    let deleted = db::sessions::delete(&mut conn, &area.0, &request.stored_key())
        .await
        .map_err(Error::InternalServerError)?;
    if deleted { Ok(()) } else { Err(Error::NotFound) }
}

/// How many browser sessions stay in memory; the longest unused go first.
const SESSIONS_KEPT: u64 = 100_000;

/// The browser sessions of this process: what its cookies stand for (07 §1.4).
///
/// No other process can resolve them, as in the reference.
pub struct BrowserSessions {
    areas: Cache<String, Area>,
    cleaned_on: Mutex<Option<NaiveDate>>,
}

impl BrowserSessions {
    /// None yet; each will end when it was not used for `Session.RetentionPeriod`.
    pub fn new(parameters: &Parameters) -> Self {
        let areas = Cache::builder()
            .max_capacity(SESSIONS_KEPT)
            .eviction_policy(EvictionPolicy::lru())
            .time_to_idle(retention(parameters))
            .build();
        Self { areas, cleaned_on: Mutex::new(None) }
    }

    /// What a cookie stands for.
    pub fn find(&self, cookie: &str) -> Option<Area> {
        self.areas.get(cookie)
    }

    /// A new session and its cookie, which nobody can guess.
    pub fn begin(&self) -> (String, Area) {
        let random = || uuid::Uuid::new_v4().simple().to_string();
        let cookie = random() + &random();
        let area = Area(random().to_uppercase());
        self.areas.insert(cookie.clone(), area.clone());
        (cookie, area)
    }

    /// Whether this is the first time on that day.
    fn begins(&self, today: NaiveDate) -> bool {
        let Ok(mut cleaned_on) = self.cleaned_on.lock() else { return false };
        cleaned_on.replace(today) != Some(today)
    }
}

/// Removes, once a day, what ended browser sessions left behind (07 §1.8).
pub async fn clean(call: &Call) -> Result<(), Error> {
    let now = call.server_now();
    if !call.services.browser_sessions.begins(now.date()) {
        return Ok(());
    }
    let before = now - retention(&call.services.parameters);
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    let removed = db::sessions::clean(&mut conn, before).await?;
    tracing::info!(removed, "removed rows of ended browser sessions");
    Ok(())
}

fn retention(parameters: &Parameters) -> Duration {
    Duration::from_secs(u64::try_from(parameters.session.retention_period).unwrap_or_default() * 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lenient::parse;

    fn read(body: &str) -> Result<SessionRequest, Error> {
        SessionRequest::read(&parse(body).unwrap())
    }

    #[test]
    fn numbers_and_booleans_are_kept_as_written() {
        for (written, kept) in [("1.10", "1.10"), ("1E+3", "1E+3"), ("-0", "-0"), ("true", "true")]
        {
            let request = read(&format!(r#"{{"SessionKey":1,"SessionValue":{written}}}"#)).unwrap();
            assert_eq!((request.key(), request.value().unwrap()), ("1", kept));
        }
    }

    #[test]
    fn a_request_without_key_or_with_a_wrong_member_is_refused() {
        for body in [
            "null",
            "{}",
            r#"{"SessionKey":""}"#,
            r#"{"SessionKey":"k","SessionValue":{}}"#,
            r#"{"SessionKey":"k","SavePerUser":null}"#,
            r#"{"SessionKey":"k","SavePerUser":"1"}"#,
        ] {
            assert!(matches!(read(body), Err(Error::BadRequest)), "{body}");
        }
        assert!(read(r#"{"sessionkey":" ","saveperuser":"TRUE"}"#).unwrap().save_per_user);
    }

    #[test]
    fn an_empty_text_cannot_be_kept() {
        for body in [r#"{"SessionKey":"k"}"#, r#"{"SessionKey":"k","SessionValue":""}"#] {
            assert!(matches!(read(body).unwrap().value(), Err(Error::BadRequest)), "{body}");
        }
    }
}
