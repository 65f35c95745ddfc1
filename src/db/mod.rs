//! Every text of SQL, and the only place that talks to PostgreSQL.

pub mod api_keys;
pub mod binaries;
pub mod bootstrap;
pub mod calls;
mod catalogue;
pub mod connect;
pub mod demo;
mod error;
pub mod items;
mod linked_sites;
pub mod locks;
pub mod named_sql;
pub mod numbering;
pub mod people;
mod quote;
pub mod records;
mod row;
pub mod saved_views;
pub mod schema;
mod server_zone;
pub mod sessions;
pub mod site_records;
pub mod sites;
pub mod sql;
pub mod statuses;
pub mod summaries;
pub mod syslogs;
pub mod task_locks;
pub mod titles;
pub mod users;

pub use catalogue::{Catalogue, ColumnInfo, TableInfo};
pub use error::Error;
pub use linked_sites::linked_sites;
pub(crate) use row::Columns;
pub use server_zone::{ZoneError, server_zone};
