//! `General.BlockSiteTaskWhileRunning`: one long operation at a time on a table (04 §1.5).

use chrono::{DateTime, NaiveDateTime, SecondsFormat, TimeDelta, Utc};

use crate::db::{self, task_locks};
use crate::domain::{Call, Error};
use crate::json;
use crate::lenient::{self, Json};
use crate::model::SiteId;

/// How long a holder that says nothing keeps the others off.
const EXPIRES: TimeDelta = TimeDelta::seconds(120);
/// How often a holder says that it is still there.
const REFRESHES: TimeDelta = TimeDelta::seconds(30);

/// The lock of a table while an operation runs on it; nothing at all with the parameter off.
pub(in crate::domain::items) struct TaskLock<'c> {
    call: &'c Call,
    site: SiteId,
    operation: &'static str,
    held: Option<Held>,
}

struct Held {
    since: DateTime<Utc>,
    value: String,
}

impl<'c> TaskLock<'c> {
    /// Takes the lock, or refuses because another operation holds it.
    ///
    /// The reference looks, then writes; here the row is written only if it still is as it was seen (BUG(04 §1.5)).
    pub(in crate::domain::items) async fn take(
        call: &'c Call,
        site: SiteId,
        operation: &'static str,
    ) -> Result<Self, Error> {
        let mut lock = Self { call, site, operation, held: None };
        if !call.services.parameters.general.block_site_task_while_running {
            return Ok(lock);
        }
        let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
        let former = task_locks::find(&mut conn, site).await?;
        let now = call.services.clock.now();
        if former.as_deref().is_some_and(|value| is_held(value, now)) {
            return Err(Error::ImportLock);
        }
        let value = lock.value(now);
        let user = call.caller.user;
        if !task_locks::write(&mut conn, site, user, former.as_deref(), &value).await? {
            return Err(Error::ImportLock);
        }
        lock.held = Some(Held { since: now, value });
        Ok(lock)
    }

    /// Says that the operation still runs, if it has not lately.
    pub(in crate::domain::items) async fn refresh(&mut self) -> Result<(), Error> {
        let now = self.call.services.clock.now();
        let Some(held) = self.held.as_ref().filter(|held| now - held.since >= REFRESHES) else {
            return Ok(());
        };
        let value = self.value(now);
        let mut conn = self.call.services.db.acquire().await.map_err(db::Error::from)?;
        let user = self.call.caller.user;
        task_locks::write(&mut conn, self.site, user, Some(&held.value), &value).await?;
        self.held = Some(Held { since: now, value });
        Ok(())
    }

    /// Lets others in. A failure is logged only: the operation is done, and the lock expires by itself.
    pub(in crate::domain::items) async fn release(self) {
        let Some(held) = &self.held else { return };
        let removed = match self.call.services.db.acquire().await {
            Ok(mut conn) => task_locks::remove(&mut conn, self.site, &held.value).await,
            Err(error) => Err(error.into()),
        };
        if let Err(error) = removed {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "a table stays locked for a while"
            );
        }
    }

    fn value(&self, now: DateTime<Utc>) -> String {
        json::object(|o| {
            o.field("SiteId", &self.site.0).field("UserId", &self.call.caller.user.0);
            o.field("Comment", self.operation);
            o.field("UpdatedTime", &now.to_rfc3339_opts(SecondsFormat::Micros, true));
        })
    }
}

/// Whether the text of a row keeps others off; one that cannot be read does not.
fn is_held(value: &str, now: DateTime<Utc>) -> bool {
    let time = lenient::parse(value).ok().and_then(|json| {
        let text =
            json.member("UpdatedTime").and_then(Json::as_str)?.trim_end_matches('Z').to_owned();
        text.parse::<NaiveDateTime>().ok()
    });
    time.is_some_and(|time| now - time.and_utc() < EXPIRES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_keeps_others_off_for_two_minutes() {
        let now = "2024-04-10T01:02:03Z".parse().unwrap();
        let value = |time: &str| {
            format!(r#"{{"SiteId":1,"UserId":1,"Comment":"x","UpdatedTime":"{time}"}}"#)
        };
        assert!(is_held(&value("2024-04-10T01:00:04.1234567Z"), now));
        assert!(!is_held(&value("2024-04-10T01:00:03Z"), now));
        assert!(!is_held("", now));
        assert!(!is_held(&value("soon"), now));
    }
}
