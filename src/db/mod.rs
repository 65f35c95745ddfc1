//! Every text of SQL, and the only place that talks to PostgreSQL.

pub mod calls;
mod error;
mod row;
pub mod sql;

pub use error::Error;
pub(crate) use row::Columns;
