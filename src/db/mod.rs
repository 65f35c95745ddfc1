//! Every text of SQL, and the only place that talks to PostgreSQL.

pub mod binaries;
pub mod calls;
mod catalogue;
pub mod connect;
mod error;
pub mod items;
pub mod locks;
pub mod records;
mod row;
pub mod sites;
pub mod sql;
pub mod statuses;
pub mod syslogs;
pub mod users;

pub use catalogue::{Catalogue, ColumnInfo, TableInfo};
pub use error::Error;
pub(crate) use row::Columns;
