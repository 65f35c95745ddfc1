//! Whether a record, as it is in memory, meets a view (03 §14.2): status controls, processes, formulas, summaries.
//!
//! Not the language of lists (05 §9): only `Own` and `ColumnFilterHash` are looked at, and some filters mean less.

use chrono::{Datelike, NaiveDateTime, TimeDelta};
use chrono_tz::Tz;
use rust_decimal::Decimal;

use crate::domain::Call;
use crate::domain::display::{self, is_user};
use crate::domain::items::record::Record;
use crate::domain::items::request::wall_clock;
use crate::domain::settings::document::View;
use crate::domain::settings::enums::{CheckFilterControlType, SearchType};
use crate::domain::settings::{Column, Subject};
use crate::domain::zones::Zones;
use crate::lenient::{self, Json, PostedTime};
use crate::model::{DataType, Value};

use super::values;

/// An element of a filter that stands for "not set".
const NOT_SET: &str = "\t";

/// Who looks, and when.
#[derive(Debug, Clone)]
pub(super) struct Viewer {
    /// The caller.
    pub user: i64,
    /// The caller's department.
    pub dept: i64,
    /// The server's zone and the caller's.
    pub zones: Zones,
    /// The server's zone.
    pub server_zone: Tz,
    /// Now, by the caller's clock.
    pub now: NaiveDateTime,
}

impl Viewer {
    /// The caller of a call.
    pub(super) fn of(call: &Call) -> Self {
        Self {
            user: call.caller.user.0.into(),
            dept: call.caller.dept.0.into(),
            zones: call.zones.clone(),
            server_zone: call.services.server_zone,
            now: call.user_now(),
        }
    }

    /// Whether the record meets every condition of the view.
    pub(super) fn matches(&self, record: &Record, view: &View) -> bool {
        if view.own == Some(true)
            && record.int("Manager") != self.user
            && record.int("Owner") != self.user
        {
            return false;
        }
        view.column_filter_hash.iter().all(|(name, filter)| {
            // A filter on a column that does not exist is ignored (observed).
            let Some(column) = record.table().column(name) else { return true };
            let Some(value) = values::current(record, name) else { return true };
            self.meets(column, &value, filter)
        })
    }

    fn meets(&self, column: &Column, value: &Value, filter: &str) -> bool {
        if filter.is_empty() {
            return true;
        }
        match (column.data_type(), value) {
            (DataType::Bool, Value::Bool(check)) => meets_check(column, *check, filter),
            (DataType::Time, Value::Time(time)) => self.meets_time(column, *time, filter),
            _ if column.has_choices() => self.meets_choices(column, value, filter),
            (DataType::Decimal, Value::Decimal(number)) => meets_number(column, *number, filter),
            (_, Value::Int(number)) => meets_number(column, Some(Decimal::from(*number)), filter),
            (_, Value::Text(text)) => meets_text(column, text, filter),
            _ => true,
        }
    }

    /// Columns with choices: a list, whose elements are compared with what is stored.
    fn meets_choices(&self, column: &Column, value: &Value, filter: &str) -> bool {
        let Some(wanted) = list(filter) else { return true };
        let wanted: Vec<String> =
            wanted.into_iter().map(|element| self.own(column, element)).collect();
        if wanted.is_empty() {
            return true;
        }
        let text = match value {
            Value::Text(text) => text.clone(),
            Value::Int(0) => String::new(),
            Value::Int(number) => number.to_string(),
            Value::Decimal(Some(number)) if !number.is_zero() || column.nullable => {
                number.normalize().to_string()
            }
            _ => String::new(),
        };
        if column.multiple_selections {
            return meets_selections(column, &text, &wanted);
        }
        if text.is_empty() {
            return wanted.iter().any(|element| element == NOT_SET);
        }
        let mut wanted = wanted.iter().filter(|element| *element != NOT_SET);
        wanted.any(|element| meets_word(column.search_type, &text, element))
    }

    /// `Own` stands for the caller, in a column of departments for the caller's.
    fn own(&self, column: &Column, element: String) -> String {
        match column.subject {
            _ if element != "Own" => element,
            Subject::Dept => self.dept.to_string(),
            Subject::User => self.user.to_string(),
            _ if is_user(&column.name) => self.user.to_string(),
            _ => element,
        }
    }

    /// Dates: periods and ranges by the caller's calendar.
    fn meets_time(&self, column: &Column, time: Option<NaiveDateTime>, filter: &str) -> bool {
        let Some(wanted) = list(filter).filter(|wanted| !wanted.is_empty()) else { return true };
        let Some(time) = time else { return wanted.iter().any(|element| element == NOT_SET) };
        let local = self.shown(column, time);
        wanted.iter().any(|element| self.in_period(local, element))
    }

