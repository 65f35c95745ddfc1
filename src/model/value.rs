//! Values of record columns.

use chrono::NaiveDateTime;
use rust_decimal::Decimal;

/// A column's value in a record. "Not set" is the initial value of the type (03 §8.1), never a NULL of its own.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Texts, and attachments as their recorded JSON. Initially empty.
    Text(String),
    /// Status, user ids, ids, versions. Initially 0.
    Int(i64),
    /// Numbers. A number without value is `None`.
    Decimal(Option<Decimal>),
    /// A wall-clock time of the server's zone. `None` is the "empty date" 1899-12-30.
    Time(Option<NaiveDateTime>),
    /// Checks. Initially false.
    Bool(bool),
}

impl Value {
    /// The text, empty for values of other types.
    pub fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            _ => "",
        }
    }

    /// The integer, 0 for values of other types.
    pub const fn int(&self) -> i64 {
        match self {
            Self::Int(value) => *value,
            _ => 0,
        }
    }

    /// The number, if it is one and set.
    pub const fn decimal(&self) -> Option<Decimal> {
        match self {
            Self::Decimal(value) => *value,
            _ => None,
        }
    }

    /// The time, if it is one and set.
    pub const fn time(&self) -> Option<NaiveDateTime> {
        match self {
            Self::Time(value) => *value,
            _ => None,
        }
    }

    /// The boolean, false for values of other types.
    pub const fn bool(&self) -> bool {
        matches!(self, Self::Bool(true))
    }
}
