//! Keys as values that can be compared in memory as the database compares them.

use std::fmt::Write;

use chrono::Timelike;

use crate::db::TableInfo;
use crate::db::records::{KeyPart, KeySet};
use crate::db::sql::{Bind, Predicate};
use crate::domain::items::Table;
use crate::domain::items::load;
use crate::domain::items::record::Record;
use crate::domain::items::stored::{TimeRange, stored_value};
use crate::model::Value;

/// What the keys of a call compare: the same of every row.
pub(in crate::domain::items) struct Parts(Vec<KeyPart>);

/// The values of a row or record.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::domain::items) struct Key {
    values: Vec<Bind>,
    text: String,
}

impl Key {
    fn new(values: Vec<Bind>) -> Self {
        let mut text = String::new();
        for value in &values {
            write_value(&mut text, value);
        }
        Self { values, text }
    }

    /// Equal for equal keys, and for no others.
    pub(in crate::domain::items) fn text(&self) -> &str {
        &self.text
    }
}

impl Parts {
    /// What a row's condition compares; none unless every part is "column equals value" of a column that a record's
    /// row brings, or of the display title.
    pub(in crate::domain::items) fn of(table: &Table<'_>, condition: &Predicate) -> Option<Self> {
        let loaded = load::columns(table.settings, table.columns);
        let id = table.settings.kind.id_column();
        let parts: Vec<KeyPart> = equals(condition)?.into_iter().map(|(part, _)| part).collect();
        let known = parts.iter().all(|part| match part {
            KeyPart::ItemTitle => true,
            KeyPart::Column(column) => {
                column.as_str() == id || loaded.iter().any(|info| info.name == column.as_str())
            }
        });
        (known && !parts.is_empty()).then_some(Self(parts))
    }

    /// A row's key; none where its condition compares something else than the others'.
    pub(in crate::domain::items) fn key(&self, condition: &Predicate) -> Option<Key> {
        let (parts, values): (Vec<KeyPart>, Vec<Bind>) = equals(condition)?.into_iter().unzip();
        (parts == self.0).then(|| Key::new(values))
    }

    /// Whether the display title is a part.
    pub(in crate::domain::items) fn has_title(&self) -> bool {
        self.0.contains(&KeyPart::ItemTitle)
    }

    /// The key that a record has once it is written; none if that is known only then.
    pub(in crate::domain::items) fn of_record(
        &self,
        record: &Record,
        columns: &TableInfo,
        title: Option<&str>,
        range: TimeRange,
    ) -> Option<Key> {
        let value = |part: &KeyPart| match part {
            KeyPart::ItemTitle => {
                title.filter(|title| !title.contains(crate::db::records::NEW_ID)).map(Bind::text)
            }
            KeyPart::Column(column) => match columns.column(column.as_str()) {
                Some(_) if column.as_str() == record.kind().id_column() => {
                    record.stored.as_ref().map(|stored| Bind::Long(Some(stored.id)))
                }
                Some(info) => {
                    let value = record.get(column.as_str())?;
                    let value = stored_value(value, info.max_length, range);
                    is_exact(column.as_str(), &value).then(|| Bind::column(info.data_type, &value))
                }
                None => None,
            },
        };
        let values: Option<Vec<Bind>> = self.0.iter().map(value).collect();
        values.map(Key::new)
    }

    /// Keys to look for.
    pub(in crate::domain::items) fn set(&self, keys: &[&Key]) -> KeySet {
        let values = (0..self.0.len())
            .map(|part| Bind::array(keys.iter().filter_map(|key| key.values.get(part).cloned())));
        KeySet { parts: self.0.clone(), values: values.collect() }
    }
}

/// Whether the database keeps the value as it is: four digits behind the point, one of a progress, thousandths of a
/// second (02 §3).
fn is_exact(column: &str, value: &Value) -> bool {
    let digits = if column == "ProgressRate" { 1 } else { 4 };
    match value {
        Value::Decimal(Some(number)) => number.normalize().scale() <= digits,
        Value::Time(Some(time)) => time.nanosecond() % 1_000_000 == 0,
        _ => true,
    }
}

/// The equations of a condition; none where it is more than that.
fn equals(condition: &Predicate) -> Option<Vec<(KeyPart, Bind)>> {
    let Predicate::All(parts) = condition else { return None };
    let equation = |part: &Predicate| match part {
        Predicate::Equal(column, value) => Some((KeyPart::Column(column.clone()), value.clone())),
        Predicate::OfItem(_, _, part) => match part.as_ref() {
            Predicate::Equal(_, value) => Some((KeyPart::ItemTitle, value.clone())),
            _ => None,
        },
        _ => None,
    };
    parts.iter().map(equation).collect()
}

/// Numbers are equal whatever their scale.
fn write_value(text: &mut String, value: &Bind) {
    let written = match value {
        Bind::Text(Some(value)) => {
            // Neither of the two can be stored: NUL is dropped, and separates here.
            text.extend(value.chars().filter(|character| *character != '\0'));
            Ok(())
        }
        Bind::Int(Some(value)) => write!(text, "{value}"),
        Bind::Long(Some(value)) => write!(text, "{value}"),
        Bind::Decimal(Some(value)) => write!(text, "{}", value.normalize()),
        Bind::Time(Some(value)) => write!(text, "{value}"),
        Bind::Bool(Some(value)) => write!(text, "{value}"),
        // NULL equals nothing that is looked for.
        _ => write!(text, "\u{1}"),
    };
    debug_assert!(written.is_ok(), "a text takes everything");
    text.push('\0');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(values: &[Bind]) -> String {
        Key::new(values.to_vec()).text().to_owned()
    }

    #[test]
    fn keys_are_equal_where_the_database_finds_them_equal() {
        let number = |text: &str| Bind::Decimal(text.parse().ok());
        assert_eq!(key(&[number("1.50")]), key(&[number("1.5")]));
        assert_eq!(key(&[Bind::text("a\0b")]), key(&[Bind::text("ab")]));
        assert_ne!(
            key(&[Bind::text("a"), Bind::text("b")]),
            key(&[Bind::text("ab"), Bind::text("")])
        );
        assert_ne!(key(&[Bind::text("A")]), key(&[Bind::text("a")]));
    }
}
