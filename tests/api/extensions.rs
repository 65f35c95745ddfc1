//! The table `Extensions`.

use serde_json::{Value, json};

use crate::app::TestApp;
use crate::support::database::Database;

/// A server whose administrator is privileged, in a tenant that has the switch as given.
fn app(allowed: bool) -> TestApp {
    let database = Database::copy();
    let parameters = database.parameters();
    parameters.set("Security.json", "PrivilegedUsers", json!(["Administrator"]));
    let allow = format!(r#"update "Tenants" set "AllowExtensionsApi" = {allowed}"#);
    database.execute(&allow).expect("the tenant exists");
    TestApp::start(database, &parameters)
}

#[test]
fn an_extension_is_made_found_replaced_and_deleted() {
    let app = app(true);
    let sql = json!({
        "ExtensionType": "Sql", "ExtensionName": "CountUsers", "ExtensionSettings": { "Api": true },
        "Body": "select 1", "Description": "counts", "Comments": "first"
    });
    let answer = app.post("/api/extensions/create", &sql);
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.json()["Message"], "\" CountUsers \" を作成しました。");
    let id = answer.id();

    let found = |body: Value| {
        let answer = app.post("/api/extensions/get", &body);
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()["Response"]["Data"].clone()
    };
    let rows = found(json!({}));
    assert_eq!(rows[0]["ExtensionId"], id);
    assert_eq!(rows[0]["ExtensionSettings"], "{\n  \"Api\": true\n}");
    assert_eq!(rows[0]["Disabled"], false);
    let named = |name: &str| json!({ "View": { "ColumnFilterHash": { "ExtensionName": name } } });
    assert_eq!(found(named("Count")).as_array().map(Vec::len), Some(1));
    assert_eq!(found(named("Nothing")), json!([]));

    let change = json!({ "ExtensionName": "Renamed", "Comments": "second" });
    let answer = app.post(&format!("/api/extensions/{id}/update"), &change);
    assert_eq!(answer.status, 200, "{}", answer.text);
    let row = &found(json!({}))[0];
    assert_eq!(row["ExtensionType"], "", "what is not sent is emptied");
    assert_eq!(row["Body"], "");
    assert_eq!(row["Description"], "counts", "what is not sent is kept");
    assert_eq!(row["Ver"], 1);
    let comments = row["Comments"].as_str().expect("a text");
    assert!(comments.contains("first") && comments.contains("second"), "{comments}");

    let answer = app.post(&format!("/api/extensions/{id}/delete"), &json!({}));
    assert_eq!(answer.status, 200, "{}", answer.text);
    let answer = app.post(&format!("/api/extensions/{id}/delete"), &json!({}));
    assert_eq!(answer.status, 404, "{}", answer.text);
    assert_eq!(app.count(r#"select count(*) from "Extensions_deleted""#), 1);
    assert_eq!(found(json!({})), json!([]));
}

#[test]
fn settings_of_a_known_type_have_to_fit() {
    let app = app(true);
    for (settings, status) in [
        (json!({ "Api": "maybe" }), 400),
        (json!(null), 400),
        (json!("{"), 400),
        (json!("{\"Api\":true}"), 200),
    ] {
        let body = json!({ "ExtensionType": "Sql", "ExtensionSettings": settings });
        let answer = app.post("/api/extensions/create", &body);
        assert_eq!(answer.status, status, "{settings}: {}", answer.text);
    }
    assert_eq!(app.count(r#"select count(*) from "Extensions""#), 1);
}

#[test]
fn only_privileged_callers_of_tenants_that_allow_it_get_in() {
    let closed = app(false);
    assert_eq!(closed.post("/api/extensions/get", &json!({})).status, 403);
    let nobody = |app: &TestApp| app.post_text("/api/extensions/get", r#"{"ApiKey":"nosuch"}"#);
    assert_eq!(nobody(&closed).status, 403, "the tenant is looked at before the caller");
    let plain = TestApp::new();
    plain
        .database
        .execute(r#"update "Tenants" set "AllowExtensionsApi" = true"#)
        .expect("a tenant");
    assert_eq!(plain.post("/api/extensions/get", &json!({})).status, 401);
}
