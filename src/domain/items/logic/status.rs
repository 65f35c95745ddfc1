//! Who a rule is for, and which status controls apply (03 §14.1).

use crate::domain::Call;
use crate::domain::items::record::Record;
use crate::domain::settings::document::StatusControl;

use super::matching::Viewer;

/// Whether lists of departments, groups and users admit the caller: empty ones admit everybody.
pub(super) fn admits(call: &Call, depts: &[i32], groups: &[i32], users: &[i32]) -> bool {
    let caller = &call.caller;
    caller.privileged
        || (depts.is_empty() && groups.is_empty() && users.is_empty())
        || depts.contains(&caller.dept.0)
        || caller.groups.iter().any(|group| groups.contains(&group.0))
        || users.contains(&caller.user.0)
}

/// Whether a control that applies closes the record, as its values are now. QUIRK(03 §14.1): a posted status counts.
pub(super) fn is_read_only(call: &Call, record: &Record) -> bool {
    let mut closing =
        record.table().status_controls.iter().filter(|control| control.read_only).peekable();
    // Wikis have none (03 §23).
    if closing.peek().is_none() || !record.kind().is_table() {
        return false;
    }
    let viewer = Viewer::of(call);
    closing.any(|control| applies(call, &viewer, record, control))
}

fn applies(call: &Call, viewer: &Viewer, record: &Record, control: &StatusControl) -> bool {
    !control.disabled
        && (control.status == -1 || i64::from(control.status) == record.int("Status"))
        && admits(call, &control.depts, &control.groups, &control.users)
        && control.view.as_ref().is_none_or(|view| viewer.matches(record, view))
}
