//! The settings of an extension: JSON that is stored as text (07 §3.4).

use crate::domain::Error;
use crate::domain::named_sql::Definition;
use crate::json;
use crate::lenient::{self, Json};

/// The types whose settings have a shape.
const KNOWN: [&str; 8] =
    ["Fields", "Html", "NavigationMenu", "Script", "ServerScript", "Sql", "Style", "Plugin"];

/// What is stored of posted settings: a text as it is, all else as indented JSON; nothing of null.
pub(super) fn stored(posted: &Json<'_>) -> Option<String> {
    match posted {
        Json::Null => None,
        Json::String(text) => Some(text.to_string()),
        other => {
            let mut text = String::new();
            write(other, 0, &mut text);
            Some(text)
        }
    }
}

/// Refuses settings that a known type cannot be read from; a type that is not known may have any, or none.
///
/// Every type shares the members that say where it applies; their own are read leniently, but for those of SQL.
pub(super) fn check(kind: &str, settings: Option<&str>) -> Result<(), Error> {
    if !KNOWN.contains(&kind) {
        return Ok(());
    }
    let json = settings.and_then(|text| lenient::parse(text).ok());
    let read = json.as_ref().map(Definition::read);
    if matches!(read, Some(Ok(_))) { Ok(()) } else { Err(Error::InvalidJsonData) }
}

fn write(value: &Json<'_>, depth: usize, out: &mut String) {
    match value {
        Json::Null => out.push_str("null"),
        Json::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Json::Integer(number) | Json::Float(number) => out.push_str(number),
        Json::String(text) => json::string(text, out),
        Json::Array(elements) => {
            lines(elements, ['[', ']'], depth, out, |element, out| write(element, depth + 1, out));
        }
        Json::Object(members) => lines(members, ['{', '}'], depth, out, |(name, value), out| {
            json::string(name, out);
            out.push_str(": ");
            write(value, depth + 1, out);
        }),
    }
}

/// Parts on lines of their own; none stays on one line.
fn lines<T>(
    parts: &[T],
    [open, close]: [char; 2],
    depth: usize,
    out: &mut String,
    mut write: impl FnMut(&T, &mut String),
) {
    out.push(open);
    for (at, part) in parts.iter().enumerate() {
        out.push_str(if at > 0 { ",\n" } else { "\n" });
        out.extend(std::iter::repeat_n("  ", depth + 1));
        write(part, out);
    }
    if !parts.is_empty() {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth));
    }
    out.push(close);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(posted: &str) -> Option<String> {
        stored(&lenient::parse(posted).unwrap())
    }

    #[test]
    fn objects_are_stored_indented_and_texts_as_they_are() {
        assert_eq!(text(r#"{"Api":true}"#).as_deref(), Some("{\n  \"Api\": true\n}"));
        assert_eq!(
            text(r#"{"A":[1,{"B":null}],"C":{},"D":[]}"#).as_deref(),
            Some(
                "{\n  \"A\": [\n    1,\n    {\n      \"B\": null\n    }\n  ],\n  \"C\": {},\n  \"D\": []\n}"
            )
        );
        assert_eq!(text(r#""{\"Api\" : true}""#).as_deref(), Some(r#"{"Api" : true}"#));
        assert_eq!(text("null"), None);
    }

    #[test]
    fn known_types_need_settings_that_fit() {
        let fits = |kind: &str, settings: Option<&str>| check(kind, settings).is_ok();
        assert!(fits("Sql", Some(r#"{"Api":true}"#)));
        assert!(fits("Style", Some("{}")));
        assert!(!fits("Sql", Some(r#"{"Api":"maybe"}"#)));
        assert!(!fits("Sql", Some("null")));
        assert!(!fits("Script", Some("{")));
        assert!(!fits("Html", None));
        assert!(fits("CustomApps", None) && fits("", Some("{")) && fits("sql", None));
    }
}
