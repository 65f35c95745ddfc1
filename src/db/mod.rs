//! Every text of SQL, and the only place that talks to PostgreSQL.

pub mod api_keys;
pub mod bootstrap;
pub mod calls;
mod catalogue;
pub mod connect;
pub mod demo;
mod error;
mod quote;
mod row;
pub mod schema;
mod server_zone;
pub mod sql;

pub use catalogue::{Catalogue, ColumnInfo, TableInfo};
pub use error::Error;
pub(crate) use row::Columns;
pub use server_zone::{ZoneError, server_zone};
