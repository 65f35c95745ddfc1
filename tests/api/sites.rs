//! Sites as things that are changed and copied (06 §3).

use serde_json::{Value, json};

use crate::app::{TestApp, at_once, editor, is_done};

#[test]
fn changes_of_a_site_at_the_same_time_are_made_one_by_one_or_not_at_all() {
    let app = TestApp::new();
    let table = app.results_table(&editor(&["ResultId", "Title"]));
    let path = format!("/api/items/{table}/updatesite");

    let done = at_once(8, |number| {
        is_done(&app.post(&path, &json!({ "Body": format!("{number}"), "VerUp": true })))
    });

    let made = i64::try_from(done.iter().filter(|done| **done).count()).expect("few");
    assert!(made >= 1, "nobody got through");
    let versions =
        app.count(&format!(r#"select count(*) from "Sites_history" where "SiteId" = {table}"#));
    let rows = app.rows(&format!(r#"select "Ver" from "Sites" where "SiteId" = {table}"#));
    assert_eq!((versions, rows[0]["Ver"].as_i64()), (made, Some(made + 1)));
}

#[test]
fn an_unchanged_clock_does_not_hide_a_change_of_settings() {
    let app = TestApp::new();
    let table = app.results_table(&editor(&["ResultId", "Title"]));
    let update = |columns: &[&str]| {
        let settings = editor(columns);
        let answer = app
            .post(&format!("/api/items/{table}/updatesite"), &json!({ "SiteSettings": settings }));
        assert_eq!(answer.status, 200, "{}", answer.text);
    };
    for columns in [["ResultId", "ClassA"], ["ResultId", "ClassB"], ["ResultId", "ClassC"]] {
        update(&columns);
        let answer = app.post(&format!("/api/items/{table}/getsite"), &json!({}));
        let shown =
            &answer.json()["Response"]["Data"]["SiteSettings"]["EditorColumnHash"]["General"];
        assert_eq!(*shown, json!(columns));
    }
}

/// A folder with a table and another one that links to it, one record each, the second linked to the first.
fn linked_tables(app: &TestApp) -> (i64, i64, i64) {
    let parent = app.results_table(&editor(&["ResultId", "Title"]));
    let folder = app.rows(&format!(r#"select "ParentId" from "Sites" where "SiteId" = {parent}"#));
    let folder = folder[0]["ParentId"].as_i64().expect("a folder");
    let settings = json!({
        "Version": 1.017, "ReferenceType": "Results", "EditorColumnHash": { "General": ["ResultId", "Title", "ClassA"] },
        "Columns": [{ "ColumnName": "ClassA", "ChoicesText": format!("[[{parent}]]") }],
        "Links": [{ "ColumnName": "ClassA", "SiteId": parent }]
    });
    let child = json!({ "Title": "明細", "ReferenceType": "Results", "InheritPermission": folder, "SiteSettings": settings });
    let child = app.post(&format!("/api/items/{folder}/createsite"), &child).id();
    assert_eq!(app.post(&format!("/api/items/{child}/updatesite"), &json!({})).status, 200);
    let master = app.post(&format!("/api/items/{parent}/create"), &json!({ "Title": "親" })).id();
    let detail = json!({ "Title": "子", "ClassHash": { "ClassA": master.to_string() } });
    assert_eq!(app.post(&format!("/api/items/{child}/create"), &detail).status, 200);
    (folder, parent, child)
}

#[test]
fn copies_of_linked_tables_link_to_each_other_and_so_do_their_records() {
    let app = TestApp::new();
    let (folder, parent, child) = linked_tables(&app);
    let selected: Vec<Value> =
        [folder, parent, child].map(|site| json!({ "SiteId": site, "IncludeData": true })).to_vec();

    let answer = app.post(
        &format!("/api/items/{folder}/copysitepackage"),
        &json!({ "TargetSiteId": 0, "SiteTitle": "写し", "SelectedSites": selected }),
    );

    let data = answer.json()["Response"]["Data"].as_str().expect("a text").to_owned();
    let copies: Value = serde_json::from_str(&data).expect("the text is JSON");
    let new = |at: usize| copies[at]["NewSiteId"].as_i64().unwrap_or_else(|| panic!("{data}"));
    let (new_folder, new_parent, new_child) = (new(0), new(1), new(2));
    let sites = app.rows(&format!(
        r#"select "Title", "ParentId", "InheritPermission" from "Sites" where "SiteId" >= {new_folder} order by "SiteId""#
    ));
    let expected = [("写し", 0), ("商談", new_folder), ("明細", new_folder)].map(|(title, parent)| {
        json!({ "Title": title, "ParentId": parent, "InheritPermission": new_folder })
    });
    assert_eq!(sites, json!(expected));
    let linked = app.rows(&format!(
        r#"select r."ClassA" = m."ResultId"::text as linked, m."ResultId" as master, r."ResultId" as detail
        from "Results" r, "Results" m where r."SiteId" = {new_child} and m."SiteId" = {new_parent}"#
    ));
    assert_eq!(linked[0]["linked"], true, "{linked}");
    let pairs = app.rows(&format!(
        r#"select "DestinationId", "SourceId" from "Links" where "SourceId" >= {new_folder} order by "SourceId""#
    ));
    let expected = [
        json!({ "DestinationId": new_parent, "SourceId": new_child }),
        json!({ "DestinationId": linked[0]["master"], "SourceId": linked[0]["detail"] }),
    ];
    assert_eq!(pairs, json!(expected));
}
