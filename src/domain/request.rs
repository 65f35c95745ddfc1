//! The members that every body may have (01 §4.2).

use rust_decimal::Decimal;
use serde::Deserialize;

use crate::lenient::{self, Json, Number};

use super::settings::View;

/// The common request object. A wrong type in any member, anywhere inside `View` too, makes the whole unreadable.
#[derive(Debug, Default)]
pub struct Common {
    /// `ApiVersion`, if the body has it.
    pub api_version: Option<Decimal>,
    /// `ApiKey`.
    pub api_key: Option<String>,
    /// `View`.
    pub view: Option<View>,
    /// `Keys`.
    pub keys: Option<Vec<Option<String>>>,
    /// `Offset`.
    pub offset: i32,
    /// `PageSize`.
    pub page_size: i32,
    /// `TableType`.
    pub table_type: TableType,
    /// `Token`.
    pub token: Option<String>,
}

/// Which variant of a table a read looks at (02 §9.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TableType {
    /// The live rows.
    #[default]
    Normal,
    /// Former versions.
    History,
    /// Former versions, without the history flag.
    HistoryWithoutFlag,
    /// Live rows and logically deleted ones.
    NormalAndDeleted,
    /// Live rows and former versions.
    NormalAndHistory,
    /// Logically deleted rows.
    Deleted,
    /// Every row.
    All,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Members {
    // Absent and wrong must differ: these are not nullable (01 §4.2).
    api_version: Present<Number>,
    api_key: Option<String>,
    view: Option<View>,
    keys: Option<Vec<Option<String>>>,
    offset: i32,
    page_size: i32,
    table_type: TableType,
    token: Option<String>,
}
