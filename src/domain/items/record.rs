//! The state of a record while a call works on it (03 §8).

use std::sync::Arc;

use chrono::NaiveDateTime;
use rust_decimal::Decimal;

use crate::db::records::RecordRow;
use crate::domain::settings::{Column, TableSettings};
use crate::model::{DataType, ReferenceType, UserId, Value};

use super::comments::NewComment;

/// Per column a current and a saved value; what gets written is decided by comparing the two (03 §8.5).
#[derive(Debug, Clone)]
pub(crate) struct Record {
    table: Arc<TableSettings>,
    /// In the order of the table's columns.
    fields: Vec<Field>,
    /// What the database says of it besides its columns; none for a record that is not there yet.
    pub stored: Option<Stored>,
    /// The comment that the call adds.
    pub new_comment: Option<NewComment>,
    /// Who and when, as a body in migration mode says.
    pub migration: Option<Migration>,
}

#[derive(Debug, Clone)]
struct Field {
    saved: Value,
    current: Value,
}

/// Who and when of a stored record.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    /// `ResultId`, `IssueId` or `WikiId`.
    pub id: i64,
    /// `Ver`.
    pub ver: i32,
    /// `Creator`.
    pub creator: UserId,
    /// `Updator`.
    pub updator: UserId,
    /// `CreatedTime`, server zone.
    pub created_time: NaiveDateTime,
    /// `UpdatedTime`, server zone.
    pub updated_time: NaiveDateTime,
    /// Names the version of the row.
    pub token: i64,
    /// The newest mails, for the search text.
    pub mails: Vec<String>,
}

/// Who and when of a record that comes from elsewhere (03 §25); what was not posted is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Migration {
    /// `Creator`.
    pub creator: Option<UserId>,
    /// `Updator`.
    pub updator: Option<UserId>,
    /// `CreatedTime`, server zone.
    pub created_time: Option<NaiveDateTime>,
    /// `UpdatedTime`, server zone.
    pub updated_time: Option<NaiveDateTime>,
}

impl Record {
    /// A record of initial values (03 §8.1, stage 1).
    pub(crate) fn new(table: &Arc<TableSettings>) -> Self {
        let fields = table.columns.iter().map(|column| {
            let initial = initial(column);
            Field { saved: initial.clone(), current: initial }
        });
        Self {
            fields: fields.collect(),
            table: Arc::clone(table),
            stored: None,
            new_comment: None,
            migration: None,
        }
    }

    /// A record as loaded; `columns` names the values of the row, in their order.
    pub(crate) fn load<'a>(
        table: &Arc<TableSettings>,
        columns: impl IntoIterator<Item = &'a str>,
        row: RecordRow,
    ) -> Self {
        let mut record = Self::new(table);
        for (name, value) in columns.into_iter().zip(row.values) {
            if let Some(field) = record.field_mut(name) {
                let value = match value {
                    // WorkValue and ProgressRate have no "not set" (03 §8.1).
                    Value::Decimal(None) => field.saved.clone(),
                    value => value,
                };
                *field = Field { saved: value.clone(), current: value };
            }
        }
        // Queries compute it; a call that changes its parts does not change it (03 §13.1).
        let remaining = Value::Decimal(Some(record.remaining_work()));
        if let Some(field) = record.field_mut("RemainingWorkValue") {
            *field = Field { saved: remaining.clone(), current: remaining };
        }
        record.stored = Some(Stored {
            id: row.id,
            ver: row.ver,
            creator: UserId(row.creator),
            updator: UserId(row.updator),
            created_time: row.created_time,
            updated_time: row.updated_time,
            token: row.token,
            mails: row.mails,
        });
        record
    }

    /// The record as it was before the call.
    pub(crate) fn as_saved(&self) -> Self {
        let mut record = self.clone();
        for field in &mut record.fields {
            field.current = field.saved.clone();
        }
        record.new_comment = None;
        record
    }

    /// The settings of the record's table.
    pub(crate) fn table(&self) -> &Arc<TableSettings> {
        &self.table
    }

    /// The kind of the record's table.
    pub(crate) fn kind(&self) -> ReferenceType {
        self.table.kind
    }

    /// The record's id; 0 before it has one.
    pub(crate) fn id(&self) -> i64 {
        self.stored.as_ref().map_or(0, |stored| stored.id)
    }

    /// The current value of a column; none when the table has no such column.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.field(name).map(|field| &field.current)
    }

    /// The value before the call.
    pub(crate) fn saved(&self, name: &str) -> Option<&Value> {
        self.field(name).map(|field| &field.saved)
    }

    /// What remains of the work by the values as they are now (03 §9.8).
    pub(crate) fn remaining_work(&self) -> Decimal {
        let number = |name| self.get(name).and_then(Value::decimal).unwrap_or_default();
        let (work, progress) = (number("WorkValue"), number("ProgressRate"));
        work - work * progress * Decimal::new(1, 2)
    }

    /// The current text of a column, empty when there is none.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.get(name).map_or("", Value::text)
    }

    /// The current integer of a column, 0 when there is none.
    pub(crate) fn int(&self, name: &str) -> i64 {
        self.get(name).map_or(0, Value::int)
    }

    /// Changes a column's current value; a name that is no column of the table is ignored (03 §8.3).
    pub(crate) fn set(&mut self, name: &str, value: Value) {
        if let Some(field) = self.field_mut(name) {
            field.current = value;
        }
    }

    /// Whether the call changes the column (03 §8.5).
    pub(crate) fn is_changed(&self, column: &Column) -> bool {
        self.field(&column.name).is_some_and(|field| differs(column, field))
    }

    /// The columns that the call changes, with their current values, in the order of the table's settings.
    pub(crate) fn changes(&self) -> impl Iterator<Item = (&Column, &Value)> {
        let all = self.table.columns.iter().zip(&self.fields);
        all.filter(|(column, field)| differs(column, field))
            .map(|(column, field)| (column, &field.current))
    }

    fn field(&self, name: &str) -> Option<&Field> {
        self.fields.get(self.table.position(name)?)
    }

    fn field_mut(&mut self, name: &str) -> Option<&mut Field> {
        self.fields.get_mut(self.table.position(name)?)
    }
}

fn differs(column: &Column, field: &Field) -> bool {
    match (&field.current, &field.saved) {
        // A number that cannot be empty is 0 when it is (03 §8.5).
        (Value::Decimal(current), Value::Decimal(saved)) if !column.nullable => {
            current.unwrap_or_default() != saved.unwrap_or_default()
        }
        (current, saved) => current != saved,
    }
}

/// The initial value of a column's type (03 §8.1).
fn initial(column: &Column) -> Value {
    match column.data_type() {
        DataType::Text => Value::Text(String::new()),
        DataType::Int | DataType::Long => Value::Int(0),
        DataType::Decimal => Value::Decimal(column.class().is_none().then_some(Decimal::ZERO)),
        DataType::Time => Value::Time(None),
        DataType::Bool => Value::Bool(false),
    }
}
