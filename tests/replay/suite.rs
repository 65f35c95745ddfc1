//! The files of the conformance material.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::support::repository;

/// Steps that are played one after the other.
#[derive(Deserialize)]
pub(crate) struct Suite {
    #[serde(rename = "suite")]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) setup_sql: Vec<String>,
    pub(crate) steps: Vec<Step>,
    /// What was recorded; set by [`Material::load`].
    #[serde(skip)]
    pub(crate) recording: Recording,
    /// Parameters that differ from the shipped ones: file, member, value.
    #[serde(skip)]
    pub(crate) parameters: ParameterChanges,
}

pub(crate) type ParameterChanges = BTreeMap<String, Map<String, Value>>;

/// One request and what is looked at afterwards.
#[derive(Deserialize)]
pub(crate) struct Step {
    pub(crate) id: String,
    pub(crate) request: Value,
    /// Variable, and the path into the answer that it is taken from.
    #[serde(default)]
    pub(crate) capture: Map<String, Value>,
    /// Name, and the query.
    #[serde(default)]
    pub(crate) rows: Map<String, Value>,
}

/// What the reference answered, by step.
#[derive(Deserialize, Default)]
pub(crate) struct Recording {
    recorded_on: String,
    pub(crate) answers: Map<String, Value>,
}

impl Recording {
    /// The day near which times are recent.
    pub(crate) fn day(&self) -> NaiveDate {
        self.recorded_on
            .parse()
            .unwrap_or_else(|error| panic!("recorded_on {}: {error}", self.recorded_on))
    }
}

/// All suites, by what they need.
pub(crate) struct Material {
    pub(crate) fixture: Suite,
    /// Each builds on those before it.
    pub(crate) ordered: Vec<Suite>,
    /// Each needs the fixture only.
    pub(crate) independent: Vec<Suite>,
    /// Each needs parameters of its own, and no fixture.
    pub(crate) with_parameters: Vec<Suite>,
}

impl Material {
    /// Reads the copies in `tests/conformance/`.
    pub(crate) fn load() -> Self {
        let root = repository("tests/conformance");
        let mut suites = load_suites(&root.join("cases"), &root.join("recordings"));
        let fixture = suites.remove(0);
        assert_eq!(fixture.name, "00-fixture", "the first suite");
        let (ordered, independent) =
            suites.into_iter().partition(|suite| suite.name.as_str() < "20");

        let mut with_parameters =
            load_suites(&root.join("cases-parameters"), &root.join("recordings-parameters"));
        let text =
            fs::read_to_string(root.join("parameters.toml")).expect("parameters.toml is there");
        let mut changes: BTreeMap<String, ParameterChanges> =
            toml::from_str(&text).unwrap_or_else(|error| panic!("parameters.toml: {error}"));
        for suite in &mut with_parameters {
            suite.parameters = changes.remove(&suite.name).unwrap_or_default();
            assert!(
                !suite.parameters.is_empty(),
                "parameters.toml does not say what {} needs",
                suite.name
            );
        }
        assert!(
            changes.is_empty(),
            "parameters.toml names suites that do not exist: {:?}",
            changes.keys()
        );
        Self { fixture, ordered, independent, with_parameters }
    }

    /// All suites in the order of the report.
    pub(crate) fn suites(&self) -> impl Iterator<Item = &Suite> {
        let fixture = std::iter::once(&self.fixture);
        fixture.chain(&self.ordered).chain(&self.independent).chain(&self.with_parameters)
    }
}

impl Suite {
    /// The steps that count: those that were recorded.
    pub(crate) fn recorded_steps(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| self.recording.answers.contains_key(&step.id))
    }
}

fn load_suites(cases: &Path, recordings: &Path) -> Vec<Suite> {
    let mut files: Vec<PathBuf> = fs::read_dir(cases)
        .expect("the cases are there")
        .map(|entry| entry.expect("a name").path())
        .collect();
    files.sort();
    let load_suite = |file: &PathBuf| {
        let mut suite: Suite = load(file);
        suite.recording = load(&recordings.join(file.file_name().expect("a file")));
        suite
    };
    files.iter().map(load_suite).collect()
}

fn load<T: DeserializeOwned>(file: &Path) -> T {
    let text =
        fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}
