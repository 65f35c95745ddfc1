//! Extended formulas (03 §13.2): an expression of a spreadsheet, run by the same engine.

use std::time::Duration;

use chrono::NaiveDateTime;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use crate::domain::{Call, Error, culture, display};
use crate::script_engine::{Answer, Host, Job};

use super::ScriptError;

/// What formulas call before anything else.
const PRELUDE: &str = include_str!("formulas.js");
/// The reference has no limit of time; here it is this, since nothing good comes of more.
const LIMIT: Duration = Duration::from_secs(10);
/// Values that say that something is wrong (03 §13.2, step 4).
const ERRORS: [&str; 8] =
    ["#N/A", "#VALUE!", "#REF!", "#DIV/0!", "#NUM!", "#NAME?", "#NULL!", "Invalid Parameter"];

/// Whether a result is an error of a spreadsheet.
pub fn is_error(result: &str) -> bool {
    ERRORS.contains(&result)
}

/// The value of a formula over a record's values, as a text. Whatever the engine refuses is an error of the formula.
pub async fn evaluate(
    call: &Call,
    source: String,
    model: Map<String, Json>,
) -> Result<String, Error> {
    let now = call.user_now().format("%Y/%m/%d %H:%M:%S").to_string();
    let job = Job {
        prelude: PRELUDE,
        input: json!({ "model": model, "now": now }).to_string(),
        source: source.into(),
        limit: Some(LIMIT),
        key: call.scripts.takes_place().then(|| call.target.as_ref().map_or(0, |t| t.site.id.0)),
    };
    let done = call.services.scripts.run(job, &FormulaHost { call }).await;
    let text = done.map_err(|failure| ScriptError::Formula(failure.to_string()))?;
    serde_json::from_str(&text).map_err(|error| ScriptError::Formula(error.to_string()).into())
}

/// Writes times and numbers in the caller's language.
struct FormulaHost<'a> {
    call: &'a Call,
}

#[derive(Deserialize)]
struct Format {
    value: String,
    format: String,
}

impl Host for FormulaHost<'_> {
    fn call<'a>(&'a self, name: &'a str, arguments: &'a str) -> Answer<'a> {
        Box::pin(async move {
            let Format { value, format } =
                serde_json::from_str(arguments).map_err(|error| error.to_string())?;
            let language = self.call.language();
            let text = match name {
                "time" => {
                    let time = NaiveDateTime::parse_from_str(&value, "%Y/%m/%d %H:%M:%S");
                    culture::custom(time.map_err(|error| error.to_string())?, &format, language)
                }
                "number" => {
                    let number = value.parse().or_else(|_| Decimal::from_scientific(&value)).ok();
                    let text = number.and_then(|n| display::by_format(n, &format, language));
                    // A number that no decimal holds stays as it is.
                    text.unwrap_or(value)
                }
                name => return Err(format!("{name} is not known")),
            };
            Ok(json!(text).to_string())
        })
    }
}

/// The expression as JavaScript: `[Name]` and labels outside of double quotes are the record's values, functions have
/// their names in capitals, and `true` and `false` may be written in any case.
///
/// `columns` are names and labels. Longer labels go first, so that no label is found inside another.
pub fn translate(script: &str, columns: &[(&str, &str)]) -> String {
    let mut labels: Vec<(&str, &str)> =
        columns.iter().copied().filter(|(_, label)| !label.is_empty()).collect();
    labels.sort_by_key(|(_, label)| std::cmp::Reverse(label.len()));
    let mut out = String::with_capacity(script.len() * 2);
    let mut rest = script;
    let mut before = None;
    while let Some(first) = rest.chars().next() {
        let (written, length) = token(rest, first, before, columns, &labels);
        let (taken, behind) = rest.split_at(length);
        out.push_str(&written.unwrap_or_else(|| taken.to_owned()));
        before = taken.chars().next_back();
        rest = behind;
    }
    out
}

/// What the next part becomes, if it changes, and its length.
fn token(
    rest: &str,
    first: char,
    before: Option<char>,
    columns: &[(&str, &str)],
    labels: &[(&str, &str)],
) -> (Option<String>, usize) {
    let value = |name: &str| Some(format!("model[{}]", Json::from(name)));
    if first == '"' {
        return (None, quoted(rest));
    }
    if first == '$' {
        let name: String = rest.chars().skip(1).take_while(char::is_ascii_alphanumeric).collect();
        return (Some(format!("${}", name.to_ascii_uppercase())), name.len() + 1);
    }
    if first == '['
        && let Some((inner, _)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']'))
        && let Some((name, _)) =
            columns.iter().find(|(name, label)| *name == inner || *label == inner)
    {
        return (value(name), inner.len() + 2);
    }
    let begins_word = !before.is_some_and(is_word);
    let ends_word =
        |length: usize| !rest.get(length..).is_some_and(|behind| behind.starts_with(is_word));
    for (name, label) in labels {
        // A label of letters is a word of its own: `ID` is not found in `$MID`.
        let apart = !label.chars().all(is_word) || (begins_word && ends_word(label.len()));
        if rest.starts_with(label) && before != Some('$') && apart {
            return (value(name), label.len());
        }
    }
    if begins_word {
        for word in ["true", "false"] {
            let found = rest.get(..word.len()).is_some_and(|text| text.eq_ignore_ascii_case(word));
            if found && ends_word(word.len()) {
                return (Some(word.to_owned()), word.len());
            }
        }
    }
    (None, first.len_utf8())
}

/// The length of a text in double quotes.
fn quoted(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            '\\' if !escaped => escaped = true,
            '"' if !escaped => return at + 1,
            _ => escaped = false,
        }
    }
    rest.len()
}

/// Letters of ASCII only: other scripts have no blanks between words.
fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [(&str, &str); 4] =
        [("NumA", "数値"), ("NumB", "数値の和"), ("ResultId", "ID"), ("ClassA", "A")];

    #[test]
    fn columns_are_found_by_name_in_brackets_and_by_label() {
        for (script, expected) in [
            ("[NumA] + 1", r#"model["NumA"] + 1"#),
            ("[数値]*2", r#"model["NumA"]*2"#),
            ("数値の和-数値", r#"model["NumB"]-model["NumA"]"#),
            ("$mid(A, ID, 2)", r#"$MID(model["ClassA"], model["ResultId"], 2)"#),
            (r#"$CONCAT("数値 \" A", A)"#, r#"$CONCAT("数値 \" A", model["ClassA"])"#),
            ("$IF(TRUE, False, trueish)", "$IF(true, false, trueish)"),
            ("[1, 2][0] + $数値", r"[1, 2][0] + $数値"),
            ("\"open", "\"open"),
        ] {
            assert_eq!(translate(script, &COLUMNS), expected, "{script}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_that_is_written_breaks_the_translation(script in ".*") {
            translate(&script, &COLUMNS);
        }
    }
}
