//! Values of columns as texts, and texts as values: what copies, inputs and looked-up values go through (03 §15.3).
//!
//! An assignment reads its text as the reference reads a posted form: numbers and times as the caller writes them.

use chrono::{NaiveDateTime, TimeDelta};
use chrono_tz::Tz;

use crate::domain::items::posted;
use crate::domain::items::record::Record;
use crate::domain::items::request::wall_clock;
use crate::domain::settings::Column;
use crate::domain::tenants::Users;
use crate::domain::zones::Zones;
use crate::domain::{Call, culture, display};
use crate::lenient::PostedTime;
use crate::messages::Language;
use crate::model::{ColumnClass, DataType, Value};

use super::numbers;

/// How the caller writes.
#[derive(Debug, Clone)]
pub(crate) struct Hand<'a> {
    /// The caller's language.
    pub language: Language,
    /// The server's zone and the caller's.
    pub zones: &'a Zones,
    /// The server's zone.
    pub server_zone: Tz,
    /// Now, by the caller's clock.
    pub now: NaiveDateTime,
    /// The users of the tenant.
    pub users: &'a Users,
}

impl<'a> Hand<'a> {
    /// The caller's of a call.
    pub(crate) fn of(call: &'a Call, users: &'a Users) -> Self {
        Self {
            language: call.language(),
            zones: &call.zones,
            server_zone: call.services.server_zone,
            now: call.user_now(),
            users,
        }
    }

    /// The value that a text gives a column; none for columns that take none.
    pub(crate) fn value(&self, column: &Column, text: &str) -> Option<Value> {
        Some(match (column.data_type(), column.class()) {
            (_, Some(ColumnClass::Attachments)) => return None,
            (DataType::Text, _) => Value::Text(text.to_owned()),
            (DataType::Int | DataType::Long, _) => {
                let number = text.trim().parse::<i32>().map(i64::from).unwrap_or_default();
                let known = number == -1 || self.users.find(number).is_some();
                Value::Int(if display::is_user(&column.name) && !known { 0 } else { number })
            }
            (DataType::Decimal, _) => {
                Value::Decimal(posted::num(column, numbers::parse(text, self.language)))
            }
            (DataType::Time, _) => Value::Time(self.time(column, text)),
            (DataType::Bool, _) => Value::Bool(is_on(text)),
        })
    }

    /// A number as people of a language write it.
    pub(crate) fn number(text: &str, language: Language) -> Option<rust_decimal::Decimal> {
        numbers::parse(text, language)
    }

    fn time(&self, column: &Column, text: &str) -> Option<NaiveDateTime> {
        let time = culture::parse(text, self.language)
            .map(PostedTime::Local)
            .or_else(|| PostedTime::parse(text.replace('\u{202f}', " ").trim()))?;
        let stored = self.zones.to_server(wall_clock(time, self.server_zone, self.now));
        let ends = column.name == "CompletionTime" && column.is_date_only();
        Some(if ends { stored + TimeDelta::days(1) } else { stored })
    }

    /// The raw value of a column as a text: numbers with the digits they have, times by the caller's clock.
    pub(super) fn raw(&self, column: &Column, value: &Value) -> String {
        match value {
            Value::Decimal(None) if !column.nullable => "0".to_owned(),
            Value::Time(Some(time)) => culture::general(self.shown(column, *time), self.language),
            value => self.plain(value),
        }
    }

    /// As [`raw`](Self::raw), of a value that is no column's of a table.
    pub(super) fn plain(&self, value: &Value) -> String {
        match value {
            Value::Text(text) => text.clone(),
            Value::Int(number) => number.to_string(),
            Value::Decimal(number) => number.map(|number| number.to_string()).unwrap_or_default(),
            Value::Time(None) => String::new(),
            Value::Time(Some(time)) => culture::general(self.zones.to_user(*time), self.language),
            Value::Bool(check) => if *check { "True" } else { "False" }.to_owned(),
        }
    }

    /// A stored time by the caller's clock; a completion by its day (03 §9.7).
    pub(super) fn shown(&self, column: &Column, time: NaiveDateTime) -> NaiveDateTime {
        let local = self.zones.to_user(time);
        let ends = column.name == "CompletionTime" && column.is_date_only();
        if ends { local - TimeDelta::days(1) } else { local }
    }
}

/// Texts that switch a check on.
fn is_on(text: &str) -> bool {
    ["1", "true", "on"].iter().any(|on| text.trim().eq_ignore_ascii_case(on))
}

/// The value of a column, of those too that every record has besides its own; none for what is no column.
pub(super) fn current(record: &Record, name: &str) -> Option<Value> {
    let column = record.table().column(name)?;
    if name == record.kind().id_column() {
        return Some(Value::Int(record.id()));
    }
    let stored = record.stored.as_ref();
    Some(match name {
        "Ver" => Value::Int(stored.map_or(1, |stored| stored.ver.into())),
        "Creator" => Value::Int(stored.map_or(0, |stored| stored.creator.0.into())),
        "Updator" => Value::Int(stored.map_or(0, |stored| stored.updator.0.into())),
        "CreatedTime" => Value::Time(stored.map(|stored| stored.created_time)),
        "UpdatedTime" => Value::Time(stored.map(|stored| stored.updated_time)),
        _ => record.get(&column.name)?.clone(),
    })
}

/// Whether a value is what an empty column has.
pub(super) fn is_blank(column: &Column, value: &Value) -> bool {
    match value {
        Value::Text(text) => text.is_empty(),
        Value::Int(number) => *number == 0,
        Value::Decimal(None) | Value::Time(None) => true,
        Value::Decimal(Some(number)) => number.is_zero() && !column.nullable,
        Value::Time(Some(_)) => false,
        Value::Bool(check) => !check,
    }
}
