//! Filters of dates (05 §9.5).

use chrono::{
    DateTime, Datelike, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc,
};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::db::sql::{Bind, Comparison, Ident, Predicate};
use crate::domain::Error;
use crate::domain::zones::empty_date;
use crate::lenient::PostedTime;

use super::Reader;
use super::filters::Filter;

/// The last day that a day number can mean: 9999-12-31.
const MAX_DAY_NUMBER: i64 = 2_958_466;

/// The condition of a list of ranges; anything else is none.
pub(super) fn condition(filter: &Filter<'_, '_>) -> Result<Option<Predicate>, Error> {
    let Some(elements) = filter.list()? else { return Ok(None) };
    if elements.iter().all(String::is_empty) {
        return Ok(None);
    }
    let column = filter.field.ident()?;
    let parts = elements.iter().map(|element| part(filter, &column, element)).collect();
    Ok(Some(if filter.negative { Predicate::All(parts) } else { Predicate::Any(parts) }))
}

fn part(filter: &Filter<'_, '_>, column: &Ident, element: &str) -> Predicate {
    let null = Predicate::IsNull(column.clone());
    if element == "\t" {
        return if filter.negative { null.negated() } else { null };
    }
    let reader = &filter.filters.reader;
    let stored = |time| Bind::Time(Some(stored(filter, time)));
    let time = |text| stored(read(reader, text));
    let mut ends = element.split(',');
    let (from, to) = (ends.next().unwrap_or_default(), ends.next().unwrap_or_default());
    let compare = |comparison, text| Predicate::Compare(column.clone(), comparison, time(text));
    let between = match period(reader, from) {
        Some((from, to)) => Predicate::Between(column.clone(), stored(from), stored(to)),
        None if !from.is_empty() && !to.is_empty() => {
            Predicate::Between(column.clone(), time(from), time(to))
        }
        None => {
            let (inside, outside, text) = if to.is_empty() {
                (Comparison::AtLeast, Comparison::Less, from)
            } else {
                (Comparison::AtMost, Comparison::Greater, to)
            };
            return if filter.negative {
                Predicate::Any(vec![compare(outside, text), null])
            } else {
                compare(inside, text)
            };
        }
    };
    if filter.negative { Predicate::Any(vec![between.negated(), null]) } else { between }
}

/// First and last moment of today, this month or this year, by the caller's clock.
fn period(reader: &Reader<'_>, word: &str) -> Option<(NaiveDateTime, NaiveDateTime)> {
    let today = reader.user_now.date();
    let first_of = |month| NaiveDate::from_ymd_opt(today.year(), month, 1);
    let (first, next) = match word {
        "Today" => (today, today.succ_opt()?),
        "ThisMonth" => {
            let first = first_of(today.month())?;
            (first, first.checked_add_months(Months::new(1))?)
        }
        "ThisYear" => {
            let first = first_of(1)?;
            (first, first.checked_add_months(Months::new(12))?)
        }
        _ => return None,
    };
    let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN);
    Some((midnight(first), midnight(next) - TimeDelta::milliseconds(reader.minimum_time)))
}

/// The stored time of a time by the caller's clock, cut to whole seconds.
fn stored(filter: &Filter<'_, '_>, time: NaiveDateTime) -> NaiveDateTime {
    let column = filter.field.column;
    let time = if column.name == "CompletionTime" && column.is_date_only() {
        time.checked_add_signed(TimeDelta::days(1)).unwrap_or(time)
    } else {
        time
    };
    let time = time.with_nanosecond(0).unwrap_or(time);
    filter.filters.reader.zones.to_server(time)
}

/// What a text says: a time, else a day number, else the empty date.
///
/// QUIRK(05 §9.5): a time with `Z` or an offset becomes the server's wall clock and is then taken for the caller's.
fn read(reader: &Reader<'_>, text: &str) -> NaiveDateTime {
    let server_time = |instant: DateTime<Utc>| reader.zones.server_time(instant);
    match PostedTime::parse(text) {
        Some(PostedTime::Local(time)) if is_utc(text) => server_time(time.and_utc()),
        Some(PostedTime::Local(time)) => time,
        Some(PostedTime::Offset(time)) => server_time(time.to_utc()),
        Some(PostedTime::TimeOnly(time)) => reader.server_now.date().and_time(time),
        None => day_number(text).unwrap_or_else(empty_date),
    }
}

/// Whether a time that could be read ends with the name of UTC.
fn is_utc(text: &str) -> bool {
    let text = text.trim_end().to_ascii_uppercase();
    ["Z", "UTC", "GMT"].iter().any(|name| text.ends_with(name))
}

/// Days since 1899-12-30, with a fraction of the day.
fn day_number(text: &str) -> Option<NaiveDateTime> {
    let days: Decimal = text.trim().parse().ok()?;
    if days <= Decimal::ZERO || days >= Decimal::from(MAX_DAY_NUMBER) {
        return None;
    }
    let milliseconds = (days * Decimal::from(86_400_000)).round().to_i64()?;
    empty_date().checked_add_signed(TimeDelta::milliseconds(milliseconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn day_numbers_count_from_the_empty_date() {
        let day = |text| day_number(text).map(|time| time.to_string());
        assert_eq!(day("45322").as_deref(), Some("2024-01-31 00:00:00"));
        assert_eq!(day("45322.5").as_deref(), Some("2024-01-31 12:00:00"));
        for text in ["0", "-1", "9999999", "x", ""] {
            assert_eq!(day(text), None, "{text}");
        }
    }
}
