//! The authorisation matrix: every route × every right × every way of having it, against what the specification says.
//!
//! [`cases`] holds the tables of the specification, [`fixture`] the callers and what they call. Each cell has a site of
//! its own, so that what one call changes is no matter for another.

#[path = "authorisation/cases.rs"]
mod cases;
#[path = "authorisation/fixture.rs"]
mod fixture;

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use self::cases::{Body, Case, Check, Ids, READ, Rule, Target};
use self::fixture::Way;
use crate::app::TestApp;
use crate::support::database::Database;
use crate::support::http::{self, Answer, Call};

static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
    let mut cases = cases::item_cases();
    cases.extend(cases::site_cases());
    cases.extend(cases::other_cases());
    cases
});

/// No row, a row without bits, every single bit, and all of them.
const BITS: [Option<i64>; 12] = [
    None,
    Some(0),
    Some(1),
    Some(2),
    Some(4),
    Some(8),
    Some(16),
    Some(32),
    Some(64),
    Some(128),
    Some(256),
    Some(ALL),
];
const ALL: i64 = 511;

/// One call to make.
struct Cell {
    case: usize,
    way: Way,
    bits: Option<i64>,
    ids: Ids,
}

/// What has to come of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    Refused(u16),
    Allowed,
    /// Whatever the same caller is answered without any row.
    AsWithoutRows,
    /// The specification promises nothing.
    Anything,
}

impl Cell {
    fn case(&self) -> &'static Case {
        &CASES[self.case]
    }

    fn expected(&self) -> Expected {
        let case = self.case();
        match self.way {
            Way::Anonymous => refused_or(case.anonymous, Expected::Anything),
            _ if matches!(case.rule, Rule::Independent) => Expected::AsWithoutRows,
            Way::OtherTenant => refused_or(case.foreign, Expected::Anything),
            Way::ApiClosed if case.gate => Expected::Refused(403),
            _ => self.by_rights(case),
        }
    }

    /// The rule of 06 §2.4: rows of the site count everywhere, those of a record where the record is addressed.
    fn by_rights(&self, case: &Case) -> Expected {
        let privileged = self.way == Way::Privileged;
        let counts = Way::GIVING.contains(&self.way) || self.way == Way::ApiClosed;
        let given = self.bits.filter(|_| counts);
        let site = given.filter(|_| self.way != Way::Record);
        let record = given.filter(|_| self.way == Way::Record && case.target == Target::Record);
        let both = site.unwrap_or_default() | record.unwrap_or_default();
        let has = |bits: i64, needed: i64| privileged || bits & needed == needed;
        let checks = match case.rule {
            Rule::Checks(checks) | Rule::ChecksOnly(checks) => checks,
            Rule::Tells(any_of, _) => {
                let told = privileged || site.unwrap_or_default() & any_of != 0;
                return if told { Expected::Allowed } else { Expected::Refused(200) };
            }
            Rule::Independent => return Expected::AsWithoutRows,
        };
        let failed = checks.iter().find_map(|check| match *check {
            Check::AnyRow(status) => (!privileged && site.or(record).is_none()).then_some(status),
            Check::Hides(bits) => {
                (!has(both, bits)).then_some(if has(both, READ) { 403 } else { 404 })
            }
            Check::Forbids(bits) => (!has(both, bits)).then_some(403),
            Check::ForbidsBySite(bits) => (!has(site.unwrap_or_default(), bits)).then_some(403),
        });
        failed.map_or(Expected::Allowed, Expected::Refused)
    }

    fn call(&self) -> Call {
        let case = self.case();
        let id = match case.target {
            Target::Record => self.ids.record,
            Target::Table | Target::Folder => self.ids.site,
            Target::Nothing => 987_654,
        };
        let path = case
            .path
            .replace("{id}", &id.to_string())
            .replace("{guid}", &fixture::guid(self.ids.record))
            .replace("{reference}", "items");
        let key = (self.way != Way::Anonymous).then(|| self.way.key());
        let (content_type, body) = encoded((case.body)(self.ids), key.as_deref());
        Call {
            method: "POST".to_owned(),
            path,
            headers: vec![("Content-Type".to_owned(), content_type)],
            body: Some(body),
            timeout: Duration::from_mins(1),
        }
    }

    /// What is wrong with an answer; none if nothing is.
    fn problem(&self, answer: &Answer, without_rows: Option<u16>) -> Option<String> {
        let status = answer.status;
        let is_right = match (self.expected(), self.case().rule) {
            (Expected::Anything, _) => true,
            (Expected::AsWithoutRows, _) => without_rows == Some(status),
            (Expected::Refused(_), Rule::Tells(_, told)) if self.way != Way::Anonymous => {
                status == 200 && !told(answer, self.ids)
            }
            (Expected::Allowed, Rule::Tells(_, told)) => status == 200 && told(answer, self.ids),
            (Expected::Refused(expected), _) => status == expected,
            (Expected::Allowed, Rule::ChecksOnly(_)) => !matches!(status, 401 | 403 | 404),
            (Expected::Allowed, _) => status == 200,
        };
        (!is_right).then(|| {
            let text: String = answer.text.chars().take(120).collect();
            let expected = match self.expected() {
                Expected::AsWithoutRows => format!("{without_rows:?}"),
                other => format!("{other:?}"),
            };
            format!(
                "{} · {:?} · {:?}: expected {expected}, got {status} {text}",
                self.case().name,
                self.way,
                self.bits
            )
        })
    }
}

