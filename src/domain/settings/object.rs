//! How objects of the settings JSON are declared: members, defaults and recording rules in one place.
//!
//! [`object!`] declares a struct whose members are read leniently (names without regard to case, `null` as
//! absent, unknown members kept aside) and recorded in the declared order. Whether a member is recorded
//! follows from its type — booleans when true, texts and lists when not empty, options when present, numbers
//! always — unless the declaration says `[= default]` (when it differs from that default) or `[always]`. `[never null]`
//! is `[always]` for a member that a request may not post `null` for (01 §4.3).

use std::fmt;
use std::marker::PhantomData;

use chrono::NaiveDateTime;
use indexmap::IndexMap;
use rust_decimal::Decimal;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

use super::writer::Writer;
use crate::lenient::{self, NULLABLE, Number, PostedTime};

/// Members that this server does not know, kept so that rewriting a document loses nothing (06 §1.1).
pub(super) type Extra = Vec<(String, serde_json::Value)>;

/// A value that a member of a settings object can hold.
pub(super) trait Member: Sized {
    /// Reads the value; `null` never arrives here.
    fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error>;

    /// Whether a list or hash of such values may hold `null`; then it is passed over.
    const NULL_IN_LISTS: bool = false;

    /// Whether an empty text stands for `null` wherever the value stands: a list, hash or object (01 §4.3).
    const EMPTY_IS_NULL: bool = false;

    /// Whether it is neither text nor object nor list, so that `""` is null where null may be (01 §4.3).
    const IS_PLAIN: bool = false;

    /// Whether the value is worth recording when the declaration does not say so.
    fn is_recorded(&self) -> bool;

    /// Writes the value in its recorded form.
    fn write(&self, to: &mut Writer);

    /// Drops the members this server does not know, as the reference does with those of a request.
    fn forget_unknown(&mut self) {}
}

/// Drops unknown members, but for those of views that steer screens only: the specification has no list of
/// their names (05 §8), and they have to be stored.
pub(super) fn forget(extra: &mut Extra) {
    const STARTS: [&str; 6] = ["Calendar", "Crosstab", "Gantt", "TimeSeries", "Analy", "Kamban"];
    const ENDS: [&str; 3] = ["Command", "DisplayType", "Reduced"];
    extra.retain(|(name, value)| {
        let screen = STARTS.iter().any(|start| name.starts_with(start))
            || ENDS.iter().any(|end| name.ends_with(end));
        screen && !value.is_null()
    });
}

/// Reads the value of the next member; `None` stands for `null`. `is_nullable` says that `""` may be one.
pub(super) fn next_member<'de, A: MapAccess<'de>, T: Member>(
    map: &mut A,
    is_nullable: bool,
) -> Result<Option<T>, A::Error> {
    if is_nullable && T::IS_PLAIN {
        let value = map.next_value::<lenient::Nullable<Plain<T>>>()?;
        return Ok(value.0.map(|plain| plain.0));
    }
    map.next_value::<Nullable<T>>().map(|value| value.0)
}

/// A member's value by its own rule of reading.
struct Plain<T>(T);

impl<'de, T: Member> Deserialize<'de> for Plain<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        T::read(from).map(Self)
    }
}

/// A member's value or `null`.
struct Nullable<T>(Option<T>);

impl<T: Member> Nullable<T> {
    /// The value as an element of a list or hash; none if it is passed over.
    fn of_list<E: Error>(self) -> Option<Result<T, E>> {
        match self.0 {
            None if T::NULL_IN_LISTS => None,
            value => Some(value.ok_or_else(|| E::custom("null where a value is needed"))),
        }
    }
}

impl<'de, T: Member> Deserialize<'de> for Nullable<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader<T>(PhantomData<T>);

        impl<'de, T: Member> Visitor<'de> for Reader<T> {
            type Value = Nullable<T>;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("a value or null")
            }

            fn visit_none<E>(self) -> Result<Self::Value, E> {
                Ok(Nullable(None))
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Nullable(None))
            }

            fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
                T::read(from).map(|value| Nullable(Some(value)))
            }

            fn visit_newtype_struct<D: Deserializer<'de>>(
                self,
                from: D,
            ) -> Result<Self::Value, D::Error> {
                from.deserialize_option(self)
            }
        }

        let reader = Reader(PhantomData);
        if T::EMPTY_IS_NULL {
            from.deserialize_newtype_struct(NULLABLE, reader)
        } else {
            from.deserialize_option(reader)
        }
    }
}

