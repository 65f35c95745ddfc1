//! What records add up to in the records that they link to.

use serde_json::{Value, json};

use crate::app::{TestApp, at_once, editor};
use crate::support::database::Database;
use crate::support::scratch;

#[test]
fn a_bulk_delete_brings_every_parent_up_to_date() {
    let app = TestApp::new();
    let parents = app.results_table(&editor(&["ResultId", "Title", "NumA"]));
    let children = app.results_table(&json!({
        "EditorColumnHash": { "General": ["ResultId", "Title", "ClassA", "NumA"] },
        "Columns": [{ "ColumnName": "ClassA", "ChoicesText": format!("[[{parents}]]") }],
        "Links": [{ "ColumnName": "ClassA", "SiteId": parents }],
        "Summaries": [{
            "Id": 1, "SiteId": parents, "DestinationReferenceType": "Results", "DestinationColumn": "NumA",
            "LinkColumn": "ClassA", "Type": "Total", "SourceColumn": "NumA"
        }]
    }));
    let mut expected = Vec::new();
    for number in 1..=3_i32 {
        let answer = app
            .post(&format!("/api/items/{parents}/create"), &json!({ "Title": number.to_string() }));
        assert_eq!(answer.status, 200, "{}", answer.text);
        for amount in [number, 10 * number] {
            let child = json!({
                "ClassHash": { "ClassA": answer.id().to_string() }, "NumHash": { "NumA": amount }
            });
            let answer = app.post(&format!("/api/items/{children}/create"), &child);
            assert_eq!(answer.status, 200, "{}", answer.text);
        }
        expected.push(json!({ "sum": 11 * number }));
    }
    let sums = || {
        app.rows(&format!(
            r#"select "NumA"::bigint as sum from "Results" where "SiteId" = {parents} order by "ResultId""#
        ))
    };
    assert_eq!(sums(), json!(expected));

    let answer = app.post(&format!("/api/items/{children}/bulkdelete"), &json!({ "All": true }));

    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(sums(), json!([{ "sum": 0 }, { "sum": 0 }, { "sum": 0 }]));
}

