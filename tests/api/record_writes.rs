//! Single records: what creates, updates and upserts make of odd bodies and settings (03).

use serde_json::{Value, json};

use crate::app::{TestApp, editor};
use crate::support::http::Answer;

/// A site of its own with these settings.
fn site(app: &TestApp, kind: &str, settings: &Value) -> i64 {
    let mut whole = json!({ "Version": 1.017, "ReferenceType": kind });
    for (name, value) in settings.as_object().expect("settings are an object") {
        whole[name] = value.clone();
    }
    let body = json!({ "Title": "課題", "ReferenceType": kind, "SiteSettings": whole });
    let answer = app.post("/api/items/0/createsite", &body);
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.id()
}

fn create(app: &TestApp, site: i64, body: &Value) -> Answer {
    app.post(&format!("/api/items/{site}/create"), body)
}

fn created(app: &TestApp, site: i64, body: &Value) -> i64 {
    let answer = create(app, site, body);
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.id()
}

/// A column of a record of `Results`, as a text.
fn stored(app: &TestApp, record: i64, column: &str) -> Value {
    let sql =
        format!(r#"select "{column}"::text as value from "Results" where "ResultId" = {record}"#);
    app.rows(&sql)[0].clone()
}

fn full_text(app: &TestApp, record: i64) -> String {
    let sql = format!(r#"select "FullText" as words from "Items" where "ReferenceId" = {record}"#);
    app.rows(&sql)[0]["words"].as_str().expect("a text").to_owned()
}

/// A column whose values are computed finds no record, and so must not change one (03 §6.4).
#[test]
fn a_computed_column_is_no_key() {
    let app = TestApp::new();
    let issues = site(&app, "Issues", &json!({}));
    created(&app, issues, &json!({ "Title": "残る", "WorkValue": 8 }));
    let body = json!({ "Keys": ["RemainingWorkValue"], "RemainingWorkValue": 3, "Title": "別" });
    let answer = app.post(&format!("/api/items/{issues}/upsert"), &body);
    assert_eq!(answer.status, 400, "{}", answer.text);
    assert_eq!(answer.json()["Message"], "UpsertのKeyが無効です。(RemainingWorkValue)");
    let titles = app.rows(&format!(r#"select "Title" from "Issues" where "SiteId" = {issues}"#));
    assert_eq!(titles, json!([{ "Title": "残る" }]));
}

/// 02 §7.1: what is no time that can be stored is now; who is not posted is nobody, in the search text too.
#[test]
fn a_migrated_record_has_the_times_that_can_be_stored() {
    let app = TestApp::new();
    let mut settings = editor(&["ResultId", "Title"]);
    settings["AllowMigrationMode"] = json!(true);
    let table = app.results_table(&settings);
    let record = created(
        &app,
        table,
        &json!({
            "Title": "移行", "MigrationMode": true, "CreatedTime": "2019/02/03 04:05:06", "UpdatedTime": "2101/01/01"
        }),
    );
    let rows = app.rows(&format!(
        r#"select "CreatedTime"::text as created, "UpdatedTime" > current_timestamp - interval '1 day' and
           "UpdatedTime" <= current_timestamp as now, "Creator" from "Results" where "ResultId" = {record}"#
    ));
    let expected = json!([{ "created": "2019-02-03 04:05:06", "now": true, "Creator": 0 }]);
    assert_eq!(rows, expected);
    assert_eq!(full_text(&app, record), format!("商談 {record} 移行"));
}

/// 03 §15.3: a data change is one more comment; the client's own stays.
#[test]
fn a_process_adds_its_comments_to_the_posted_one() {
    let app = TestApp::new();
    let mut settings = editor(&["ResultId", "Title", "Status", "Comments"]);
    let change = |id: i32, text: &str| json!({ "Id": id, "Type": "InputValue", "ColumnName": "Comments", "Value": text });
    settings["Processes"] = json!([{
        "Id": 1, "Name": "受付", "CurrentStatus": -1, "ChangedStatus": 200, "View": { "Id": 0 },
        "DataChanges": [change(1, "受け付けました"), change(2, "[Title]を確認します")]
    }]);
    let table = app.results_table(&settings);
    let record =
        created(&app, table, &json!({ "Title": "件", "Comments": "お願いします", "ProcessId": 1 }));
    let comments = stored(&app, record, "Comments");
    let comments: Value =
        serde_json::from_str(comments["value"].as_str().expect("a text")).expect("JSON");
    let texts: Vec<_> = comments
        .as_array()
        .expect("an array")
        .iter()
        .map(|comment| {
            (
                comment["CommentId"].as_i64().expect("an id"),
                comment["Body"].as_str().expect("a text"),
            )
        })
        .collect();
    assert_eq!(texts, [(3, "件を確認します"), (2, "受け付けました"), (1, "お願いします")]);
}

/// 03 §9.10, §9.1: numbers are read as people write them, and a title that is in no display title is dropped.
#[test]
fn default_inputs_are_read_like_posted_forms() {
    let app = TestApp::new();
    let mut settings = editor(&["ResultId", "Title", "ClassA", "NumA", "NumB", "NumC"]);
    settings["TitleColumns"] = json!(["ClassA"]);
    settings["Columns"] = json!([
        { "ColumnName": "Title", "DefaultInput": "既定" },
        { "ColumnName": "NumA", "DefaultInput": "¥1,234.56", "DecimalPlaces": 1 },
        { "ColumnName": "NumB", "DefaultInput": "1e2" },
        { "ColumnName": "NumC", "DefaultInput": "たくさん", "Nullable": true }
    ]);
    let table = app.results_table(&settings);
    let record = created(&app, table, &json!({ "ClassHash": { "ClassA": "甲" } }));
    let rows = app.rows(&format!(
        r#"select "Title", "NumA"::text as a, "NumB"::text as b, "NumC"::text as c from "Results" where "ResultId" = {record}"#
    ));
    assert_eq!(rows, json!([{ "Title": null, "a": "1234.6000", "b": "100.0000", "c": null }]));
}

/// 03 §4.1, §8.2: who may not read does not learn of a record that is closed to him.
#[test]
fn a_closed_record_is_not_found_without_the_right_to_read() {
    let app = TestApp::new();
    let mut settings = editor(&["ResultId", "Title", "Status"]);
    settings["StatusControls"] =
        json!([{ "Id": 1, "Name": "完了後", "Status": 900, "ReadOnly": true }]);
    let table = app.results_table(&settings);
    let user = r#"insert into "Users" ("TenantId", "LoginId", "Name", "Language", "TimeZone", "ApiKey", "DeptId", "Creator", "Updator")
        values (1, 'blind', '目隠し', 'ja', 'Asia/Tokyo', 'blindkey', 0, 1, 1)"#;
    app.database.execute(user).expect("a user");
    let rights = format!(
        r#"insert into "Permissions" ("ReferenceId", "DeptId", "GroupId", "UserId", "PermissionType", "Creator", "Updator")
           select "InheritPermission", 0, 0, (select "UserId" from "Users" where "LoginId" = 'blind'), 6, 1, 1
           from "Sites" where "SiteId" = {table}"#
    );
    app.database.execute(&rights).expect("rights");
    let body = |key: &str, status: i32| json!({ "ApiKey": key, "Title": "件", "Status": status });
    assert_eq!(create(&app, table, &body("blindkey", 100)).status, 200);
    assert_eq!(create(&app, table, &body("blindkey", 900)).status, 404);
    assert_eq!(create(&app, table, &body(crate::app::KEY, 900)).status, 403);
}

/// QUIRK(03 §10.2): how the defaults of forbidden dates are compared.
#[test]
fn defaults_of_forbidden_dates_are_mostly_changes() {
    let app = TestApp::new();
    let forbidding = |column: &str| {
        let mut settings =
            editor(&["IssueId", "Title", "StartTime", "CompletionTime", "Status", "DateA"]);
        settings["Columns"] = json!([{ "ColumnName": "DateA", "DefaultInput": "1" }]);
        settings["CreateColumnAccessControls"] =
            json!([{ "ColumnName": column, "Users": [987_654] }]);
        site(&app, "Issues", &settings)
    };
    let day = |days: i32| {
        let sql = format!(
            "select to_char(now() at time zone 'Asia/Tokyo' + interval '{days} days', 'YYYY/MM/DD') as day"
        );
        app.rows(&sql)[0]["day"].as_str().expect("a day").to_owned()
    };
    let completion = forbidding("CompletionTime");
    let answer = create(&app, completion, &json!({ "Title": "件" }));
    assert_eq!(answer.status, 500, "{}", answer.text);
    assert_eq!(answer.json()["Message"], "\" 完了 \" を変更する権限がありません。");
    let early = json!({ "Title": "件", "CompletionTime": day(6) });
    assert_eq!(create(&app, completion, &early).status, 200);
    let date = forbidding("DateA");
    assert_eq!(create(&app, date, &json!({ "Title": "件" })).status, 500);
    let empty = json!({ "Title": "件", "DateHash": { "DateA": "1899/12/30" } });
    assert_eq!(create(&app, date, &empty).status, 200, "no value is no change");
    let start = forbidding("StartTime");
    assert_eq!(create(&app, start, &json!({ "Title": "件" })).status, 200);
    let morning = json!({ "Title": "件", "StartTime": format!("{} 05:00", day(0)) });
    assert_eq!(create(&app, start, &morning).status, 200, "the same day in UTC");
    let noon = json!({ "Title": "件", "StartTime": format!("{} 12:00", day(0)) });
    assert_eq!(create(&app, start, &noon).status, 500, "the next day in UTC");
}

/// 03 §23: what wikis do not have, whatever their settings say.
#[test]
fn wikis_know_no_duplicates_status_controls_and_rights_for_creating() {
    let app = TestApp::new();
    let wiki = site(
        &app,
        "Wikis",
        &json!({
            "Columns": [{ "ColumnName": "Title", "NoDuplication": true }],
            "StatusControls": [{ "Id": 1, "Name": "常に", "Status": -1, "ReadOnly": true }],
            "PermissionForCreating": { "User": 31 }
        }),
    );
    let page = json!({ "Title": "手順" });
    created(&app, wiki, &page);
    let second = created(&app, wiki, &page);
    let answer = app.post(&format!("/api/items/{second}/update"), &page);
    assert_eq!(answer.status, 200, "{}", answer.text);
    let rows = format!(r#"select count(*) from "Permissions" where "ReferenceId" = {second}"#);
    assert_eq!(app.count(&rows), 0);
}

/// 03 §10.3: patterns are those of .NET, which look ahead.
#[test]
fn patterns_may_look_ahead() {
    let app = TestApp::new();
    let mut settings = editor(&["ResultId", "Title", "ClassA", "ClassB"]);
    settings["Columns"] = json!([
        {
            "ColumnName": "ClassA", "ServerRegexValidation": r"\A(?=.*\d)(?=.*[a-z])[\w\-]{4,}\Z",
            "RegexValidationMessage": "英字と数字"
        },
        { "ColumnName": "ClassB", "ServerRegexValidation": "(?<!^)(?<!A)x", "RegexValidationMessage": "後読み" }
    ]);
    let table = app.results_table(&settings);
    let with = |column: &str, text: &str| {
        let answer = create(&app, table, &json!({ "ClassHash": { column: text } }));
        (answer.status, answer.json()["Message"].clone())
    };
    for text in ["ab-1", "abc３", "a_b9\n"] {
        assert_eq!(with("ClassA", text).0, 200, "{text}");
    }
    for text in ["abcd", "1234", "a1", "abc1!", "ab\n1"] {
        assert_eq!(with("ClassA", text), (422, json!("英字と数字")), "{text}");
    }
    assert_eq!(with("ClassB", "Bx").0, 200);
    assert_eq!(with("ClassB", "Ax"), (422, json!("後読み")));
}

/// 08 §15.2: the columns that the server fills, and a completion by its day.
#[test]
fn search_texts_hold_what_their_columns_are_asked_for() {
    let app = TestApp::new();
    let mut settings = editor(&["IssueId", "Title", "StartTime", "CompletionTime"]);
    settings["Columns"] = json!([
        { "ColumnName": "StartTime", "FullTextType": 1 },
        { "ColumnName": "CompletionTime", "FullTextType": 1 },
        { "ColumnName": "Updator", "FullTextType": 2 },
        { "ColumnName": "CreatedTime", "FullTextType": 1 }
    ]);
    let issues = site(&app, "Issues", &settings);
    let body = json!({ "Title": "件", "StartTime": "1899/12/30", "CompletionTime": "2031/05/06" });
    let record = created(&app, issues, &body);
    let rows = app.rows(&format!(
        r#"select to_char("CreatedTime" at time zone 'UTC' at time zone 'Asia/Tokyo', 'MM/DD/YYYY HH24:MI') as made,
           "Creator" as creator from "Issues" where "IssueId" = {record}"#
    ));
    let (made, creator) = (rows[0]["made"].as_str().expect("a time"), &rows[0]["creator"]);
    let words = full_text(&app, record);
    let expected = format!("課題 {record} 件 05/06/2031 00:00:00 Administrator {creator} {made}");
    assert!(words.starts_with(&expected), "{words} instead of {expected}");
}

/// 03 §8.5, §22: titles and search texts are made of what is stored.
#[test]
fn what_is_not_stored_is_in_no_text() {
    let app = TestApp::new();
    let mut settings = editor(&["ResultId", "Title", "ClassA", "DateA"]);
    settings["TitleColumns"] = json!(["DateA", "Title"]);
    settings["TitleSeparator"] = json!("/");
    settings["Columns"] = json!([{ "ColumnName": "DateA", "FullTextType": 1 }]);
    let table = app.results_table(&settings);
    let long = "長".repeat(1_025);
    let body = json!({
        "Title": "件", "DateHash": { "DateA": "2101/01/01" }, "ClassHash": { "ClassA": long }
    });
    let answer = create(&app, table, &body);
    assert_eq!(answer.json()["Message"], "\" 件 \" を作成しました。", "{}", answer.text);
    let (record, cut) = (answer.id(), "長".repeat(1_024));
    assert_eq!(full_text(&app, record), format!("商談 {record} 件 {cut} Administrator"));
    let update = |date: &str| {
        let body = json!({ "DateHash": { "DateA": date } });
        app.post(&format!("/api/items/{record}/update"), &body).json()["Message"].clone()
    };
    assert_eq!(update("2031/02/03"), "\" 2031/02/03/件 \" を更新しました。");
    assert_eq!(update("1899/12/30"), "\" 件 \" を更新しました。");
    assert_eq!(stored(&app, record, "DateA"), json!({ "value": null }));
}

/// 03 §8.2, §9.5: a lock is seen where its column is loaded, for its default too.
#[test]
fn a_lock_by_default_is_seen() {
    let app = TestApp::new();
    let mut settings = editor(&["ResultId", "Title"]);
    settings["Columns"] = json!([{ "ColumnName": "Locked", "DefaultInput": "on" }]);
    let table = app.results_table(&settings);
    let record = created(&app, table, &json!({ "Title": "件" }));
    let answer = app.post(&format!("/api/items/{record}/update"), &json!({ "Title": "別" }));
    assert_eq!(answer.status, 405, "{}", answer.text);
}

/// 03 §3.4.
#[test]
fn members_of_old_clients_count_below_version_1_1() {
    let app = TestApp::new();
    let table =
        app.results_table(&editor(&["ResultId", "Title", "ClassA", "NumA", "AttachmentsB"]));
    let body = json!({
        "ApiVersion": 1.0, "Title": "件", "classA": "甲", "NumA": "", "NumHash": { "NumA": 7 },
        "PostedFilesB": [{ "Name": "a.txt", "Base64": "YWJj" }]
    });
    let record = created(&app, table, &body);
    let rows = app.rows(&format!(
        r#"select "ClassA", "NumA"::int as n, "AttachmentsB"::json->0->>'Name' as name,
           (select convert_from("Bin", 'UTF8') from "Binaries" where "ReferenceId" = {record}) as text
           from "Results" where "ResultId" = {record}"#
    ));
    let expected = json!([{ "ClassA": "甲", "n": 7, "name": "a.txt", "text": "abc" }]);
    assert_eq!(rows, expected);
    let answer = create(&app, table, &json!({ "Title": "件", "ResultId": "x" }));
    assert_eq!(answer.status, 400, "{}", answer.text);
}

/// 08 §15.2: where the site lies, if its search texts shall begin with that; of the site's own text too.
#[test]
fn search_texts_may_begin_with_the_folders() {
    let app = TestApp::new();
    let mut settings = editor(&["ResultId", "Title"]);
    settings["FullTextIncludeBreadcrumb"] = json!(true);
    settings["FullTextIncludeSiteTitle"] = json!(false);
    let table = app.results_table(&settings);
    let record = created(&app, table, &json!({ "Title": "件" }));
    let expected = format!("営業部 商談 {record} 件 Administrator");
    assert_eq!(full_text(&app, record), expected);
    let answer = app.post(&format!("/api/items/{table}/updatesite"), &json!({ "Title": "案件" }));
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(full_text(&app, table).starts_with("営業部 案件 "), "{}", full_text(&app, table));
}

/// 03 §24: numbers in titles have the column's format, and what remains of the work is computed from what is stored.
#[test]
fn titles_show_formatted_numbers_and_the_remaining_work() {
    let app = TestApp::new();
    let mut settings = editor(&["IssueId", "Title", "WorkValue", "ProgressRate", "NumA"]);
    settings["TitleColumns"] = json!(["Title", "RemainingWorkValue", "NumA"]);
    settings["Columns"] = json!([
        { "ColumnName": "NumA", "Format": "#,##0.0;▲#,##0.0;なし", "Unit": "円", "DecimalPlaces": 2 }
    ]);
    settings["Processes"] = json!([{
        "Id": 1, "Name": "報告", "CurrentStatus": -1, "ChangedStatus": -1, "View": { "Id": 0 },
        "SuccessMessage": "残り[RemainingWorkValue]、[NumA]"
    }]);
    let issues = site(&app, "Issues", &settings);
    let body = json!({
        "Title": "件", "WorkValue": 8, "ProgressRate": 25, "NumHash": { "NumA": 1_234.56 }
    });
    let answer = create(&app, issues, &body);
    assert_eq!(
        answer.json()["Message"],
        "\" 件)6h)1,234.6円 \" を作成しました。",
        "{}",
        answer.text
    );
    let record = answer.id();
    let update = |body: &Value| {
        app.post(&format!("/api/items/{record}/update"), body).json()["Message"].clone()
    };
    let half = json!({ "ProgressRate": 50, "NumHash": { "NumA": -1_234.5 }, "ProcessId": 1 });
    assert_eq!(update(&half), "残り4h、▲1,234.5円");
    let none = json!({ "NumHash": { "NumA": 0 } });
    assert_eq!(update(&none), "\" 件)4h)なし円 \" を更新しました。");
}

/// 03 §12.5, §24: a title that is made anew because of another record keeps its other parts.
#[test]
fn a_linking_title_keeps_its_remaining_work() {
    let app = TestApp::new();
    let customers = app.results_table(&editor(&["ResultId", "Title"]));
    let mut settings = editor(&["IssueId", "Title", "ClassA", "WorkValue", "ProgressRate"]);
    settings["TitleColumns"] = json!(["ClassA", "RemainingWorkValue"]);
    settings["Columns"] =
        json!([{ "ColumnName": "ClassA", "ChoicesText": format!("[[{customers}]]") }]);
    settings["Links"] = json!([{ "ColumnName": "ClassA", "SiteId": customers }]);
    let issues = site(&app, "Issues", &settings);
    // Only a saved site is registered as one that links (03 §12.1).
    let saved = app.post(&format!("/api/items/{issues}/updatesite"), &json!({ "Title": "課題" }));
    assert_eq!(saved.status, 200, "{}", saved.text);
    let customer = created(&app, customers, &json!({ "Title": "甲社" }));
    let body = json!({
        "Title": "件", "WorkValue": 10, "ProgressRate": 30, "ClassHash": { "ClassA": customer.to_string() }
    });
    let issue = created(&app, issues, &body);
    let renamed = json!({ "Title": "乙社" });
    assert_eq!(app.post(&format!("/api/items/{customer}/update"), &renamed).status, 200);
    let title =
        app.rows(&format!(r#"select "Title" as shown from "Items" where "ReferenceId" = {issue}"#));
    assert_eq!(title[0]["shown"], "乙社)7h");
}
