//! `deletesite` (06 §3.6).

use crate::db::{self, sites::Deleted};
use crate::domain::items::{Written, check_content_type};
use crate::domain::{Call, Error, auth, limits};
use crate::messages::MessageId;
use crate::model::Rights;

use super::save::written;
use super::update::{can, unknown_site};

/// Deletes the site that the URL addresses, with all sites below it and their records.
///
/// BUG(06 B1): with a record's id the reference deletes the record's whole table; here nothing is found.
pub async fn delete(call: &Call, content_type: Option<&str>) -> Result<Written, Error> {
    let target = call.target.as_ref();
    let limit = match target {
        Some(target) => limits::count(call, target).await?,
        None => None,
    };
    check_content_type(call, content_type)?;
    auth::check_api_open(call)?;
    let Some(target) = target else {
        return Err(match unknown_site(call) {
            // The reference crashes for the privileged.
            Error::NoError => Error::NotFound,
            error => error,
        });
    };
    if !target.is_site() {
        return Err(Error::NotFound);
    }
    if !can(&call.access(target), target, Rights::MANAGE_SITE) {
        return Err(Error::HasNotPermission);
    }
    let services = &call.services;
    let mut conn = services.db.acquire().await.map_err(db::Error::from)?;
    let (tenant, user) = (call.caller.tenant.id, call.caller.user);
    let site = &target.site;
    match db::sites::delete(&mut conn, &services.catalogue, tenant, site.id, user).await? {
        Deleted::Done => Ok(written(call, site.id, MessageId::Deleted, &site.title, limit)),
        Deleted::Inherited(heir, title) => {
            Err(Error::CannotDeletePermissionInherited { site: format!("{heir} {title}") })
        }
    }
}
