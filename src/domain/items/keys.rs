//! The keys of an upsert: which are usable, and what each compares (03 §6).

use chrono::{NaiveDateTime, TimeDelta};
use rust_decimal::Decimal;
use serde_json::Value as Tree;

use crate::db::TableInfo;
use crate::db::sql::{Bind, Ident, Predicate};
use crate::domain::settings::{Column, TableSettings};
use crate::domain::zones::Zones;
use crate::domain::{Error, Services};
use crate::lenient::{self, Json, Nullable, Number, PostedTime};
use crate::model::{ColumnClass, DataType};

use super::posted::ends_with_its_day;
use super::request::wall_clock;

/// What turns keys into a condition.
pub(super) struct Keys<'a> {
    /// The server's zone and the caller's.
    pub zones: &'a Zones,
    /// Now, by the caller's clock.
    pub now: NaiveDateTime,
    /// Zone and range of stored times.
    pub services: &'a Services,
    /// The settings of the table.
    pub table: &'a TableSettings,
    /// The columns that the database has.
    pub columns: &'a TableInfo,
}

impl Keys<'_> {
    /// The condition that all keys of a body make together.
    ///
    /// Keys that cannot be used refuse the call with all of them listed, dates out of range with theirs (03 §6.1).
    pub(super) fn condition(&self, body: &Json<'_>) -> Result<Predicate, Error> {
        let names = names(body).ok_or(Error::InvalidJsonData)?;
        let bad: Vec<&str> =
            names.iter().filter(|key| !self.is_usable(key, body)).map(Key::text).collect();
        if !bad.is_empty() {
            return Err(Error::InvalidUpsertKey(format!("({})", bad.join(", "))));
        }
        let mut conditions = Vec::with_capacity(names.len());
        let mut out_of_range = Vec::new();
        for key in &names {
            let Some(column) = self.table.column(key.text()) else { continue };
            match self.compare(column, body) {
                Ok(condition) => conditions.extend(condition),
                Err(Refused::OutOfRange(time)) => {
                    out_of_range.push(format!(
                        "'{}'='{}'",
                        column.name,
                        time.format("%Y/%m/%d %H:%M:%S")
                    ));
                }
                Err(Refused::Unreadable) => return Err(Error::InvalidJsonData),
            }
        }
        if out_of_range.is_empty() {
            Ok(Predicate::All(conditions))
        } else {
            Err(Error::InvalidUpsertKey(format!("({})", out_of_range.join(","))))
        }
    }

    /// A column of the table, with its exact name, for which the body has a value at the place of its class (03 §6.2).
    pub(super) fn is_usable(&self, key: &Key, body: &Json<'_>) -> bool {
        let Key::Name(name) = key else { return false };
        // Computed by queries, so that no row can be found by it; the reference crashes (BUG(03 §6.4)).
        if self.table.column(name).is_none() || name == "RemainingWorkValue" {
            return false;
        }
        let value = posted(name, body);
        match ColumnClass::of(name) {
            Some(ColumnClass::Attachments) => false,
            Some(ColumnClass::Class | ColumnClass::Description) => {
                value.is_some_and(|value| !is_null(value) && value.as_str() != Some(""))
            }
            _ => value.is_some_and(|value| !is_null(value)),
        }
    }

    /// What the posted value compares; nothing where the reference makes no condition of it (03 §6.4).
    pub(super) fn compare(
        &self,
        column: &Column,
        body: &Json<'_>,
    ) -> Result<Option<Predicate>, Refused> {
        let Some(value) = posted(&column.name, body) else { return Ok(None) };
        let Some(info) = self.columns.column(&column.name) else { return Ok(None) };
        let ident = info.ident();
        match column.data_type() {
            DataType::Bool => {
                // QUIRK(03 §6.4): false is no condition.
                let check: Nullable<bool> = convert(value)?;
                Ok((check.0 == Some(true))
                    .then_some(Predicate::Equal(ident, Bind::Bool(Some(true)))))
            }
            DataType::Decimal => Ok(convert::<Nullable<Number>>(value)?
                .0
                .map(|number| equal_number(column, ident, number.0))),
            DataType::Int => Ok(convert::<Nullable<i32>>(value)?
                .0
                .map(|id| Predicate::Equal(ident, Bind::Int(Some(id))))),
            DataType::Long => Ok(convert::<Nullable<i64>>(value)?
                .0
                .map(|id| Predicate::Equal(ident, Bind::Long(Some(id))))),
            DataType::Time => self.equal_time(column, ident, value),
            DataType::Text => Ok(equal_text(column, ident, &convert::<String>(value)?)),
        }
    }

    fn equal_time(
        &self,
        column: &Column,
        ident: Ident,
        value: &Json<'_>,
    ) -> Result<Option<Predicate>, Refused> {
        let Some(time) = convert::<Nullable<PostedTime>>(value)?.0 else { return Ok(None) };
        let local = wall_clock(time, self.services.server_zone, self.now);
        let general = &self.services.parameters.general;
        if local < general.min_time || local > general.max_time {
            return Err(Refused::OutOfRange(local));
        }
        let mut stored = self.zones.to_server(local);
        if column.name == "CompletionTime" && ends_with_its_day(self.table) {
            stored += TimeDelta::days(1);
        }
        Ok(Some(Predicate::Equal(ident, Bind::Time(Some(stored)))))
    }
}

