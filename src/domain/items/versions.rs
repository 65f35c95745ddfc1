//! When an update makes a new version (02 §7.2, 03 §20).

use crate::domain::Call;
use crate::domain::settings::enums::AutoVerUpType;

use super::record::{Record, Stored};

/// The `Ver` that the update gives the record, if it makes a version. QUIRK: the request's `VerUp` does not count.
pub fn next(call: &Call, record: &Record, stored: &Stored) -> Option<i32> {
    let makes = match record.table().auto_ver_up {
        AutoVerUpType::Always => true,
        AutoVerUpType::Disabled => false,
        _ => stored.updator != call.caller.user || !is_today(call, stored),
    };
    makes.then_some(stored.ver + 1)
}

/// Whether the last update happened today, by the caller's calendar.
fn is_today(call: &Call, stored: &Stored) -> bool {
    call.to_user(stored.updated_time).date() == call.user_now().date()
}
