//! `[Column]` in the texts of settings, and the display values that stand there (03 §15.3, §16).

use crate::db;
use crate::domain::display::{self, Labels};
use crate::domain::items::record::Record;
use crate::domain::items::{labels, text};
use crate::domain::settings::{Column, Subject, TableSettings};
use crate::domain::{Call, Error};
use crate::lenient::{self, Json};
use crate::messages;
use crate::model::{DataType, Value};

use super::values;

/// A text of settings in its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part<'t> {
    /// What stays as it is.
    Text(&'t str),
    /// What stood in brackets.
    Bracket(&'t str),
}

/// The parts of a text. A bracket ends at the next closing one and holds no other.
pub(super) fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(end) = rest.find(']') {
        let (before, after) = rest.split_at(end);
        let after = after.strip_prefix(']').unwrap_or(after);
        if let Some((outside, inside)) = before.rsplit_once('[') {
            parts.push(Part::Text(outside));
            parts.push(Part::Bracket(inside));
        } else {
            parts.push(Part::Text(before));
            parts.push(Part::Text("]"));
        }
        rest = after;
    }
    parts.push(Part::Text(rest));
    parts
}

/// The text with the display values of the columns it names; what is no column stays. Values are not looked into again.
pub(super) async fn fill(call: &Call, record: &Record, text: &str) -> Result<String, Error> {
    let parts = parts(text);
    let labels = labels_for(call, record, &parts).await?;
    let mut filled = String::new();
    for part in parts {
        match part {
            Part::Text(text) => filled.push_str(text),
            Part::Bracket(name) => {
                if let Some(value) = shown(record, name, &labels) {
                    filled.push_str(&value);
                } else {
                    filled.push('[');
                    filled.push_str(name);
                    filled.push(']');
                }
            }
        }
    }
    Ok(filled)
}

/// The text with what `{LoginId}`, `{UserName}`, `{Url}` and `{MailAddress}` stand for.
pub(super) async fn variables(call: &Call, id: i64, mut text: String) -> Result<String, Error> {
    let caller = &call.caller;
    for (name, value) in [("{LoginId}", &caller.login_id), ("{UserName}", &caller.name)] {
        if text.contains(name) {
            text = text.replace(name, value);
        }
    }
    if text.contains("{Url}") {
        text = text.replace("{Url}", &url(call, &format!("items/{id}"), "/edit"));
    }
    if text.contains("{MailAddress}") {
        let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
        let address = db::people::mail_address(&mut conn, caller.user).await?;
        text = text.replace("{MailAddress}", &address.unwrap_or_default());
    }
    Ok(text)
}

/// The address of a page: below `Service.AbsoluteUri`, else below the address that the call came to (08 §16.1), where
/// `page` has one more segment.
pub(super) fn url(call: &Call, page: &str, more: &str) -> String {
    match call.services.parameters.service.absolute_uri.as_deref().filter(|uri| !uri.is_empty()) {
        Some(uri) => format!("{}/{page}", uri.trim_end_matches('/')),
        None => format!("{}{}/{page}{more}", call.origin, call.base_path),
    }
}

/// The labels that the columns of a text need.
pub(super) async fn labels_for(
    call: &Call,
    record: &Record,
    parts: &[Part<'_>],
) -> Result<Labels, Error> {
    let table = record.table();
    let named = |name: &str| parts.contains(&Part::Bracket(name));
    labels::load_for(call, table, &[record], |column| {
        named(&column.name) || (named("Title") && is_in_title(table, column))
    })
    .await
}

/// The display value of a column alone.
pub(super) async fn display_value(
    call: &Call,
    record: &Record,
    name: &str,
) -> Result<Option<String>, Error> {
    let labels = labels_for(call, record, &[Part::Bracket(name)]).await?;
    Ok(shown(record, name, &labels))
}

fn is_in_title(table: &TableSettings, column: &Column) -> bool {
    table.title_columns.contains(&column.name)
}

/// The display value of a column; none for what is no column.
pub(super) fn shown(record: &Record, name: &str, labels: &Labels) -> Option<String> {
    let column = record.table().column(name)?;
    let value = values::current(record, name)?;
    Some(match (name, column.data_type(), &value) {
        ("Title", ..) => text::title(record, labels),
        ("RemainingWorkValue", ..) => {
            labels.text(column, &Value::Decimal(Some(record.remaining_work())))
        }
        ("Comments", _, Value::Text(stored)) => comments(stored, labels),
        (_, DataType::Text, Value::Text(stored)) if column.has_choices() => {
            choices(column, stored, labels)
        }
        _ => labels.text(column, &value),
    })
}

/// Several choices are joined by `, `, and one that is none stands for itself; a single one gets a question mark.
fn choices(column: &Column, stored: &str, labels: &Labels) -> String {
    let selected = display::values(column, stored);
    let texts = selected.into_iter().map(|value| {
        let text = labels.choice(column, &value);
        match (text.is_empty(), column.multiple_selections) {
            (false, _) => text,
            (true, true) => value,
            (true, false) if column.subject == Subject::None => format!("? {value}"),
            (true, false) => messages::not_set(labels.language).to_owned(),
        }
    });
    texts.collect::<Vec<_>>().join(", ")
}

/// Newest first: when and who, and below it what.
fn comments(stored: &str, labels: &Labels) -> String {
    let Ok(Json::Array(comments)) = lenient::parse(stored) else { return String::new() };
    let texts = comments.iter().map(|comment| {
        let text = |name: &str| comment.member(name).and_then(Json::as_str).unwrap_or_default();
        let creator = comment.member("Creator").and_then(Json::as_i64).unwrap_or_default();
        let time = chrono::DateTime::parse_from_rfc3339(text("CreatedTime"))
            .map(|time| {
                crate::domain::culture::general(
                    labels.zones.user_time(time.to_utc()),
                    labels.language,
                )
            })
            .unwrap_or_default();
        format!("{time} {}\n{}", labels.user(creator), text("Body"))
    });
    texts.collect::<Vec<_>>().join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_are_told_from_the_text_around_them() {
        use Part::{Bracket, Text};
        assert_eq!(parts("a[b]c"), [Text("a"), Bracket("b"), Text("c")]);
        assert_eq!(parts("[[b]]"), [Text("["), Bracket("b"), Text(""), Text("]"), Text("")]);
        assert_eq!(parts("x]"), [Text("x"), Text("]"), Text("")]);
        assert_eq!(parts("[open"), [Text("[open")]);
    }
}