#[test]
fn summaries_are_computed_on_demand() {
    let app = TestApp::new();
    let parents = app.results_table(&json!({
        "EditorColumnHash": { "General": ["ResultId", "Title", "ClassA", "NumA"] },
        "Views": [{ "Id": 1, "Name": "open", "ColumnFilterHash": { "ClassA": "open" } }]
    }));
    let summary = |id: i32, zero: bool| {
        json!({
            "Id": id, "SiteId": parents, "DestinationReferenceType": "Results", "DestinationColumn": "NumA",
            "DestinationCondition": 1, "SetZeroWhenOutOfCondition": zero, "LinkColumn": "ClassA", "Type": "Total",
            "SourceColumn": "NumA"
        })
    };
    let children = app.results_table(&json!({
        "EditorColumnHash": { "General": ["ResultId", "Title", "ClassA", "NumA"] },
        "Columns": [{ "ColumnName": "ClassA", "ChoicesText": format!("[[{parents}]]") }],
        "Links": [{ "ColumnName": "ClassA", "SiteId": parents }],
        "Summaries": [summary(1, false), summary(2, true)]
    }));
    for state in ["open", "closed"] {
        let parent = json!({ "ClassHash": { "ClassA": state } });
        let parent = app.post(&format!("/api/items/{parents}/create"), &parent).id();
        let child =
            json!({ "ClassHash": { "ClassA": parent.to_string() }, "NumHash": { "NumA": 7 } });
        let answer = app.post(&format!("/api/items/{children}/create"), &child);
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    let spoil = format!(r#"update "Results" set "NumA" = 99 where "SiteId" = {parents}"#);
    app.database.execute(&spoil).expect("parents");
    let compute = |ids: serde_json::Value| {
        let body = json!({ "SummaryId": ids });
        let answer = app.post(&format!("/api/items/{children}/synchronizesummaries"), &body);
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.id(), children);
        app.rows(&format!(
            r#"select "NumA"::bigint as sum from "Results" where "SiteId" = {parents} order by "ResultId""#
        ))
    };
    assert_eq!(compute(json!([])), json!([{ "sum": 99 }, { "sum": 99 }]), "nothing was named");
    assert_eq!(compute(json!([99])), json!([{ "sum": 99 }, { "sum": 99 }]), "nothing is known");
    assert_eq!(compute(json!([1])), json!([{ "sum": 7 }, { "sum": 99 }]), "left alone");
    assert_eq!(compute(json!(["2"])), json!([{ "sum": 7 }, { "sum": 0 }]));

    let body = json!({ "SummaryId": null });
    let answer = app.post(&format!("/api/items/{children}/synchronizesummaries"), &body);
    assert_eq!(answer.status, 400, "{}", answer.text);
}

/// 04 §6.3.
#[test]
fn empty_numbers_count_in_a_mean() {
    let app = TestApp::new();
    let parents = app.results_table(&editor(&["ResultId", "Title", "NumA", "NumB"]));
    let summary = |id: i32, column: &str, kind: &str| {
        json!({
            "Id": id, "SiteId": parents, "DestinationReferenceType": "Results", "DestinationColumn": column,
            "LinkColumn": "ClassA", "Type": kind, "SourceColumn": "NumA"
        })
    };
    let children = app.results_table(&json!({
        "EditorColumnHash": { "General": ["ResultId", "Title", "ClassA", "NumA"] },
        "Columns": [{ "ColumnName": "ClassA", "ChoicesText": format!("[[{parents}]]") }],
        "Links": [{ "ColumnName": "ClassA", "SiteId": parents }],
        "Summaries": [summary(1, "NumA", "Average"), summary(2, "NumB", "Total")]
    }));
    let parent = app.post(&format!("/api/items/{parents}/create"), &json!({})).id();
    let class = json!({ "ClassA": parent.to_string() });
    let state = || {
        let sql = format!(
            r#"select "NumA"::bigint as mean, "NumB"::bigint as total from "Results" where "ResultId" = {parent}"#
        );
        app.rows(&sql)[0].clone()
    };
    for numbers in [json!({ "NumA": 9 }), json!({ "NumA": 0 }), json!({})] {
        let child = json!({ "ClassHash": class, "NumHash": numbers });
        let answer = app.post(&format!("/api/items/{children}/create"), &child);
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    assert_eq!(state(), json!({ "mean": 3, "total": 9 }));

    let spoil =
        format!(r#"update "Results" set "NumA" = 8, "NumB" = 8 where "ResultId" = {parent}"#);
    app.database.execute(&spoil).expect("a parent");
    let body = json!({ "SummaryId": [1, 2] });
    app.post(&format!("/api/items/{children}/synchronizesummaries"), &body);
    assert_eq!(state(), json!({ "mean": 3, "total": 9 }));
}

/// A table of parents with a script, and one of children whose `NumA` they add up.
fn scripted_family(app: &TestApp, script: &Value) -> (i64, i64) {
    let parents = app.results_table(&json!({
        "EditorColumnHash": { "General": ["ResultId", "Title", "ClassA", "NumA", "NumB"] },
        "ServerScripts": [script]
    }));
    let children = app.results_table(&json!({
        "EditorColumnHash": { "General": ["ResultId", "Title", "ClassA", "ClassB", "NumA"] },
        "Columns": [{ "ColumnName": "ClassA", "ChoicesText": format!("[[{parents}]]") }],
        "Links": [{ "ColumnName": "ClassA", "SiteId": parents }],
        "Summaries": [{
            "Id": 1, "SiteId": parents, "DestinationReferenceType": "Results", "DestinationColumn": "NumA",
            "LinkColumn": "ClassA", "Type": "Total", "SourceColumn": "NumA"
        }]
    }));
    (parents, children)
}

#[test]
fn scripts_of_parents_run_when_their_children_change() {
    let app = TestApp::new();
    let (parents, children) = scripted_family(
        &app,
        &json!({
            "Id": 1, "Name": "double", "BeforeFormula": true, "BeforeUpdate": true, "AfterUpdate": true,
            "Body": "switch (context.Condition) {
                case 'BeforeFormula': model.NumB = model.NumA * 2; break;
                case 'BeforeUpdate': model.ClassA = 'sum ' + model.NumA; break;
                case 'AfterUpdate': {
                    const view = { View: { ColumnFilterHash: { ClassB: 'first' } } };
                    for (const child of items.Get(CHILDREN, JSON.stringify(view))) {
                        items.Update(child.ResultId, JSON.stringify({ Title: 'seen ' + model.NumA }));
                    }
                }}"
        }),
    );
    let script = format!(
        r#"update "Sites" set "SiteSettings" = replace("SiteSettings", 'CHILDREN', '{children}'), "Ver" = "Ver" + 1
            where "SiteId" = {parents}"#
    );
    app.database.execute(&script).expect("the parents' settings");
    let parent = app.post(&format!("/api/items/{parents}/create"), &json!({})).id();
    let child = |amount: i32, label: &str| {
        let classes = json!({ "ClassA": parent.to_string(), "ClassB": label });
        json!({ "ClassHash": classes, "NumHash": { "NumA": amount } })
    };
    let state = || {
        let sql = format!(
            r#"select p."NumA"::bigint as a, p."NumB"::bigint as b, p."ClassA" as text, p."Ver" as ver,
                      (select max(c."Title") from "Results" c where c."ClassB" = 'first') as seen
                 from "Results" p where p."ResultId" = {parent}"#
        );
        app.rows(&sql)[0].clone()
    };
    let expected = |a: i32, seen: Value| json!({ "a": a, "b": a * 2, "text": format!("sum {a}"), "ver": 1, "seen": seen });

    let first = app.post(&format!("/api/items/{children}/create"), &child(5, "first"));
    assert_eq!(first.status, 200, "{}", first.text);
    assert_eq!(state(), expected(5, json!("seen 5")));
    let first = first.id();
    app.post(&format!("/api/items/{children}/create"), &child(7, "second"));
    assert_eq!(state(), expected(12, json!("seen 12")));
    app.post(&format!("/api/items/{first}/update"), &json!({ "NumHash": { "NumA": 6 } }));
    assert_eq!(state(), expected(13, json!("seen 13")));

    app.database
        .execute(&format!(r#"update "Results" set "NumA" = 1 where "ResultId" = {parent}"#))
        .expect("a parent");
    app.post(&format!("/api/items/{children}/synchronizesummaries"), &json!({ "SummaryId": [1] }));
    assert_eq!(state(), expected(13, json!("seen 13")));
    app.post(&format!("/api/items/{first}/delete"), &json!({}));
    assert_eq!(state(), expected(7, json!(null)));
    app.post(&format!("/api/items/{children}/bulkdelete"), &json!({ "All": true }));
    assert_eq!(state(), expected(0, json!(null)));
}

#[test]
fn a_parent_with_a_script_has_seen_every_child_of_many_at_once() {
    let app = TestApp::new();
    let (parents, children) = scripted_family(
        &app,
        &json!({ "Id": 1, "Name": "count", "BeforeUpdate": true, "Body": "model.NumB = model.NumB + 1;" }),
    );
    let parent = app.post(&format!("/api/items/{parents}/create"), &json!({})).id();

    at_once(12, |_| {
        let child =
            json!({ "ClassHash": { "ClassA": parent.to_string() }, "NumHash": { "NumA": 1 } });
        app.post(&format!("/api/items/{children}/create"), &child).status
    });

    let made = app.count(&format!(r#"select count(*) from "Results" where "SiteId" = {children}"#));
    let sum =
        format!(r#"select "NumA"::bigint as count from "Results" where "ResultId" = {parent}"#);
    assert_eq!((made, app.count(&sum)), (12, 12));
}

#[test]
fn a_script_that_refuses_leaves_the_parent_as_it_was_and_the_child_written() {
    let app = TestApp::new();
    let (parents, children) = scripted_family(
        &app,
        &json!({ "Id": 1, "Name": "no", "BeforeUpdate": true, "Body": "context.Error('no');" }),
    );
    let parent = app.post(&format!("/api/items/{parents}/create"), &json!({})).id();

    let child = json!({ "ClassHash": { "ClassA": parent.to_string() }, "NumHash": { "NumA": 1 } });
    let answer = app.post(&format!("/api/items/{children}/create"), &child);

    assert_eq!(answer.status, 200, "{}", answer.text);
    let sum = format!(
        r#"select coalesce("NumA", 0)::bigint as count from "Results" where "ResultId" = {parent}"#
    );
    assert_eq!(app.count(&sum), 0);
}

#[test]
fn named_sql_runs_around_the_update_of_a_parent() {
    let database = Database::copy();
    let parameters = database.parameters();
    let definitions = scratch::folder("definitions");
    for (hook, column) in [("OnUpdating", "ClassB"), ("OnUpdated", "ClassC")] {
        let command =
            format!(r#"update "Results" set "{column}" = "Title" where "ResultId" = {{{{Id}}}};"#);
        let definition = json!({ "Name": hook, hook: true, "CommandText": command });
        let file = definitions.join(format!("{hook}.json"));
        std::fs::write(file, definition.to_string()).expect("a file");
    }
    parameters.extended_sqls(&definitions);
    let app = TestApp::start(database, &parameters);
    let parents = app.results_table(&editor(&["ResultId", "Title", "ClassB", "ClassC", "NumA"]));
    let children = app.results_table(&json!({
        "EditorColumnHash": { "General": ["ResultId", "Title", "ClassA", "NumA"] },
        "Columns": [{ "ColumnName": "ClassA", "ChoicesText": format!("[[{parents}]]") }],
        "Links": [{ "ColumnName": "ClassA", "SiteId": parents }],
        "Summaries": [{
            "Id": 1, "SiteId": parents, "DestinationReferenceType": "Results", "DestinationColumn": "NumA",
            "LinkColumn": "ClassA", "Type": "Total", "SourceColumn": "NumA"
        }]
    }));
    let parent = app.post(&format!("/api/items/{parents}/create"), &json!({ "Title": "親" })).id();
    let child = json!({ "ClassHash": { "ClassA": parent.to_string() }, "NumHash": { "NumA": 7 } });

    let answer = app.post(&format!("/api/items/{children}/create"), &child);

    assert_eq!(answer.status, 200, "{}", answer.text);
    let sql = format!(
        r#"select "NumA"::int as sum, "ClassB" as before, "ClassC" as after
             from "Results" where "ResultId" = {parent}"#
    );
    assert_eq!(app.rows(&sql), json!([{ "sum": 7, "before": "親", "after": "親" }]));
}
