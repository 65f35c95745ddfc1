//! The display title and the search text of a record (03 §24, 08 §15).

use std::collections::HashSet;

use chrono::NaiveDateTime;

use crate::db::records::{ItemText, NEW_ID};
use crate::domain::Call;
use crate::domain::display::{self, Labels};
use crate::domain::settings::enums::FullTextType;
use crate::domain::settings::{Column, Subject, TableSettings};
use crate::lenient::{self, Json};
use crate::messages;
use crate::model::{ColumnClass, Site, UserId, Value};

use super::record::Record;
use super::stored::{TimeRange, cut};

/// Title and search text of a record as it is now. A record without an id has [`NEW_ID`] where the id will stand.
pub(super) fn item_text(call: &Call, site: &Site, record: &Record, labels: &Labels) -> ItemText {
    let title = title(record, labels);
    let full_text = call.services.parameters.search.create_indexes.then(|| {
        let stamps = Stamps::of_write(call, record);
        let text =
            FullText { site, record, labels, title: &title, stamps, range: TimeRange::of(call) };
        (text.words(), call.server_now())
    });
    ItemText { title, full_text }
}

/// The search text of a stored record that nobody is writing.
pub(super) fn search_words(
    call: &Call,
    site: &Site,
    record: &Record,
    labels: &Labels,
) -> Vec<String> {
    let mut stamps = Stamps::of_write(call, record);
    if let Some(stored) = &record.stored {
        stamps = Stamps { updator: stored.updator, updated: stored.updated_time, ..stamps };
    }
    let (title, range) = (title(record, labels), TimeRange::of(call));
    FullText { site, record, labels, title: &title, stamps, range }.words()
}

/// Who and when, as the record will have them.
#[derive(Debug, Clone, Copy)]
struct Stamps {
    creator: UserId,
    updator: UserId,
    created: NaiveDateTime,
    updated: NaiveDateTime,
}

impl Stamps {
    /// Of a record that is being written. A new one in migration mode has what the body says (03 §25).
    fn of_write(call: &Call, record: &Record) -> Self {
        let (own, now) = (call.caller.user, call.server_now());
        match (&record.stored, record.migration) {
            (Some(stored), _) => Self {
                creator: stored.creator,
                updator: own,
                created: stored.created_time,
                updated: now,
            },
            (None, Some(posted)) => Self {
                creator: posted.creator.unwrap_or_default(),
                updator: posted.updator.unwrap_or_default(),
                created: posted.created_time.unwrap_or(now),
                updated: posted.updated_time.unwrap_or(now),
            },
            (None, None) => Self { creator: own, updator: own, created: now, updated: now },
        }
    }
}

/// The texts of the title columns, joined; the localised "no title" when nothing remains.
pub(super) fn title(record: &Record, labels: &Labels) -> String {
    compose(record.table(), labels, |column| part(record, column, labels))
}

/// The texts of the title columns, joined and cut; `part` has that of one column (05 §4.5).
pub(super) fn compose(
    table: &TableSettings,
    labels: &Labels,
    part: impl Fn(&Column) -> String,
) -> String {
    let columns = table.title_columns.iter().filter_map(|name| table.column(name));
    let parts = columns.map(part).filter(|text| !text.is_empty());
    let title = parts.collect::<Vec<_>>().join(&table.title_separator);
    let title = cut(&title, Some(longest_title(table)));
    if title.is_empty() { messages::no_title(labels.language).to_owned() } else { title }
}

/// The UTF-16 units that a display title is cut to.
pub(super) fn longest_title(table: &TableSettings) -> u32 {
    let own = table.column("Title").and_then(|column| u32::try_from(column.max).ok());
    own.filter(|max| *max > 0).unwrap_or(1_024)
}

fn part(record: &Record, column: &Column, labels: &Labels) -> String {
    if column.name == record.kind().id_column() {
        return id_text(record);
    }
    if column.name == "RemainingWorkValue" {
        return part_text(column, &Value::Decimal(Some(record.remaining_work())), labels);
    }
    record.get(&column.name).map(|value| part_text(column, value, labels)).unwrap_or_default()
}

/// The text of a value in a title.
pub(super) fn part_text(column: &Column, value: &Value, labels: &Labels) -> String {
    match value {
        // An unset status is not shown (05 §4.5).
        Value::Int(0) if column.name == "Status" => String::new(),
        value => labels.text(column, value),
    }
}

fn id_text(record: &Record) -> String {
    record.stored.as_ref().map_or_else(|| NEW_ID.to_string(), |stored| stored.id.to_string())
}

/// The UTF-16 units to which values of Class columns are cut (02 §8.4): the search text is made of what is stored.
const LONGEST_CLASS: u32 = 1_024;

struct FullText<'a> {
    site: &'a Site,
    record: &'a Record,
    labels: &'a Labels,
    title: &'a str,
    stamps: Stamps,
    /// Times outside of it are stored as none, and not searched.
    range: TimeRange,
}

