//! Calls that meet. The reference makes several records, or loses an update, in such cases; we owe better.

use std::time::Duration;

use serde_json::json;

use crate::app::{TestApp, at_once, editor, is_done};
use crate::support::http::Answer;
use crate::support::sql::Session;

#[test]
fn upserts_of_one_new_key_at_once_make_one_record() {
    let app = TestApp::new();
    let table = app.results_table(&editor(&["ResultId", "Title", "ClassA"]));

    let answers = at_once(50, |number| {
        let body = json!({ "Keys": ["ClassA"], "Title": format!("{number}"), "ClassHash": { "ClassA": "新しい" } });
        app.post(&format!("/api/items/{table}/upsert"), &body)
    });

    let ids: Vec<i64> = answers.iter().filter(|answer| is_done(answer)).map(Answer::id).collect();
    let records =
        app.rows(&format!(r#"select "ResultId" from "Results" where "SiteId" = {table}"#));
    assert_eq!(records.as_array().map(Vec::len), Some(1), "{records}");
    let record = records[0]["ResultId"].as_i64().expect("an id");
    assert!(!ids.is_empty() && ids.iter().all(|id| *id == record), "{record} {ids:?}");
}

#[test]
fn upserts_of_different_new_keys_at_once_all_make_their_record() {
    let app = TestApp::new();
    let table = app.results_table(&editor(&["ResultId", "Title", "ClassA"]));

    let answers = at_once(20, |number| {
        let body = json!({ "Keys": ["ClassA"], "ClassHash": { "ClassA": format!("K{number}") } });
        app.post(&format!("/api/items/{table}/upsert"), &body)
    });

    assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
    let keys = app.count(&format!(
        r#"select count(distinct "ClassA") from "Results" where "SiteId" = {table} having count(*) = 20"#
    ));
    assert_eq!(keys, 20);
}

#[test]
fn updates_of_one_record_at_once_lose_no_comment_silently() {
    let app = TestApp::new();
    let table = app.results_table(&editor(&["ResultId", "Title", "Comments"]));
    let record =
        app.post(&format!("/api/items/{table}/create"), &json!({ "Title": "議事録" })).id();

    let mut done = 0;
    for round in 0..20 {
        let answers = at_once(2, |caller| {
            let comment = json!({ "Comments": format!("{round}-{caller}") });
            app.post(&format!("/api/items/{record}/update"), &comment)
        });
        let of_round = answers.iter().filter(|answer| is_done(answer)).count();
        assert!(of_round > 0, "both lost against each other");
        done += of_round;
    }

    let comments =
        app.rows(&format!(r#"select "Comments" from "Results" where "ResultId" = {record}"#));
    let comments = comments[0]["Comments"].as_str().expect("a text").to_owned();
    let comments: Vec<serde_json::Value> = serde_json::from_str(&comments).expect("a list");
    assert_eq!(comments.len(), done, "{comments:?}");
}

#[test]
fn an_update_that_ends_a_deadlock_is_made_again() {
    let app = TestApp::new();
    let table = app.results_table(&editor(&["ResultId", "Title", "ClassA"]));
    let record =
        app.post(&format!("/api/items/{table}/create"), &json!({ "Title": "before" })).id();
    let other = Session::new(app.database.port, &app.database.name);
    // The other one has the item and will want the record, while the update has the record and wants the item.
    let item =
        format!(r#"begin; update "Items" set "Title" = "Title" where "ReferenceId" = {record}"#);
    other.execute(&item).expect("the item is free");

    let status = std::thread::scope(|scope| {
        let update = scope.spawn(|| {
            app.post(&format!("/api/items/{record}/update"), &json!({ "Title": "after" })).status
        });
        while app.waiting() == 0 {
            std::thread::sleep(Duration::from_millis(10));
        }
        let record =
            format!(r#"update "Results" set "Locked" = false where "ResultId" = {record}"#);
        other.execute(&record).expect("PostgreSQL breaks off whoever waited first");
        other.execute("commit").expect("the other one ends");
        update.join().expect("the update answers")
    });

    assert_eq!(status, 200);
    assert_eq!(app.count(r#"select count(*) from "Results" where "Title" = 'after'"#), 1);
}
