//! Many records in one call (04): bulk upsert and bulk delete.

mod keys;
mod lock;
mod message;
mod upsert;

pub use upsert::bulk_upsert;
