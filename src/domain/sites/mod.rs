//! Sites: folders, tables, wikis and dashboards as things that are made, read and changed (06 §3).

mod closest;
mod create;
mod delete;
mod package;
mod read;
mod reminders;
mod request;
mod save;
mod settings;
mod update;

pub use closest::{Closest, closest};
pub use create::create;
pub use delete::delete;
pub use package::{
    Copy, Imported, Included, Outcome, PackageError, copy, export as export_package,
    import as import_package,
};
pub use read::{SiteRecord, read};
pub use settings::update_settings;
pub use update::update;
