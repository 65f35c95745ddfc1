//! The limit of calls per site and day (01 §12).

use chrono::NaiveTime;

use crate::db;
use crate::messages::{self, Language, MessageId};
use crate::model::Target;

use super::{Call, Error};

/// What answers say about the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Calls a day.
    pub per_date: i64,
    /// QUIRK(01 §12): counted before this call, and on a new day from yesterday's count.
    pub remaining: i64,
}

/// Counts the call on the target's site; nothing where no limit is in force.
pub(super) async fn count(call: &Call, target: &Target) -> Result<Option<Limit>, Error> {
    let Some(per_date) = per_date(call) else { return Ok(None) };
    let site = &target.site;
    let today = call.user_now().date().and_time(NaiveTime::MIN);
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    let counted =
        db::sites::count_call(&mut conn, call.caller.tenant.id, site.id, today, per_date).await?;
    if !counted {
        return Err(Error::OverLimitApi { site: site.id.0, limit: per_date });
    }
    if site.api_count_date.is_none_or(|date| date.date() < today.date()) {
        let counts = [site.api_count.to_string(), "0".to_owned()];
        call.trail.note(
            "LogApiCountReset",
            messages::text(MessageId::ApiCountReset, Language::En, &counts),
        );
    }
    Ok(Some(Limit { per_date, remaining: per_date - i64::from(site.api_count) }))
}

/// What answers say where no site is counted: at the top level (01 §12).
pub(super) fn uncounted(call: &Call) -> Option<Limit> {
    per_date(call).map(|per_date| Limit { per_date, remaining: per_date })
}

/// The limit of the contract, else of the parameter; none when it is 0 or less.
pub(super) fn per_date(call: &Call) -> Option<i64> {
    let limit = call
        .contract
        .api_limit_per_site()
        .unwrap_or(call.services.parameters.api.limit_per_site.into());
    Some(limit).filter(|limit| *limit > 0)
}
