//! Sites in packages (06 §3.7): `copysitepackage` makes copies inside of a tenant; files take sites from one
//! installation to another.
//!
//! Callers start with [`copy()`], [`export()`] and [`import()`]. Whatever is made is one transaction.

mod copy;
mod export;
mod import;
mod layout;
mod records;
mod rewrite;
mod sites;
mod subjects;

use crate::db;
use crate::db::sites::{SiteCopy, Source};
use crate::domain::settings::Document;
use crate::domain::{Call, Error};
use crate::model::Rights;
use crate::parameters::SitePackage;

pub use copy::{Outcome, copy};
pub use export::export;
pub use import::{Imported, import};

/// Why a file came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// Something in it cannot be understood.
    #[error("{path}{}{problem}", if path.is_empty() { "" } else { ": " })]
    Malformed {
        /// The member, such as `Sites[2].ParentId`; empty for the whole.
        path: String,
        /// What is wrong with it.
        problem: String,
    },
    /// It may not be made, or not by the caller.
    #[error("{0}")]
    Refused(String),
    /// The records of a site cannot be had.
    #[error("site {site}")]
    Site {
        /// The site.
        site: i64,
        /// Why.
        #[source]
        error: Error,
    },
    /// Something failed.
    #[error("it failed")]
    Failed(#[from] Error),
}

impl PackageError {
    fn malformed(path: &str, problem: &(impl std::fmt::Display + ?Sized)) -> Self {
        Self::Malformed { path: path.to_owned(), problem: problem.to_string() }
    }
}

impl From<db::Error> for PackageError {
    fn from(error: db::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// A copied site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy {
    /// The original.
    pub old: i64,
    /// The copy.
    pub new: i64,
    /// The kind of both.
    pub kind: &'static str,
    /// The copy's title.
    pub title: String,
}

impl Copy {
    fn of(site: &SiteCopy<'_>) -> Self {
        Self {
            old: site.source.id.0,
            new: site.id,
            kind: site.source.kind.name(),
            title: site.title.clone(),
        }
    }
}

/// What comes along with the sites and their settings.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "the reference's own switches")]
pub struct Included {
    /// Records.
    pub data: bool,
    /// Permission rows of sites.
    pub site_permission: bool,
    /// Permission rows of records.
    pub record_permission: bool,
    /// Column access controls.
    pub column_permission: bool,
    /// Notifications.
    pub notifications: bool,
    /// Reminders.
    pub reminders: bool,
}

impl Included {
    /// Without what `SitePackage.json` disables on import.
    fn allowed_on_import(self, package: &SitePackage) -> Self {
        self.allowed(&[
            &package.include_data_on_import,
            &package.include_site_permission_on_import,
            &package.include_record_permission_on_import,
            &package.include_column_permission_on_import,
            &package.include_notifications_on_import,
            &package.include_reminders_on_import,
        ])
    }

    /// Without what `SitePackage.json` disables on export.
    fn allowed_on_export(self, package: &SitePackage) -> Self {
        self.allowed(&[
            &package.include_data_on_export,
            &package.include_site_permission_on_export,
            &package.include_record_permission_on_export,
            &package.include_column_permission_on_export,
            &package.include_notifications_on_export,
            &package.include_reminders_on_export,
        ])
    }

    /// Takes out of settings what does not come along.
    fn strip(self, document: &mut Document) {
        if !self.column_permission {
            document.create_column_access_controls.clear();
            document.read_column_access_controls.clear();
            document.update_column_access_controls.clear();
        }
        if !self.notifications {
            document.notifications.clear();
        }
        if !self.reminders {
            document.reminders.clear();
        }
    }

    fn allowed(
        self,
        [data, site, record, column, notifications, reminders]: &[&String; 6],
    ) -> Self {
        let open = |wanted: bool, switch: &str| wanted && switch != "Disabled";
        Self {
            data: open(self.data, data),
            site_permission: open(self.site_permission, site),
            record_permission: open(self.record_permission, record),
            column_permission: open(self.column_permission, column),
            notifications: open(self.notifications, notifications),
            reminders: open(self.reminders, reminders),
        }
    }
}

fn may_manage(call: &Call, source: &Source) -> bool {
    call.caller.privileged || (!source.locked && source.rights.contains(Rights::MANAGE_SITE))
}

/// Whether the contract allows so many sites more.
async fn check_sites_limit(
    call: &Call,
    conn: &mut sqlx::PgConnection,
    more: usize,
) -> Result<bool, Error> {
    let Some(limit) = call.contract.sites() else { return Ok(true) };
    let sites = db::sites::count(conn, call.caller.tenant.id).await?;
    Ok(sites + i64::try_from(more).unwrap_or(i64::MAX) <= limit)
}
