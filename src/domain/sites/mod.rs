//! Sites: folders, tables, wikis and dashboards as things to be created and changed (06 §3).

mod create;

pub use create::create;
