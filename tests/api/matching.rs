//! Conditions on records in memory mean what the same conditions mean to the database (03 §14.2, 05 §9), for the filters
//! that both know.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

use crate::app::TestApp;

const ROWS: usize = 14;
const FILTERS: usize = 24;

/// A value of every column, or none.
fn row() -> impl Strategy<Value = Value> {
    let status = prop::sample::select(vec![100, 200, 900]);
    let class = prop::sample::select(vec!["", "a", "b", "ab"]);
    let date = prop::sample::select(vec!["", "2024/01/05", "2024/01/06 23:30:00", "2024/02/01"]);
    (status, class, -3..4_i32, any::<bool>(), date).prop_map(
        |(status, class, number, check, date)| {
            let mut row = json!({
                "Status": status, "ClassHash": { "ClassA": class }, "NumHash": { "NumA": number },
                "CheckHash": { "CheckA": check }
            });
            if !date.is_empty() {
                row["DateHash"] = json!({ "DateA": date });
            }
            row
        },
    )
}

/// A condition on one column, as `ColumnFilterHash` has it.
fn condition() -> impl Strategy<Value = (&'static str, String)> {
    let some = |of: Vec<&'static str>| prop::sample::subsequence(of.clone(), 1..=of.len());
    let list = |values: Vec<&str>| json!(values).to_string();
    let ends = (-3..4_i32, 0..4_i32);
    prop_oneof![
        some(vec!["100", "200", "900"]).prop_map(move |values| ("Status", list(values))),
        some(vec!["a", "b", "ab", "\t"]).prop_map(move |values| ("ClassA", list(values))),
        ends.prop_map(|(from, more)| ("NumA", format!(r#"["{from},{}"]"#, from + more))),
        (-3..4_i32).prop_map(|from| ("NumA", format!(r#"["{from},"]"#))),
        (-3..4_i32).prop_map(|to| ("NumA", format!(r#"[",{to}"]"#))),
        (1..30_u32, 0..9_u32).prop_map(|(from, more)| {
            let range = format!("2024/01/{from:02},2024/02/{:02} 23:59:59.997", more + 1);
            ("DateA", json!([range]).to_string())
        }),
        Just(("CheckA", "true".to_owned())),
    ]
}

/// The records that a get with the view finds.
fn found(app: &TestApp, table: i64, view: &Value) -> BTreeSet<i64> {
    let answer = app.post(&format!("/api/items/{table}/get"), &json!({ "View": view })).json();
    let rows = answer["Response"]["Data"].as_array().expect("rows").iter();
    rows.filter_map(|row| row["ResultId"].as_i64()).collect()
}

/// The records that a status control with the view closes to updates.
fn closed(app: &TestApp, table: i64, records: &BTreeSet<i64>, view: &Value) -> BTreeSet<i64> {
    let controls =
        json!([{ "Id": 1, "Name": "c", "Status": -1, "ReadOnly": true, "View": view }]).to_string();
    let set = format!(
        r#"update "Sites" set "Ver" = "Ver" + 1,
                  "SiteSettings" = jsonb_set("SiteSettings"::jsonb, '{{StatusControls}}', $json${controls}$json$)::text
            where "SiteId" = {table}"#
    );
    app.database.execute(&set).expect("the table's settings");
    let is_closed = |record: &&i64| {
        let answer = app.post(&format!("/api/items/{record}/update"), &json!({}));
        assert!(matches!(answer.status, 200 | 403), "{}", answer.text);
        answer.status == 403
    };
    records.iter().filter(is_closed).copied().collect()
}

#[test]
fn records_in_memory_meet_the_conditions_that_the_database_says_they_meet() {
    let app = TestApp::new();
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let table = app.results_table(&json!({
        "EditorColumnHash": {
            "General": ["ResultId", "Title", "Status", "ClassA", "NumA", "DateA", "CheckA"]
        },
        "Columns": [{ "ColumnName": "ClassA", "ChoicesText": "a\nb\nab" }]
    }));
    let rows = prop::collection::vec(row(), ROWS).new_tree(&mut runner).expect("rows").current();
    let answer = app.post(&format!("/api/items/{table}/bulkupsert"), &json!({ "Data": rows }));
    assert_eq!(answer.status, 200, "{}", answer.text);
    let all = found(&app, table, &json!({}));
    assert_eq!(all.len(), ROWS);

    let (mut some, mut none) = (0, 0);
    for _ in 0..FILTERS {
        let conditions = prop::collection::vec(condition(), 1..3).new_tree(&mut runner);
        let mut filters = json!({});
        for (column, filter) in conditions.expect("conditions").current() {
            filters[column] = json!(filter);
        }
        let view = json!({ "ColumnFilterHash": filters });
        let expected = found(&app, table, &view);
        assert_eq!(closed(&app, table, &all, &view), expected, "{view}");
        if expected.is_empty() { none += 1 } else { some += 1 }
    }
    assert!(some > none, "the conditions tell records apart: {some}, {none}");
}
