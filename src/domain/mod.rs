//! The rules of the reference: who may do what, and what a call means. Knows nothing of HTTP.

pub mod addresses;
pub mod ahead;
pub mod auth;
pub mod binaries;
mod call;
pub mod columns;
pub mod contract;
pub mod csv;
pub mod culture;
pub mod display;
mod error;
pub mod extensions;
pub mod index_advice;
pub mod items;
mod limits;
pub mod mails;
pub mod named_sql;
pub mod organisation;
pub mod outbox;
pub mod permissions;
mod request;
pub mod scripts;
mod services;
pub mod sessions;
pub mod settings;
pub mod sites;
pub mod tenants;
pub mod view;
mod whole;
pub mod zones;

pub use call::{Call, Note, Trail};
pub use error::{Error, FailedRow, Unimportable};
pub use limits::Limit;
pub use request::{Common, TableType};
pub use services::{Clock, Services, SystemClock};
pub use whole::Whole;
