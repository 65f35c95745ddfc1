//! Turns outcomes into tests and into the summary.

use libtest_mimic::{Completion, Failed, Trial};

use super::known::Known;
use super::run::Outcomes;
use super::suite::Suite;

/// How a step is to be shown.
pub(crate) enum Verdict<'a> {
    Passed,
    /// It differs as listed.
    Known(&'a str),
    Failed(String),
}

/// A step that is listed has to differ: an entry that lives on without need would hide the next defect.
pub(crate) fn verdict<'a>(
    known: Option<&'a str>,
    differences: &[String],
    show: usize,
) -> Verdict<'a> {
    match (known, differences) {
        (None, []) => Verdict::Passed,
        (None, differences) => Verdict::Failed(described(differences, show)),
        (Some(_), []) => {
            Verdict::Failed("passes now: remove it from tests/known_differences.toml".to_owned())
        }
        (Some(reason), _) => Verdict::Known(reason),
    }
}

/// The tests of a suite, and its line of the summary.
pub(crate) struct Shown {
    pub(crate) trials: Vec<Trial>,
    pub(crate) passed: usize,
    pub(crate) known: usize,
    pub(crate) total: usize,
}

/// Shows each recorded step of a suite as a test.
pub(crate) fn show(suite: &Suite, outcomes: &Outcomes, known: &Known, show: usize) -> Shown {
    let mut shown = Shown { trials: Vec::new(), passed: 0, known: 0, total: 0 };
    let not_played = [format!("{} was not played", suite.name)];
    for step in suite.recorded_steps() {
        let differences = outcomes.get(&suite.name).and_then(|outcome| outcome.get(&step.id));
        let differences = differences.map_or(&not_played[..], Vec::as_slice);
        let name = format!("{}/{}", suite.name, step.id);
        shown.total += 1;
        let trial = match verdict(known.difference(suite, &step.id), differences, show) {
            Verdict::Passed => {
                shown.passed += 1;
                Trial::test(name, || Ok(()))
            }
            Verdict::Known(reason) => {
                shown.known += 1;
                let reason = reason.to_owned();
                Trial::ignorable_test(name, move || Ok(Completion::ignored_with(reason)))
            }
            Verdict::Failed(text) => Trial::test(name, move || Err(Failed::from(text))),
        };
        shown.trials.push(trial);
    }
    shown
}

/// A suite of what is not built.
pub(crate) fn show_missing(suite: &Suite, reason: &str) -> Trial {
    let reason = reason.to_owned();
    Trial::ignorable_test(suite.name.clone(), move || Ok(Completion::ignored_with(reason)))
}

fn described(differences: &[String], show: usize) -> String {
    let mut lines: Vec<String> = differences.iter().take(show).cloned().collect();
    if differences.len() > show {
        lines.push(format!("… {} more (KOKOCHI_SHOW=20 shows 20)", differences.len() - show));
    }
    lines.join("\n")
}
