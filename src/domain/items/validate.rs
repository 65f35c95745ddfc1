//! What a write checks before it happens (03 §10).

use regex::Regex;
use rust_decimal::Decimal;
use serde_json::{Map, Value as Tree};

use crate::domain::scripts::formula;
use crate::domain::settings::Column;
use crate::domain::{Call, Error};
use crate::model::{ColumnClass, DataType, Value};

use super::record::Record;

/// Length and pattern of every column: those of the editor in its order, then the others (03 §10.3).
///
/// With `Validation.MaxLengthCountType` = `Regex`, wide characters count twice.
pub(super) async fn check_texts(call: &Call, record: &Record) -> Result<(), Error> {
    let wide_counts_double = call.services.parameters.validation.max_length_count_type == "Regex";
    let table = record.table();
    let editor = table.editor_columns.iter().filter_map(|name| table.column(name));
    let others = table
        .columns
        .iter()
        .filter(|column| column.definition.editable && !table.is_in_editor(&column.name));
    for column in editor
        .chain(others)
        .filter(|column| column.max_length.is_some() || !column.server_regex.is_empty())
    {
        // Empty texts are not checked, be the pattern one or not (observed).
        if let Some(text) = text_form(record, column).filter(|text| !text.is_empty()) {
            check_length(column, &text, wide_counts_double)?;
            check_pattern(call, column, &text).await?;
        }
    }
    Ok(())
}

/// New in 1.5: rich texts have no limit (03 §10.3).
fn check_length(column: &Column, text: &str, wide_counts_double: bool) -> Result<(), Error> {
    let Some(max) = column.max_length.filter(|max| *max > Decimal::ZERO) else { return Ok(()) };
    if column.field_css == "field-rte" || Decimal::from(length(text, wide_counts_double)) <= max {
        return Ok(());
    }
    Err(Error::TooLongText { max })
}

/// UTF-16 units.
fn length(text: &str, wide_counts_double: bool) -> usize {
    let units = text.encode_utf16();
    if !wide_counts_double {
        return units.count();
    }
    units.map(|unit| if matches!(unit, 0x01..=0x7e | 0xff65..=0xff9f) { 1 } else { 2 }).sum()
}

/// A pattern that is none refuses every text (03 §10.3).
async fn check_pattern(call: &Call, column: &Column, text: &str) -> Result<(), Error> {
    if column.server_regex.is_empty() {
        return Ok(());
    }
    let fits = match Regex::new(&column.server_regex) {
        Ok(pattern) => matches(&pattern, text),
        Err(_) => Box::pin(matches_more(call, &column.server_regex, text)).await,
    };
    if fits { Ok(()) } else { Err(Error::NotMatchRegex { message: column.regex_message.clone() }) }
}

/// What the library of patterns does not know, such as looking ahead, the script engine does. Pattern and text are no
/// part of the program.
const MATCHES_MORE: &str = include_str!("patterns.js");

/// A pattern that no engine reads, or that takes too long, fits nothing.
async fn matches_more(call: &Call, pattern: &str, text: &str) -> bool {
    let model = [("pattern", pattern), ("text", text)];
    let model: Map<String, Tree> =
        model.into_iter().map(|(name, text)| (name.to_owned(), text.into())).collect();
    let answer = formula::evaluate(call, MATCHES_MORE.to_owned(), model).await;
    answer.is_ok_and(|answer| answer == "true")
}

/// As .NET matches: its `$` also stands before a last line feed (observed).
fn matches(pattern: &Regex, text: &str) -> bool {
    pattern.is_match(text) || text.strip_suffix('\n').is_some_and(|text| pattern.is_match(text))
}

/// The text by which a column is checked; none for columns that the table does not have.
fn text_form(record: &Record, column: &Column) -> Option<String> {
    if column.name == "Comments" {
        return Some(
            record.new_comment.as_ref().map(|comment| comment.body.clone()).unwrap_or_default(),
        );
    }
    Some(match record.get(&column.name)? {
        Value::Text(text) => text.clone(),
        Value::Int(number) => number.to_string(),
        Value::Decimal(None) if column.nullable => String::new(),
        Value::Decimal(number) => number.unwrap_or_default().normalize().to_string(),
        Value::Time(time) => {
            time.map(|time| time.format("%m/%d/%Y %H:%M:%S").to_string()).unwrap_or_default()
        }
        Value::Bool(check) => if *check { "True" } else { "False" }.to_owned(),
    })
}

/// Whether a value counts as empty for the no-duplication check, which then leaves it alone (03 §11).
pub(super) fn is_empty(column: &Column, value: &Value) -> bool {
    match (column.data_type(), value) {
        (DataType::Text, Value::Text(text)) => {
            text.is_empty() || column.class() == Some(ColumnClass::Attachments)
        }
        (_, Value::Int(number)) => *number == 0,
        (_, Value::Decimal(None) | Value::Time(None) | Value::Bool(_)) => true,
        (_, Value::Decimal(Some(number))) => {
            number.is_zero() && !(column.class().is_some() && column.nullable)
        }
        _ => false,
    }
}
