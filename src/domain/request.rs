//! The members that every body may have (01 §4.2).

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, de};

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
    /// `View`; an empty text is none (05 §2).
    #[serde(deserialize_with = "view")]
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

    /// Those of a caller who says nothing but a key.
    pub fn of_key(api_key: &str) -> Self {
        Self { api_key: Some(api_key.to_owned()), ..Self::default() }
    }

    /// `ApiVersion`, if the body has it.
    pub fn api_version(&self) -> Option<Decimal> {
        self.api_version.as_ref().map(|version| version.0)
    }
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Number>, D::Error> {
    Number::deserialize(deserializer).map(Some)
}

fn view<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<View>, D::Error> {
    struct Visitor;

    impl<'de> de::Visitor<'de> for Visitor {
        type Value = Option<View>;

        fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
            to.write_str("a view")
        }

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_none<E>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
            from.deserialize_any(self)
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
            if text.is_empty() {
                Ok(None)
            } else {
                Err(E::invalid_type(de::Unexpected::Str(text), &self))
            }
        }

        fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
            View::deserialize(de::value::MapAccessDeserializer::new(map)).map(Some)
        }
    }

    deserializer.deserialize_option(Visitor)
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
