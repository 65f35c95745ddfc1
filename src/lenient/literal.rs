//! Types with conversion rules of their own, and the way the deserializer serves them.
//!
//! Serde's data model has no "number as it was written" and no "empty text means none". Such a type therefore
//! asks for a newtype struct with a name that only our deserializer knows, and gets what it needs:
//! [`LITERAL`] yields the token itself, [`NULLABLE`] decides between none and some. Other deserializers treat
//! the name as any other and end in an error.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

use super::number::Whole;

/// Asks for a scalar as it was written: text as a borrowed string, a number token as borrowed bytes.
pub(super) const LITERAL: &str = "$kokochi::lenient::Literal";
/// Asks for none when null or an empty text was posted, and for some otherwise.
pub const NULLABLE: &str = "$kokochi::lenient::Nullable";

/// A scalar as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Literal<'de> {
    Null,
    Bool(bool),
    Number(&'de str),
    Text(&'de str),
}

impl<'de> Deserialize<'de> for Literal<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(LITERAL, LiteralVisitor)
    }
}

struct LiteralVisitor;

impl<'de> Visitor<'de> for LiteralVisitor {
    type Value = Literal<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a number or a boolean")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Literal::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Literal::Bool(value))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Literal::Text(text))
    }

    fn visit_borrowed_bytes<E: Error>(self, token: &'de [u8]) -> Result<Self::Value, E> {
        std::str::from_utf8(token).map(Literal::Number).map_err(E::custom)
    }
}

/// A nullable member that is neither text nor object: null and `""` both mean none (03 §3.2).
///
/// When the member may be missing, add `#[serde(default)]`. Read through this module's deserializer only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nullable<T>(pub Option<T>);

impl<T> Default for Nullable<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Deref for Nullable<T> {
    type Target = Option<T>;

    fn deref(&self) -> &Option<T> {
        &self.0
    }
}

impl<T> From<Nullable<T>> for Option<T> {
    fn from(nullable: Nullable<T>) -> Self {
        nullable.0
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Nullable<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(NULLABLE, NullableVisitor(PhantomData))
    }
}

struct NullableVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for NullableVisitor<T> {
    type Value = Nullable<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value or null")
    }

    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Nullable(None))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        T::deserialize(deserializer).map(|value| Nullable(Some(value)))
    }
}

/// Reads a value of an enum: by name in any case, by number, or by a string holding the number (01 §4.3).
///
/// `variants` are name, number and value. The reference takes any integer for any enum; `unknown` says what an
/// integer means that is none of the variants, or refuses it. The macro of the same name spares the table.
pub fn enum_by_name_or_number<'de, D: Deserializer<'de>, T: Copy>(
    deserializer: D,
    variants: &[(&str, i64, T)],
    unknown: impl FnOnce(i64) -> Option<T>,
) -> Result<T, D::Error> {
    let by_number = |number: Option<Whole>| match number {
        Some(Whole::Signed(number)) => {
            let known =
                variants.iter().find(|(_, own, _)| *own == number).map(|(_, _, value)| *value);
            known.or_else(|| unknown(number))
        }
        _ => None,
    };
    let found = match Literal::deserialize(deserializer)? {
        Literal::Number(token) => by_number(Whole::of_token(token)),
        Literal::Text(text) => {
            let text = text.trim();
            let known = position(variants.iter().map(|(name, _, _)| *name), text);
            match known.and_then(|at| variants.get(at)) {
                Some((_, _, value)) => Some(*value),
                None => by_number(Whole::of_text(text)),
            }
        }
        Literal::Null | Literal::Bool(_) => None,
    };
    found.ok_or_else(|| D::Error::custom("no value of the enum"))
}

/// Implements `Deserialize` for an enum with [`enum_by_name_or_number`](fn@super::enum_by_name_or_number).
///
/// ```ignore
/// enum_by_name_or_number!(TableType { Normal, History, Deleted });
/// enum_by_name_or_number!(TableType { Normal, History, Deleted }, |_| Some(TableType::Normal));
/// ```
///
/// The first form refuses integers that are no variant's; the second says what they mean.
#[macro_export]
macro_rules! enum_by_name_or_number {
    ($type:ident { $($variant:ident),+ $(,)? }) => {
        $crate::enum_by_name_or_number!($type { $($variant),+ }, |_| None);
    };
    ($type:ident { $($variant:ident),+ $(,)? }, $unknown:expr) => {
        impl<'de> ::serde::Deserialize<'de> for $type {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let variants = [$((stringify!($variant), $type::$variant as i64, $type::$variant)),+];
                $crate::lenient::enum_by_name_or_number(deserializer, &variants, $unknown)
            }
        }
    };
}

/// Where a name is: the exact one, else the first that differs in case only.
pub(super) fn position<'n>(names: impl Iterator<Item = &'n str>, wanted: &str) -> Option<usize> {
    let mut in_other_case = None;
    for (at, name) in names.enumerate() {
        if name.eq_ignore_ascii_case(wanted) {
            if name == wanted {
                return Some(at);
            }
            in_other_case = in_other_case.or(Some(at));
        }
    }
    in_other_case
}
