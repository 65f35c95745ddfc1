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
