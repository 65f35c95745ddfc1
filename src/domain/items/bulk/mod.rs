//! Many records in one call (04): bulk upsert, bulk delete, summaries of a whole table.

mod alone;
mod batch;
mod delete;
mod key;
mod keys;
mod lock;
mod message;
mod summaries;
mod upsert;

pub(super) use batch::Batches;
pub use delete::{bulk_delete, bulk_delete_count};
pub(super) use key::{Key, Parts};
pub(super) use keys::of_item;
pub(super) use lock::TaskLock;
pub use summaries::synchronize_summaries;
pub use upsert::bulk_upsert;
