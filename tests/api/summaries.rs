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
