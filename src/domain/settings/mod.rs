//! Table settings: the JSON of `Sites.SiteSettings` as the reference reads and records it (06 §1).
//!
//! [`Document`] is what the JSON says, [`Document::record`] what is stored of it. Most callers want
//! [`TableSettings`]: the document together with every default, built once per version of a site and then
//! only read. Nothing here knows of a caller, a database or a request.

mod choices;
mod columns;
mod defaults;
pub mod definitions;
pub mod document;
mod enumeration;
pub mod enums;
pub mod lists;
pub mod merge;
mod object;
mod record;
mod rounding;
mod table;
mod writer;

pub use choices::{ChoiceLine, Choices, Literal, Subject};
pub use columns::{AttachmentRules, Column, ColumnNumbering, ColumnRight};
pub use defaults::SettingsDefaults;
pub use definitions::Definition;
pub use document::Document;
pub use record::Context;
pub use rounding::round;
pub use table::TableSettings;
