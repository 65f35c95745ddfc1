//! What a call addresses.

use chrono::NaiveDateTime;

use super::{ItemId, ReferenceType, Rights, SiteId};

/// The item of the id in the URL, and the site it belongs to, as the database has them now.
#[derive(Debug, Clone)]
pub struct Target {
    /// `Items.ReferenceId`, the id in the URL.
    pub item: ItemId,
    /// `Items.Title`: the title of the record before the call.
    pub item_title: String,
    /// The site's row.
    pub site: Site,
    /// Rights on the site; none when no permission row matches, which differs from a row without bits (06 §2.3).
    pub site_rights: Option<Rights>,
    /// Rights on the addressed item itself; a site's equal the site's own.
    pub item_rights: Option<Rights>,
}

impl Target {
    /// Whether the id in the URL is the site's own.
    pub fn is_site(&self) -> bool {
        self.item.0 == self.site.id.0
    }
}

/// A row of `Sites`, without its texts.
#[derive(Debug, Clone)]
pub struct Site {
    /// `Sites.SiteId`.
    pub id: SiteId,
    /// `Sites.Title`.
    pub title: String,
    /// What the site holds. A kind that is not known is treated like a dashboard: it has no records.
    pub kind: ReferenceType,
    /// `Sites.ParentId`; 0 is the top level.
    pub parent: SiteId,
    /// `Sites.InheritPermission`: whose permission rows apply.
    pub inherit_permission: SiteId,
    /// `Sites.Ver`, with `updated_time` the version of the settings.
    pub ver: i32,
    /// `Sites.UpdatedTime`.
    pub updated_time: NaiveDateTime,
    /// The table lock, if one holds.
    pub lock: Option<Lock>,
    /// `Sites.ApiCount` as it was before this call.
    pub api_count: i32,
    /// `Sites.ApiCountDate`.
    pub api_count_date: Option<NaiveDateTime>,
    /// The sites that this one is registered to link to (`Links`, 06 §1.8).
    pub destinations: Vec<SiteId>,
    /// The sites that are registered to link to this one.
    pub sources: Vec<SiteVersion>,
}

/// A site by the version of its settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SiteVersion {
    /// `Sites.SiteId`.
    pub id: SiteId,
    /// `Sites.Ver`.
    pub ver: i32,
    /// `Sites.UpdatedTime`.
    pub updated_time: NaiveDateTime,
}

/// Who locked a table, and when (06 §2.4).
#[derive(Debug, Clone)]
pub struct Lock {
    /// The user's name.
    pub user: String,
    /// `Sites.LockedTime`, server zone.
    pub time: NaiveDateTime,
}