fn refused_or(status: u16, otherwise: Expected) -> Expected {
    if status == 0 { otherwise } else { Expected::Refused(status) }
}

/// Content type and bytes of a body, with the key in it.
fn encoded(body: Body, key: Option<&str>) -> (String, Vec<u8>) {
    let with_key = |mut whole: Value| {
        whole["ApiVersion"] = json!(1.1);
        if let Some(key) = key {
            whole["ApiKey"] = json!(key);
        }
        whole.to_string()
    };
    let (json, name, content) = match body {
        Body::Json(json) => return ("application/json".to_owned(), with_key(json).into_bytes()),
        Body::Csv(text) => {
            (json!({ "Encoding": "UTF-8", "UpdatableImport": false }), "f.csv", text)
        }
        Body::File => (json!({}), "f.txt", "x"),
    };
    let form = format!(
        "--matrix\r\nContent-Disposition: form-data; name=\"parameters\"\r\nContent-Type: application/json\r\n\r\n{}\r\n\
         --matrix\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: text/plain\r\n\r\n{content}\r\n--matrix--\r\n",
        with_key(json)
    );
    ("multipart/form-data; boundary=matrix".to_owned(), form.into_bytes())
}

/// Cells without rows come first: others are compared with them.
fn cells() -> Vec<Cell> {
    let mut cells = Vec::new();
    for bits in BITS {
        for case in 0..CASES.len() {
            // Nothing in between where no right matters.
            let matters = !matches!(CASES[case].rule, Rule::Independent);
            let at_the_ends = bits.is_none() || bits == Some(ALL);
            let ways = Way::GIVING.into_iter().filter(|_| matters || at_the_ends);
            let special = Way::SPECIAL.into_iter().filter(|_| at_the_ends);
            for way in ways.chain(special) {
                let site = fixture::site(cells.len());
                cells.push(Cell { case, way, bits, ids: Ids { site, record: site + 1 } });
            }
        }
    }
    cells
}

/// Makes the calls, a few at once, in the order of the cells as far as that goes.
fn answers(app: &TestApp, cells: &[Cell]) -> Vec<Answer> {
    let next = AtomicUsize::new(0);
    let answers: Mutex<Vec<(usize, Answer)>> = Mutex::new(Vec::with_capacity(cells.len()));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(cell) = cells.get(at) else { break };
                    let answer = http::send(&app.server.base_url(), cell.call());
                    let answer =
                        answer.unwrap_or_else(|error| panic!("{}: {error}", cell.case().name));
                    answers.lock().expect("nobody panicked").push((at, answer));
                }
            });
        }
    });
    let mut answers = answers.into_inner().expect("nobody panicked");
    answers.sort_by_key(|(at, _)| *at);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

#[test]
fn every_right_opens_what_the_specification_says_and_nothing_else() {
    let database = Database::copy();
    let parameters = database.parameters();
    parameters.set("Security.json", "PrivilegedUsers", json!([Way::Privileged.key()]));
    parameters.set("SysLog.json", "EnableLoggingToDatabase", json!(false));
    let app = TestApp::start(database, &parameters);
    app.database.execute(&fixture::callers()).expect("the callers are made");
    let cells = cells();
    app.database.execute(&fixture::sites(&cells)).expect("the sites are made");

    let answers = answers(&app, &cells);

    let missing = not_built(&cells, &answers);
    let mut without_rows: HashMap<(usize, String), u16> = HashMap::new();
    let (mut problems, mut checked) = (Vec::new(), 0);
    for (cell, answer) in cells.iter().zip(&answers) {
        if missing.contains(cell.case().name) {
            continue;
        }
        let of_caller = without_rows.entry((cell.case, cell.way.key())).or_insert(answer.status);
        checked += 1;
        problems.extend(cell.problem(answer, Some(*of_caller)));
    }
    println!("authorisation matrix: {checked} cells checked; not built yet: {missing:?}");
    assert!(problems.is_empty(), "{} of {checked} cells:\n{}", problems.len(), problems.join("\n"));
    let unlisted: Vec<_> = missing.iter().filter(|name| !is_awaited(name)).collect();
    assert!(unlisted.is_empty(), "not built, and nobody builds it: {unlisted:?}");
}

/// The cases whose route is not there, or to which whoever has a key is answered 501, or 401 where forms are not read.
fn not_built(cells: &[Cell], answers: &[Answer]) -> BTreeSet<&'static str> {
    let paths = kokochi::http::router::paths();
    let mut missing: BTreeSet<&str> = CASES.iter().map(|case| case.name).collect();
    for (cell, answer) in cells.iter().zip(answers) {
        let is_there = paths.contains(&cell.case().path) && !matches!(answer.status, 401 | 501);
        if is_there && cell.way != Way::Anonymous {
            missing.remove(cell.case().name);
        }
    }
    missing
}

/// What cannot be told apart by rights: a route that is not built, and uploads, whose key is in a header.
fn is_awaited(name: &str) -> bool {
    ["/api/demo/register", "binary upload", "binary upload to a file"].contains(&name)
}

#[test]
fn no_route_is_missing_in_the_matrix() {
    let known: BTreeSet<&str> = CASES.iter().map(|case| case.path).collect();
    let unknown: Vec<&str> =
        kokochi::http::router::paths().into_iter().filter(|path| !known.contains(path)).collect();
    assert!(unknown.is_empty(), "the matrix does not know {unknown:?}");
}
