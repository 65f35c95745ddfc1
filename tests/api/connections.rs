//! Connections break, on either side of the server.

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::app::{KEY, TestApp, at_once, editor};
use crate::support::sql::Session;

#[test]
fn connections_that_the_database_closed_fail_one_call_and_no_other() {
    let app = TestApp::new();
    let table = app.results_table(&editor(&["ResultId", "Title", "ClassA"]));
    let get = || app.post(&format!("/api/items/{table}/get"), &json!({})).status;
    // Several connections stand open.
    at_once(4, |_| (0..5).map(|_| get()).collect::<Vec<_>>());

    app.database
        .execute(
            "select pg_terminate_backend(pid) from pg_stat_activity \
             where datname = current_database() and pid <> pg_backend_pid()",
        )
        .expect("a superuser may end sessions");

    let statuses: Vec<u16> = (0..8).map(|_| get()).collect();
    let failed = statuses.iter().filter(|&&status| status != 200).count();
    assert!(failed <= 1, "{statuses:?}");
    assert_eq!(statuses.last(), Some(&200));
}

#[test]
fn a_write_ends_although_its_client_has_hung_up() {
    let app = TestApp::new();
    let table = app.results_table(&editor(&["ResultId", "Title", "ClassA"]));
    let body = json!({ "ApiVersion": 1.1, "ApiKey": KEY, "Title": "left alone" }).to_string();
    let address = app.server.base_url();
    let address = address.trim_start_matches("http://");
    let blocker = Session::new(app.database.port, &app.database.name);
    blocker.execute(r#"begin; lock table "Results" in share mode"#).expect("nobody else writes");

    let mut client = TcpStream::connect(address).expect("the server listens");
    write!(
        client,
        "POST /api/items/{table}/create HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .expect("the request can be sent");
    assert!(comes_true(|| app.waiting() > 0), "the write does not wait");
    drop(client);
    blocker.execute("commit").expect("the lock is given up");

    let made = r#"select count(*) from "Results" where "Title" = 'left alone'"#;
    assert!(comes_true(|| app.count(made) == 1), "the write was given up");
}

/// Whether something becomes true in time.
fn comes_true(mut holds: impl FnMut() -> bool) -> bool {
    let begun = Instant::now();
    while !holds() {
        if begun.elapsed() > Duration::from_secs(10) {
            return false;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    true
}
