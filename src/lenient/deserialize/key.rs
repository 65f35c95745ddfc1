//! Names of members as map keys.

use serde::de::{Deserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::access::Variant;
use crate::lenient::error::ConversionError;
use crate::lenient::literal::{LITERAL, NULLABLE};
use crate::lenient::number::Whole;

/// A name that is data: taken as it is, or converted like a string that holds a number.
pub(super) struct Key<'de>(pub(super) &'de str);

impl Key<'_> {
    fn whole<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConversionError> {
        match Whole::of_text(self.0) {
            Some(Whole::Signed(value)) => visitor.visit_i64(value),
            Some(Whole::Unsigned(value)) => visitor.visit_u64(value),
            None => Err(ConversionError::new("the name is not an integer")),
        }
    }
}

/// Forwards methods of `Deserializer` to `whole`.
macro_rules! integers {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
            self.whole(visitor)
        })*
    };
}

impl<'de> Deserializer<'de> for Key<'de> {
    type Error = ConversionError;

    integers!(deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64);
    integers!(deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64);

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_borrowed_str(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        match name {
            LITERAL => visitor.visit_borrowed_str(self.0),
            NULLABLE => visitor.visit_some(self),
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        visitor.visit_enum(Variant::find(variants, self.0)?)
    }

    forward_to_deserialize_any! {
        bool f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct
        identifier ignored_any
    }
}
