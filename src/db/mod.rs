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
pub mod locks;
pub mod named_sql;
pub mod organisation;
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
pub mod syslogs;
pub mod task_locks;
pub mod users;

pub use catalogue::{Catalogue, ColumnInfo, TableInfo};
pub use error::Error;
pub(crate) use row::Columns;
pub use server_zone::{ZoneError, server_zone};
