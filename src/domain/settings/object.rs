//! How objects of the settings JSON are declared: members, defaults and recording rules in one place.
//!
//! [`object!`] declares a struct whose members are read leniently (names without regard to case, `null` as
//! absent, unknown members kept aside) and recorded in the declared order. [`enumeration!`] declares an enum
//! that is read from its number or name. Whether a member is recorded follows from its type — booleans when
//! true, texts and lists when not empty, options when present, numbers always — unless the declaration says
//! `[= default]` (when it differs from that default) or `[always]`.

use std::fmt;
use std::marker::PhantomData;

use chrono::NaiveDateTime;
use indexmap::IndexMap;
use rust_decimal::Decimal;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};

use super::writer::Writer;
use crate::lenient::{Number, PostedTime};

/// Members that this server does not know, kept so that rewriting a document loses nothing (06 §1.1).
pub(super) type Extra = Vec<(String, serde_json::Value)>;

/// A value that a member of a settings object can hold.
pub(super) trait Member: Sized {
    /// Reads the value; `null` never arrives here.
    fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error>;

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

/// Reads the value of the next member; `None` stands for `null`.
pub(super) fn next_member<'de, A: MapAccess<'de>, T: Member>(
    map: &mut A,
) -> Result<Option<T>, A::Error> {
    map.next_value::<Nullable<T>>().map(|value| value.0)
}

/// A member's value or `null`.
struct Nullable<T>(Option<T>);

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
        }

        from.deserialize_option(Reader(PhantomData))
    }
}

/// Implements [`Member`] for a type that serde reads.
macro_rules! plain_member {
    ($type:ty, |$value:ident| $recorded:expr, |$written:ident, $to:ident| $write:expr) => {
        impl Member for $type {
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

plain_member!(bool, |value| *value, |value, to| to.raw(if *value { "true" } else { "false" }));
plain_member!(i32, |_value| true, |value, to| to.raw(&value.to_string()));
plain_member!(i64, |_value| true, |value, to| to.raw(&value.to_string()));
plain_member!(String, |value| !value.is_empty(), |value, to| to.text(value));
plain_member!(serde_json::Value, |value| !value.is_null(), |value, to| to.json(value));

impl Member for Decimal {
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
    fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let items = Vec::<Nullable<T>>::deserialize(from)?;
        Ok(items.into_iter().filter_map(|item| item.0).collect())
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
    fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let members = IndexMap::<String, Nullable<T>>::deserialize(from)?;
        Ok(members.into_iter().filter_map(|(key, value)| Some((key, value.0?))).collect())
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
                                    object.$field = $crate::domain::settings::object::next_member(&mut map)?
                                        .unwrap_or_else(
                                            || $crate::domain::settings::object::default_of!($($($rule)*)?),
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

/// The value of an absent member.
macro_rules! default_of {
    () => {
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

/// Whether a member is recorded.
macro_rules! recorded {
    ($value:expr;) => {
        $crate::domain::settings::object::Member::is_recorded(&$value)
    };
    ($value:expr; always) => {
        true
    };
    ($value:expr; always = $default:expr) => {
        true
    };
    ($value:expr; = $default:expr) => {
        $value != $default
    };
}

/// Declares an enum that is read from its number or name and recorded as `number`, `name` or `lowercase`.
macro_rules! enumeration {
    (
        $(#[$about:meta])*
        pub enum $name:ident: $form:ident = $default:ident {
            $( $(#[$doc:meta])* $variant:ident = $number:literal ),* $(,)?
        }
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $(
                #[doc = concat!("`", stringify!($variant), "`, ", $number, ".")]
                $(#[$doc])*
                $variant,
            )*
            /// A number without a meaning; kept as it came.
            Other(i32),
        }

        impl Default for $name {
            fn default() -> Self {
                Self::$default
            }
        }

        impl $name {
            /// The member of that number.
            pub fn from_number(number: i32) -> Self {
                match number {
                    $( $number => Self::$variant, )*
                    other => Self::Other(other),
                }
            }

            /// The number of the member.
            pub fn number(self) -> i32 {
                match self {
                    $( Self::$variant => $number, )*
                    Self::Other(other) => other,
                }
            }

            /// The member of that name, without regard to case; also of a number written as text.
            pub fn from_name(name: &str) -> Option<Self> {
                let name = name.trim();
                $(
                    if name.eq_ignore_ascii_case(stringify!($variant)) {
                        return Some(Self::$variant);
                    }
                )*
                name.parse().ok().map(Self::from_number)
            }

            /// The name as it is recorded; the number where there is none.
            pub fn name(self) -> std::borrow::Cow<'static, str> {
                match self {
                    $( Self::$variant => stringify!($variant).into(), )*
                    Self::Other(other) => other.to_string().into(),
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                $crate::domain::settings::object::read_enum(from, $name::from_number, $name::from_name)
            }
        }

        impl $crate::domain::settings::object::Member for $name {
            fn read<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                serde::Deserialize::deserialize(from)
            }

            fn is_recorded(&self) -> bool {
                true
            }

            fn write(&self, to: &mut $crate::domain::settings::writer::Writer) {
                $crate::domain::settings::object::write_enum!(self, to, $form);
            }
        }
    };
}

/// Writes an enum as its number or its name.
macro_rules! write_enum {
    ($value:expr, $to:expr, number) => {
        $to.raw(&$value.number().to_string())
    };
    ($value:expr, $to:expr, name) => {
        match $value {
            Self::Other(number) => $to.raw(&number.to_string()),
            known => $to.text(&known.name()),
        }
    };
    ($value:expr, $to:expr, lowercase) => {
        match $value {
            Self::Other(number) => $to.raw(&number.to_string()),
            known => $to.text(&known.name().to_ascii_lowercase()),
        }
    };
}

pub(super) use {default_of, enumeration, object, recorded, write_enum};

/// Reads an enum from an integer or a text.
pub(super) fn read_enum<'de, D: Deserializer<'de>, T>(
    from: D,
    from_number: fn(i32) -> T,
    from_name: fn(&str) -> Option<T>,
) -> Result<T, D::Error> {
    struct Reader<T> {
        from_number: fn(i32) -> T,
        from_name: fn(&str) -> Option<T>,
    }

    impl<T> Visitor<'_> for Reader<T> {
        type Value = T;

        fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
            to.write_str("the number or name of an enum member")
        }

        fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<T, E> {
            i32::try_from(number).map(self.from_number).map_err(E::custom)
        }

        fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<T, E> {
            i32::try_from(number).map(self.from_number).map_err(E::custom)
        }

        fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<T, E> {
            (self.from_name)(name).ok_or_else(|| E::custom("unknown name of an enum member"))
        }
    }

    from.deserialize_any(Reader { from_number, from_name })
}
