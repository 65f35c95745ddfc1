//! `Idempotency-Key`: a repeat gets the first answer.

use std::time::Duration;

use serde_json::{Value, json};

use crate::app::{KEY, TestApp, at_once, editor};
use crate::support::cli;
use crate::support::http::{self, Answer, Call};

fn extended() -> TestApp {
    let database = crate::support::database::Database::copy();
    let parameters = database.parameters();
    for _ in 0..2 {
        let done = cli::run(&["database", "extend", "--parameters", parameters.path_text()]);
        assert!(done.success, "{}", done.text);
    }
    TestApp::start(database, &parameters)
}

fn send(app: &TestApp, path: &str, key: &str, body: &Value) -> Answer {
    let mut whole = json!({ "ApiVersion": 1.1, "ApiKey": KEY });
    for (name, value) in body.as_object().expect("a body is an object") {
        whole[name] = value.clone();
    }
    let call = Call {
        method: "POST".to_owned(),
        path: path.to_owned(),
        headers: vec![
            ("Content-Type".to_owned(), "application/json".to_owned()),
            ("Idempotency-Key".to_owned(), key.to_owned()),
        ],
        body: Some(whole.to_string().into_bytes()),
        timeout: Duration::from_mins(1),
    };
    http::send(&app.server.base_url(), call).expect("an answer")
}

fn records(app: &TestApp, table: i64) -> i64 {
    app.count(&format!(r#"select count(*) from "Results" where "SiteId" = {table}"#))
}

#[test]
fn a_repeat_gets_the_first_answer_and_writes_nothing() {
    let app = extended();
    let table = app.results_table(&editor(&["ResultId", "Title"]));
    let path = format!("/api/items/{table}/create");
    let first = send(&app, &path, "a", &json!({ "Title": "題" }));
    assert_eq!(first.status, 200, "{}", first.text);

    let repeat = send(&app, &path, "a", &json!({ "Title": "題" }));
    assert_eq!((repeat.status, &repeat.text), (first.status, &first.text));
    assert_eq!(repeat.header("content-type"), first.header("content-type"));
    assert_eq!(records(&app, table), 1);

    assert_eq!(send(&app, &path, "a", &json!({ "Title": "名" })).status, 422);
    assert_eq!(send(&app, &path, "b", &json!({ "Title": "題" })).status, 200);
    assert_eq!(send(&app, &path, "", &json!({ "Title": "題" })).status, 400);
    assert_eq!(records(&app, table), 2);
    let get = format!("/api/items/{table}/get");
    assert_eq!(send(&app, &get, "a", &json!({})).json()["Response"]["TotalCount"], 2);
    send(&app, &path, "c", &json!({ "Title": "題" }));
    assert_eq!(send(&app, &get, "a", &json!({})).json()["Response"]["TotalCount"], 3);
}

#[test]
fn refusals_are_repeated_too_and_a_day_later_a_key_is_new() {
    let app = extended();
    let table = app.results_table(&editor(&["ResultId", "Title"]));
    let path = format!("/api/items/{table}/bulkdelete");
    let first = send(&app, &path, "a", &json!({}));
    assert_eq!(first.status, 400);
    assert_eq!(send(&app, &path, "a", &json!({})).text, first.text);

    let create = format!("/api/items/{table}/create");
    send(&app, &create, "a", &json!({}));
    app.database
        .execute("update kokochi.idempotency set created = now() - interval '25 hours'")
        .expect("the table is there");
    assert_eq!(send(&app, &create, "a", &json!({})).status, 200);
    assert_eq!(records(&app, table), 2);
    assert_eq!(app.count("select count(*) from kokochi.idempotency"), 1, "old answers go");
}

#[test]
fn of_many_at_once_one_runs() {
    let app = extended();
    let table = app.results_table(&editor(&["ResultId", "Title"]));
    let path = format!("/api/items/{table}/create");

    let answers = at_once(12, |_| send(&app, &path, "a", &json!({ "Title": "題" })));

    assert_eq!(records(&app, table), 1);
    let done: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 200).collect();
    assert!(!done.is_empty() && done.iter().all(|answer| answer.text == done[0].text));
    assert!(answers.iter().all(|answer| [200, 409].contains(&answer.status)), "{answers:?}");
}

#[test]
fn without_the_table_the_header_is_refused_and_nothing_is_written() {
    let app = TestApp::new();
    let table = app.results_table(&editor(&["ResultId", "Title"]));

    let answer = send(&app, &format!("/api/items/{table}/create"), "a", &json!({}));

    assert_eq!(answer.status, 501, "{}", answer.text);
    assert!(answer.text.contains("kokochi database extend"), "{}", answer.text);
    assert_eq!(records(&app, table), 0);
}
