//! The differences between two normalised answers.

use serde_json::{Map, Value};

use super::normal::Normaliser;
use super::python::dumps;

/// All differences of an answer from the recorded one, both as `{status, content_type, json or text, rows}`.
///
/// What the normalisers have seen stays seen, so the steps of a suite are compared in order.
pub(crate) fn of_step(
    expected: &Value,
    got: &Value,
    want: &mut Normaliser,
    mine: &mut Normaliser,
) -> Vec<String> {
    let mut found = Vec::new();
    if crashed(expected) {
        found.extend(crash_difference(got));
        if expected.get("rows").is_some_and(is_truthy) {
            let rows = got.get("rows").unwrap_or(&Value::Null);
            differences(
                &want.normal(&expected["rows"], None),
                &mine.normal(rows, None),
                ".rows",
                &mut found,
            );
        }
    } else {
        differences(&want.normal(expected, None), &mine.normal(got, None), "", &mut found);
    }
    found
}

/// The reference answers what it did not expect (an unhandled exception, an unknown route) with a redirect to a page.
fn crashed(answer: &Value) -> bool {
    answer["status"] == 302
}

/// We owe the caller better there: a JSON error whose `StatusCode` is the HTTP status, and nothing written.
fn crash_difference(got: &Value) -> Option<String> {
    let (status, body) = (&got["status"], got.get("json").unwrap_or(&Value::Null));
    let is_error = status.as_u64().is_some_and(|status| (400..600).contains(&status));
    let says_so = body.get("StatusCode").is_some_and(|code| is_equal(code, status));
    if is_error && says_so && body.get("Message").is_some_and(is_truthy) {
        return None;
    }
    Some(format!(
        "expected a JSON error with StatusCode and Message (the reference redirects to an error page), got {} {}",
        dumps(status),
        short(body)
    ))
}

/// What Python takes for true.
fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(yes) => *yes,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(elements) => !elements.is_empty(),
        Value::Object(members) => !members.is_empty(),
    }
}

fn differences(want: &Value, got: &Value, path: &str, found: &mut Vec<String>) {
    match (want, got) {
        (Value::Object(want), Value::Object(got)) => object_differences(want, got, path, found),
        (Value::Array(want), Value::Array(got)) => {
            if want.len() != got.len() {
                found.push(format!("{path}: expected {} elements, got {}", want.len(), got.len()));
            }
            for (index, (want, got)) in want.iter().zip(got).enumerate() {
                differences(want, got, &format!("{path}.{index}"), found);
            }
        }
        _ if is_equal(want, got) => {}
        _ => found.push(format!("{path}: expected {}, got {}", short(want), short(got))),
    }
}

fn object_differences(
    want: &Map<String, Value>,
    got: &Map<String, Value>,
    path: &str,
    found: &mut Vec<String>,
) {
    for (key, wanted) in want {
        match got.get(key) {
            None => found.push(format!("{path}.{key}: missing (expected {})", short(wanted))),
            Some(got) => differences(wanted, got, &format!("{path}.{key}"), found),
        }
    }
    for (key, unexpected) in got.iter().filter(|(key, _)| !want.contains_key(*key)) {
        found.push(format!("{path}.{key}: unexpected {}", short(unexpected)));
    }
    let same_keys = want.len() == got.len() && want.keys().all(|key| got.contains_key(key));
    if same_keys && path.starts_with(".json") && !want.keys().eq(got.keys()) {
        let (want, got) = (want.keys().collect::<Vec<_>>(), got.keys().collect::<Vec<_>>());
        found.push(format!("{path}: member order: expected {want:?}, got {got:?}"));
    }
}

/// Equality of Python: numbers by value, whether whole or not, and a truth value is 0 or 1.
fn is_equal(want: &Value, got: &Value) -> bool {
    match (whole(want), whole(got)) {
        (Some(want), Some(got)) => want == got,
        _ => match (real(want), real(got)) {
            #[expect(clippy::float_cmp, reason = "two readings of the same digits are the same")]
            (Some(want), Some(got)) => want == got,
            _ => want == got,
        },
    }
}

fn whole(value: &Value) -> Option<i128> {
    match value {
        Value::Bool(yes) => Some(i128::from(*yes)),
        Value::Number(number) => {
            number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from))
        }
        _ => None,
    }
}

fn real(value: &Value) -> Option<f64> {
    match value {
        Value::Bool(yes) => Some(f64::from(u8::from(*yes))),
        Value::Number(number) => number.as_f64(),
        _ => None,
    }
}

fn short(value: &Value) -> String {
    let text = dumps(value);
    if text.chars().count() <= 200 { text } else { text.chars().take(200).chain(['…']).collect() }
}
