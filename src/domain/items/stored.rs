//! From a record's values to the columns that a write sends (03 §8.5).

use chrono::NaiveDateTime;

use crate::db::TableInfo;
use crate::db::records::Unique;
use crate::db::sql::{Bind, Ident};
use crate::domain::settings::Column;
use crate::domain::{Call, Error};
use crate::model::{DataType, Value};

use super::record::Record;
use super::validate;

/// The time range outside of which a date is stored as none (02 §7.4).
#[derive(Debug, Clone, Copy)]
pub(super) struct TimeRange {
    /// `General.MinTime`.
    pub min: NaiveDateTime,
    /// `General.MaxTime`.
    pub max: NaiveDateTime,
}

impl TimeRange {
    /// The range that the parameters set.
    pub(super) fn of(call: &Call) -> Self {
        let general = &call.services.parameters.general;
        Self { min: general.min_time, max: general.max_time }
    }

    /// Whether a time counts as a date.
    pub(super) fn contains(self, time: NaiveDateTime) -> bool {
        self.min <= time && time <= self.max
    }
}

/// The columns that an insert writes: those that changed, and those of Issues that cannot be NULL.
pub(super) fn for_insert(
    record: &Record,
    columns: &TableInfo,
    range: TimeRange,
) -> Vec<(Ident, Bind)> {
    let always = |column: &Column| match column.name.as_str() {
        "Title" => columns.column("Title").is_some_and(|title| !title.nullable),
        "Status" | "CompletionTime" => columns.column("CompletionTime").is_some(),
        _ => false,
    };
    let table = record.table();
    let written = table.columns.iter().filter(|column| record.is_changed(column) || always(column));
    written.filter_map(|column| bind(record, column, columns, range)).collect()
}

/// The columns that an update writes: those that changed.
pub(super) fn for_update(
    record: &Record,
    columns: &TableInfo,
    range: TimeRange,
) -> Vec<(Ident, Bind)> {
    record.changes().filter_map(|(column, _)| bind(record, column, columns, range)).collect()
}

/// Some columns, changed or not.
pub(super) fn of_columns(
    record: &Record,
    names: &[&str],
    columns: &TableInfo,
    range: TimeRange,
) -> Vec<(Ident, Bind)> {
    let wanted =
        record.table().columns.iter().filter(|column| names.contains(&column.name.as_str()));
    wanted.filter_map(|column| bind(record, column, columns, range)).collect()
}

fn bind(
    record: &Record,
    column: &Column,
    columns: &TableInfo,
    range: TimeRange,
) -> Option<(Ident, Bind)> {
    let info = columns.column(&column.name)?;
    let value = stored_value(record.get(&column.name)?, info.max_length, range);
    Some((info.ident(), Bind::column(info.data_type, &value)))
}

/// Texts are cut to the column's UTF-16 units; times outside the range are none (03 §8.5).
pub(super) fn stored_value(value: &Value, max_length: Option<u32>, range: TimeRange) -> Value {
    match value {
        Value::Text(text) => Value::Text(cut(text, max_length)),
        Value::Time(Some(time)) if !range.contains(*time) => Value::Time(None),
        other => other.clone(),
    }
}

/// The text's first UTF-16 units; a pair that would be split is left out whole.
pub fn cut(text: &str, max_units: Option<u32>) -> String {
    let Some(max) = max_units.map(|max| max as usize) else { return text.to_owned() };
    let mut units = 0;
    let kept = text.chars().take_while(|character| {
        units += character.len_utf16();
        units <= max
    });
    if text.len() <= max { text.to_owned() } else { kept.collect() }
}

/// The values that no other record of the site may have, and the columns they are of, in the same order (03 §11).
pub(super) fn unique<'r>(
    record: &'r Record,
    columns: &TableInfo,
) -> (Vec<Unique>, Vec<&'r Column>) {
    let mut checks = Vec::new();
    let mut checked = Vec::new();
    // Wikis know no such check (03 §23).
    let columns_checked = record.table().columns.iter().filter(|column| column.no_duplication);
    for column in columns_checked.filter(|_| record.kind().is_table()) {
        let (Some(info), Some(value)) = (columns.column(&column.name), record.get(&column.name))
        else {
            continue;
        };
        if validate::is_empty(column, value) || column.data_type() == DataType::Bool {
            continue;
        }
        let value = match value {
            Value::Text(text) => Value::Text(cut(text, info.max_length)),
            other => other.clone(),
        };
        checks.push(Unique { column: info.ident(), value: Bind::column(info.data_type, &value) });
        checked.push(column);
    }
    (checks, checked)
}

/// The refusal of the column at that place of [`unique`].
pub(super) fn duplicated(call: &Call, checked: &[&Column], at: usize) -> Error {
    let Some(column) = checked.get(at) else { return Error::Corrupt("a duplicate of no column") };
    let message = Some(column.duplicated_message.clone()).filter(|message| !message.is_empty());
    Error::Duplicated { label: column.label(call.language().code()).to_owned(), message }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_in_utf16_units() {
        assert_eq!(cut("あいう", Some(2)), "あい");
        assert_eq!(cut("a😀b", Some(2)), "a", "half a pair is none");
        assert_eq!(cut("a😀b", Some(3)), "a😀");
        assert_eq!(cut("ああ", None), "ああ");
    }
}
