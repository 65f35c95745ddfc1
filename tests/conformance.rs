//! What Pleasanter 1.5.3.0 answered and wrote, replayed: every recorded step is a test `suite/step`.
//!
//!     cargo test --test conformance                         all suites
//!     cargo test --test conformance -- 04-upsert 01-http    these (and, unseen, those that they build on)
//!     KOKOCHI_SHOW=20 cargo test --test conformance …       more differences of each failed step
//!
//! `tests/known_differences.toml` lists where we differ. A suite that it lists as missing runs when it is named.

#![expect(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod replay;
mod support;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use replay::known::Known;
use replay::run::Outcomes;
use replay::suite::{Material, Suite};
use replay::{report, run};

fn main() -> ExitCode {
    let (arguments, names) = arguments();
    let material = Material::load();
    let known = Known::load(&material);

    // A whole name runs a missing suite too; a part of one, or of a test's name, only chooses among the others.
    let is_named = |suite: &Suite| names.contains(&suite.name);
    let is_meant = |suite: &Suite| {
        let steps = || suite.recorded_steps().map(|step| format!("{}/{}", suite.name, step.id));
        names.is_empty()
            || names.iter().any(|name| steps().any(|step| step.contains(name.as_str())))
    };
    let is_run =
        |suite: &Suite| is_meant(suite) && (is_named(suite) || known.missing(suite).is_none());

    let threads = arguments
        .test_threads
        .or_else(|| std::thread::available_parallelism().ok().map(Into::into));
    let outcomes = if arguments.list {
        Outcomes::new()
    } else {
        run::run(&material, is_run, threads.unwrap_or(2))
    };

    let mut trials = vec![faults(&known)];
    let mut summary = Vec::new();
    let (mut passed, mut total, mut differing) = (0, 0, 0);
    for suite in material.suites().filter(|suite| is_meant(suite)) {
        if let Some(reason) = known.missing(suite).filter(|_| !is_run(suite)) {
            summary.push(format!("{}: not run ({reason})", suite.name));
            trials.push(report::show_missing(suite, reason));
            continue;
        }
        let shown = report::show(suite, &outcomes, &known, differences_to_show());
        (passed, total, differing) =
            (passed + shown.passed, total + shown.total, differing + shown.known);
        summary.push(line(&suite.name, shown.passed, shown.total, shown.known));
        trials.extend(shown.trials);
    }
    trials.retain(|trial| {
        names.is_empty()
            || trial.name() == FAULTS
            || names.iter().any(|name| trial.name().contains(name.as_str()))
    });
    if trials.len() == 1 && !names.is_empty() {
        trials.clear(); // The filters are another binary's.
    }

    let conclusion = libtest_mimic::run(&arguments, trials);
    if !arguments.list {
        summary.push(line("conformance", passed, total, differing));
        println!("{}", summary.join("\n"));
    }
    conclusion.exit_code()
}

/// The test that the list of known differences is in order.
const FAULTS: &str = "known_differences.toml";

fn faults(known: &Known) -> Trial {
    let faults = known.faults.clone();
    Trial::test(FAULTS, move || {
        if faults.is_empty() { Ok(()) } else { Err(Failed::from(faults.join("\n"))) }
    })
}

fn line(name: &str, passed: usize, total: usize, known: usize) -> String {
    format!("{name}: {passed} of {total} (known differences {known})")
}

/// The flags of a test binary, and the filters: unlike it, we take more than one.
fn arguments() -> (Arguments, Vec<String>) {
    let (mut flags, mut names) = (Vec::new(), Vec::new());
    let mut given = std::env::args();
    flags.extend(given.next());
    while let Some(argument) = given.next() {
        match argument.as_str() {
            "--test-threads" | "--skip" | "--logfile" | "--color" | "--format" | "-Z" => {
                flags.push(argument);
                flags.extend(given.next());
            }
            flag if flag.starts_with('-') => flags.push(argument),
            _ => names.push(argument),
        }
    }
    (Arguments::from_iter(flags), names)
}

#[expect(clippy::disallowed_methods, reason = "the configuration of the server is not concerned")]
fn differences_to_show() -> usize {
    std::env::var("KOKOCHI_SHOW").ok().and_then(|text| text.parse().ok()).unwrap_or(3)
}
