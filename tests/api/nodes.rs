//! Several servers on one database, as behind a load balancer: what one changes, the other sees at its next call.

use serde_json::{Value, json};

use crate::app::{KEY, TestApp, at_once, editor, is_done};
use crate::support::database::Database;
use crate::support::http::{self, Answer, Call};
use crate::support::server::Server;

/// Two servers; the second has no database of its own.
struct Nodes {
    first: TestApp,
    second: Server,
}

impl Nodes {
    fn new() -> Self {
        let database = Database::copy();
        let parameters = database.parameters();
        let first = TestApp::start(database, &parameters);
        let second = Server::try_start_with(&parameters, &[]);
        Self { first, second: second.unwrap_or_else(|error| panic!("{error}")) }
    }

    /// Calls the second one.
    fn post(&self, path: &str, body: &Value) -> Answer {
        let mut whole = json!({ "ApiVersion": 1.1, "ApiKey": KEY });
        for (name, value) in body.as_object().expect("a body is an object") {
            whole[name] = value.clone();
        }
        let call = Call {
            method: "POST".to_owned(),
            path: path.to_owned(),
            headers: vec![("Content-Type".to_owned(), "application/json".to_owned())],
            body: Some(whole.to_string().into_bytes()),
            timeout: std::time::Duration::from_mins(1),
        };
        http::send(&self.second.base_url(), call).unwrap_or_else(|error| panic!("{path}: {error}"))
    }
}

#[test]
fn settings_changed_through_one_are_seen_by_the_other_at_the_next_call() {
    let nodes = Nodes::new();
    let app = &nodes.first;
    let table = app.results_table(&editor(&["ResultId", "Title", "ClassA"]));
    let body = json!({ "Title": "a", "ClassHash": { "ClassA": "x", "ClassB": "y" } });
    let record = app.post(&format!("/api/items/{table}/create"), &body).id();
    for columns in [["ResultId", "Title", "ClassB"], ["ResultId", "Title", "ClassA"]] {
        for _ in 0..3 {
            nodes.post(&format!("/api/items/{record}/get"), &json!({}));
        }
        let mut settings = editor(&columns);
        settings["Version"] = json!(1.017);
        settings["ReferenceType"] = json!("Results");
        let path = format!("/api/items/{table}/updatesite");
        let answer = app.post(&path, &json!({ "SiteSettings": settings }));
        assert_eq!(answer.status, 200, "{}", answer.text);

        let answer = nodes.post(&format!("/api/items/{record}/get"), &json!({}));
        let shown = &answer.json()["Response"]["Data"][0]["ClassHash"];
        let shown: Vec<&String> = shown.as_object().expect("a hash").keys().collect();
        assert_eq!(shown, [columns[2]], "{}", answer.text);
    }
}

#[test]
fn a_right_that_is_withdrawn_is_gone_on_both() {
    let nodes = Nodes::new();
    let app = &nodes.first;
    let table = app.results_table(&editor(&["ResultId", "Title"]));
    let path = format!("/api/items/{table}/get");
    assert_eq!(
        [app.post(&path, &json!({})).status, nodes.post(&path, &json!({})).status],
        [200, 200]
    );

    app.database.execute(r#"delete from "Permissions""#).expect("rights can be withdrawn");

    assert_eq!(
        [app.post(&path, &json!({})).status, nodes.post(&path, &json!({})).status],
        [404, 404]
    );
}

#[test]
fn upserts_of_one_new_key_through_both_make_one_record() {
    let nodes = Nodes::new();
    let app = &nodes.first;
    let table = app.results_table(&editor(&["ResultId", "Title", "ClassA"]));
    let path = format!("/api/items/{table}/upsert");

    let done = at_once(24, |number| {
        let body = json!({ "Keys": ["ClassA"], "Title": format!("{number}"), "ClassHash": { "ClassA": "K" } });
        is_done(&if number % 2 == 0 { app.post(&path, &body) } else { nodes.post(&path, &body) })
    });

    assert!(done.contains(&true));
    let records = format!(r#"select count(*) from "Results" where "SiteId" = {table}"#);
    assert_eq!(app.count(&records), 1);
}

#[test]
fn what_one_keeps_for_a_user_the_other_reads() {
    let nodes = Nodes::new();
    let kept = json!({ "SessionKey": "k", "SessionValue": "値", "SavePerUser": true });
    assert_eq!(nodes.first.post("/api/sessions/set", &kept).status, 200);

    let answer =
        nodes.post("/api/sessions/get", &json!({ "SessionKey": "k", "SavePerUser": true }));

    assert!(answer.text.contains("値"), "{}", answer.text);
}
