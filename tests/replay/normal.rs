//! What two runs may not share is replaced before they are compared: recent times by their shape, generated ids and
//! GUIDs by names in the order in which they appear.
//!
//! The patterns are those of `conform.py`, written without references to groups and without looking back, which this
//! regex engine does not have.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::{Datelike, NaiveDate};
use regex::{Captures, Regex};
use serde_json::{Map, Value};

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a valid pattern")
}

static TIME: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"^(\d{4})(?:-(\d{1,2})-|/(\d{1,2})/)(\d{1,2})",
        r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?\n?$",
    ))
});
static INNER_TIME: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(\d{4})(?:-(\d{1,2})-|/(\d{1,2})/|_(\d{1,2})_)(\d{1,2})",
        r"(?: [日月火水木金土])?[ T]\d{1,2}[:_]\d{2}(?:[:_]\d{2})?(?:\.\d+)?",
    ))
});
static US_TIME: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?:(\d{1,2})/(\d{1,2})/|(\d{1,2})_(\d{1,2})_)(\d{4}) ",
        r"\d{1,2}[:_]\d{2}(?:[:_]\d{2})?(?:[ \u{202f}]?[AP]M)?",
    ))
});
static GUID: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}"));
static DIGITS: LazyLock<Regex> = LazyLock::new(|| pattern(r"\d+"));
static FRACTION: LazyLock<Regex> = LazyLock::new(|| pattern(r"\.\d+"));
/// What stands right before an id in a message.
static BEFORE_ID: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?:ID: |サイト |\bID |[Ss]ite )$"));

const ID_KEYS: &[&str] = &[
    "Id",
    "SiteId",
    "ResultId",
    "IssueId",
    "WikiId",
    "ReferenceId",
    "ParentId",
    "InheritPermission",
    "BinaryId",
    "SourceId",
    "DestinationId",
    "UserId",
    "DeptId",
    "GroupId",
    "ExtensionId",
    "OutgoingMailId",
    "SysLogId",
    "Manager",
    "Owner",
    "Creator",
    "Updator",
    "DashboardId",
    "ChildId",
    "MailAddressId",
    "OldSiteId",
    "NewSiteId",
];

/// The names given so far; one for the recording of a suite, one for the answers.
pub(crate) struct Normaliser {
    day: NaiveDate,
    seen: HashMap<(Kind, String), String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Id,
    Guid,
}

impl Normaliser {
    /// Times within two days of `day` are recent, and a week later is when an issue is due that does not say when.
    pub(crate) fn new(day: NaiveDate) -> Self {
        Self { day, seen: HashMap::new() }
    }

    /// The value with everything replaced that may differ. `key` is the member it was found under.
    pub(crate) fn normal(&mut self, value: &Value, key: Option<&str>) -> Value {
        match value {
            Value::Object(members) => members
                .iter()
                .map(|(name, member)| (name.clone(), self.normal(member, Some(name))))
                .collect(),
            Value::Array(elements) => {
                elements.iter().map(|element| self.normal(element, key)).collect()
            }
            Value::String(text) => self.text(text, key),
            Value::Number(number) if key.is_some_and(|key| ID_KEYS.contains(&key)) => {
                match number.as_u64().filter(|id| *id > 0) {
                    Some(id) => Value::String(self.name(Kind::Id, id.to_string())),
                    None => value.clone(),
                }
            }
            _ => value.clone(),
        }
    }

    fn text(&mut self, text: &str, key: Option<&str>) -> Value {
        if let Some(found) = TIME.captures(text)
            && let Some(name) = self.moving(&found, &[[1, 2, 4], [1, 3, 4]])
        {
            return Value::String(name);
        }
        if text.starts_with(['[', '{'])
            && let Ok(inner) = serde_json::from_str::<Value>(text)
        {
            let inner = self.normal(&inner, key);
            return Value::Object(Map::from_iter([("<json text>".to_owned(), inner)]));
        }
        if key == Some("traceId") {
            return Value::String("<trace>".to_owned());
        }
        let mut text = text.to_owned();
        if key == Some("Message") {
            text = self.message_ids(&text);
        }
        text = self.times(&INNER_TIME, &text, &[[1, 2, 5], [1, 3, 5], [1, 4, 5]]);
        text = self.times(&US_TIME, &text, &[[5, 1, 2], [5, 3, 4]]);
        let guids =
            |found: &Captures| self.name(Kind::Guid, found[0].to_uppercase().replace('-', ""));
        Value::String(GUID.replace_all(&text, guids).into_owned())
    }

    fn message_ids(&mut self, text: &str) -> String {
        let named = |found: &Captures| {
            let digits = found.get(0).expect("the whole match");
            if !BEFORE_ID.is_match(&text[..digits.start()]) {
                return digits.as_str().to_owned();
            }
            let number = digits.as_str().trim_start_matches('0');
            self.name(Kind::Id, if number.is_empty() { "0".to_owned() } else { number.to_owned() })
        };
        DIGITS.replace_all(text, named).into_owned()
    }

    /// Replaces those that move; the groups of year, month, day come in as many ways as there are separators.
    fn times(&self, pattern: &Regex, text: &str, ways: &[[usize; 3]]) -> String {
        let replaced =
            |found: &Captures| self.moving(found, ways).unwrap_or_else(|| found[0].to_owned());
        pattern.replace_all(text, replaced).into_owned()
    }

    /// What stands for a time that moves with the day of the run; nothing for the others.
    fn moving(&self, found: &Captures, ways: &[[usize; 3]]) -> Option<String> {
        let date = ways.iter().find_map(|way| date(found, *way))?;
        let word = match (date - self.day).num_days() {
            -2..=2 => "time",
            5..=9 => "time in a week",
            _ => return None,
        };
        Some(format!("<{word} {}>", shape(&without_weekday(&found[0], date))))
    }

    fn name(&mut self, kind: Kind, value: String) -> String {
        let next = self.seen.keys().filter(|(own, _)| *own == kind).count() + 1;
        let word = match kind {
            Kind::Id => "id",
            Kind::Guid => "guid",
        };
        self.seen.entry((kind, value)).or_insert_with(|| format!("<{word}{next}>")).clone()
    }
}

fn date(found: &Captures, [year, month, day]: [usize; 3]) -> Option<NaiveDate> {
    let number = |group: usize| found.get(group).and_then(|text| text.as_str().parse::<u32>().ok());
    NaiveDate::from_ymd_opt(i32::try_from(number(year)?).ok()?, number(month)?, number(day)?)
}

/// The weekday moves with the day too, but only the right one does.
fn without_weekday(text: &str, date: NaiveDate) -> String {
    let weekday =
        ["月", "火", "水", "木", "金", "土", "日"][date.weekday().num_days_from_monday() as usize];
    text.replacen(weekday, "曜", 1)
}

fn shape(text: &str) -> String {
    DIGITS.replace_all(&FRACTION.replace_all(text, ".f"), "9").into_owned()
}
