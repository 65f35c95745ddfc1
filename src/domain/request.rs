//! The members that every body may have (01 §4.2).

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer};

use crate::enum_by_name_or_number;
use crate::lenient::{self, ConversionError, Json, Number};

use super::settings::document::View;

/// The common request object. A wrong type in any member, anywhere inside `View` too, makes the whole unreadable.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Common {
    /// `ApiVersion`, if the body has it; null is refused.
    #[serde(deserialize_with = "present")]
    api_version: Option<Number>,
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

impl Common {
    /// The common members of a body; a body that is no object has none.
    pub fn read(json: &Json<'_>) -> Result<Option<Self>, ConversionError> {
        match json {
            Json::Object(_) => lenient::from_json(json).map(Some),
            _ => Ok(None),
        }
    }

    /// `ApiVersion`, if the body has it.
    pub fn api_version(&self) -> Option<Decimal> {
        self.api_version.as_ref().map(|version| version.0)
    }
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Number>, D::Error> {
    Number::deserialize(deserializer).map(Some)
}

/// Which variant of a table a read looks at (02 §9.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TableType {
    /// The live rows.
    #[default]
    Normal = 0,
    /// Former versions.
    History = 1,
    /// Former versions, without the history flag.
    HistoryWithoutFlag = 2,
    /// Live rows and logically deleted ones.
    NormalAndDeleted = 3,
    /// Live rows and former versions.
    NormalAndHistory = 4,
    /// Logically deleted rows.
    Deleted = 5,
    /// Every row.
    All = 6,
}

enum_by_name_or_number!(
    TableType {
        Normal,
        History,
        HistoryWithoutFlag,
        NormalAndDeleted,
        NormalAndHistory,
        Deleted,
        All
    },
    // The reference takes any number for an enum; none of its switches then matches, which reads the live rows.
    |_| Some(TableType::Normal)
);
