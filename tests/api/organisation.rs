//! Users, departments and groups.

use serde_json::{Value, json};

use crate::app::{TestApp, at_once};

fn group(app: &TestApp, name: &str) -> i64 {
    let answer = app.post("/api/groups/create", &json!({ "GroupName": name }));
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.id()
}

fn dept(app: &TestApp, code: &str, name: &str) -> i64 {
    let body = json!({ "DeptCode": code, "DeptName": name });
    let answer = app.post("/api/depts/create", &body);
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.id()
}

/// The values of a column in a list under a filter.
fn listed(app: &TestApp, table: &str, column: &str, filter: &Value) -> Vec<String> {
    let view = json!({
        "View": { "ColumnFilterHash": filter, "ColumnSorterHash": { column: "asc" } }
    });
    let answer = app.post(&format!("/api/{table}/get"), &view);
    assert_eq!(answer.status, 200, "{}", answer.text);
    let rows = answer.json()["Response"]["Data"].clone();
    let value = |row: &Value| row[column].as_str().expect("a text").to_owned();
    rows.as_array().expect("rows").iter().map(value).collect()
}

#[test]
fn filters_come_in_groups_and_know_extension_columns() {
    let app = TestApp::new();
    for (code, name) in [("A1", "営業"), ("A2", "開発"), ("B1", "経理")] {
        dept(&app, code, name);
    }
    app.database.execute(r#"update "Depts" set "ClassA" = "DeptCode" || '-x'"#).expect("columns");
    let names = |filter: Value| listed(&app, "depts", "DeptCode", &filter);
    let either = r#"{"DeptCode":"B1","and_1":"{\"DeptCode\":\"A\",\"DeptName\":\"開\"}"}"#;
    assert_eq!(names(json!({ "or_1": either })), ["A2", "B1"]);
    assert_eq!(names(json!({ "ClassA": "A1" })), ["A1"]);
    assert_eq!(names(json!({ "or_1": r#"{"ClassA":"A1-","DeptName":"経理"}"# })), ["A1", "B1"]);
    assert_eq!(names(json!({ "UpdatedTime": r#"["Today"]"# })), ["A1", "A2", "B1"]);
    assert_eq!(names(json!({ "UpdatedTime": r#"["2001/01/01,2001/12/31"]"# })), [""; 0]);
}

#[test]
fn key_value_rows_have_the_columns_of_the_list_under_their_labels() {
    let app = TestApp::new();
    let id = dept(&app, "A1", "営業");
    let rows = |view: Value| {
        let mut view = view;
        view["ApiDataType"] = json!("KeyValues");
        view["ColumnFilterHash"] = json!({ "DeptCode": "A1" });
        let answer = app.post("/api/depts/get", &json!({ "View": view }));
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()["response"]["Data"][0].clone()
    };
    let all = rows(json!({}));
    let keys: Vec<&String> = all.as_object().expect("an object").keys().collect();
    let expected =
        ["組織ID", "組織コード", "組織名", "説明", "コメント", "無効", "更新者", "更新日時"];
    assert_eq!(keys.len(), expected.len(), "{all}");
    assert!(expected.iter().all(|key| all.get(key).is_some()), "{all}");
    assert_eq!(all["組織ID"], id);
    assert_eq!(all["コメント"], Value::Null);
    let some = json!({
        "GridColumns": ["DeptName", "Updator", "Nope"], "ApiColumnKeyDisplayType": "ColumnName",
        "ApiColumnHash": { "Updator": { "ValueDisplayType": "Value" } }
    });
    assert_eq!(rows(some), json!({ "DeptName": "営業", "Updator": 1 }));
}

#[test]
fn a_list_by_site_has_those_whom_its_permissions_name() {
    let app = TestApp::new();
    let site = app.results_table(&json!({}));
    let (named, other) = (dept(&app, "A1", "営業"), dept(&app, "A2", "開発"));
    assert!(named < other);
    let root = app.rows(&format!(
        r#"select "InheritPermission" as root from "Sites" where "SiteId" = {site}"#
    ))[0]["root"]
        .clone();
    app.database
        .execute(&format!(
            r#"insert into "Permissions" ("ReferenceId", "DeptId", "PermissionType", "Creator", "Updator")
               values ({root}, {named}, 1, 1, 1)"#
        ))
        .expect("a permission");
    let filter = json!({ "SiteId": site.to_string() });
    assert_eq!(listed(&app, "depts", "DeptCode", &filter), ["A1"]);
    assert_eq!(listed(&app, "users", "LoginId", &filter), ["Administrator"]);
    let view = json!({ "View": { "ColumnFilterHash": { "SiteId": "999999" } } });
    assert_eq!(app.post("/api/depts/get", &view).status, 404);
}

#[test]
fn groups_that_are_nested_at_once_never_make_a_cycle() {
    let app = TestApp::new();
    let groups = [group(&app, "一"), group(&app, "二")];
    let nest = |number: usize| {
        let (parent, child) = (groups[number % 2], groups[(number + 1) % 2]);
        let body = json!({ "GroupChildren": [format!("Group,{child},")] });
        app.post(&format!("/api/groups/{parent}/update"), &body)
    };
    for _ in 0..5 {
        let answers = at_once(2, nest);
        let done = answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!(done, 1, "{} {}", answers[0].text, answers[1].text);
        let edges = app.count(r#"select count(*) from "GroupChildren""#);
        assert_eq!(edges, 1, "one inside the other, not both");
        app.database.execute(r#"delete from "GroupChildren""#).expect("no nesting");
    }
}
