//! What serde asks the deserializer for, element by element.

use std::slice;
use std::vec;

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{DeserializeSeed, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};

use super::key::Key;
use super::{Node, Outcome};
use crate::lenient::error::ConversionError;
use crate::lenient::literal::position;
use crate::lenient::value::{Json, Member};

/// The elements of an array.
pub(super) struct Elements<'de> {
    items: slice::Iter<'de, Json<'de>>,
    next: usize,
}

impl<'de> Elements<'de> {
    pub(super) fn new(items: &'de [Json<'de>]) -> Self {
        Self { items: items.iter(), next: 0 }
    }
}

impl<'de> SeqAccess<'de> for Elements<'de> {
    type Error = ConversionError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Outcome<Option<T::Value>> {
        let Some(json) = self.items.next() else { return Ok(None) };
        let at = self.next;
        self.next += 1;
        seed.deserialize(Node::new(json)).map(Some).map_err(|error| error.at_index(at))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

/// The members of an object, or of several that are one; as they were posted, since here names are data.
pub(super) struct Entries<'de> {
    members: slice::Iter<'de, Member<'de>>,
    earlier: vec::IntoIter<&'de Json<'de>>,
    last: Option<&'de Json<'de>>,
    value: Option<&'de Member<'de>>,
}

impl<'de> Entries<'de> {
    pub(super) fn new(earlier: Vec<&'de Json<'de>>, last: &'de Json<'de>) -> Self {
        Self { members: [].iter(), earlier: earlier.into_iter(), last: Some(last), value: None }
    }
}

impl<'de> Iterator for Entries<'de> {
    type Item = &'de Member<'de>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(member) = self.members.next() {
                return Some(member);
            }
            let object = self.earlier.next().or_else(|| self.last.take())?;
            self.members = object.members().iter();
        }
    }
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = ConversionError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Outcome<Option<K::Value>> {
        self.value = self.next();
        let Some((name, _)) = self.value else { return Ok(None) };
        seed.deserialize(Key(name)).map(Some).map_err(|error| error.at_member(name))
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Outcome<T::Value> {
        let Some((name, json)) = self.value.take() else {
            return Err(ConversionError::new("no value"));
        };
        seed.deserialize(Node::new(json)).map_err(|error| error.at_member(name))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.members.len() + self.last.map_or(0, |object| object.members().len()))
    }
}

/// The members of an object that a struct has, each once and under the struct's name for it.
pub(super) struct Fields<'de> {
    slots: std::iter::Zip<slice::Iter<'static, &'static str>, vec::IntoIter<Option<Node<'de>>>>,
    value: Option<(&'static str, Node<'de>)>,
}

impl<'de> Fields<'de> {
    pub(super) fn new(entries: Entries<'de>, fields: &'static [&'static str]) -> Self {
        let mut slots: Vec<Option<Node<'de>>> = fields.iter().map(|_| None).collect();
        for (name, json) in entries {
            let slot = position(fields.iter().copied(), name).and_then(|at| slots.get_mut(at));
            match slot {
                Some(Some(node)) => node.repeat(json),
                Some(empty) => *empty = Some(Node::new(json)),
                None => {}
            }
        }
        Self { slots: fields.iter().zip(slots), value: None }
    }
}

impl<'de> MapAccess<'de> for Fields<'de> {
    type Error = ConversionError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Outcome<Option<K::Value>> {
        self.value = self.slots.find_map(|(name, node)| node.map(|node| (*name, node)));
        match &self.value {
            Some((name, _)) => seed.deserialize(BorrowedStrDeserializer::new(name)).map(Some),
            None => Ok(None),
        }
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Outcome<T::Value> {
        let Some((name, node)) = self.value.take() else {
            return Err(ConversionError::new("no value"));
        };
        seed.deserialize(node).map_err(|error| error.at_member(name))
    }
}

/// A variant without content, by its name.
pub(super) struct Variant(&'static str);

impl Variant {
    pub(super) fn find(variants: &'static [&'static str], text: &str) -> Outcome<Self> {
        let found = position(variants.iter().copied(), text.trim()).and_then(|at| variants.get(at));
        found.map(|name| Self(name)).ok_or_else(|| ConversionError::new("no name of the enum"))
    }
}

impl<'de> EnumAccess<'de> for Variant {
    type Error = ConversionError;
    type Variant = Self;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Outcome<(T::Value, Self)> {
        Ok((seed.deserialize(BorrowedStrDeserializer::<ConversionError>::new(self.0))?, self))
    }
}

/// The reference's enums are plain numbers, so a variant with content has no counterpart.
impl<'de> VariantAccess<'de> for Variant {
    type Error = ConversionError;

    fn unit_variant(self) -> Outcome<()> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _: T) -> Outcome<T::Value> {
        Err(ConversionError::new("a variant with content"))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Outcome<V::Value> {
        Err(ConversionError::new("a variant with content"))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        _: V,
    ) -> Outcome<V::Value> {
        Err(ConversionError::new("a variant with content"))
    }
}
