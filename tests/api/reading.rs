//! Reading: forms of values, and what views may say.

use serde_json::{Value, json};

use crate::app::{KEY, TestApp, editor};

fn create(app: &TestApp, table: i64, body: &Value) -> i64 {
    let answer = app.post(&format!("/api/items/{table}/create"), body);
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.id()
}

/// The rows of `get` with that view.
fn rows(app: &TestApp, path: &str, view: &Value) -> Value {
    let answer = app.post(path, &json!({ "View": view }));
    assert_eq!(answer.status, 200, "{}", answer.text);
    let json = answer.json();
    let response = json.get("Response").or_else(|| json.get("response"));
    response.expect("a response")["Data"].clone()
}

/// A view of key-value rows with these columns under their names.
fn key_values(columns: &[&str], form: &str) -> Value {
    json!({
        "ApiDataType": "KeyValues", "ApiColumnKeyDisplayType": "ColumnName",
        "ApiColumnValueDisplayType": form, "GridColumns": columns
    })
}

/// A wiki in the folder of a table.
fn wiki_beside(app: &TestApp, table: i64, text: &str) -> i64 {
    let folder = format!(r#"select "ParentId" as count from "Sites" where "SiteId" = {table}"#);
    let folder = app.count(&folder);
    let wiki = json!({
        "Title": "手引き", "Body": text, "ReferenceType": "Wikis", "InheritPermission": folder,
        "SiteSettings": { "Version": 1.017, "ReferenceType": "Wikis" }
    });
    let answer = app.post(&format!("/api/items/{folder}/createsite"), &wiki);
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.id()
}

/// 05 §5.3: a format changes how a number is written, not how it is rounded.
#[test]
fn formatted_numbers_are_rounded_as_their_columns_ask() {
    let app = TestApp::new();
    let mut settings = editor(&["Title", "NumA", "NumB", "NumC"]);
    settings["Columns"] = json!([
        { "ColumnName": "NumA", "Format": "N" },
        { "ColumnName": "NumB", "Format": "C", "DecimalPlaces": 1 },
        { "ColumnName": "NumC", "Format": "N", "RoundingType": 30 }
    ]);
    let table = app.results_table(&settings);
    let id = create(&app, table, &json!({ "Title": "単価" }));
    app.database
        .execute(&format!(
            r#"update "Results" set "NumA" = 1234.5, "NumB" = -0.05, "NumC" = 1999.9 where "ResultId" = {id}"#
        ))
        .expect("columns");
    let view = key_values(&["NumA", "NumB", "NumC"], "Text");
    let row = rows(&app, &format!("/api/items/{id}/get"), &view)[0].clone();
    assert_eq!(row, json!({ "NumA": "1,235", "NumB": "-¥0.1", "NumC": "1,999" }));
}

/// 06 §1.7.
#[test]
fn users_may_stand_behind_the_names_of_their_departments() {
    let app = TestApp::new();
    let dept = json!({ "DeptCode": "S1", "DeptName": "営業部" });
    let dept = app.post("/api/depts/create", &dept).id();
    app.database
        .execute(&format!(r#"update "Users" set "DeptId" = {dept}"#))
        .expect("a department");
    let mut settings = editor(&["Title", "ClassA", "ClassB", "ClassC"]);
    settings["TitleColumns"] = json!(["ClassA", "Title"]);
    settings["Columns"] = json!([
        { "ColumnName": "ClassA", "ChoicesText": "[[Users,ShowDeptName]]" },
        { "ColumnName": "ClassB", "ChoicesText": "[[Users*,ShowDeptName]]", "MultipleSelections": true },
        { "ColumnName": "ClassC", "ChoicesText": "[[Users]]" }
    ]);
    let table = app.results_table(&settings);
    let classes = json!({ "ClassA": "1", "ClassB": "[\"1\",\"99\"]", "ClassC": "1" });
    let id = create(&app, table, &json!({ "Title": "訪問", "ClassHash": classes }));
    let path = format!("/api/items/{id}/get");
    let row = rows(&app, &path, &key_values(&["ClassA", "ClassB", "ClassC"], "DisplayValue"));
    let shown = json!({
        "ClassA": "営業部)Administrator", "ClassB": "営業部)Administrator, 99", "ClassC": "Administrator"
    });
    assert_eq!(row[0], shown);
    assert_eq!(rows(&app, &path, &json!({}))[0]["ItemTitle"], "営業部)Administrator)訪問");
}

/// 06 §1.7.
#[test]
fn a_linked_wiki_gives_its_lines_as_choices() {
    let app = TestApp::new();
    let table = app.results_table(&json!({}));
    let wiki = wiki_beside(&app, table, "K1,東日本\nK2,西日本\n\n7");
    let settings = json!({
        "Version": 1.017, "ReferenceType": "Results", "TitleColumns": ["ClassA", "Title"],
        "EditorColumnHash": { "General": ["Title", "ClassA", "ClassB"] },
        "Links": [{ "ColumnName": "ClassA", "SiteId": wiki }, { "ColumnName": "ClassB", "SiteId": wiki }],
        "Columns": [
            { "ColumnName": "ClassA", "ChoicesText": format!("[[{wiki}]]") },
            { "ColumnName": "ClassB", "ChoicesText": format!("[[{wiki}]]"), "MultipleSelections": true }
        ]
    });
    let site = json!({ "Title": "商談", "ReferenceType": "Results", "SiteSettings": settings });
    assert_eq!(app.post(&format!("/api/items/{table}/updatesite"), &site).status, 200);
    for (one, several) in [("K2", "[\"K1\",\"7\"]"), ("K3", "[]")] {
        let classes = json!({ "ClassA": one, "ClassB": several });
        create(&app, table, &json!({ "Title": "訪問", "ClassHash": classes }));
    }
    let mut view = key_values(&["ClassA", "ClassB", "Title"], "DisplayValue");
    view["ColumnSorterHash"] = json!({ "ResultId": "asc" });
    let shown = json!([
        { "ClassA": "西日本", "ClassB": "東日本, 7", "Title": "西日本)訪問" },
        { "ClassA": "? K3", "ClassB": "", "Title": "訪問" }
    ]);
    assert_eq!(rows(&app, &format!("/api/items/{table}/get"), &view), shown);
}

/// 05 §5.5: a column that the caller may not read is none of the row's.
#[test]
fn roles_count_by_the_columns_of_the_row_only() {
    let app = TestApp::new();
    let mut settings = editor(&["Title", "Manager", "Owner", "ClassA", "ClassB"]);
    settings["ReadColumnAccessControls"] = json!([
        { "ColumnName": "ClassA", "RecordUsers": ["Manager"] },
        { "ColumnName": "ClassB", "RecordUsers": ["Owner"] },
        { "ColumnName": "Owner", "Users": [77] }
    ]);
    let table = app.results_table(&settings);
    let classes = json!({ "ClassA": "甲", "ClassB": "乙" });
    create(
        &app,
        table,
        &json!({ "Title": "訪問", "Manager": 1, "Owner": 1, "ClassHash": classes }),
    );
    let view = key_values(&["ClassA", "ClassB", "Manager", "Owner"], "Value");
    let row = rows(&app, &format!("/api/items/{table}/get"), &view)[0].clone();
    assert_eq!(row, json!({ "ClassA": "甲", "ClassB": "", "Manager": 1 }));
}

/// 06 §4.1: such names do not resolve, so filters and sorters pass over them and rows do not have them.
#[test]
fn tables_are_not_joined_with_wikis() {
    let app = TestApp::new();
    let table = app.results_table(&json!({}));
    let wiki = wiki_beside(&app, table, "");
    let linked = json!({
        "Version": 1.017, "ReferenceType": "Results", "Links": [{ "ColumnName": "ClassA", "SiteId": wiki }],
        "Columns": [{ "ColumnName": "ClassA", "ChoicesText": format!("[[{wiki}]]") }]
    });
    let site = json!({ "Title": "商談", "ReferenceType": "Results", "SiteSettings": linked });
    assert_eq!(app.post(&format!("/api/items/{table}/updatesite"), &site).status, 200);
    create(&app, table, &json!({ "Title": "一件" }));
    let name = format!("ClassA~{wiki},Title");
    let path = format!("/api/items/{table}/get");
    for mode in ["Default", "KeyValues"] {
        let view = json!({
            "ApiDataType": mode, "ApiColumnKeyDisplayType": "ColumnName", "GridColumns": ["Title", name],
            "ColumnFilterHash": { &name: "nothing" }, "ColumnSorterHash": { &name: "asc" }
        });
        let data = rows(&app, &path, &view);
        assert_eq!(data.as_array().map(Vec::len), Some(1), "{mode} {data}");
        assert!(data[0].get(&name).is_none(), "{mode} {data}");
    }
}

/// 05 §9.8: a record stands once for each of its children, unless the name does not resolve.
#[test]
fn children_are_joined_by_names_that_resolve() {
    let app = TestApp::new();
    let table = app.results_table(&json!({}));
    let child = app.results_table(&json!({}));
    let settings = json!({
        "Version": 1.017, "ReferenceType": "Results", "Links": [{ "ColumnName": "ClassA", "SiteId": table }],
        "Columns": [{ "ColumnName": "ClassA", "ChoicesText": format!("[[{table}]]") }]
    });
    let site = json!({ "Title": "明細", "ReferenceType": "Results", "SiteSettings": settings });
    assert_eq!(app.post(&format!("/api/items/{child}/updatesite"), &site).status, 200);
    let parent = create(&app, table, &json!({ "Title": "親" }));
    for title in ["子1", "子2"] {
        let class = json!({ "ClassA": parent.to_string() });
        create(&app, child, &json!({ "Title": title, "ClassHash": class }));
    }
    let titles = |column: &str, page_size: i32| {
        let name = format!("ClassA~~{child},{column}");
        let mut view = key_values(&["Title", &name], "DisplayValue");
        view["ColumnSorterHash"] = json!({ &name: "asc" });
        let body = json!({ "View": view, "PageSize": page_size });
        let response =
            app.post(&format!("/api/items/{parent}/get"), &body).json()["Response"].clone();
        let data = response["Data"].as_array().expect("rows").clone();
        let titles: Vec<Value> =
            data.iter().map(|row| row.get(&name).cloned().unwrap_or_default()).collect();
        (response["TotalCount"].clone(), titles)
    };
    assert_eq!(titles("Title", 50), (json!(2), vec![json!("子1"), json!("子2")]));
    assert_eq!(titles("Title", 1), (json!(2), vec![json!("子1")]));
    assert_eq!(titles("Nope", 50), (json!(1), vec![Value::Null]));
}

/// 08 §2.4: the code is a column of users, though their table does not have it.
#[test]
fn users_are_filtered_and_sorted_by_the_code_of_their_department() {
    let app = TestApp::new();
    let dept = |code: &str| {
        app.post("/api/depts/create", &json!({ "DeptCode": code, "DeptName": code })).id()
    };
    for (login, dept) in [("sato", dept("K9")), ("kato", dept("S1")), ("goto", 0)] {
        let user =
            json!({ "LoginId": login, "Name": login, "Password": "Abcd1234!", "DeptId": dept });
        let answer = app.post("/api/users/create", &user);
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    let logins = |view: Value| {
        let data = rows(&app, "/api/users/get", &view);
        let logins = data.as_array().expect("rows").iter();
        logins.map(|row| row["LoginId"].as_str().expect("a text").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(logins(json!({ "ColumnFilterHash": { "DeptCode": "k9" } })), ["sato"]);
    let either = json!({ "or_1": r#"{"DeptCode":"S1","LoginId":"goto"}"# });
    let sorters = json!({ "DeptCode": "desc", "LoginId": "asc" });
    let view = json!({ "ColumnFilterHash": either, "ColumnSorterHash": sorters });
    assert_eq!(logins(view), ["kato", "goto"]);
}

/// 08 §2.7: the rows are those of 05 §5.3.
#[test]
fn key_values_of_departments_have_three_forms() {
    let app = TestApp::new();
    let dept = json!({ "DeptCode": "S1", "DeptName": "営業部", "Comments": "移転した" });
    let id = app.post("/api/depts/create", &dept).id();
    app.database
        .execute(&format!(
            r#"update "Depts" set "UpdatedTime" = '2024-02-29 20:30:15.5', "Creator" = 77, "Comments" =
            '[{{"CommentId":1,"CreatedTime":"2024-02-29T15:01:02+00:00","Creator":1,"Body":"移転した"}}]'
            where "DeptId" = {id}"#
        ))
        .expect("columns");
    let row = |form: &str| {
        let view = key_values(&["UpdatedTime", "Creator", "Comments"], form);
        rows(&app, &format!("/api/depts/{id}/get"), &view)[0].clone()
    };
    assert_eq!(row("DisplayValue")["UpdatedTime"], "2024-03-01T05:30:15");
    let value = row("Value");
    assert_eq!(
        (&value["UpdatedTime"], &value["Creator"]),
        (&json!("2024-02-29T20:30:15"), &json!(0))
    );
    assert_eq!(
        row("Text"),
        json!({
            "UpdatedTime": "2024/03/01 金 05:30:15", "Creator": "(未設定)",
            "Comments": "2024/03/01 0:01:02 Administrator\n移転した"
        })
    );
}

/// 01 §4.3: an empty text is `null` for what may be absent, and `null` is an error for what may not.
#[test]
fn members_of_views_are_empty_or_null_only_where_they_may_be() {
    let app = TestApp::new();
    let table = app.results_table(&json!({}));
    create(&app, table, &json!({ "Title": "一件" }));
    let get = |view: &str| {
        let body = format!(r#"{{"ApiVersion":1.1,"ApiKey":"{KEY}","View":{view}}}"#);
        app.post_text(&format!("/api/items/{table}/get"), &body).status
    };
    for view in [
        r#"{"Incomplete":""}"#,
        r#"{"ColumnFilterHash":""}"#,
        r#"{"ColumnSorterHash":""}"#,
        r#"{"GridColumns":"","ApiDataType":1}"#,
        r#"{"ColumnFilterNegatives":""}"#,
        r#"{"ApiColumnHash":{"Title":"","Body":{"KeyDisplayType":""}}}"#,
        r#"{"ApiColumnHash":{"Title":{"ValueDisplayType":null}}}"#,
        r#"{"Search":""}"#,
    ] {
        assert_eq!(get(view), 200, "{view}");
    }
    for view in [
        r#"{"ApiDataType":null}"#,
        r#"{"ApiColumnKeyDisplayType":null}"#,
        r#"{"ApiColumnValueDisplayType":null}"#,
        r#"{"ApiDataType":""}"#,
        r#"{"Incomplete":" "}"#,
        r#"{"ColumnSorterHash":{"Title":""}}"#,
        r#"{"ColumnFilterSearchTypes":{"Title":""}}"#,
    ] {
        assert_eq!(get(view), 400, "{view}");
    }
}
