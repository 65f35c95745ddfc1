//! Times as answers show them (05 §4.7).

use chrono::{NaiveDateTime, TimeDelta, Timelike};

use crate::domain::settings::Column;
use crate::domain::zones::{Zones, empty_date};
use crate::json::{self, ToJson};

/// A time without fraction; "no date" is the empty date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    time: NaiveDateTime,
    utc: bool,
}

impl Moment {
    /// A stored time by the reader's clock, with a `Z` where the reader's zone asks for it.
    pub fn marked(stored: Option<NaiveDateTime>, zones: &Zones) -> Self {
        Self { utc: zones.marks_utc() && stored.is_some(), ..Self::plain(stored, zones) }
    }

    /// A stored time by the reader's clock, never with a `Z`.
    pub fn plain(stored: Option<NaiveDateTime>, zones: &Zones) -> Self {
        Self::unconverted(stored.map(|stored| zones.to_user(stored)))
    }

    /// A stored time as it is.
    pub fn unconverted(stored: Option<NaiveDateTime>) -> Self {
        let time = stored.unwrap_or_else(empty_date);
        Self { time: time.with_nanosecond(0).unwrap_or(time), utc: false }
    }

    /// A stored completion: a date without time of day is stored as the midnight that ends it (05 §4.2).
    pub fn completion(stored: Option<NaiveDateTime>, column: &Column, zones: &Zones) -> Self {
        let mut moment = Self::marked(stored, zones);
        if stored.is_some() && column.is_date_only() {
            moment.time -= TimeDelta::days(1);
        }
        moment
    }
}

impl ToJson for Moment {
    fn write(&self, out: &mut String) {
        out.push('"');
        json::date_time(self.time, out);
        out.push_str(if self.utc { "Z\"" } else { "\"" });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(moment: Moment) -> String {
        let mut out = String::new();
        moment.write(&mut out);
        out
    }

    fn stored() -> Option<NaiveDateTime> {
        "2024-01-02T03:04:05.678".parse().ok()
    }

    #[test]
    fn fractions_are_dropped_and_zones_converted() {
        let tokyo = Zones::new(chrono_tz::Tz::Etc__UTC, "Asia/Tokyo");
        assert_eq!(text(Moment::marked(stored(), &tokyo)), "\"2024-01-02T12:04:05\"");
        assert_eq!(text(Moment::unconverted(stored())), "\"2024-01-02T03:04:05\"");
    }

    #[test]
    fn readers_in_utc_see_a_mark_except_on_the_empty_date() {
        let utc = Zones::new(chrono_tz::Tz::Etc__UTC, "UTC");
        assert_eq!(text(Moment::marked(stored(), &utc)), "\"2024-01-02T03:04:05Z\"");
        assert_eq!(text(Moment::plain(stored(), &utc)), "\"2024-01-02T03:04:05\"");
        assert_eq!(text(Moment::marked(None, &utc)), "\"1899-12-30T00:00:00\"");
    }
}