impl FullText<'_> {
    /// The words of every part, each once, in the order of their first occurrence.
    fn words(&self) -> Vec<String> {
        let table = self.record.table();
        let mut parts = self.labels.sites.titles(self.site.id);
        if table.full_text_include_site_id {
            parts.push(self.site.id.to_string());
        }
        if table.full_text_include_site_title {
            parts.push(self.site.title.clone());
        }
        for column in table.editor_columns.iter().filter_map(|name| table.column(name)) {
            self.add(column, &mut parts);
        }
        // Whether the editor has them or not (08 §15.2).
        for name in ["Creator", "Updator", "CreatedTime", "UpdatedTime"] {
            if let Some(column) = table.column(name) {
                self.add(column, &mut parts);
            }
        }
        if let Some(stored) = &self.record.stored {
            parts.extend(stored.mails.iter().cloned());
        }
        words(&parts.join(" "))
    }

    fn add(&self, column: &Column, parts: &mut Vec<String>) {
        let wanted = column.full_text_type;
        let (by_value, by_name) = (
            matches!(wanted, FullTextType::Value | FullTextType::ValueAndDisplayName),
            matches!(wanted, FullTextType::DisplayName | FullTextType::ValueAndDisplayName),
        );
        if by_value {
            parts.push(self.value(column));
        }
        if by_name {
            parts.push(self.display(column));
        }
    }

    /// The value that the record has or will have.
    fn current(&self, column: &Column) -> Option<Value> {
        let stamps = &self.stamps;
        Some(match column.name.as_str() {
            "SiteId" => Value::Int(self.site.id.0),
            "Creator" => Value::Int(stamps.creator.0.into()),
            "Updator" => Value::Int(stamps.updator.0.into()),
            "CreatedTime" => Value::Time(Some(stamps.created)),
            "UpdatedTime" => Value::Time(Some(stamps.updated)),
            name => match (self.record.get(name)?, column.class()) {
                (Value::Text(text), Some(ColumnClass::Class)) => {
                    Value::Text(cut(text, Some(LONGEST_CLASS)))
                }
                (value, _) => value.clone(),
            },
        })
    }

    fn value(&self, column: &Column) -> String {
        match self.current(column) {
            Some(Value::Text(text)) if column.class() == Some(ColumnClass::Attachments) => {
                members(&text, "Guid").join(" ")
            }
            Some(Value::Text(text)) if column.multiple_selections => {
                display::values(column, &text).join(" ")
            }
            Some(Value::Text(text)) => text,
            Some(Value::Int(number)) => number.to_string(),
            Some(Value::Decimal(Some(number))) => number.normalize().to_string(),
            Some(Value::Time(Some(time))) if self.range.contains(time) => {
                self.labels.shown(column, time).format("%m/%d/%Y %H:%M:%S").to_string()
            }
            _ => String::new(),
        }
    }

    fn display(&self, column: &Column) -> String {
        if column.name == self.record.kind().id_column() {
            return id_text(self.record);
        }
        let Some(value) = self.current(column) else { return String::new() };
        match (column.name.as_str(), column.class(), &value) {
            ("Title", ..) => self.title.to_owned(),
            ("Ver", ..) | (_, Some(ColumnClass::Check), _) => String::new(),
            ("Comments", ..) => self.comments(value.text()),
            (name, ..) if display::is_user(name) => {
                self.labels.users.name(value.int()).unwrap_or_default().to_owned()
            }
            (_, Some(ColumnClass::Attachments), _) => members(value.text(), "Name").join(" "),
            (_, _, Value::Text(text)) if column.has_choices() => self.choices(column, text),
            (_, _, Value::Text(text)) => text.clone(),
            (_, _, Value::Int(_)) => self.labels.text(column, &value),
            (..) => self.value(column),
        }
    }

    /// Texts of the choices; a value that is no choice stands with a question mark, an unknown user not at all.
    fn choices(&self, column: &Column, stored: &str) -> String {
        let texts = display::values(column, stored).into_iter().map(|value| {
            let text = self.labels.choice(column, &value);
            match (text.is_empty(), column.subject) {
                (true, Subject::None) => format!("? {value}"),
                _ => text,
            }
        });
        texts.collect::<Vec<_>>().join(" ")
    }

    /// Newest first: who and what.
    fn comments(&self, stored: &str) -> String {
        let Ok(Json::Array(comments)) = lenient::parse(stored) else { return String::new() };
        let mut parts = Vec::new();
        for comment in &comments {
            let creator = comment.member("Creator").and_then(Json::as_i64).unwrap_or_default();
            parts.extend(self.labels.users.name(creator));
            parts.extend(comment.member("Body").and_then(Json::as_str));
        }
        parts.join(" ")
    }
}

/// That member of every object of a JSON array.
fn members(array: &str, name: &str) -> Vec<String> {
    let Ok(Json::Array(elements)) = lenient::parse(array) else { return Vec::new() };
    elements
        .iter()
        .filter_map(|element| element.member(name)?.as_str().map(str::to_owned))
        .collect()
}

/// Handles of files that the search text names: 32 lower-case letters and digits, as images in texts have them.
/// In upper case, as they are stored.
pub(super) fn guids(item: &ItemText) -> Vec<String> {
    let words = item.full_text.iter().flat_map(|(words, _)| words);
    let runs = words
        .flat_map(|word| word.split(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit())));
    runs.filter(|run| run.len() == 32).map(str::to_ascii_uppercase).collect()
}

/// The words of a text, each once, in the order of their first occurrence (08 §15.2).
pub fn words(text: &str) -> Vec<String> {
    let mut seen = HashSet::new();
    let words =
        text.split([' ', '\u{3000}', '\r', '\n']).map(str::trim).filter(|word| !word.is_empty());
    words.filter(|word| seen.insert(*word)).map(str::to_owned).collect()
}
