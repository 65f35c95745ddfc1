//! Who may write users, departments and groups (08 §2.2).

use sqlx::PgConnection;

use crate::db;
use crate::domain::auth::{self, UserFlags};
use crate::domain::{Call, Error};
use crate::model::OrganisationTable::{self, Depts, Groups, Users};

/// Refuses whom the right to create is missing.
pub(super) fn check_create(call: &Call, table: OrganisationTable) -> Result<(), Error> {
    let manages = call.caller.tenant_manager;
    let flags = auth::flags(&call.caller.settings);
    let delegated = flags.enable_manage_tenant;
    match table {
        Users => decide(manages && !delegated, manages || delegated),
        Depts => decide(manages || delegated, false),
        Groups => decide(creates_groups(call, flags) || delegated, manages_groups(call, flags)),
    }
}

/// Refuses whom the right to import is missing.
pub(super) fn check_import(call: &Call, table: OrganisationTable) -> Result<(), Error> {
    let manages = call.caller.tenant_manager;
    let flags = auth::flags(&call.caller.settings);
    let delegated = flags.enable_manage_tenant;
    match table {
        Users => decide(manages, manages || delegated),
        Depts => decide(manages || delegated, false),
        Groups => decide(manages || delegated, manages_groups(call, flags)),
    }
}

/// Refuses whom the right to change or to delete is missing.
pub(super) async fn check_change(
    call: &Call,
    conn: &mut PgConnection,
    table: OrganisationTable,
    id: i32,
    deletes: bool,
) -> Result<(), Error> {
    let caller = &call.caller;
    let flags = auth::flags(&caller.settings);
    let delegated = flags.enable_manage_tenant;
    let own = caller.user.0 == id;
    match table {
        Users => {
            let reads = caller.tenant_manager || own || delegated;
            decide(if deletes { caller.tenant_manager && !own } else { reads }, reads)
        }
        Depts => decide(caller.tenant_manager || delegated, false),
        Groups => {
            let right = manages_groups(call, flags);
            if delegated || (right && caller.tenant_manager) {
                return Ok(());
            }
            let found = db::organisation::membership(conn, id, caller.user, caller.dept).await?;
            decide(right && found.admin, right && found.member)
        }
    }
}

/// Who may not even read does not learn what there is.
const fn decide(allowed: bool, reads: bool) -> Result<(), Error> {
    match (allowed, reads) {
        (true, _) => Ok(()),
        (false, true) => Err(Error::HasNotPermission),
        (false, false) => Err(Error::NotFound),
    }
}

/// Whether the caller may list whom a site's permissions name (08 §2.7); users may list themselves.
pub(super) fn lists_by_site(call: &Call, table: OrganisationTable) -> bool {
    let flags = auth::flags(&call.caller.settings);
    let manages = match table {
        Users => call.caller.tenant_manager || call.id == i64::from(call.caller.user.0),
        Depts => call.caller.tenant_manager,
        Groups => manages_groups(call, flags),
    };
    manages || flags.enable_manage_tenant
}

fn manages_groups(call: &Call, flags: UserFlags) -> bool {
    let caller = &call.caller;
    caller.privileged
        || ((!call.services.parameters.user.disable_group_admin
            || caller.allow_group_administration)
            && !flags.disable_group_admin)
}

fn creates_groups(call: &Call, flags: UserFlags) -> bool {
    let caller = &call.caller;
    caller.privileged
        || ((!call.services.parameters.user.disable_group_creation || caller.allow_group_creation)
            && !flags.disable_group_creation)
}
