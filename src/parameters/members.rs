//! Reading the members of a parameter file, one by one, so that every problem is reported at once (07 §5.1).
//!
//! [`parameter_file!`] declares a file or an object inside one. A member that the file lacks gets its type's
//! zero value, not the shipped value, unless the declaration names another one with `absent`.

use chrono::NaiveDateTime;
use rust_decimal::Decimal;
use serde::de::DeserializeOwned;

use super::{Problem, Secret};
use crate::lenient::{self, Json, Number, PostedTime};

/// The members of one JSON object and where it stands.
pub(super) struct Members<'a> {
    file: &'a str,
    /// Key of the object inside the file, with a dot behind it; empty for the file's own object.
    prefix: String,
    object: &'a Json<'a>,
    problems: &'a mut Vec<Problem>,
}

impl<'a> Members<'a> {
    /// The members of the outermost object of `file`.
    pub(super) fn new(file: &'a str, object: &'a Json<'a>, problems: &'a mut Vec<Problem>) -> Self {
        Self { file, prefix: String::new(), object, problems }
    }

    /// The member `key`, however its letters are cased; the last of several counts. A value of the wrong kind is
    /// reported, and then missing like an absent one.
    pub(super) fn take<T: Member>(&mut self, key: &str) -> Option<T> {
        let value = self.object.member(key)?;
        let place = format!("{}{key}", self.prefix);
        T::read(value, &mut Place { file: self.file, key: place, problems: self.problems })
    }
}

/// Where a value stands, and where problems with it go.
pub(super) struct Place<'a> {
    file: &'a str,
    key: String,
    problems: &'a mut Vec<Problem>,
}

impl Place<'_> {
    fn report(&mut self, text: impl Into<String>) {
        self.problems.push(Problem::at(self.file, &self.key, text));
    }
}

/// A type that parameters may have.
pub(super) trait Member: Sized {
    /// The value, or nothing after reporting why not.
    fn read(value: &Json<'_>, place: &mut Place<'_>) -> Option<Self>;
}

/// Reads by the rules of lenient JSON: numbers and booleans may be quoted, texts may be bare numbers.
fn convert<T: DeserializeOwned>(value: &Json<'_>, place: &mut Place<'_>) -> Option<T> {
    lenient::from_json(value).map_err(|reason| place.report(reason.to_string())).ok()
}

macro_rules! lenient_members {
    ($($type:ty),*) => { $(
        impl Member for $type {
            fn read(value: &Json<'_>, place: &mut Place<'_>) -> Option<Self> {
                convert(value, place)
            }
        }
    )* };
}
lenient_members!(bool, i32, i64, u64);

impl Member for String {
    fn read(value: &Json<'_>, place: &mut Place<'_>) -> Option<Self> {
        if *value == Json::Null { Some(Self::new()) } else { convert(value, place) }
    }
}

impl Member for Secret {
    fn read(value: &Json<'_>, place: &mut Place<'_>) -> Option<Self> {
        String::read(value, place).map(Self::new)
    }
}

impl<T: Member> Member for Option<T> {
    fn read(value: &Json<'_>, place: &mut Place<'_>) -> Option<Self> {
        if *value == Json::Null { Some(None) } else { T::read(value, place).map(Some) }
    }
}

impl<T: Member> Member for Vec<T> {
    fn read(value: &Json<'_>, place: &mut Place<'_>) -> Option<Self> {
        let elements = match value {
            Json::Null => return Some(Self::new()),
            Json::Array(elements) => elements,
            _ => {
                place.report("expected a list");
                return None;
            }
        };
        let key = place.key.clone();
        let mut read = Self::with_capacity(elements.len());
        for (index, element) in elements.iter().enumerate() {
            place.key = format!("{key}[{index}]");
            read.extend(T::read(element, place));
        }
        place.key = key;
        Some(read)
    }
}

impl Member for Decimal {
    fn read(value: &Json<'_>, place: &mut Place<'_>) -> Option<Self> {
        convert::<Number>(value, place).map(|number| number.0)
    }
}

impl Member for NaiveDateTime {
    fn read(value: &Json<'_>, place: &mut Place<'_>) -> Option<Self> {
        let time = value.as_str().and_then(PostedTime::parse);
        if let Some(PostedTime::Local(time)) = time {
            return Some(time);
        }
        place.report("expected a date such as 1900/1/1");
        None
    }
}

/// An object inside a file: what [`parameter_file!`] declares.
pub(super) trait Object: Sized {
    /// Reads every member.
    fn read_members(members: &mut Members<'_>) -> Self;
}

/// Reads an object that stands at `place`.
pub(super) fn read_object<T: Object>(value: &Json<'_>, place: &mut Place<'_>) -> Option<T> {
    if !matches!(value, Json::Object(_)) {
        place.report("expected an object");
        return None;
    }
    let prefix = format!("{}.", place.key);
    let problems = &mut *place.problems;
    Some(T::read_members(&mut Members { file: place.file, prefix, object: value, problems }))
}

/// The zero value, or the one that the declaration names for an absent member.
macro_rules! absent_value {
    () => {
        Default::default()
    };
    ($value:expr) => {
        $value
    };
}
pub(super) use absent_value;

/// Declares a parameter file, or an object inside one: a line per member with the field, its type, its name in the
/// file, the shipped value and, where the original has one built in, the value of an absent member.
macro_rules! parameter_file {
    ($(#[$about:meta])* $name:ident {
        $( $(#[$member:meta])* $field:ident: $type:ty = $key:literal, $shipped:expr $(, absent $absent:expr)?; )+
    }) => {
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $name { $( $(#[$member])* pub $field: $type, )+ }

        impl $name {
            /// The values of the file as the original ships it.
            pub fn shipped() -> Self {
                Self { $( $field: $shipped, )+ }
            }
        }

        impl $crate::parameters::members::Object for $name {
            fn read_members(members: &mut $crate::parameters::members::Members<'_>) -> Self {
                Self { $(
                    $field: members.take($key).unwrap_or_else(|| {
                        $crate::parameters::members::absent_value!($($absent)?)
                    }),
                )+ }
            }
        }

        impl $crate::parameters::members::Member for $name {
            fn read(
                value: &$crate::lenient::Json<'_>,
                place: &mut $crate::parameters::members::Place<'_>,
            ) -> Option<Self> {
                $crate::parameters::members::read_object(value, place)
            }
        }
    };
}
pub(super) use parameter_file;
