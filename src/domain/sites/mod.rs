//! Sites: folders, tables, wikis and dashboards as things to be created and changed (06 §3).

mod create;
mod read;

pub use create::create;
pub use read::{SiteRecord, read};
