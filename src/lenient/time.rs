//! [`PostedTime`]: date members as they are posted (03 §3.3).

mod written;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime};
use serde::de::{Deserialize, Deserializer, Error as _};

use self::written::{Written, Zone};
use super::literal::Literal;

/// A date member: what the text says, cut to whole seconds. Numbers and impossible dates are refused.
///
/// It says nothing yet about an instant, since that takes zones which only the caller knows. Read through this
/// module's deserializer only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PostedTime {
    /// A wall clock; also a text that ends in `Z`, which means nothing (QUIRK, 03 §3.3).
    Local(NaiveDateTime),
    /// A wall clock with a numeric offset from UTC.
    Offset(DateTime<FixedOffset>),
    /// A time alone: of today, by the clock of whoever asks.
    TimeOnly(NaiveTime),
}

impl PostedTime {
    /// Reads ISO 8601 and the other forms that .NET's invariant culture reads; none when it is no time.
    pub fn parse(text: &str) -> Option<Self> {
        let written = Written::read(text)?;
        let time = written.time()?;
        let Some(date) = written.date()? else {
            let alone = written.has_time() && !matches!(written.zone, Some(Zone::Offset(_)));
            return alone.then_some(Self::TimeOnly(time));
        };
        let date = if written.is_end_of_day { date.succ_opt()? } else { date };
        let local = date.and_time(time);
        match written.zone {
            Some(Zone::Offset(offset)) => {
                Some(Self::Offset(local.and_local_timezone(offset).single()?))
            }
            Some(Zone::Utc) | None => Some(Self::Local(local)),
        }
    }
}

impl<'de> Deserialize<'de> for PostedTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let time = match Literal::deserialize(deserializer)? {
            Literal::Text(text) => Self::parse(text),
            _ => None,
        };
        time.ok_or_else(|| D::Error::custom("not a date"))
    }
}

impl Written {
    /// The date, if there is one; the outer none when it is impossible or incomplete.
    #[expect(clippy::option_option, reason = "wrong and missing are different answers here")]
    fn date(&self) -> Option<Option<NaiveDate>> {
        let [first, second, third] = self.numbers;
        let (year, month, day) = match (self.month, first, second, third) {
            (None, None, ..) if self.weekday.is_none() => return Some(None),
            // Without the year it would be a day of this year, which takes a clock; nobody posts that.
            (None, Some(year), Some(month), None) if year.is_year() => {
                (year.as_year(), month.value, 1)
            }
            (None, Some(month), Some(year), None) if year.is_year() => {
                (year.as_year(), month.value, 1)
            }
            (None, Some(year), Some(month), Some(day)) if year.is_year() => {
                (year.as_year(), month.value, day.value)
            }
            (None, Some(month), Some(day), Some(year)) => (year.as_year(), month.value, day.value),
            (Some(month), Some(year), None, _) if year.is_year() => (year.as_year(), month, 1),
            (Some(month), Some(year), Some(day), None) if year.is_year() => {
                (year.as_year(), month, day.value)
            }
            (Some(month), Some(day), Some(year), None) => (year.as_year(), month, day.value),
            _ => return None,
        };
        let date = NaiveDate::from_ymd_opt(year, month, day).filter(|_| year > 0)?;
        self.weekday
            .is_none_or(|weekday| chrono::Datelike::weekday(&date) == weekday)
            .then_some(Some(date))
    }

    /// The time of the day, midnight when there is none; none when it is impossible.
    fn time(&self) -> Option<NaiveTime> {
        let Some((hour, minute, second)) = self.clock else { return Some(NaiveTime::MIN) };
        let hour = match (self.is_afternoon, hour) {
            (Some(false), 12) => 0,
            (Some(false), 13..) => return None,
            (Some(true), 0..12) => hour + 12,
            _ if self.is_end_of_day => 0,
            _ => hour,
        };
        NaiveTime::from_hms_opt(hour, minute, second)
    }

    fn has_time(&self) -> bool {
        self.clock.is_some()
    }
}

#[cfg(test)]
mod tests;
