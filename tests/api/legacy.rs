//! Twins of routes for old scripts of pages, and routes that are not open.

use std::time::Duration;

use serde_json::json;

use crate::app::{KEY, TestApp, editor};
use crate::support::database::Database;
use crate::support::http::{self, Answer, Call};

fn post(app: &TestApp, path: &str, content_type: &str, body: &str) -> Answer {
    let call = Call {
        method: "POST".to_owned(),
        path: path.to_owned(),
        headers: vec![("Content-Type".to_owned(), content_type.to_owned())],
        body: Some(body.as_bytes().to_vec()),
        timeout: Duration::from_mins(1),
    };
    http::send(&app.server.base_url(), call).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn twins_take_their_json_from_a_form_only() {
    let app = TestApp::new();
    let table = app.results_table(&editor(&["ResultId", "Title"]));
    let body = |members: &str| format!(r#"{{"ApiVersion":1.1,"ApiKey":"{KEY}"{members}}}"#);
    let form = "application/x-www-form-urlencoded";

    let created =
        post(&app, &format!("/api_items/{table}/create"), form, &body(r#","Title":"古い""#));
    assert_eq!(created.status, 200, "{}", created.text);
    let record = created.id();
    let got = post(&app, &format!("/api_items/{record}/get"), form, &body(""));
    assert_eq!(got.json()["Response"]["Data"][0]["Title"], "古い", "{}", got.text);
    let users = post(&app, "/api_users/get", form, &body(""));
    assert_eq!(users.json()["Response"]["TotalCount"], 1, "{}", users.text);
    let one = post(&app, "/API_Users/1/Get/", form, &body(""));
    assert_eq!(one.json()["Response"]["Data"][0]["UserId"], 1, "{}", one.text);

    let json = post(&app, &format!("/api_items/{record}/get"), "application/json", &body(""));
    assert_eq!(json.status, 401, "{}", json.text);
    let wrong = post(&app, "/api_items/abc/get", form, &body(""));
    assert_eq!(wrong.status, 400);
    assert!(wrong.text.contains("The value 'abc' is not valid."), "{}", wrong.text);
    let deleted = post(&app, &format!("/api_items/{record}/delete"), form, &body(""));
    assert_eq!(deleted.status, 200, "{}", deleted.text);
}

#[test]
fn demonstrations_are_not_registered() {
    let database = Database::copy();
    let parameters = database.parameters();
    parameters.set("Service.json", "DemoApi", json!(true));
    let app = TestApp::start(database, &parameters);
    let body = r#"{"MailAddress":"a@example.com"}"#;
    assert_eq!(post(&app, "/api/demo/register", "application/json", body).status, 403);

    let closed = TestApp::new();
    assert_eq!(post(&closed, "/api/demo/register", "application/json", body).status, 404);
}
