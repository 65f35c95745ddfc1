//! `kokochi database init` and `check`, against a dump of a database that the reference's own tool had made.

use std::fs;
use std::process::Command;

use crate::support::cli::{self, Done};
use crate::support::database::Database;
use crate::support::parameters::{ParameterFolder, SERVICE};
use crate::support::ports::Port;
use crate::support::postgres::{Postgres, program};
use crate::support::repository;

#[test]
fn init_makes_the_schema_of_the_reference() {
    let cluster = Postgres::start();
    let parameters = ParameterFolder::new(cluster.port, SERVICE);

    let done = cli::run(&["database", "init", "--parameters", parameters.path_text()]);

    assert!(done.success, "{}", done.text);
    let reference =
        fs::read_to_string(repository("tests/conformance/reference-schema.sql")).expect("a copy");
    let (want, got) = (
        statements(&reference),
        statements(&dump(&cluster, &["--schema-only", "--exclude-schema=kokochi"])),
    );
    let missing: Vec<_> = want.iter().filter(|statement| !got.contains(statement)).collect();
    let unexpected: Vec<_> = got.iter().filter(|statement| !want.contains(statement)).collect();
    assert!(
        missing.is_empty() && unexpected.is_empty(),
        "missing: {missing:#?}\nunexpected: {unexpected:#?}"
    );
    assert_eq!(want.len(), got.len(), "a statement is there twice");
}

#[test]
fn init_of_a_complete_database_changes_nothing() {
    let cluster = Postgres::start();
    let parameters = ParameterFolder::new(cluster.port, SERVICE);
    let init = || cli::run(&["database", "init", "--parameters", parameters.path_text()]);
    let first = init();
    assert!(first.success, "{}", first.text);
    let before = statements(&dump(&cluster, &["--inserts"]));

    let again = init();

    assert!(again.success, "{}", again.text);
    assert!(
        before.iter().any(|statement| statement.starts_with("INSERT INTO")),
        "no rows to compare"
    );
    assert_eq!(before, statements(&dump(&cluster, &["--inserts"])));
}

#[test]
fn check_accepts_a_complete_database() {
    let database = Database::copy();
    let done = check(&database);
    assert!(done.success, "{}", done.text);
}

#[test]
fn check_names_a_column_that_is_missing() {
    let database = without_a_column();
    let done = check(&database);
    assert!(!done.success, "{}", done.text);
    assert!(names_the_column(&done), "{}", done.text);
}

#[test]
fn serve_refuses_a_database_without_a_column() {
    let database = without_a_column();
    let port = Port::reserve();
    let bind = format!("127.0.0.1:{}", port.number);
    let done =
        cli::run(&["serve", "--parameters", database.parameters().path_text(), "--bind", &bind]);
    assert!(!done.success && names_the_column(&done), "{}", done.text);
}

fn check(database: &Database) -> Done {
    cli::run(&["database", "check", "--parameters", database.parameters().path_text()])
}

fn without_a_column() -> Database {
    let database = Database::copy();
    database.execute(r#"alter table "Results_history" drop column "Owner""#).expect("it was there");
    database
}

fn names_the_column(done: &Done) -> bool {
    done.text.contains("Results_history") && done.text.contains("Owner")
}

fn dump(cluster: &Postgres, options: &[&str]) -> String {
    let mut command = Command::new(program("pg_dump"));
    command.args([
        "-h",
        "127.0.0.1",
        "-p",
        &cluster.port.to_string(),
        "-U",
        "postgres",
        "-d",
        SERVICE,
    ]);
    let done = command.args(options).output().expect("pg_dump can be started");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).expect("UTF-8")
}

/// The statements of a dump, sorted, without comments and what only sets up the session that reads it.
fn statements(dump: &str) -> Vec<String> {
    let is_content =
        |line: &&str| !line.is_empty() && !line.starts_with("--") && !line.starts_with('\\');
    let text = dump.lines().filter(is_content).collect::<Vec<_>>().join("\n");
    let is_session = |statement: &str| {
        ["SET ", "SELECT pg_catalog.set_config", "COMMENT ON EXTENSION"]
            .iter()
            .any(|start| statement.starts_with(start))
    };
    let mut statements: Vec<String> = text
        .split_inclusive(";\n")
        .map(str::trim)
        .filter(|one| !is_session(one))
        .map(str::to_owned)
        .collect();
    statements.sort();
    statements
}
