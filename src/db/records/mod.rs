//! Records of Results, Issues and Wikis, with the rows that belong to each: item, links, history.
//!
//! A write is one statement: either every row of it is there or none. What has to have happened first (a duplicate
//! check, the check that nobody else changed the row) is a common table expression that the others depend on.

mod batch;
mod bulk_delete;
mod cursor;
mod delete;
mod files;
mod find;
mod insert;
mod list;
mod moved;
mod order;
mod permissions;
mod select;
mod source;
mod unique;
mod update;

pub use batch::{Added, Batch, Changed, write_batch};
pub use bulk_delete::{BulkDelete, BulkDeleted, Chosen, Selection, bulk_delete, choose};
pub use cursor::Cursor;
pub use delete::{Delete, Deleted, delete};
pub use files::{FileChanges, NewFile, Removal};
pub use find::{Find, KeyPart, KeySet, find};
pub use insert::{Insert, Inserted, Origin, insert};
pub use list::{Linked, LinkedRow, List, ListQuery, ListRow, Listed, list};
pub(in crate::db) use moved::Move;
pub use order::{OrderBy, SortKey};
pub use select::{RecordRow, Select, lock, select};
pub(in crate::db) use select::{read, read_value, write};
pub use source::{ITEM, Join, RECORD, RowsOf, Source};
pub use unique::Unique;
pub use update::{Update, Updated, lock_version, update};

use chrono::NaiveDateTime;

/// Stands in titles and search texts for the id that a new record gets only while it is inserted. A noncharacter: no
/// text can mean it.
pub const NEW_ID: char = '\u{fdd0}';

/// What `Items` says of a record.
#[derive(Debug, Clone)]
pub struct ItemText {
    /// `Items.Title`: the display title.
    pub title: String,
    /// `Items.FullText` as its words, and when it was made; none leaves both columns alone.
    pub full_text: Option<(Vec<String>, NaiveDateTime)>,
}
