//! The record of a site: `getsite`, and `get` on a folder (05 §6, 06 §3.2).

use rust_decimal::Decimal;

use crate::db;
use crate::db::site_records::{self, SiteRow};
use crate::domain::items::read::Moment;
use crate::domain::items::shown_comments;
use crate::domain::permissions::Scope;
use crate::domain::settings::Document;
use crate::domain::{Call, Error, auth};
use crate::json::{Object, Raw};
use crate::model::{ReferenceType, Rights};

/// A site that has been read.
pub struct SiteRecord<'c> {
    call: &'c Call,
    row: SiteRow,
    settings: String,
}

/// The guides of the ten screens, in the order of their columns.
pub(super) const GUIDES: [&str; 10] = [
    "GridGuide",
    "EditorGuide",
    "CalendarGuide",
    "CrosstabGuide",
    "GanttGuide",
    "BurnDownGuide",
    "TimeSeriesGuide",
    "AnalyGuide",
    "KambanGuide",
    "ImageLibGuide",
];

/// The hashes that sites have for nothing.
const HASHES: [&str; 6] =
    ["ClassHash", "NumHash", "DateHash", "DescriptionHash", "CheckHash", "AttachmentsHash"];

/// Reads the site that is addressed, with the checks in the reference's order.
pub async fn read(call: &Call, is_readable: bool) -> Result<SiteRecord<'_>, Error> {
    auth::check_api_open(call)?;
    if !is_readable {
        return Err(Error::InvalidJsonData);
    }
    let target = match &call.target {
        Some(target) if target.is_site() => target,
        // QUIRK(05 §1.3): the id 0 is a folder on which nobody has a permission.
        None if call.id == 0 && !call.caller.privileged => return Err(Error::HasNotPermission),
        _ => return Err(Error::NotFound),
    };
    let access = call.access(target);
    // QUIRK(05 §6): 403 where tables answer 404.
    if !access.has_any() {
        return Err(Error::HasNotPermission);
    }
    let manages = access.can(Rights::MANAGE_PERMISSION, Scope::Site);
    let (tenant, site) = (call.caller.tenant.id, target.site.id);
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    let row = site_records::find(&mut conn, tenant, site, manages).await?.ok_or(Error::NotFound)?;
    let kind = ReferenceType::from_name(&row.reference_type).unwrap_or(ReferenceType::Dashboards);
    let document = Document::read(Some(&row.site_settings), kind);
    let settings = call.services.record_settings(call.language(), kind, &document);
    Ok(SiteRecord { call, row, settings })
}

impl SiteRecord<'_> {
    /// The members of `Data`.
    pub fn write(&self, data: &mut Object<'_>) {
        let (row, zones) = (&self.row, &self.call.zones);
        data.field("TenantId", &row.tenant_id).field("SiteId", &row.site_id);
        data.field("UpdatedTime", &Moment::marked(Some(row.updated_time), zones));
        data.field("Ver", &row.ver).field("Title", &row.title).field("Body", &row.body);
        data.field("SiteName", &row.site_name).field("SiteGroupName", &row.site_group_name);
        for (name, guide) in GUIDES.iter().zip(&row.guides) {
            data.field(name, guide);
        }
        data.field("ReferenceType", &row.reference_type).field("ParentId", &row.parent_id);
        data.field("InheritPermission", &row.inherit_permission);
        data.optional("Permissions", row.permissions.as_deref());
        data.field("SiteSettings", &Raw(&self.settings)).field("Publish", &row.publish);
        data.field("DisableCrossSearch", &row.disable_cross_search);
        data.field("LockedTime", &Moment::marked(row.locked_time, zones));
        data.field("LockedUser", &row.locked_user);
        data.field("ApiCountDate", &Moment::unconverted(row.api_count_date));
        data.field("ApiCount", &row.api_count);
        data.field("Comments", shown_comments(&row.comments, zones).as_ref());
        data.field("Creator", &row.creator).field("Updator", &row.updator);
        data.field("CreatedTime", &Moment::marked(Some(row.created_time), zones));
        data.field("ApiVersion", &self.call.api_version);
        if self.call.api_version >= Decimal::new(11, 1) {
            for hash in HASHES {
                data.object(hash, |_| {});
            }
        }
    }
}
