//! Where a value of an answer comes from: the columns that a page asks for, and their places in its rows.

use chrono::NaiveDateTime;
use rust_decimal::Decimal;

use crate::db::records::{LinkedRow, ListRow};
use crate::db::{ColumnInfo, TableInfo};
use crate::model::{ReferenceType, Value};

/// The columns that a page asks a table for, each once.
#[derive(Debug)]
pub(in crate::domain::items) struct Selection<'c> {
    table: &'c TableInfo,
    columns: Vec<&'c ColumnInfo>,
}

/// Where a row of the page has a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::domain::items) enum Source {
    /// The record's id.
    Id,
    /// `Ver`.
    Ver,
    /// `SiteId`.
    Site,
    /// `Creator`.
    Creator,
    /// `Updator`.
    Updator,
    /// `CreatedTime`.
    Created,
    /// `UpdatedTime`.
    Updated,
    /// The selected column at this place.
    Value(usize),
    /// Nowhere: the database has no such column.
    Nowhere,
}

/// A value of a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::domain::items) enum Got<'r> {
    /// A text.
    Text(&'r str),
    /// An integer.
    Int(i64),
    /// A number.
    Decimal(Option<Decimal>),
    /// A time of the server's zone.
    Time(Option<NaiveDateTime>),
    /// A boolean.
    Bool(bool),
    /// None.
    Nothing,
}

impl<'c> Selection<'c> {
    /// None yet.
    pub(in crate::domain::items) const fn new(table: &'c TableInfo) -> Self {
        Self { table, columns: Vec::new() }
    }

    /// What has been asked for.
    pub(in crate::domain::items) fn columns(&self) -> &[&'c ColumnInfo] {
        &self.columns
    }

    /// Asks for a column, unless every row brings it.
    pub(in crate::domain::items) fn add(&mut self, kind: ReferenceType, name: &str) -> Source {
        match name {
            "SiteId" => Source::Site,
            "Ver" => Source::Ver,
            "Creator" => Source::Creator,
            "Updator" => Source::Updator,
            "CreatedTime" => Source::Created,
            "UpdatedTime" => Source::Updated,
            name if name == kind.id_column() => Source::Id,
            name => self.select(name),
        }
    }

    /// The place of a column that has been asked for, or that every row brings.
    pub(in crate::domain::items) fn known(&self, name: &str) -> Option<Source> {
        Some(match name {
            "CreatedTime" => Source::Created,
            "UpdatedTime" => Source::Updated,
            name => Source::Value(self.columns.iter().position(|known| known.name == name)?),
        })
    }

    /// Asks for a column of the table, be it one that every row brings or not.
    pub(in crate::domain::items) fn select(&mut self, name: &str) -> Source {
        let Some(column) = self.table.column(name) else { return Source::Nowhere };
        let known = self.columns.iter().position(|known| known.name == column.name);
        Source::Value(known.unwrap_or_else(|| {
            self.columns.push(column);
            self.columns.len() - 1
        }))
    }
}

/// A row that sources are places in.
pub(in crate::domain::items) trait Row {
    /// The value of a source.
    fn got(&self, source: Source) -> Got<'_>;
    /// `Items.Title`.
    fn item_title(&self) -> &str;
}

impl Row for ListRow {
    fn got(&self, source: Source) -> Got<'_> {
        let record = &self.record;
        match source {
            Source::Id => Got::Int(record.id),
            Source::Ver => Got::Int(record.ver.into()),
            Source::Site => Got::Int(self.site.0),
            Source::Creator => Got::Int(record.creator.into()),
            Source::Updator => Got::Int(record.updator.into()),
            Source::Created => Got::Time(Some(record.created_time)),
            Source::Updated => Got::Time(Some(record.updated_time)),
            Source::Value(at) => Got::at(&record.values, at),
            Source::Nowhere => Got::Nothing,
        }
    }

    fn item_title(&self) -> &str {
        &self.item_title
    }
}

/// Joined tables are asked for every column by name.
impl Row for LinkedRow {
    fn got(&self, source: Source) -> Got<'_> {
        match source {
            Source::Value(at) => Got::at(&self.values, at),
            _ => Got::Nothing,
        }
    }

    fn item_title(&self) -> &str {
        &self.title
    }
}

impl<'r> Got<'r> {
    /// The value at a place.
    pub(in crate::domain::items) fn at(values: &'r [Value], at: usize) -> Self {
        match values.get(at) {
            Some(Value::Text(text)) => Self::Text(text),
            Some(Value::Int(number)) => Self::Int(*number),
            Some(Value::Decimal(number)) => Self::Decimal(*number),
            Some(Value::Time(time)) => Self::Time(*time),
            Some(Value::Bool(check)) => Self::Bool(*check),
            None => Self::Nothing,
        }
    }

    /// The text, empty for values of other types.
    pub(in crate::domain::items) const fn text(self) -> &'r str {
        match self {
            Self::Text(text) => text,
            _ => "",
        }
    }

    /// The integer, 0 for values of other types.
    pub(in crate::domain::items) const fn int(self) -> i64 {
        match self {
            Self::Int(number) => number,
            _ => 0,
        }
    }

    /// The number, if it is one and set.
    pub(in crate::domain::items) const fn decimal(self) -> Option<Decimal> {
        match self {
            Self::Decimal(number) => number,
            _ => None,
        }
    }

    /// The time, if it is one and set.
    pub(in crate::domain::items) const fn time(self) -> Option<NaiveDateTime> {
        match self {
            Self::Time(time) => time,
            _ => None,
        }
    }

    /// The boolean, false for values of other types.
    pub(in crate::domain::items) const fn bool(self) -> bool {
        matches!(self, Self::Bool(true))
    }

    /// The value as titles take it.
    pub(in crate::domain::items) fn to_value(self) -> Option<Value> {
        Some(match self {
            Self::Text(text) => Value::Text(text.to_owned()),
            Self::Int(number) => Value::Int(number),
            Self::Decimal(number) => Value::Decimal(number),
            Self::Time(time) => Value::Time(time),
            Self::Bool(check) => Value::Bool(check),
            Self::Nothing => return None,
        })
    }
}
