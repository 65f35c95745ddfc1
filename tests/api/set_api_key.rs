//! `kokochi set-api-key`: without it nobody could make the first call.

use serde_json::json;

use crate::app::TestApp;
use crate::support::cli;
use crate::support::http::Answer;

#[test]
fn a_key_that_was_given_opens_the_api() {
    let app = TestApp::new();
    let parameters = app.database.parameters();

    let done = cli::run(&[
        "set-api-key",
        "--parameters",
        parameters.path_text(),
        "Administrator",
        "givenkey",
    ]);

    assert!(done.success, "{}", done.text);
    assert_eq!(call(&app, "givenkey").status, 200);
}

#[test]
fn a_key_that_was_not_given_is_made_and_shown() {
    let app = TestApp::new();
    let parameters = app.database.parameters();
    let old = app.rows(r#"select "ApiKey" from "Users" where "LoginId" = 'Administrator'"#);

    let done = cli::run(&["set-api-key", "--parameters", parameters.path_text(), "Administrator"]);

    assert!(done.success, "{}", done.text);
    let new = app.rows(r#"select "ApiKey" from "Users" where "LoginId" = 'Administrator'"#);
    let key = new[0]["ApiKey"].as_str().expect("a key");
    assert!(old != new && done.text.contains(key), "{}", done.text);
    assert_eq!(call(&app, key).status, 200);
}

#[test]
fn a_login_that_does_not_exist_is_refused() {
    let app = TestApp::new();
    let parameters = app.database.parameters();

    let done =
        cli::run(&["set-api-key", "--parameters", parameters.path_text(), "nobody", "givenkey"]);

    assert!(!done.success && done.text.contains("nobody"), "{}", done.text);
    assert_eq!(call(&app, "givenkey").status, 401);
}

/// A call that whoever has a valid key may make.
fn call(app: &TestApp, key: &str) -> Answer {
    app.post(
        "/api/items/0/createsite",
        &json!({
            "ApiKey": key,
            "Title": "営業部",
            "ReferenceType": "Sites",
            "SiteSettings": { "Version": 1.017, "ReferenceType": "Sites" }
        }),
    )
}
