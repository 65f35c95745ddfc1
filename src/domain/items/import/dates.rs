//! Dates of a file (04 §4.4): in a format with the day of the week, or as everybody writes them.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::domain::csv::{Malformed, Records};
use crate::domain::settings::Column;
use crate::domain::zones::empty_date;
use crate::domain::{Call, culture};
use crate::lenient::PostedTime;
use crate::messages::Language;
use crate::model::DataType;

use super::headers::Headers;

/// The formats with a day of the week, in the order in which they are tried.
const FORMATS: [&str; 3] = ["Ymdahms", "Ymdahm", "Ymda"];

/// The format of every date column that has one.
#[derive(Debug, Default)]
pub(super) struct Formats {
    of: HashMap<String, &'static str>,
    language: Option<Language>,
}

impl Formats {
    /// The first cell of a column that is in one of the formats fixes it for the whole column.
    pub(super) fn detect(
        call: &Call,
        headers: &Headers<'_>,
        records: Records<'_>,
    ) -> Result<Self, Malformed> {
        let language = call.language();
        let mut open: Vec<&Column> = headers.columns().filter(|column| is_date(column)).collect();
        let mut of = HashMap::new();
        if !open.is_empty() {
            for row in records {
                let row = row?;
                open.retain(|column| {
                    let text = headers.text(&column.name, &row).unwrap_or_default();
                    let fits = |format: &&&str| exact(&text, format, language).is_some();
                    let format = FORMATS.iter().find(fits);
                    format.is_none_or(|format| of.insert(column.name.clone(), *format).is_some())
                });
                if open.is_empty() {
                    break;
                }
            }
        }
        Ok(Self { of, language: Some(language) })
    }

    /// The wall clock that a cell says; none for what is no date.
    pub(super) fn read(&self, column: &Column, text: &str) -> Option<NaiveDateTime> {
        match (self.of.get(&column.name), self.language) {
            (Some(format), Some(language)) => exact(text, format, language),
            (_, language) => lenient(text, language),
        }
    }
}

/// The columns whose cells are dates.
pub(super) fn is_date(column: &Column) -> bool {
    column.data_type() == DataType::Time
        && (column.class().is_some() || matches!(&*column.name, "StartTime" | "CompletionTime"))
}

/// A date that reads the same when it is written again.
fn exact(text: &str, format: &str, language: Language) -> Option<NaiveDateTime> {
    let mut numbers = text
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .map(|part| part.parse::<u32>().ok());
    let mut next = || numbers.next().flatten();
    let (first, second, third) = (next()?, next()?, next()?);
    let (year, month, day) = match language {
        Language::En => (third, first, second),
        _ => (first, second, third),
    };
    let clock = NaiveTime::from_hms_opt(
        next().unwrap_or_default(),
        next().unwrap_or_default(),
        next().unwrap_or_default(),
    )?;
    let time = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?.and_time(clock);
    (culture::formatted(time, format, language) == text).then_some(time)
}

/// A bare positive number is a day of a spreadsheet, counted from 1899-12-30.
fn lenient(text: &str, language: Option<Language>) -> Option<NaiveDateTime> {
    let text = text.trim();
    if let Ok(days) = text.parse::<Decimal>() {
        let seconds =
            (days * Decimal::from(86_400)).round().to_i64().filter(|_| days > Decimal::ZERO)?;
        return empty_date().checked_add_signed(TimeDelta::try_seconds(seconds)?);
    }
    let local = language.and_then(|language| culture::parse(text, language));
    let time = local.or_else(|| match PostedTime::parse(text)? {
        PostedTime::Local(time) => Some(time),
        PostedTime::Offset(_) | PostedTime::TimeOnly(_) => None,
    })?;
    // Files have whole seconds.
    Some(time - TimeDelta::nanoseconds(i64::from(chrono::Timelike::nanosecond(&time))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Option<NaiveDateTime> {
        text.parse().ok()
    }

    #[test]
    fn formats_with_the_day_of_the_week_fit_exactly() {
        let read = |text, format| exact(text, format, Language::Ja);
        assert_eq!(read("2024/01/31 水", "Ymda"), time("2024-01-31T00:00:00"));
        assert_eq!(read("2024/01/31 水 10:20:30", "Ymdahms"), time("2024-01-31T10:20:30"));
        assert_eq!(read("2024/01/31 木", "Ymda"), None, "it was a Wednesday");
        assert_eq!(read("2024/1/31 水", "Ymda"), None);
        let english = exact("Wed, 01/31/2024 10:20", "Ymdahm", Language::En);
        assert_eq!(english, time("2024-01-31T10:20:00"));
    }

    #[test]
    fn other_dates_are_read_as_everybody_writes_them() {
        let read = |text| lenient(text, Some(Language::Ja));
        assert_eq!(read("2024/1/31"), time("2024-01-31T00:00:00"));
        assert_eq!(read("2024-01-31 10:00"), time("2024-01-31T10:00:00"));
        assert_eq!(read("45351"), time("2024-02-29T00:00:00"));
        assert_eq!(read("45351.5"), time("2024-02-29T12:00:00"));
        for none in ["", "2024/13/01", "-1", "0", "soon", "99999999999999999999"] {
            assert_eq!(read(none), None, "{none}");
        }
    }
}
