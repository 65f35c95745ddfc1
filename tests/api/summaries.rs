//! What records add up to in the records that they link to.

use serde_json::json;

use crate::app::{TestApp, editor};

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
