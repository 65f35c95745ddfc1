//! What the data changes of a process assign (03 §15.3).

use chrono::{Months, NaiveDateTime, NaiveTime, TimeDelta, Timelike};

use crate::domain::items::record::Record;
use crate::domain::settings::document::DataChange;
use crate::domain::settings::enums::DataChangeType;
use crate::domain::{Call, Error, culture};
use crate::model::{DataType, Value};

use super::placeholders;
use super::values::{self, Hand};

/// The text that a data change assigns; none for a type that is not known.
pub(super) async fn text(
    call: &Call,
    hand: &Hand<'_>,
    record: &Record,
    change: &DataChange,
) -> Result<Option<String>, Error> {
    Ok(Some(match change.change_type {
        DataChangeType::CopyValue => {
            let column = record.table().column(&change.value);
            let value = values::current(record, &change.value);
            // The reference crashes on a name that is no column (observed).
            let (column, value) = column.zip(value).ok_or(Error::BadRequest)?;
            hand.raw(column, &value)
        }
        DataChangeType::CopyDisplayValue => {
            let shown = placeholders::display_value(call, record, &change.value).await?;
            shown.ok_or(Error::BadRequest)?
        }
        DataChangeType::InputValue => placeholders::fill(call, record, &change.value).await?,
        DataChangeType::InputValueFormula => {
            Box::pin(super::extended::text(call, record, &change.value)).await?
        }
        DataChangeType::InputDate => match date(hand, record, change) {
            Some(time) => culture::short_date(time, hand.language),
            None => String::new(),
        },
        DataChangeType::InputDateTime => match date(hand, record, change) {
            Some(time) => culture::general(time, hand.language),
            None => String::new(),
        },
        DataChangeType::InputUser => call.caller.user.to_string(),
        DataChangeType::InputDept => call.caller.dept.to_string(),
        DataChangeType::Other(_) => return Ok(None),
    }))
}

/// The base and what is added to it, by the caller's clock; none when the base column is empty.
fn date(hand: &Hand<'_>, record: &Record, change: &DataChange) -> Option<NaiveDateTime> {
    let today = hand.now.date().and_time(NaiveTime::MIN);
    let base = match change.base_date_time.as_str() {
        "CurrentDate" => today,
        "CurrentTime" => hand.now,
        name => match record.table().column(name) {
            Some(column) if column.data_type() == DataType::Time => {
                let stored = values::current(record, name).as_ref().and_then(Value::time)?;
                as_edited(hand.shown(column, stored), &column.editor_format)
            }
            Some(_) => return None,
            None if change.change_type == DataChangeType::InputDate => today,
            None => hand.now,
        },
    };
    Some(add(base, &change.value))
}

/// The time as far as the column's editor shows it (observed: that of a date-only column begins its day).
fn as_edited(time: NaiveDateTime, format: &str) -> NaiveDateTime {
    if format.ends_with("hms") {
        time
    } else if format.ends_with("hm") {
        time.with_second(0).and_then(|time| time.with_nanosecond(0)).unwrap_or(time)
    } else {
        time.date().and_time(NaiveTime::MIN)
    }
}

/// `n,Unit`. A month that is too short ends with its last day; what cannot be read adds nothing.
fn add(base: NaiveDateTime, period: &str) -> NaiveDateTime {
    let (count, unit) = period.split_once(',').unwrap_or((period, ""));
    let Ok(count) = count.trim().parse::<i32>() else { return base };
    let moved = match unit.trim() {
        "Days" => TimeDelta::try_days(count.into()).and_then(|days| base.checked_add_signed(days)),
        "Hours" => TimeDelta::try_hours(count.into()).and_then(|d| base.checked_add_signed(d)),
        "Minutes" => TimeDelta::try_minutes(count.into()).and_then(|d| base.checked_add_signed(d)),
        "Seconds" => TimeDelta::try_seconds(count.into()).and_then(|d| base.checked_add_signed(d)),
        "Months" => add_months(base, count),
        "Years" => count.checked_mul(12).and_then(|months| add_months(base, months)),
        _ => Some(base),
    };
    moved.unwrap_or(base)
}

fn add_months(base: NaiveDateTime, count: i32) -> Option<NaiveDateTime> {
    let months = Months::new(count.unsigned_abs());
    if count < 0 { base.checked_sub_months(months) } else { base.checked_add_months(months) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn added(base: &str, period: &str) -> String {
        let base = NaiveDateTime::parse_from_str(base, "%Y-%m-%d %H:%M:%S").unwrap();
        add(base, period).format("%Y-%m-%d %H:%M:%S").to_string()
    }

    #[test]
    fn periods_are_added_by_the_calendar() {
        for (base, period, expected) in [
            ("2024-01-31 00:00:00", "1,Months", "2024-02-29 00:00:00"),
            ("2024-02-29 12:34:56", "1,Years", "2025-02-28 12:34:56"),
            ("2024-01-31 00:00:00", "-90,Minutes", "2024-01-30 22:30:00"),
            ("2024-02-29 00:00:00", "10,Days", "2024-03-10 00:00:00"),
            ("2024-03-31 00:00:00", "-1,Months", "2024-02-29 00:00:00"),
            ("2024-03-31 00:00:00", "x,Days", "2024-03-31 00:00:00"),
            ("2024-03-31 00:00:00", "1,Weeks", "2024-03-31 00:00:00"),
        ] {
            assert_eq!(added(base, period), expected, "{base} {period}");
        }
    }
}
