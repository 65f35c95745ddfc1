//! Values that a script gets, typed as the reference types them (07 §2.5).

use chrono::{DateTime, NaiveDateTime, Utc};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgTypeInfo};
use sqlx::{Arguments, Encode, Postgres, Type};

use crate::db::Error;

/// A value. Its type is declared to PostgreSQL, which casts nothing by itself.
#[derive(Debug, Clone, PartialEq)]
pub enum Param {
    /// `integer`: the standard ones.
    Int(i32),
    /// `bigint`
    Long(i64),
    /// `numeric`: an integer beyond 64 bits.
    Whole(WholeNumber),
    /// `double precision`
    Double(f64),
    /// `boolean`
    Bool(bool),
    /// `text`
    Text(String),
    /// `timestamp`
    Time(NaiveDateTime),
    /// `timestamptz`
    Instant(DateTime<Utc>),
}

impl Param {
    pub(super) const fn pg_type(&self) -> &'static str {
        match self {
            Self::Int(_) => "integer",
            Self::Long(_) => "bigint",
            Self::Whole(_) => "numeric",
            Self::Double(_) => "double precision",
            Self::Bool(_) => "boolean",
            Self::Text(_) => "text",
            Self::Time(_) => "timestamp",
            Self::Instant(_) => "timestamptz",
        }
    }

    pub(super) fn add_to(&self, arguments: &mut PgArguments) -> Result<(), Error> {
        let added = match self {
            Self::Int(value) => arguments.add(value),
            Self::Long(value) => arguments.add(value),
            Self::Whole(value) => arguments.add(value),
            Self::Double(value) => arguments.add(value),
            Self::Bool(value) => arguments.add(value),
            Self::Text(value) => arguments.add(value),
            Self::Time(value) => arguments.add(value),
            Self::Instant(value) => arguments.add(value),
        };
        added.map_err(|error| Error::Driver(sqlx::Error::Encode(error)))
    }
}

/// Values by name. The first of a name counts, in whatever case (07 §2.5).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Params(Vec<(String, Param)>);

impl Params {
    /// Adds a value, unless there is one of that name; a leading `@` or `:` is no part of it.
    pub fn add(&mut self, name: &str, value: Param) {
        let name = name.strip_prefix(['@', ':']).unwrap_or(name).to_lowercase();
        if self.get(&name).is_none() {
            self.0.push((name, value));
        }
    }

    /// The value of a name in lower case.
    pub(super) fn get(&self, name: &str) -> Option<&Param> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }
}

/// An integer of any size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WholeNumber {
    negative: bool,
    digits: String,
}

impl WholeNumber {
    /// From decimal digits, perhaps with a minus before them.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text),
        };
        let is_number = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
        is_number.then(|| Self { negative, digits: digits.trim_start_matches('0').to_owned() })
    }

    /// PostgreSQL's digits, each worth four of ours, the most significant first.
    fn groups(&self) -> impl ExactSizeIterator<Item = i16> {
        let lacking = (4 - self.digits.len() % 4) % 4;
        let padded: Vec<u8> =
            std::iter::repeat_n(b'0', lacking).chain(self.digits.bytes()).collect();
        let groups: Vec<i16> = padded
            .chunks(4)
            .map(|chunk| chunk.iter().fold(0, |sum, digit| sum * 10 + i16::from(digit - b'0')))
            .collect();
        groups.into_iter()
    }
}

impl Type<Postgres> for WholeNumber {
    fn type_info() -> PgTypeInfo {
        <rust_decimal::Decimal as Type<Postgres>>::type_info()
    }
}

/// PostgreSQL's binary form: number of digits, weight of the first, sign, scale, digits.
impl Encode<'_, Postgres> for WholeNumber {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        let groups = self.groups();
        let count = i16::try_from(groups.len())?;
        for part in [count, (count - 1).max(0), if self.negative { 0x4000 } else { 0 }, 0] {
            buffer.extend_from_slice(&part.to_be_bytes());
        }
        for group in groups {
            buffer.extend_from_slice(&group.to_be_bytes());
        }
        Ok(IsNull::No)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_a_name_counts_in_whatever_case() {
        let mut params = Params::default();
        params.add("@P", Param::Long(1));
        params.add("p", Param::Long(2));
        assert_eq!(params.get("p"), Some(&Param::Long(1)));
    }

    #[test]
    fn large_integers_are_sent_in_groups_of_four_digits() {
        let groups = |text: &str| WholeNumber::parse(text).unwrap().groups().collect::<Vec<_>>();
        assert_eq!(groups("9223372036854775808"), [922, 3372, 368, 5477, 5808]);
        assert_eq!(groups("-0012345"), [1, 2345]);
        assert_eq!(WholeNumber::parse("1.5"), None);
    }
}
