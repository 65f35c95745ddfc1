//! The server goes: what it owes has to be paid first.

use serde_json::json;

use crate::app::{TestApp, at_once, editor};

#[test]
fn a_normal_stop_leaves_the_log_row_of_every_answered_call() {
    let mut app = TestApp::new();
    let table = app.results_table(&editor(&["ResultId", "Title", "ClassA"]));

    let statuses = at_once(4, |caller| {
        let upsert = |number| {
            let body = json!({ "Keys": ["ClassA"], "ClassHash": { "ClassA": format!("{caller}-{number}") } });
            app.post(&format!("/api/items/{table}/upsert"), &body).status
        };
        (0..10).map(upsert).collect::<Vec<_>>()
    });
    let stopped = app.server.stop();

    assert!(stopped, "{}", app.server.log_tail(40));
    assert_eq!(statuses.concat(), vec![200; 40]);
    // Both halves: what is known at the beginning of a call, and the size of its answer.
    let rows = app.count(
        r#"select count(*) from "SysLogs" where "Class" = 'items' and "Method" = 'upsert' and "ResponseSize" > 0"#,
    );
    assert_eq!(rows, 40);
}