/// Names and values of the keys of a body or row as one text, equal for calls that would look for the same record.
pub(super) fn fingerprint(keys: &[Key], body: &Json<'_>) -> String {
    let mut text = String::new();
    for key in keys {
        let value = posted(key.text(), body).map(|value| Tree::from(value).to_string());
        text.push_str(key.text());
        text.push('=');
        // Numbers are equal whatever their scale, and may come as texts.
        let value = value.unwrap_or_default();
        match value.trim_matches('"').parse::<rust_decimal::Decimal>() {
            Ok(number) => text.push_str(&number.normalize().to_string()),
            Err(_) => text.push_str(&value),
        }
        text.push('\n');
    }
    text
}

/// Why a value cannot be compared.
pub(super) enum Refused {
    /// A date outside of the range that is stored, by the caller's clock.
    OutOfRange(NaiveDateTime),
    /// A value that does not fit its column.
    Unreadable,
}

/// An element of `Keys`: a name, or the text of something else.
pub(super) enum Key {
    /// A text.
    Name(String),
    /// Anything else, as messages show it.
    Other(String),
}

impl Key {
    /// The text.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Name(text) | Self::Other(text) => text,
        }
    }
}

/// `Keys` of a body; nothing when there are none.
pub(super) fn names(body: &Json<'_>) -> Option<Vec<Key>> {
    let Some(Json::Array(keys)) = body.member("Keys") else { return None };
    let keys = keys.iter().map(|key| match key {
        Json::String(name) => Key::Name(name.clone().into_owned()),
        Json::Integer(text) | Json::Float(text) => Key::Other(text.clone().into_owned()),
        other => Key::Other(Tree::from(other).to_string()),
    });
    Some(keys.collect::<Vec<_>>()).filter(|keys| !keys.is_empty())
}

/// Where the body has the value of a column: in the hash of its class, else as a member of its name in any case.
pub(super) fn posted<'b>(name: &str, body: &'b Json<'b>) -> Option<&'b Json<'b>> {
    match ColumnClass::of(name) {
        Some(class) => body.member(&format!("{}Hash", class.prefix()))?.get_exact(name),
        None => body.member(name),
    }
}

const fn is_null(value: &Json<'_>) -> bool {
    matches!(value, Json::Null)
}

fn convert<'de, T: serde::Deserialize<'de>>(value: &'de Json<'de>) -> Result<T, Refused> {
    lenient::from_json(value).map_err(|_| Refused::Unreadable)
}

/// QUIRK(03 §6.4): compared as posted, before the column rounds; 0 finds NULL too where the column cannot be empty.
pub(super) fn equal_number(column: &Column, ident: Ident, number: Decimal) -> Predicate {
    let equal = Predicate::Equal(ident.clone(), Bind::Decimal(Some(number)));
    if number.is_zero() && !column.nullable {
        Predicate::Any(vec![equal, Predicate::IsNull(ident)])
    } else {
        equal
    }
}

pub(super) fn equal_text(column: &Column, ident: Ident, text: &str) -> Option<Predicate> {
    let empty = |ident: Ident, more: &[&str]| {
        let mut parts = vec![Predicate::IsNull(ident.clone())];
        parts.extend(more.iter().map(|text| Predicate::Equal(ident.clone(), Bind::text(*text))));
        Predicate::Any(parts)
    };
    if column.has_choices() {
        if !column.multiple_selections {
            // QUIRK(03 §6.4): the reference puts the value between `["` and `"]`; where a quotation mark or a backslash
            // breaks that, the key makes no condition. Recorded in `20-write-upsert-keys`.
            let broken = lenient::parse(&format!("[\"{text}\"]")).is_err();
            return (!broken).then(|| Predicate::Equal(ident, Bind::text(text)));
        }
        // A posted array is compared in its compact form, a text that is none makes no condition (03 §6.4).
        return match lenient::parse(text) {
            Ok(Json::Array(values)) if values.is_empty() => Some(empty(ident, &["", "[]"])),
            Ok(array @ Json::Array(_)) => {
                Some(Predicate::Equal(ident, Bind::text(Tree::from(&array).to_string())))
            }
            _ => None,
        };
    }
    match text {
        "" => None,
        " " | "\u{3000}" => Some(empty(ident, &[""])),
        text => Some(Predicate::Equal(ident, Bind::text(text))),
    }
}
