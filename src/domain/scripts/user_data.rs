//! `context.UserData`: what scripts keep for their user, in the rows of `/api/sessions` with `SavePerUser`.
//!
//! The reference 1.5.3.0 gives scripts an object of the request instead (07 §1.9, observed). The users' documents
//! describe one store that both use, and they have the last word.

use serde_json::{Map, Value as Json};

use crate::db;
use crate::domain::sessions::{Area, KEY_PREFIX};
use crate::domain::{Call, Error};

/// Everything that is kept for the caller. Texts are texts, and what a script kept of other types has its type again.
pub(super) async fn load(call: &Call) -> Result<Map<String, Json>, Error> {
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    let rows = db::sessions::all(&mut conn, Area::of_caller(call).guid(), KEY_PREFIX).await?;
    let value = |text: String, is_json: bool| match serde_json::from_str(&text) {
        Ok(value) if is_json => value,
        _ => Json::String(text),
    };
    Ok(rows.into_iter().map(|row| (row.key, value(row.value, row.is_json))).collect())
}

/// Writes what changed: texts as they are, everything else as JSON; what is gone or null is removed.
pub(super) async fn store(
    call: &Call,
    before: &Map<String, Json>,
    now: &Map<String, Json>,
) -> Result<(), Error> {
    let stored = |key: &str| format!("{KEY_PREFIX}{key}");
    let changed: Vec<(String, String, bool)> = now
        .iter()
        .filter(|(key, value)| before.get(*key) != Some(*value))
        .filter(|(_, value)| !value.is_null())
        .map(|(key, value)| match value {
            Json::String(text) => (stored(key), text.clone(), false),
            value => (stored(key), value.to_string(), true),
        })
        .collect();
    let gone: Vec<String> = before
        .keys()
        .filter(|key| now.get(*key).is_none_or(Json::is_null))
        .map(|key| stored(key))
        .collect();
    if changed.is_empty() && gone.is_empty() {
        return Ok(());
    }
    let area = Area::of_caller(call);
    let mut transaction = call.services.db.begin().await.map_err(db::Error::from)?;
    db::sessions::set_all(&mut transaction, area.guid(), &changed, call.caller.user).await?;
    db::sessions::delete_all(&mut transaction, area.guid(), &gone).await?;
    transaction.commit().await.map_err(db::Error::from)?;
    Ok(())
}
