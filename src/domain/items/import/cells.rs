//! From a row's cells to a record's values (04 §4.4).

use std::sync::Arc;

use chrono::{NaiveDateTime, TimeDelta};

use crate::domain::items::logic::Hand;
use crate::domain::items::posted::Posting;
use crate::domain::items::record::{Migration, Record};
use crate::domain::items::{Table, load, roles};
use crate::domain::settings::{Column, ColumnRight};
use crate::domain::tenants::Users;
use crate::domain::{Call, Error, columns, display};
use crate::model::{ColumnClass, DataType, UserId, Value};

use super::Row;
use super::comments;
use super::dates::{Formats, is_date};
use super::headers::Headers;
use super::keys::KeyColumn;
use super::texts::Texts;

/// What gives cells their meaning.
pub(super) struct Cells<'c> {
    pub(super) call: &'c Call,
    pub(super) table: &'c Table<'c>,
    pub(super) headers: Headers<'c>,
    /// The key; none where every row becomes a record.
    pub(super) key: Option<KeyColumn<'c>>,
    pub(super) formats: Formats,
    pub(super) texts: Texts,
    pub(super) users: Arc<Users>,
    /// Whether users and times of new records are those of the file.
    pub(super) migrates: bool,
}

impl Cells<'_> {
    /// Puts a row into a record. Columns that the caller may not write are left alone, without a word.
    pub(super) fn apply(&self, record: &mut Record, row: &Row<'_>) -> Result<(), Error> {
        let new = record.stored.is_none();
        let right = if new { ColumnRight::Create } else { ColumnRight::Update };
        let roles = roles(self.call, record);
        for column in self.headers.columns() {
            let control = column.access(right);
            if !columns::allows(self.call, &self.table.access, control, Some(roles)) {
                continue;
            }
            self.check_length(column, row)?;
            let text = self.headers.text(&column.name, row).unwrap_or_default();
            if column.name == "Comments" {
                self.apply_comments(record, &text);
            } else if let Some(value) = self.value(column, &text) {
                record.set(&column.name, value);
            }
        }
        if new && self.migrates {
            record.migration = Some(self.migration(row));
        }
        Ok(())
    }

    /// The value of a cell; none for columns that a file does not set.
    pub(super) fn value(&self, column: &Column, text: &str) -> Option<Value> {
        if !load::is_value(column) {
            return None;
        }
        let mapped = self.texts.value(column, text);
        Some(match (column.data_type(), column.class()) {
            (_, Some(ColumnClass::Attachments)) => return None,
            (DataType::Text, _) => Value::Text(mapped),
            (DataType::Int | DataType::Long, _) => {
                let number = i64::from(mapped.trim().parse::<i32>().unwrap_or_default());
                let is_nobody = display::is_user(&column.name) && self.users.find(number).is_none();
                Value::Int(if is_nobody { 0 } else { number })
            }
            (DataType::Decimal, Some(_)) => Hand::of(self.call, &self.users).value(column, text)?,
            // Neither rounded nor written as the caller's people write.
            (DataType::Decimal, None) => {
                let language = self.call.services.default_language();
                Value::Decimal(Some(Hand::number(text, language).unwrap_or_default()))
            }
            (DataType::Time, _) => Value::Time(self.time(column, text)),
            (DataType::Bool, _) => Value::Bool(is_on(text)),
        })
    }

    fn time(&self, column: &Column, text: &str) -> Option<NaiveDateTime> {
        let stored = self.call.zones.to_server(self.formats.read(column, text)?);
        let ends = column.name == "CompletionTime" && column.is_date_only();
        Some(if ends { stored.checked_add_signed(TimeDelta::days(1))? } else { stored })
    }

    /// An array of comments, as exports write them, stands for all; another text is a comment on a new record only.
    fn apply_comments(&self, record: &mut Record, text: &str) {
        if let Some(all) = comments::read(self.call, text) {
            record.set("Comments", Value::Text(all));
        } else if record.stored.is_none() && !text.is_empty() {
            Posting { call: self.call, users: &self.users }.add_comment(record, text.to_owned());
        }
    }

    /// BUG(04 §4.3): the reference crashes on a row that ends before such a column.
    fn check_length(&self, column: &Column, row: &Row<'_>) -> Result<(), Error> {
        let is_needed = column.name == "Comments" || is_date(column);
        let ends_before = self.headers.cell_of(&column.name).is_some_and(|at| at >= row.len());
        if is_needed && ends_before { Err(Error::BadRequest) } else { Ok(()) }
    }

    fn migration(&self, row: &Row<'_>) -> Migration {
        let user = |name: &str| {
            let text = self.headers.text(name, row)?;
            let column = self.table.settings.column(name)?;
            let id = self.texts.value(column, &text).trim().parse::<i32>().unwrap_or_default();
            Some(UserId(if self.users.find(id.into()).is_some() { id } else { 0 }))
        };
        let time = |name: &str| {
            let text = self.headers.text(name, row)?;
            let local = self.formats.read(self.table.settings.column(name)?, &text)?;
            Some(self.call.zones.to_server(local))
        };
        Migration {
            creator: user("Creator"),
            updator: user("Updator"),
            created_time: time("CreatedTime"),
            updated_time: time("UpdatedTime"),
        }
    }
}

/// Texts that switch a check on.
pub(super) fn is_on(text: &str) -> bool {
    ["1", "-1", "true", "on"].iter().any(|on| text.trim().eq_ignore_ascii_case(on))
}

#[cfg(test)]
mod tests {
    use super::is_on;

    #[test]
    fn four_texts_switch_a_check_on() {
        assert!([" 1", "-1", "TRUE", "On "].into_iter().all(is_on));
        assert!(!["", "0", "yes", "2", "false"].into_iter().any(is_on));
    }
}
