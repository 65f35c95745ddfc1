//! When reminders are due next (08 §16.3). Another process sends them; we keep its schedule.

use chrono::{Datelike, Days, Months, NaiveDate, NaiveDateTime};

use crate::domain::settings::document::Reminder;
use crate::domain::settings::enums::RepeatType;

/// Ids of the reminders and when each is due next, by the wall clock that `now` is of. Of two with one id the first
/// counts; one without a beginning is never due.
pub(super) fn schedule(reminders: &[Reminder], now: NaiveDateTime) -> Vec<(i32, NaiveDateTime)> {
    let mut due: Vec<(i32, NaiveDateTime)> = Vec::new();
    for reminder in reminders {
        let next = reminder
            .start_date_time
            .map(|start| next(start, reminder.repeat_type.unwrap_or_default(), now));
        if let Some(next) = next
            && !due.iter().any(|(id, _)| *id == reminder.id)
        {
            due.push((reminder.id, next));
        }
    }
    due
}

/// The first occurrence that is not past.
fn next(start: NaiveDateTime, repeat: RepeatType, now: NaiveDateTime) -> NaiveDateTime {
    if start >= now {
        return start;
    }
    // Two steps lead past every "now"; only the fifth weekday of a month has to be looked for.
    let candidates = (0..24).filter_map(|step| occurrence(start, repeat, now, step));
    candidates.into_iter().find(|time| *time >= now).unwrap_or(start)
}

/// The occurrence a number of periods after the one around `now`; none where the calendar has none.
fn occurrence(
    start: NaiveDateTime,
    repeat: RepeatType,
    now: NaiveDateTime,
    step: u32,
) -> Option<NaiveDateTime> {
    let first = start.date();
    let months = months_between(first, now.date());
    let date = match repeat {
        RepeatType::Weekly => {
            let weeks = u64::try_from((now.date() - first).num_days() / 7).ok()?;
            first.checked_add_days(Days::new((weeks + u64::from(step)) * 7))
        }
        RepeatType::NumberWeekly => same_weekday(first, months + step),
        RepeatType::Monthly => first.checked_add_months(Months::new(months + step)),
        RepeatType::EndOfMonth => {
            first.with_day(1)?.checked_add_months(Months::new(months + step + 1))?.pred_opt()
        }
        RepeatType::Yearly => first.checked_add_months(Months::new((months / 12 + step) * 12)),
        _ => now.date().checked_add_days(Days::new(step.into())),
    };
    Some(date?.and_time(start.time()))
}

/// Whole calendar months from one date's month to that of a later one.
fn months_between(from: NaiveDate, to: NaiveDate) -> u32 {
    let months = |date: NaiveDate| i64::from(date.year()) * 12 + i64::from(date.month());
    u32::try_from(months(to) - months(from)).unwrap_or_default()
}

/// The same weekday of the same week, a number of months later: the second Tuesday stays the second Tuesday.
fn same_weekday(first: NaiveDate, months: u32) -> Option<NaiveDate> {
    let month = first.with_day(1)?.checked_add_months(Months::new(months))?;
    let week = u8::try_from((first.day() - 1) / 7 + 1).ok()?;
    NaiveDate::from_weekday_of_month_opt(month.year(), month.month(), first.weekday(), week)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
    }

    #[test]
    fn a_beginning_that_lies_ahead_is_the_first_occurrence() {
        let start = time("2026-03-01 09:00");
        assert_eq!(next(start, RepeatType::Weekly, time("2026-01-15 12:00")), start);
    }

    #[test]
    fn each_kind_of_repetition_finds_its_next_day() {
        for (start, repeat, now, due) in [
            ("2026-01-01 09:00", RepeatType::Daily, "2026-03-10 08:00", "2026-03-10 09:00"),
            ("2026-01-01 09:00", RepeatType::Daily, "2026-03-10 10:00", "2026-03-11 09:00"),
            ("2026-01-01 09:00", RepeatType::Weekly, "2026-01-09 00:00", "2026-01-15 09:00"),
            ("2026-01-13 09:00", RepeatType::NumberWeekly, "2026-02-01 00:00", "2026-02-10 09:00"),
            ("2026-01-29 09:00", RepeatType::NumberWeekly, "2026-02-01 00:00", "2026-04-30 09:00"),
            ("2026-01-31 09:00", RepeatType::Monthly, "2026-02-01 00:00", "2026-02-28 09:00"),
            ("2026-01-15 09:00", RepeatType::EndOfMonth, "2026-02-28 10:00", "2026-03-31 09:00"),
            ("2024-02-29 09:00", RepeatType::Yearly, "2025-03-01 00:00", "2026-02-28 09:00"),
        ] {
            assert_eq!(next(time(start), repeat, time(now)), time(due), "{repeat:?} {now}");
        }
    }

    #[test]
    fn of_two_reminders_with_one_id_the_first_counts() {
        let at = |id, start: Option<&str>| Reminder {
            id,
            start_date_time: start.map(time),
            ..Reminder::default()
        };
        let reminders =
            [at(1, Some("2026-05-01 09:00")), at(1, Some("2026-06-01 09:00")), at(2, None)];
        let due = schedule(&reminders, time("2026-01-01 00:00"));
        assert_eq!(due, [(1, time("2026-05-01 09:00"))]);
    }
}
