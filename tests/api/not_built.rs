//! What is not built says so, and does not answer something else (`docs/compatibility.md`).

use serde_json::{Value, json};

use crate::app::TestApp;

fn says_so(status: u16, body: &Value) {
    assert_eq!(status, 501, "{body}");
    let message = body["Message"].as_str().expect("a message");
    assert!(message.starts_with("Not implemented: "), "{message}");
}

#[test]
fn imports_of_people() {
    let app = TestApp::new();
    for path in ["users", "depts", "groups"] {
        let answer = app.post(&format!("/api/{path}/import"), &json!({}));
        says_so(answer.status, &answer.json());
    }
}

#[test]
fn a_filter_that_is_not_built_does_not_widen_the_list() {
    let app = TestApp::new();
    for name in ["or_1", "and_1", "ClassA"] {
        let view = json!({ "View": { "ColumnFilterHash": { name: "{\"Name\":\"nobody\"}" } } });
        let answer = app.post("/api/users/get", &view);
        says_so(answer.status, &answer.json());
    }
}
