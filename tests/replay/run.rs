//! Plays suites, each on a database that holds exactly what it builds on.
//!
//! The fixture is played once. Its database is then copied: once for the suites that build on each other, and once for
//! each of the others. So these parts are independent and run at the same time.

use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;

use serde_json::json;

use super::play::{self, Outcome};
use super::request::Variables;
use super::suite::{Material, Suite};
use crate::support::database::Database;
use crate::support::repository;
use crate::support::server::Server;

/// Outcomes by suite.
pub(crate) type Outcomes = HashMap<String, Outcome>;

type Job<'a> = Box<dyn FnOnce() -> Outcomes + Send + 'a>;

/// Plays the chosen suites and those that they build on.
pub(crate) fn run(
    material: &Material,
    is_chosen: impl Fn(&Suite) -> bool,
    threads: usize,
) -> Outcomes {
    let last = material.ordered.iter().rposition(&is_chosen);
    let ordered = &material.ordered[..last.map_or(0, |last| last + 1)];
    let independent: Vec<&Suite> =
        material.independent.iter().filter(|suite| is_chosen(suite)).collect();

    let mut outcomes = Outcomes::new();
    let mut jobs: VecDeque<Job> = VecDeque::new();
    if !ordered.is_empty() || !independent.is_empty() || is_chosen(&material.fixture) {
        let mut variables = start_variables();
        let database = Database::copy();
        let fixture = [&material.fixture];
        outcomes.extend(play_on(&database, &fixture, &mut variables));
        // The longest part first.
        if !ordered.is_empty() {
            jobs.push_back(job_on_copy(&database, ordered.iter().collect(), &variables));
        }
        for suite in independent {
            jobs.push_back(job_on_copy(&database, vec![suite], &variables));
        }
    }
    for suite in material.with_parameters.iter().filter(|suite| is_chosen(suite)) {
        jobs.push_back(Box::new(move || {
            play_on(&Database::copy(), &[suite], &mut start_variables())
        }));
    }
    outcomes.extend(work(jobs, threads));
    outcomes
}

/// The key that `setup_sql` gives the administrator.
fn start_variables() -> Variables {
    Variables::from_iter([("key".to_owned(), json!("key1"))])
}

/// The copy is made now, while nobody is connected to the original.
fn job_on_copy<'a>(original: &Database, suites: Vec<&'a Suite>, variables: &Variables) -> Job<'a> {
    let database = original.copy_again();
    let mut variables = variables.clone();
    Box::new(move || play_on(&database, &suites, &mut variables))
}

/// Plays suites one after the other with one server, which is stopped at the end.
fn play_on(database: &Database, suites: &[&Suite], variables: &mut Variables) -> Outcomes {
    let parameters = database.parameters();
    parameters.extended_sqls(&repository("tests/conformance/extended-sqls"));
    for (file, members) in suites.iter().flat_map(|suite| &suite.parameters) {
        for (member, value) in members {
            parameters.set(file, member, value.clone());
        }
    }
    let mut server = match Server::try_start_with(&parameters, &[]) {
        Ok(server) => server,
        Err(error) => {
            return suites
                .iter()
                .map(|suite| (suite.name.clone(), play::fail_all(suite, &error)))
                .collect();
        }
    };
    let base_url = server.base_url();
    let mut outcomes = Outcomes::new();
    for suite in suites {
        let outcome = play::play(suite, &base_url, database, variables);
        let passed = outcome.values().filter(|differences| differences.is_empty()).count();
        eprintln!("played {}: {passed} of {} as recorded", suite.name, outcome.len());
        if !server.is_alive() {
            eprintln!("the server ended by itself in {}:\n{}", suite.name, server.log_tail(40));
        }
        outcomes.insert(suite.name.clone(), outcome);
    }
    server.stop();
    outcomes
}

fn work(jobs: VecDeque<Job>, threads: usize) -> Outcomes {
    let (queue, outcomes) = (Mutex::new(jobs), Mutex::new(Outcomes::new()));
    let next = || queue.lock().expect("no worker panics with the lock").pop_front();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(job) = next() {
                    let done = job();
                    outcomes.lock().expect("no worker panics with the lock").extend(done);
                }
            });
        }
    });
    outcomes.into_inner().expect("no worker panics with the lock")
}
