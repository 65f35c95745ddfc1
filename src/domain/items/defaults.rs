//! Default inputs of a new record (03 §8.4).

use chrono::{NaiveDateTime, NaiveTime, TimeDelta};

use crate::domain::Call;
use crate::domain::settings::{Column, Subject};
use crate::json;
use crate::model::{ColumnClass, DataType, Value};

use super::logic::Hand;
use super::posted;
use super::record::Record;

/// Gives every column with a default input its default, whether or not it is on the editor.
pub(super) fn apply(call: &Call, record: &mut Record) {
    let table = std::sync::Arc::clone(record.table());
    for column in table.columns.iter().filter(|column| posted::keeps(&table, &column.name)) {
        if let Some(value) = value(call, column) {
            record.set(&column.name, value);
        }
    }
}

/// The default of a column; none without one, or when its text makes no sense for its type.
pub(super) fn value(call: &Call, column: &Column) -> Option<Value> {
    let input = column.default_input.as_deref()?;
    Some(match (column.data_type(), column.class()) {
        (_, Some(ColumnClass::Attachments)) => return None,
        (DataType::Text, _) => Value::Text(text(call, column, input)),
        (DataType::Int | DataType::Long, _) if input == SELF => Value::Int(own_id(call, column)?),
        (DataType::Int | DataType::Long, _) => Value::Int(input.trim().parse().ok()?),
        (DataType::Decimal, _) => {
            Value::Decimal(posted::num(column, Hand::number(input, call.language())))
        }
        (DataType::Time, _) => Value::Time(Some(time(call, column, input)?)),
        (DataType::Bool, _) => Value::Bool(is_true(input)),
    })
}

/// What stands for the caller, the caller's department or group.
const SELF: &str = "[[Self]]";

/// Texts that switch a check on.
fn is_true(input: &str) -> bool {
    ["1", "-1", "true", "on"].iter().any(|text| input.trim().eq_ignore_ascii_case(text))
}

fn text(call: &Call, column: &Column, input: &str) -> String {
    if input != SELF || column.subject == Subject::None {
        return input.to_owned();
    }
    let own = own_id(call, column);
    match (column.multiple_selections, column.subject, own) {
        // QUIRK(06 §1.7): groups as numbers, the others as texts.
        (true, Subject::Group, _) => json::array(|array| {
            call.caller.groups.iter().for_each(|group| {
                array.element(&group.0);
            });
        }),
        (true, _, Some(id)) => json::array(|array| {
            array.element(&id.to_string());
        }),
        (true, _, None) => "[]".to_owned(),
        (false, _, own) => own.map(|id| id.to_string()).unwrap_or_default(),
    }
}

/// The id by which a column of users, departments or groups names the caller.
fn own_id(call: &Call, column: &Column) -> Option<i64> {
    let caller = &call.caller;
    match column.subject {
        Subject::Dept => Some(caller.dept.0.into()),
        Subject::Group => caller.groups.first().map(|group| group.0.into()),
        Subject::User | Subject::None => Some(caller.user.0.into()),
    }
}

/// Days from today for date-only columns, from now for the others; a completion ends with its day.
fn time(call: &Call, column: &Column, input: &str) -> Option<NaiveDateTime> {
    let days = TimeDelta::try_days(input.trim().parse().ok()?)?;
    let now = call.user_now();
    if !column.is_date_only() {
        return call.server_now().checked_add_signed(days);
    }
    let day = now.date().and_time(NaiveTime::MIN).checked_add_signed(days)?;
    let stored = call.zones.to_server(day);
    if column.name == "CompletionTime" {
        stored.checked_add_signed(TimeDelta::days(1))
    } else {
        Some(stored)
    }
}
