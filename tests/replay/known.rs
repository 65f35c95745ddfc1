//! `tests/known_differences.toml`: where we differ from the recordings, and why.

use std::collections::{HashMap, HashSet};
use std::fs;

use serde::Deserialize;

use super::suite::{Material, Suite};
use crate::support::repository;

/// The file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    difference: Vec<Difference>,
    #[serde(default)]
    missing: Vec<Missing>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Difference {
    suite: String,
    step: String,
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Missing {
    suite: String,
    reason: String,
}

/// The entries by what they name, and what is wrong with the file.
pub(crate) struct Known {
    differences: HashMap<(String, String), String>,
    missing: HashMap<String, String>,
    pub(crate) faults: Vec<String>,
}

impl Known {
    /// Reads the file. Entries that name nothing, or twice the same, or give no reason, are faults.
    pub(crate) fn load(material: &Material) -> Self {
        let path = repository("tests/known_differences.toml");
        let text = fs::read_to_string(path).expect("tests/known_differences.toml is there");
        Self::parse(&text, material)
    }

    pub(crate) fn parse(text: &str, material: &Material) -> Self {
        let mut known =
            Self { differences: HashMap::new(), missing: HashMap::new(), faults: Vec::new() };
        let file: File = match toml::from_str(text) {
            Ok(file) => file,
            Err(error) => {
                known.faults.push(error.to_string());
                return known;
            }
        };
        let steps: HashSet<(&str, &str)> = material
            .suites()
            .flat_map(|suite| {
                suite.recorded_steps().map(|step| (suite.name.as_str(), step.id.as_str()))
            })
            .collect();
        let suites: HashSet<&str> = material.suites().map(|suite| suite.name.as_str()).collect();
        for Difference { suite, step, reason } in file.difference {
            let name = format!("{suite}/{step}");
            if !steps.contains(&(suite.as_str(), step.as_str())) {
                known.faults.push(format!("{name} does not exist"));
            }
            known.check_reason(&name, &reason);
            if known.differences.insert((suite, step), reason).is_some() {
                known.faults.push(format!("{name} is listed twice"));
            }
        }
        for Missing { suite, reason } in file.missing {
            if !suites.contains(suite.as_str()) {
                known.faults.push(format!("{suite} does not exist"));
            }
            known.check_reason(&suite, &reason);
            if known.missing.insert(suite.clone(), reason).is_some() {
                known.faults.push(format!("{suite} is listed twice"));
            }
        }
        known
    }

    fn check_reason(&mut self, name: &str, reason: &str) {
        if reason.trim().is_empty() {
            self.faults.push(format!("{name} has no reason"));
        }
    }

    /// Why a step may differ.
    pub(crate) fn difference(&self, suite: &Suite, step: &str) -> Option<&str> {
        self.differences.get(&(suite.name.clone(), step.to_owned())).map(String::as_str)
    }

    /// Why a suite is not run.
    pub(crate) fn missing(&self, suite: &Suite) -> Option<&str> {
        self.missing.get(&suite.name).map(String::as_str)
    }
}