/// Implements [`Member`] for a type that serde reads.
macro_rules! plain_member {
    (
        $type:ty,
        |$value:ident| $recorded:expr,
        |$written:ident, $to:ident| $write:expr
        $(, $constant:ident)?
    ) => {
        impl Member for $type {
            $( const $constant: bool = true; )?

            fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                Deserialize::deserialize(from)
            }

            fn is_recorded(&self) -> bool {
                let $value = self;
                $recorded
            }

            fn write(&self, $to: &mut Writer) {
                let $written = self;
                $write;
            }
        }
    };
}

plain_member!(
    bool,
    |value| *value,
    |value, to| to.raw(if *value { "true" } else { "false" }),
    IS_PLAIN
);
plain_member!(i32, |_value| true, |value, to| to.raw(&value.to_string()), IS_PLAIN);
plain_member!(i64, |_value| true, |value, to| to.raw(&value.to_string()), IS_PLAIN);
plain_member!(String, |value| !value.is_empty(), |value, to| to.text(value), NULL_IN_LISTS);
plain_member!(
    serde_json::Value,
    |value| !value.is_null(),
    |value, to| to.json(value),
    NULL_IN_LISTS
);

impl Member for Decimal {
    const IS_PLAIN: bool = true;

    fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Number::deserialize(from).map(|number| number.0)
    }

    fn is_recorded(&self) -> bool {
        true
    }

    fn write(&self, to: &mut Writer) {
        to.decimal(*self);
    }
}

impl Member for NaiveDateTime {
    const IS_PLAIN: bool = true;

    fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match PostedTime::deserialize(from)? {
            PostedTime::Local(time) => Ok(time),
            PostedTime::Offset(time) => Ok(time.naive_local()),
            PostedTime::TimeOnly(_) => Err(D::Error::custom("a time without a date")),
        }
    }

    fn is_recorded(&self) -> bool {
        true
    }

    fn write(&self, to: &mut Writer) {
        to.text(&self.format("%Y-%m-%dT%H:%M:%S").to_string());
    }
}

impl<T: Member> Member for Option<T> {
    const EMPTY_IS_NULL: bool = T::EMPTY_IS_NULL;
    const IS_PLAIN: bool = T::IS_PLAIN;

    fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        T::read(from).map(Some)
    }

    fn is_recorded(&self) -> bool {
        self.is_some()
    }

    fn write(&self, to: &mut Writer) {
        match self {
            Some(value) => value.write(to),
            None => to.raw("null"),
        }
    }

    fn forget_unknown(&mut self) {
        self.iter_mut().for_each(T::forget_unknown);
    }
}

impl<T: Member> Member for Vec<T> {
    const NULL_IN_LISTS: bool = true;
    const EMPTY_IS_NULL: bool = true;

    fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let items = Vec::<Nullable<T>>::deserialize(from)?;
        items.into_iter().filter_map(Nullable::of_list).collect()
    }

    fn is_recorded(&self) -> bool {
        !self.is_empty()
    }

    fn write(&self, to: &mut Writer) {
        to.array(self.iter(), T::write);
    }

    fn forget_unknown(&mut self) {
        self.iter_mut().for_each(T::forget_unknown);
    }
}

impl<T: Member> Member for IndexMap<String, T> {
    const EMPTY_IS_NULL: bool = true;

    fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let members = IndexMap::<String, Nullable<T>>::deserialize(from)?;
        let members = members.into_iter();
        members
            .filter_map(|(key, value)| Some(value.of_list()?.map(|value| (key, value))))
            .collect()
    }

    fn is_recorded(&self) -> bool {
        !self.is_empty()
    }

    fn write(&self, to: &mut Writer) {
        to.begin();
        for (key, value) in self {
            to.member(key);
            value.write(to);
        }
        to.end();
    }

    fn forget_unknown(&mut self) {
        self.values_mut().for_each(T::forget_unknown);
    }
}

