//! The filter `SiteId` of lists of users, departments and groups (08 §2.7).

use sqlx::PgConnection;

use super::rights;
use crate::db;
use crate::domain::settings::document::View;
use crate::domain::{Call, Error};
use crate::model::{OrganisationTable, SiteId};

/// The site with the permissions that a view asks for; none where it does not.
///
/// Who may not manage the table is refused, whatever the site itself would allow (QUIRK(08 §2.7)).
pub(super) async fn asked(
    call: &Call,
    conn: &mut PgConnection,
    table: OrganisationTable,
    view: &View,
) -> Result<Option<SiteId>, Error> {
    let Some(site) = view.column_filter_hash.get("SiteId") else { return Ok(None) };
    let site = SiteId(site.trim().parse().unwrap_or_default());
    let root = db::organisation::permissions_of(conn, call.caller.tenant.id, site).await?;
    let root = root.ok_or(Error::NotFound)?;
    if rights::lists_by_site(call, table) { Ok(Some(root)) } else { Err(Error::HasNotPermission) }
}
