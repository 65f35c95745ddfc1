//! Users, departments and groups: reading and writing (08 §2–§9).

mod columns;
mod fields;
mod filter;
mod graph;
mod groups;
mod import;
mod key_values;
mod posted;
mod read;
mod rights;
mod site;
mod users;
mod write;

pub use import::{Imported, import};
pub use read::{Page, get};
pub use write::{Written, create, delete, update};