/// Declares an object of the settings JSON; see the module's text.
macro_rules! object {
    (
        $(#[$about:meta])*
        pub struct $name:ident {
            $( $(#[$doc:meta])* $member:literal $field:ident: $type:ty $([$($rule:tt)*])? ),* $(,)?
        }
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $name {
            $(
                #[doc = concat!("`", $member, "`.")]
                $(#[$doc])*
                pub $field: $type,
            )*
            /// Members that this server does not know.
            pub extra: $crate::domain::settings::object::Extra,
        }

        impl Default for $name {
            fn default() -> Self {
                Self {
                    $( $field: $crate::domain::settings::object::default_of!($($($rule)*)?), )*
                    extra: Vec::new(),
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                struct Reader;

                impl<'de> serde::de::Visitor<'de> for Reader {
                    type Value = $name;

                    fn expecting(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        to.write_str("an object")
                    }

                    fn visit_map<A: serde::de::MapAccess<'de>>(
                        self,
                        mut map: A,
                    ) -> Result<Self::Value, A::Error> {
                        let mut object = $name::default();
                        while let Some(key) = map.next_key::<String>()? {
                            $(
                                if key.eq_ignore_ascii_case($member) {
                                    let is_nullable = $crate::domain::settings::object::is_nullable!($($($rule)*)?);
                                    let value = $crate::domain::settings::object::next_member(&mut map, is_nullable)?;
                                    object.$field = $crate::domain::settings::object::present!(
                                        value; $($($rule)*)?
                                    );
                                    continue;
                                }
                            )*
                            let value = map.next_value()?;
                            object.extra.retain(|(name, _)| *name != key);
                            object.extra.push((key, value));
                        }
                        Ok(object)
                    }
                }

                from.deserialize_map(Reader)
            }
        }

        impl $crate::domain::settings::object::Member for $name {
            const NULL_IN_LISTS: bool = true;
            const EMPTY_IS_NULL: bool = true;

            fn read<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                serde::Deserialize::deserialize(from)
            }

            fn is_recorded(&self) -> bool {
                true
            }

            fn write(&self, to: &mut $crate::domain::settings::writer::Writer) {
                to.begin();
                $(
                    if $crate::domain::settings::object::recorded!(self.$field; $($($rule)*)?) {
                        to.member($member);
                        $crate::domain::settings::object::Member::write(&self.$field, to);
                    }
                )*
                to.extra(&self.extra);
                to.end();
            }

            fn forget_unknown(&mut self) {
                $( $crate::domain::settings::object::Member::forget_unknown(&mut self.$field); )*
                $crate::domain::settings::object::forget(&mut self.extra);
            }
        }
    };
}

/// The value of a member that may have come as `null`.
macro_rules! present {
    ($value:expr; never null) => {
        $value.ok_or_else(|| serde::de::Error::custom("null where a value is needed"))?
    };
    ($value:expr; $($rule:tt)*) => {
        $value.unwrap_or_else(|| $crate::domain::settings::object::default_of!($($rule)*))
    };
}

/// The value of an absent member.
macro_rules! default_of {
    () => {
        Default::default()
    };
    (never null) => {
        Default::default()
    };
    (always) => {
        Default::default()
    };
    (always = $default:expr) => {
        $default
    };
    (= $default:expr) => {
        $default
    };
}

/// Whether a member may be null in the reference: what is recorded in any case may not.
macro_rules! is_nullable {
    (always $($default:tt)*) => {
        false
    };
    (never null) => {
        false
    };
    ($($default:tt)*) => {
        true
    };
}

/// Whether a member is recorded.
macro_rules! recorded {
    ($value:expr;) => {
        $crate::domain::settings::object::Member::is_recorded(&$value)
    };
    ($value:expr; always) => {
        true
    };
    ($value:expr; never null) => {
        true
    };
    ($value:expr; always = $default:expr) => {
        true
    };
    ($value:expr; = $default:expr) => {
        $value != $default
    };
}

pub(super) use {default_of, is_nullable, object, present, recorded};
