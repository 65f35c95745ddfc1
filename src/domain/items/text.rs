//! The display title and the search text of a record (03 §24, 08 §15).

use std::collections::HashSet;

use crate::db::records::{ItemText, NEW_ID};
use crate::domain::Call;
use crate::domain::display::{self, Labels};
use crate::domain::settings::enums::FullTextType;
use crate::domain::settings::{Column, Subject, TableSettings};
use crate::lenient::{self, Json};
use crate::messages;
use crate::model::{ColumnClass, Site, UserId, Value};

use super::record::Record;
use super::stored::cut;

/// Title and search text of a record as it is now. A record without an id has [`NEW_ID`] where the id will stand.
pub(super) fn item_text(call: &Call, site: &Site, record: &Record, labels: &Labels) -> ItemText {
    let title = title(record, labels);
    let full_text = call.services.parameters.search.create_indexes.then(|| {
        let updator = call.caller.user;
        let text = FullText { site, record, labels, title: &title, own: updator, updator };
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
    let own = call.caller.user;
    let updator = record.stored.as_ref().map_or(own, |stored| stored.updator);
    FullText { site, record, labels, title: &title(record, labels), own, updator }.words()
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

struct FullText<'a> {
    site: &'a Site,
    record: &'a Record,
    labels: &'a Labels,
    title: &'a str,
    /// The caller: who creates a record that is not there yet.
    own: UserId,
    /// Who changed the record last: who is writing it.
    updator: UserId,
}

impl FullText<'_> {
    /// The words of every part, each once, in the order of their first occurrence.
    fn words(&self) -> Vec<String> {
        let table = self.record.table();
        let mut parts = Vec::new();
        if table.full_text_include_site_id {
            parts.push(self.site.id.to_string());
        }
        if table.full_text_include_site_title {
            parts.push(self.site.title.clone());
        }
        for column in table.editor_columns.iter().filter_map(|name| table.column(name)) {
            self.add(column, &mut parts);
        }
        self.add_people(&mut parts);
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

    /// Creator and updator (08 §15.2).
    fn add_people(&self, parts: &mut Vec<String>) {
        let creator = self.record.stored.as_ref().map_or(self.own, |stored| stored.creator);
        for (name, user) in [("Creator", creator), ("Updator", self.updator)] {
            let id = i64::from(user.0);
            match self.record.table().column(name).map(|column| column.full_text_type) {
                Some(FullTextType::Value) => parts.push(id.to_string()),
                Some(FullTextType::DisplayName) => {
                    parts.extend(self.labels.users.name(id).map(str::to_owned));
                }
                Some(FullTextType::ValueAndDisplayName) => {
                    parts.push(id.to_string());
                    parts.extend(self.labels.users.name(id).map(str::to_owned));
                }
                _ => {}
            }
        }
    }

    fn value(&self, column: &Column) -> String {
        match self.record.get(&column.name) {
            Some(Value::Text(text)) if column.class() == Some(ColumnClass::Attachments) => {
                members(text, "Guid").join(" ")
            }
            Some(Value::Text(text)) if column.multiple_selections => {
                display::values(column, text).join(" ")
            }
            Some(Value::Text(text)) => text.clone(),
            Some(Value::Int(number)) => number.to_string(),
            Some(Value::Decimal(Some(number))) => number.normalize().to_string(),
            Some(Value::Time(Some(time))) => {
                self.labels.zones.to_user(*time).format("%m/%d/%Y %H:%M:%S").to_string()
            }
            _ => String::new(),
        }
    }

    fn display(&self, column: &Column) -> String {
        if column.name == self.record.kind().id_column() {
            return id_text(self.record);
        }
        match (column.name.as_str(), column.class(), self.record.get(&column.name)) {
            ("Title", ..) => self.title.to_owned(),
            ("Ver", ..) | (_, Some(ColumnClass::Check), _) | (_, _, None) => String::new(),
            ("Comments", _, Some(value)) => self.comments(value.text()),
            ("Manager" | "Owner", _, Some(value)) => {
                self.labels.users.name(value.int()).unwrap_or_default().to_owned()
            }
            (_, Some(ColumnClass::Attachments), Some(value)) => {
                members(value.text(), "Name").join(" ")
            }
            (_, _, Some(Value::Text(text))) if column.has_choices() => self.choices(column, text),
            (_, _, Some(Value::Text(text))) => text.clone(),
            (_, _, Some(Value::Int(_))) => {
                self.labels.text(column, &Value::Int(self.record.int(&column.name)))
            }
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
