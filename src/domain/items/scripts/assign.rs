//! What scripts assigned, as values of a record (07 §4.4).

use chrono::DateTime;
use rust_decimal::Decimal;

use crate::domain::items::logic::Hand;
use crate::domain::items::posted::{self, Posting};
use crate::domain::items::record::Record;
use crate::domain::items::{Table, is_comment, roles};
use crate::domain::scripts::{Assigned, Outcome};
use crate::domain::settings::{Column, ColumnRight};
use crate::domain::{Call, Error, columns, culture};
use crate::model::{ColumnClass, DataType, Value};

/// Puts what a script assigned into the record. Columns that the caller may not update stay as they are.
///
/// QUIRK(07 §4.4): the right to update decides on create too.
pub(super) async fn assign(
    call: &Call,
    table: &Table<'_>,
    record: &mut Record,
    outcome: &Outcome,
) -> Result<(), Error> {
    if outcome.changed.is_empty() {
        return Ok(());
    }
    let users = call.users().await?;
    let hand = Hand::of(call, &users);
    for (name, assigned) in &outcome.changed {
        let Some(column) = table.settings.column(name).filter(|column| is_writable(column)) else {
            continue;
        };
        let control = column.access(ColumnRight::Update);
        if !columns::allows(call, &table.access, control, Some(roles(call, record))) {
            continue;
        }
        if name == "Comments" {
            let text = text(call, assigned);
            if is_comment(&text) {
                Posting { call, users: &users }.add_comment(record, text);
            }
            continue;
        }
        record.set(name, value(call, &hand, column, assigned));
    }
    Ok(())
}

fn is_writable(column: &Column) -> bool {
    match column.class() {
        Some(class) => class != ColumnClass::Attachments,
        None => matches!(
            column.name.as_str(),
            "Title"
                | "Body"
                | "Status"
                | "Manager"
                | "Owner"
                | "Locked"
                | "Comments"
                | "StartTime"
                | "CompletionTime"
                | "WorkValue"
                | "ProgressRate"
        ),
    }
}

/// The value that an assignment gives a column (07 §4.4).
fn value(call: &Call, hand: &Hand<'_>, column: &Column, assigned: &Assigned) -> Value {
    match column.data_type() {
        DataType::Text => Value::Text(text(call, assigned)),
        DataType::Decimal => Value::Decimal(number(hand, column, assigned)),
        DataType::Int | DataType::Long => {
            hand.value(column, &whole(assigned)).unwrap_or(Value::Int(0))
        }
        DataType::Bool => Value::Bool(is_on(assigned)),
        // QUIRK(07 §4.4): only a date is one; a text clears the column.
        DataType::Time => Value::Time(match assigned {
            Assigned::Date(milliseconds) => milliseconds
                .parse()
                .ok()
                .and_then(DateTime::from_timestamp_millis)
                .map(|instant| call.zones.server_time(instant)),
            _ => None,
        }),
    }
}

/// A time is one of UTC, in the caller's language (07 §4.6).
fn text(call: &Call, assigned: &Assigned) -> String {
    match assigned {
        Assigned::Date(milliseconds) => {
            let instant = milliseconds.parse().ok().and_then(DateTime::from_timestamp_millis);
            let general = |time: DateTime<_>| culture::general(time.naive_utc(), call.language());
            instant.map(general).unwrap_or_default()
        }
        assigned => plain(assigned),
    }
}

fn plain(assigned: &Assigned) -> String {
    match assigned {
        Assigned::Null => String::new(),
        Assigned::Undefined => "[undefined]".to_owned(),
        Assigned::Boolean(value) => if value == "true" { "True" } else { "False" }.to_owned(),
        Assigned::String(text)
        | Assigned::Number(text)
        | Assigned::Date(text)
        | Assigned::Object(text) => text.clone(),
    }
}

/// A script's own numbers have a point; texts are read as the caller writes them.
fn number(hand: &Hand<'_>, column: &Column, assigned: &Assigned) -> Option<Decimal> {
    let number = match assigned {
        Assigned::Number(text) => text.parse().ok().or_else(|| Decimal::from_scientific(text).ok()),
        Assigned::String(text) => match hand.value(column, text) {
            Some(Value::Decimal(number)) => number,
            _ => None,
        },
        _ => None,
    };
    posted::num(column, number)
}

fn whole(assigned: &Assigned) -> String {
    match assigned {
        Assigned::Number(text) => {
            let number: f64 = text.parse().unwrap_or_default();
            format!("{:.0}", number.trunc())
        }
        Assigned::String(text) => text.clone(),
        _ => String::new(),
    }
}

fn is_on(assigned: &Assigned) -> bool {
    match assigned {
        Assigned::Boolean(value) => value == "true",
        Assigned::Number(number) => number == "1" || number == "-1",
        Assigned::String(text) => {
            ["1", "true", "on"].iter().any(|on| text.trim().eq_ignore_ascii_case(on))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_values_are_those_of_the_reference() {
        for (assigned, expected) in [
            (Assigned::Null, ""),
            (Assigned::Undefined, "[undefined]"),
            (Assigned::Boolean("true".to_owned()), "True"),
            (Assigned::Boolean("false".to_owned()), "False"),
            (Assigned::Number("1.5".to_owned()), "1.5"),
            (Assigned::Object("[object Object]".to_owned()), "[object Object]"),
        ] {
            assert_eq!(plain(&assigned), expected);
        }
    }

    #[test]
    fn checks_are_on_by_few_values() {
        let on = |assigned| is_on(&assigned);
        assert!(on(Assigned::Boolean("true".to_owned())) && on(Assigned::Number("-1".to_owned())));
        assert!(on(Assigned::String("ON".to_owned())) && on(Assigned::String("1".to_owned())));
        assert!(!on(Assigned::Number("2".to_owned())) && !on(Assigned::String("yes".to_owned())));
        assert!(!on(Assigned::Null));
    }

    #[test]
    fn whole_numbers_lose_their_fraction() {
        assert_eq!(whole(&Assigned::Number("900.9".to_owned())), "900");
        assert_eq!(whole(&Assigned::Number("-1".to_owned())), "-1");
        assert_eq!(whole(&Assigned::String("200".to_owned())), "200");
        assert_eq!(whole(&Assigned::Null), "");
    }
}
