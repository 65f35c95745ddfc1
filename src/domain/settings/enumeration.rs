//! How enums of the settings JSON are declared: [`enumeration!`].

use std::fmt;

use serde::de::{Deserializer, Error, Visitor};

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
                $crate::domain::settings::enumeration::read_enum(from, $name::from_number, $name::from_name)
            }
        }

        impl $crate::domain::settings::object::Member for $name {
            const IS_PLAIN: bool = true;

            fn read<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                serde::Deserialize::deserialize(from)
            }

            fn is_recorded(&self) -> bool {
                true
            }

            fn write(&self, to: &mut $crate::domain::settings::writer::Writer) {
                $crate::domain::settings::enumeration::write_enum!(self, to, $form);
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

pub(super) use {enumeration, write_enum};

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

        fn visit_i64<E: Error>(self, number: i64) -> Result<T, E> {
            i32::try_from(number).map(self.from_number).map_err(E::custom)
        }

        fn visit_u64<E: Error>(self, number: u64) -> Result<T, E> {
            i32::try_from(number).map(self.from_number).map_err(E::custom)
        }

        fn visit_str<E: Error>(self, name: &str) -> Result<T, E> {
            (self.from_name)(name).ok_or_else(|| E::custom("unknown name of an enum member"))
        }
    }

    from.deserialize_any(Reader { from_number, from_name })
}
