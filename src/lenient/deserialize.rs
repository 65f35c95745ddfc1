//! [`Json`] to Rust types, by the conversions of 01 §4.3 and 03 §3.2.

mod access;
mod key;

use serde::Deserialize;
use serde::de::{Deserializer, Visitor};

use self::access::{Elements, Entries, Fields, Variant};
use super::error::ConversionError;
use super::literal::{LITERAL, NULLABLE};
use super::number::{self, Whole};
use super::value::Json;

/// Converts a tree to a type, which may borrow its texts.
pub fn from_json<'de, T: Deserialize<'de>>(json: &'de Json<'de>) -> Result<T, ConversionError> {
    T::deserialize(Node::new(json))
}

type Outcome<V> = Result<V, ConversionError>;

/// A value to convert.
///
/// When a typed member is posted twice with an object, the reference fills the first one further (01 §4.3):
/// then `earlier` has the objects before the last. Nearly always it is empty, which costs nothing.
struct Node<'de> {
    json: &'de Json<'de>,
    earlier: Vec<&'de Json<'de>>,
}

impl<'de> Node<'de> {
    fn new(json: &'de Json<'de>) -> Self {
        Self { json, earlier: Vec::new() }
    }

    /// Replaces the value by one posted later, or adds it.
    fn repeat(&mut self, json: &'de Json<'de>) {
        if matches!((self.json, json), (Json::Object(_), Json::Object(_))) {
            self.earlier.push(self.json);
        } else {
            self.earlier.clear();
        }
        self.json = json;
    }

    fn entries(self) -> Outcome<Entries<'de>> {
        if !matches!(self.json, Json::Object(_)) {
            return Err(ConversionError::new("not an object"));
        }
        Ok(Entries::new(self.earlier, self.json))
    }

    fn whole<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        let value = match self.json {
            Json::Integer(token) => Whole::of_token(token),
            Json::String(text) => Whole::of_text(text),
            _ => None,
        };
        match value {
            Some(Whole::Signed(value)) => visitor.visit_i64(value),
            Some(Whole::Unsigned(value)) => visitor.visit_u64(value),
            None => Err(ConversionError::new("not an integer")),
        }
    }

    fn float<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        let value = match self.json {
            Json::Integer(token) | Json::Float(token) => Some(number::token_to_f64(token)),
            Json::String(text) => number::text_to_f64(text),
            _ => None,
        };
        value.map_or_else(
            || Err(ConversionError::new("not a number")),
            |value| visitor.visit_f64(value),
        )
    }

    fn text(self) -> Outcome<&'de str> {
        match self.json {
            Json::String(text) | Json::Integer(text) | Json::Float(text) => Ok(text),
            Json::Bool(true) => Ok("true"),
            Json::Bool(false) => Ok("false"),
            _ => Err(ConversionError::new("not a text")),
        }
    }

    fn boolean(self) -> Outcome<bool> {
        match self.json {
            Json::Bool(value) => Ok(*value),
            Json::Integer(token) | Json::Float(token) => Ok(number::token_to_f64(token) != 0.0),
            Json::String(text) if text.trim().eq_ignore_ascii_case("true") => Ok(true),
            Json::String(text) if text.trim().eq_ignore_ascii_case("false") => Ok(false),
            _ => Err(ConversionError::new("not a boolean")),
        }
    }

    /// The scalar as it was written: see the [`literal`](super::literal) module.
    fn literal<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        match self.json {
            Json::Null => visitor.visit_unit(),
            Json::Bool(value) => visitor.visit_bool(*value),
            Json::Integer(token) | Json::Float(token) => {
                visitor.visit_borrowed_bytes(token.as_bytes())
            }
            Json::String(text) => visitor.visit_borrowed_str(text),
            Json::Array(_) | Json::Object(_) => Err(ConversionError::new("not a single value")),
        }
    }

    fn is_blank(&self) -> bool {
        match self.json {
            Json::Null => true,
            Json::String(text) => text.is_empty(),
            _ => false,
        }
    }
}

/// Forwards methods of `Deserializer` to a method of `Node`.
macro_rules! forward {
    ($to:ident: $($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
            self.$to(visitor)
        })*
    };
}

impl<'de> Deserializer<'de> for Node<'de> {
    type Error = ConversionError;

    forward!(whole: deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64);
    forward!(whole: deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64);
    forward!(float: deserialize_f32 deserialize_f64);
    forward!(deserialize_str: deserialize_char deserialize_string deserialize_identifier);
    forward!(deserialize_any: deserialize_unit);

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        match self.json {
            Json::Null => visitor.visit_unit(),
            Json::Bool(value) => visitor.visit_bool(*value),
            Json::Integer(token) => match Whole::of_token(token) {
                Some(Whole::Signed(value)) => visitor.visit_i64(value),
                Some(Whole::Unsigned(value)) => visitor.visit_u64(value),
                None => visitor.visit_f64(number::token_to_f64(token)),
            },
            Json::Float(token) => visitor.visit_f64(number::token_to_f64(token)),
            Json::String(text) => visitor.visit_borrowed_str(text),
            Json::Array(_) => self.deserialize_seq(visitor),
            Json::Object(_) => self.deserialize_map(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        visitor.visit_bool(self.boolean()?)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        visitor.visit_borrowed_str(self.text()?)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        visitor.visit_borrowed_bytes(self.text()?.as_bytes())
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        match self.json {
            Json::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Outcome<V::Value> {
        self.deserialize_any(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Outcome<V::Value> {
        match name {
            LITERAL => self.literal(visitor),
            NULLABLE if self.is_blank() => visitor.visit_none(),
            NULLABLE => visitor.visit_some(self),
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        match self.json {
            Json::Array(items) => visitor.visit_seq(Elements::new(items)),
            _ => Err(ConversionError::new("not an array")),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Outcome<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Outcome<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        visitor.visit_map(self.entries()?)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Outcome<V::Value> {
        visitor.visit_map(Fields::new(self.entries()?, fields))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Outcome<V::Value> {
        let Json::String(text) = self.json else {
            return Err(ConversionError::new("no name of the enum"));
        };
        visitor.visit_enum(Variant::find(variants, text)?)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        visitor.visit_unit()
    }
}

#[cfg(test)]
mod tests;
