//! When an update makes a new version (02 §7.2, 03 §20).

use chrono::NaiveDateTime;

use crate::domain::Call;
use crate::domain::settings::enums::AutoVerUpType;

use super::record::{Record, Stored};

/// The `Ver` that the update gives the record, if it makes a version. QUIRK: the request's `VerUp` does not count.
pub(super) fn next(call: &Call, record: &Record, stored: &Stored) -> Option<i32> {
    let makes = match record.table().auto_ver_up {
        AutoVerUpType::Always => true,
        AutoVerUpType::Disabled => false,
        _ => {
            // What a body in migration mode says stands for what is stored (03 §25, observed).
            let posted = record.migration;
            let updator = posted.and_then(|posted| posted.updator).unwrap_or(stored.updator);
            let time = posted.and_then(|posted| posted.updated_time).unwrap_or(stored.updated_time);
            updator != call.caller.user || !is_today(call, time)
        }
    };
    makes.then_some(stored.ver + 1)
}

/// Whether the last update was today, by the caller's calendar.
fn is_today(call: &Call, updated_time: NaiveDateTime) -> bool {
    call.to_user(updated_time).date() == call.user_now().date()
}
