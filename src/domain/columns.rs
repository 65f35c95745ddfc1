//! Who may touch a column: column access controls (06 §2.6).

use crate::model::Rights;

use super::Call;
use super::permissions::Access;
use super::settings::document::ColumnAccessControl;

/// A caller's roles on a record, by the values that the database had before the call.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a role of its own")]
pub struct Roles {
    /// `Manager` is the caller.
    pub manager: bool,
    /// `Owner` is the caller.
    pub owner: bool,
    /// `Creator` is the caller.
    pub creator: bool,
    /// `Updator` is the caller.
    pub updator: bool,
}

/// Whether a control lets the caller through; the first rule that speaks decides. Privileged callers are not exempt.
///
/// Without `roles` the question is asked without a record, as for lists of columns: then rules about roles pass.
pub fn allows(
    call: &Call,
    access: &Access,
    control: &ColumnAccessControl,
    roles: Option<Roles>,
) -> bool {
    if control.is_free() {
        return true;
    }
    let caller = &call.caller;
    let subject = (caller.dept_enabled && control.depts.contains(&caller.dept.0))
        || caller.enabled_groups.iter().any(|group| control.groups.contains(&group.0))
        || control.users.iter().any(|user| *user == -1 || *user == caller.user.0);
    if subject {
        return true;
    }
    if control.permission_type != 0 {
        if access.site_bits().contains(Rights(control.permission_type)) {
            return true;
        }
        if control.record_users.is_empty() {
            return false;
        }
    }
    match roles {
        Some(roles) => has_role(&control.record_users, roles),
        None => !control.record_users.is_empty(),
    }
}

fn has_role(record_users: &[String], roles: Roles) -> bool {
    record_users.iter().any(|role| match role.as_str() {
        "Manager" => roles.manager,
        "Owner" => roles.owner,
        "Creator" => roles.creator,
        "Updator" => roles.updator,
        _ => false,
    })
}
