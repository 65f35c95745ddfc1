//! Calls at the same moment share statements (docs/decisions/0009); each still gets its own answer.

use serde_json::json;

use crate::app::{TestApp, at_once, editor};

/// Users with a key each; every second one may read the table.
fn users(app: &TestApp, table: i64, count: usize) {
    for number in 0..count {
        let id = 1_000 + number;
        app.database
            .execute(&format!(
                r#"insert into "Users" ("TenantId", "UserId", "LoginId", "Name", "Language", "TimeZone", "DeptId", "ApiKey",
                       "Creator", "Updator")
                   values (1, {id}, 'login{id}', 'name{id}', 'ja', 'Asia/Tokyo', 0, 'key{id}', 1, 1)"#
            ))
            .expect("a user");
        if number % 2 == 0 {
            app.database
                .execute(&format!(
                    r#"insert into "Permissions" ("ReferenceId", "DeptId", "GroupId", "UserId", "PermissionType", "Creator", "Updator")
                       select "InheritPermission", 0, 0, {id}, 31, 1, 1 from "Sites" where "SiteId" = {table}"#
                ))
                .expect("a right");
        }
    }
}

#[test]
fn calls_at_once_get_their_own_answers() {
    const CALLERS: usize = 32;
    let app = TestApp::new();
    let table = app.results_table(&editor(&["ResultId", "Title", "ClassA"]));
    users(&app, table, CALLERS);
    let records: Vec<i64> = (0..CALLERS)
        .map(|number| {
            let body = json!({ "Title": format!("T{number}"), "ClassHash": { "ClassA": format!("K{number}") } });
            app.post(&format!("/api/items/{table}/create"), &body).id()
        })
        .collect();

    for _ in 0..5 {
        let answers = at_once(CALLERS, |number| {
            let key = format!("key{}", 1_000 + number);
            app.post(&format!("/api/items/{}/get", records[number]), &json!({ "ApiKey": key }))
        });
        for (number, answer) in answers.iter().enumerate() {
            if number % 2 == 1 {
                assert_eq!(answer.status, 404, "{number}: {}", answer.text);
                continue;
            }
            let record = &answer.json()["Response"]["Data"][0];
            assert_eq!(record["Title"], format!("T{number}"), "{}", answer.text);
            assert_eq!(record["ResultId"], records[number], "{}", answer.text);
        }
    }
}

#[test]
fn a_strange_value_harms_only_who_sends_it() {
    let app = TestApp::new();
    let table = app.results_table(&editor(&["ResultId", "Title"]));
    let record = app.post(&format!("/api/items/{table}/create"), &json!({ "Title": "a" })).id();

    let answers = at_once(24, |number| {
        let body = match number % 3 {
            0 => json!({}),
            1 => json!({ "ApiKey": "no such\u{0}key" }),
            _ => json!({ "ApiKey": "x".repeat(100_000) }),
        };
        app.post(&format!("/api/items/{record}/get"), &body)
    });

    for (number, answer) in answers.iter().enumerate() {
        let expected = if number % 3 == 0 { 200 } else { 401 };
        assert_eq!(answer.status, expected, "{number}: {}", answer.text);
    }
}

#[test]
fn upserts_at_once_look_for_their_own_keys() {
    let app = TestApp::new();
    let table = app.results_table(&editor(&["ResultId", "Title", "ClassA", "NumA"]));
    let upsert = |number: usize, value: usize| {
        let body = json!({ "Keys": ["ClassA"], "ClassHash": { "ClassA": format!("K{number}") }, "NumHash": { "NumA": value } });
        app.post(&format!("/api/items/{table}/upsert"), &body)
    };
    let records: Vec<i64> = (0..24).map(|number| upsert(number, 0).id()).collect();

    let answers = at_once(24, |number| upsert(number, number + 1));

    let ids: Vec<i64> = answers.iter().map(crate::support::http::Answer::id).collect();
    assert_eq!(ids, records);
    let wrong = app.count(&format!(
        r#"select count(*) from "Results" where "SiteId" = {table} and 'K' || (("NumA" - 1)::int) <> "ClassA""#
    ));
    assert_eq!(wrong, 0);
}