    fn in_period(&self, local: NaiveDateTime, element: &str) -> bool {
        let (from, to) = element.split_once(',').unwrap_or((element, ""));
        let (day, today) = (local.date(), self.now.date());
        match from {
            NOT_SET => false,
            "Today" => day == today,
            "ThisMonth" => (day.year(), day.month()) == (today.year(), today.month()),
            "ThisYear" => day.year() == today.year(),
            _ => {
                self.bound(from).is_none_or(|from| local >= from)
                    && self.bound(to).is_none_or(|to| local <= to)
            }
        }
    }

    fn bound(&self, text: &str) -> Option<NaiveDateTime> {
        let time = PostedTime::parse(text.trim())?;
        Some(wall_clock(time, self.server_zone, self.now))
    }

    /// A time as the caller sees it; a completion by its day (03 §9.7).
    fn shown(&self, column: &Column, time: NaiveDateTime) -> NaiveDateTime {
        let local = self.zones.to_user(time);
        if column.name == "CompletionTime" && column.is_date_only() {
            local - TimeDelta::days(1)
        } else {
            local
        }
    }
}

/// Checks: with "on only" the check has to be on, else 1 asks for on and 2 for off.
fn meets_check(column: &Column, check: bool, filter: &str) -> bool {
    match (column.check_filter_control_type, filter.trim()) {
        (CheckFilterControlType::OnOnly, _) | (_, "1") => check,
        (_, "2") => !check,
        (_, text) if text.eq_ignore_ascii_case("true") => check,
        (_, text) if text.eq_ignore_ascii_case("false") => !check,
        _ => true,
    }
}

/// Numbers: a list of numbers and of ranges, of which one has to fit.
fn meets_number(column: &Column, number: Option<Decimal>, filter: &str) -> bool {
    let Some(wanted) = list(filter).filter(|wanted| !wanted.is_empty()) else { return true };
    let value = match number {
        Some(value) => value,
        None if column.nullable => return wanted.iter().any(|element| element == NOT_SET),
        None => Decimal::ZERO,
    };
    wanted.iter().any(|element| match element.split_once(',') {
        _ if element == NOT_SET => value.is_zero(),
        Some((from, to)) if is_range(element) => {
            bound(from).is_none_or(|from| value >= from) && bound(to).is_none_or(|to| value <= to)
        }
        _ => element.replace(',', "").trim().parse::<Decimal>().unwrap_or_default() == value,
    })
}

/// Signs, digits and points around one comma.
fn is_range(element: &str) -> bool {
    element.matches(',').count() == 1
        && element.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | '.' | ','))
}

fn bound(text: &str) -> Option<Decimal> {
    text.parse().ok()
}

/// Several selections: by default every wanted value has to be among them.
fn meets_selections(column: &Column, stored: &str, wanted: &[String]) -> bool {
    let selected = display::values(column, stored);
    if selected.is_empty() {
        return wanted.iter().any(|element| element == NOT_SET);
    }
    match column.search_type {
        SearchType::ExactMatch | SearchType::ExactMatchMultiple => selected == wanted,
        SearchType::ForwardMatch | SearchType::ForwardMatchMultiple => selected.starts_with(wanted),
        _ => wanted.iter().all(|element| selected.contains(element)),
    }
}

/// Texts without choices: one text, or with the types for several a list. A blank asks for an empty text.
fn meets_text(column: &Column, text: &str, filter: &str) -> bool {
    if matches!(filter, " " | "\u{3000}") {
        return text.is_empty();
    }
    let search = column.search_type;
    let several = matches!(
        search,
        SearchType::PartialMatchMultiple
            | SearchType::ExactMatchMultiple
            | SearchType::ForwardMatchMultiple
    );
    if !several {
        return meets_word(search, text, filter);
    }
    let Some(wanted) = list(filter).filter(|wanted| !wanted.is_empty()) else { return true };
    wanted.iter().any(|element| {
        if element == NOT_SET { text.is_empty() } else { meets_word(search, text, element) }
    })
}

fn meets_word(search: SearchType, text: &str, word: &str) -> bool {
    match search {
        SearchType::ExactMatch | SearchType::ExactMatchMultiple => text == word,
        SearchType::ForwardMatch | SearchType::ForwardMatchMultiple => text.starts_with(word),
        _ => text.contains(word),
    }
}

/// The texts of a JSON array; none for any other text.
fn list(filter: &str) -> Option<Vec<String>> {
    match lenient::parse(filter) {
        Ok(array @ Json::Array(_)) => lenient::from_json(&array).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
