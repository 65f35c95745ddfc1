//! Plays one suite against a server.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde_json::{Map, Value, json};

use super::compare;
use super::normal::Normaliser;
use super::request::{self, Variables};
use super::suite::{Step, Suite};
use crate::support::database::Database;

/// The differences of each recorded step; none means that it passed.
pub(crate) type Outcome = HashMap<String, Vec<String>>;

/// Plays all steps, and adds what they capture to `variables`.
pub(crate) fn play(
    suite: &Suite,
    base_url: &str,
    database: &Database,
    variables: &mut Variables,
) -> Outcome {
    for sql in &suite.setup_sql {
        let done = request::substitute_text(sql, variables).and_then(|sql| database.execute(&sql));
        if let Err(error) = done {
            return fail_all(suite, &format!("setup_sql: {error}"));
        }
    }
    let mut want = Normaliser::new(suite.recording.day());
    let mut mine = Normaliser::new(today());
    let mut outcome = Outcome::new();
    for step in &suite.steps {
        // No answer, or a missing table, is a failed step and not the end of the run.
        let got = answer(step, base_url, database, variables)
            .unwrap_or_else(|error| json!({ "error": error }));
        if let Some(expected) = suite.recording.answers.get(&step.id) {
            outcome.insert(step.id.clone(), compare::of_step(expected, &got, &mut want, &mut mine));
        }
    }
    outcome
}

/// An outcome for a suite that could not be played.
pub(crate) fn fail_all(suite: &Suite, reason: &str) -> Outcome {
    suite.recorded_steps().map(|step| (step.id.clone(), vec![reason.to_owned()])).collect()
}

fn answer(
    step: &Step,
    base_url: &str,
    database: &Database,
    variables: &mut Variables,
) -> Result<Value, String> {
    let mut got = request::send(base_url, &request::substitute(&step.request, variables)?)?;
    for (name, path) in &step.capture {
        let found = path.as_str().and_then(|path| dig(got.get("json")?, path)).cloned();
        match found {
            Some(value) => {
                variables.insert(name.clone(), value);
            }
            // Later steps then ask for an id that does not exist, and fail on their own.
            None => {
                variables.entry(name.as_str()).or_insert(json!(-1));
            }
        }
    }
    if !step.rows.is_empty() {
        let mut all = Map::new();
        for (name, sql) in &step.rows {
            let sql = request::substitute_text(sql.as_str().unwrap_or_default(), variables)?;
            all.insert(name.clone(), database.rows(&sql)?);
        }
        got["rows"] = Value::Object(all);
    }
    Ok(got)
}

fn dig<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(value, |value, key| match value {
        Value::Array(elements) => elements.get(key.parse::<usize>().ok()?),
        other => other.get(key),
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "no call's clock: recent is what is near the day of this run"
)]
fn today() -> NaiveDate {
    chrono::Local::now().date_naive()
}
