//! Values that go to the database beside a statement's text.

use chrono::NaiveDateTime;
use rust_decimal::Decimal;
use sqlx::Arguments;
use sqlx::postgres::PgArguments;

use crate::db::Error;
use crate::model::{DataType, Value};

/// A parameter, typed even when it is NULL.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    missing_docs,
    reason = "each variant is the PostgreSQL type of its name, or an array of it"
)]
pub enum Bind {
    Text(Option<String>),
    Int(Option<i32>),
    Long(Option<i64>),
    Decimal(Option<Decimal>),
    Time(Option<NaiveDateTime>),
    Bool(Option<bool>),
    Float(Option<f64>),
    Bytes(Option<Vec<u8>>),
    Texts(Vec<Option<String>>),
    Ints(Vec<Option<i32>>),
    Longs(Vec<Option<i64>>),
    Decimals(Vec<Option<Decimal>>),
    Times(Vec<Option<NaiveDateTime>>),
    Bools(Vec<Option<bool>>),
    Floats(Vec<Option<f64>>),
    Blobs(Vec<Option<Vec<u8>>>),
}

impl Bind {
    /// A text that is not NULL.
    pub fn text(value: impl Into<String>) -> Self {
        Self::Text(Some(value.into()))
    }

    /// A record column's value as its column stores it. An unset number or time is NULL, a text never is.
    pub fn column(data_type: DataType, value: &Value) -> Self {
        match (data_type, value) {
            (DataType::Text, value) => Self::text(value.text()),
            // Ids beyond the column's range do not exist; the database would refuse them with 22003.
            (DataType::Int, value) => {
                Self::Int(Some(i32::try_from(value.int()).unwrap_or(i32::MAX)))
            }
            (DataType::Long, value) => Self::Long(Some(value.int())),
            (DataType::Decimal, value) => Self::Decimal(value.decimal()),
            (DataType::Time, value) => Self::Time(value.time()),
            (DataType::Bool, value) => Self::Bool(Some(value.bool())),
        }
    }

    /// Values of one type as one array of it; a value of another type would be NULL.
    pub fn array(values: impl IntoIterator<Item = Self>) -> Self {
        let mut values = values.into_iter().peekable();
        macro_rules! collected {
            ($one:ident, $many:ident) => {{
                let one = |value| if let Self::$one(value) = value { value } else { None };
                Self::$many(values.map(one).collect())
            }};
        }
        match values.peek() {
            Some(Self::Int(_)) => collected!(Int, Ints),
            Some(Self::Long(_)) => collected!(Long, Longs),
            Some(Self::Decimal(_)) => collected!(Decimal, Decimals),
            Some(Self::Time(_)) => collected!(Time, Times),
            Some(Self::Bool(_)) => collected!(Bool, Bools),
            Some(Self::Float(_)) => collected!(Float, Floats),
            _ => collected!(Text, Texts),
        }
    }

    /// The cast written behind the parameter.
    pub(super) const fn pg_type(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Int(_) => "integer",
            Self::Long(_) => "bigint",
            Self::Decimal(_) => "numeric",
            Self::Time(_) => "timestamp",
            Self::Bool(_) => "boolean",
            Self::Float(_) => "float8",
            Self::Bytes(_) => "bytea",
            Self::Texts(_) => "text[]",
            Self::Ints(_) => "integer[]",
            Self::Longs(_) => "bigint[]",
            Self::Decimals(_) => "numeric[]",
            Self::Times(_) => "timestamp[]",
            Self::Bools(_) => "boolean[]",
            Self::Floats(_) => "float8[]",
            Self::Blobs(_) => "bytea[]",
        }
    }

    /// The type of an array of such values; none for what is an array itself.
    pub(super) const fn pg_array_type(&self) -> Option<&'static str> {
        Some(match self {
            Self::Text(_) => "text[]",
            Self::Int(_) => "integer[]",
            Self::Long(_) => "bigint[]",
            Self::Decimal(_) => "numeric[]",
            Self::Time(_) => "timestamp[]",
            Self::Bool(_) => "boolean[]",
            Self::Float(_) => "float8[]",
            _ => return None,
        })
    }

    pub(super) fn add_to(self, arguments: &mut PgArguments) -> Result<(), Error> {
        let added = match self {
            Self::Text(value) => arguments.add(value.map(without_nul)),
            Self::Int(value) => arguments.add(value),
            Self::Long(value) => arguments.add(value),
            Self::Decimal(value) => arguments.add(value),
            Self::Time(value) => arguments.add(value),
            Self::Bool(value) => arguments.add(value),
            Self::Float(value) => arguments.add(value),
            Self::Bytes(value) => arguments.add(value),
            Self::Texts(values) => arguments.add(
                values
                    .into_iter()
                    .map(|text| text.map(without_nul))
                    .collect::<Vec<Option<String>>>(),
            ),
            Self::Ints(values) => arguments.add(values),
            Self::Longs(values) => arguments.add(values),
            Self::Decimals(values) => arguments.add(values),
            Self::Times(values) => arguments.add(values),
            Self::Bools(values) => arguments.add(values),
            Self::Floats(values) => arguments.add(values),
            Self::Blobs(values) => arguments.add(values),
        };
        added.map_err(|error| Error::Driver(sqlx::Error::Encode(error)))
    }
}

/// PostgreSQL's texts cannot hold NUL; it is dropped, since no client can have meant it.
fn without_nul(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "") } else { text }
}
