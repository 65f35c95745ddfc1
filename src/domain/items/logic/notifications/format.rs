//! The body of a notification: a format, line by line (08 §16.1).

use serde::Deserialize;

use crate::domain::Error;
use crate::domain::display::Labels;
use crate::domain::items::record::Record;
use crate::domain::settings::Column;
use crate::domain::settings::document::Notification;
use crate::json;
use crate::lenient;

use super::super::placeholders;
use super::{Event, Trigger, is_changed, labels_of, monitored};

/// A line that stands for a column.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Line {
    name: String,
    prefix: String,
    delimiter: String,
    allow: String,
    /// 0 both values, 1 the one before, 2 the one after.
    display_types: i32,
    value_only: bool,
    always: bool,
}

impl Default for Line {
    fn default() -> Self {
        Self {
            name: String::new(),
            prefix: String::new(),
            delimiter: " : ".to_owned(),
            allow: " => ".to_owned(),
            display_types: 0,
            value_only: false,
            always: false,
        }
    }
}

/// The text of a notification of a write.
pub(super) async fn body(
    event: &Event<'_>,
    before: &Record,
    notification: &Notification,
) -> Result<String, Error> {
    let labels = labels_of(event, before).await?;
    let format = if notification.use_custom_format {
        notification.format.clone()
    } else {
        default_format(monitored(event.record.table(), notification))
    };
    let mut body = String::new();
    for line in format.lines().map(str::trim) {
        if let Some((format, column)) = column_line(event, line) {
            body.push_str(&shown(event, before, &format, column, &labels));
        } else {
            let text = line.to_owned();
            body.push_str(&placeholders::variables(event.call, event.record.id(), text).await?);
            body.push('\n');
        }
    }
    Ok(body)
}

/// The address, a line for every column that is looked at, and who did it.
fn default_format(columns: &[String]) -> String {
    let mut format = String::from("{Url}\n");
    for name in columns {
        format.push_str(&json::object(|o| {
            o.field("Name", &format!("[{name}]"));
        }));
        format.push('\n');
    }
    format.push_str("\n{UserName}<{MailAddress}>");
    format
}

/// The column that a line of JSON names; any other line is text.
fn column_line<'a>(event: &'a Event<'_>, line: &str) -> Option<(Line, &'a Column)> {
    if !line.starts_with('{') {
        return None;
    }
    let format: Line = lenient::from_str(line).ok()?;
    let name = format.name.strip_prefix('[')?.strip_suffix(']')?;
    let column = event.record.table().column(name)?;
    Some((format, column))
}

fn shown(
    event: &Event<'_>,
    before: &Record,
    line: &Line,
    column: &Column,
    labels: &Labels,
) -> String {
    let updated = event.trigger == Trigger::Updated;
    let changed = is_changed(event.record, &column.name);
    if updated && !changed && !line.always {
        return String::new();
    }
    let text =
        |record: &Record| placeholders::shown(record, &column.name, labels).unwrap_or_default();
    let (old, new) = (text(before), text(event.record));
    let value = if updated && changed && !old.is_empty() {
        match line.display_types {
            1 => old,
            2 => new,
            _ => format!("{old}{}{new}", line.allow),
        }
    } else {
        new
    };
    // Texts of many lines begin on a line of their own.
    let value = if column.control_type == "MarkDown" { format!("\n{value}\n") } else { value };
    if line.value_only {
        return format!("{}{value}\n", line.prefix);
    }
    let label = column.label(event.call.language().code());
    format!("{}{label}{}{value}\n", line.prefix, line.delimiter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_format_names_every_column() {
        let columns = ["Title", "ClassA"].map(str::to_owned);
        assert_eq!(
            default_format(&columns),
            "{Url}\n{\"Name\":\"[Title]\"}\n{\"Name\":\"[ClassA]\"}\n\n{UserName}<{MailAddress}>"
        );
    }

    #[test]
    fn a_line_says_how_values_stand() {
        let line: Line =
            lenient::from_str(r#"{"Name":"[A]","Delimiter":"=","Always":true}"#).unwrap();
        assert_eq!(
            (line.delimiter.as_str(), line.allow.as_str(), line.always),
            ("=", " => ", true)
        );
    }
}
