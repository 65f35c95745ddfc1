//! The tree that [`parse`](fn@super::parse) yields.

use std::borrow::Cow;

use super::number;

/// A member of an object: its name and its value.
pub type Member<'a> = (Cow<'a, str>, Json<'a>);

/// A JSON value as it was written.
///
/// Numbers keep their text, because a number posted for a text column is stored literally (03 §3.2): `1.50`
/// stays `1.50`, and `0120` stays `0120` there although it is the integer 80 elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub enum Json<'a> {
    /// `null` or `undefined`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number without fraction and exponent; decimal, or hexadecimal (`0x10`), or octal (`010`).
    Integer(Cow<'a, str>),
    /// Any other number, also `NaN`, `Infinity` and `-Infinity`.
    Float(Cow<'a, str>),
    /// A text, escapes resolved.
    String(Cow<'a, str>),
    /// An array.
    Array(Vec<Json<'a>>),
    /// An object, repeated names included, in the order of the text.
    Object(Vec<Member<'a>>),
}

impl<'a> Json<'a> {
    /// The member with exactly this name; the last one when it is repeated.
    pub fn get_exact(&self, name: &str) -> Option<&Json<'a>> {
        self.members().iter().rev().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The member that a typed member `name` is filled from: case does not matter, and the last one wins
    /// (01 §4.3), even when an earlier one fits exactly.
    pub fn member(&self, name: &str) -> Option<&Json<'a>> {
        self.members()
            .iter()
            .rev()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// The members of an object; none for anything else.
    pub fn members(&self) -> &[Member<'a>] {
        match self {
            Self::Object(members) => members,
            _ => &[],
        }
    }

    /// The value of an integer token, hexadecimal and octal ones included.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Integer(text) => number::token_to_i64(text),
            _ => None,
        }
    }

    /// The text of a string; numbers and the like are none.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }
}

/// Repeated names: the last one wins. Integers beyond 64 bits become floats, `NaN` and infinities null.
impl From<&Json<'_>> for serde_json::Value {
    fn from(json: &Json<'_>) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(*value),
            Json::Integer(text) => match number::Whole::of_token(text) {
                Some(number::Whole::Signed(value)) => value.into(),
                Some(number::Whole::Unsigned(value)) => value.into(),
                None => number::token_to_f64(text).into(),
            },
            Json::Float(text) => number::token_to_f64(text).into(),
            Json::String(text) => Self::String(text.clone().into_owned()),
            Json::Array(items) => Self::Array(items.iter().map(Self::from).collect()),
            Json::Object(members) => Self::Object(
                members
                    .iter()
                    .map(|(name, value)| (name.clone().into_owned(), value.into()))
                    .collect(),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lenient::parse;

    #[test]
    fn members_are_found_in_any_case_and_the_last_wins() {
        let json = parse(r#"{"ApiKey":1,"apikey":2,"Other":3}"#).unwrap();

        assert_eq!(json.member("ApiKey").and_then(Json::as_i64), Some(2));
        assert_eq!(json.get_exact("ApiKey").and_then(Json::as_i64), Some(1));
        assert_eq!(json.get_exact("APIKEY"), None);
        assert_eq!(Json::Null.member("ApiKey"), None);
    }

    #[test]
    fn a_tree_becomes_a_plain_value() {
        let json = parse(
            "{a: [0x10, 010, 1.5, NaN, 18446744073709551615, 1e2], b: 1, b: 'x', c: undefined}",
        )
        .unwrap();

        let value = serde_json::Value::from(&json);

        let expected =
            serde_json::json!({"a": [16, 8, 1.5, null, u64::MAX, 100.0], "b": "x", "c": null});
        assert_eq!(value, expected);
    }
}
