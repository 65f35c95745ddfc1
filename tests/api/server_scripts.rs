//! Server scripts: what they see, what they change, and that they cannot take the server along (07 §4).

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::app::{TestApp, at_once, editor};
use crate::support::database::Database;
use crate::support::scratch;

/// A table with scripts, each of a moment and a body.
pub(crate) fn scripted(app: &TestApp, scripts: &[(&str, &str)]) -> i64 {
    let scripts = scripts.iter().enumerate().map(|(at, (moment, body))| {
        json!({ "Id": at + 1, "Title": "s", "Name": "s", *moment: true, "Body": body })
    });
    let mut settings =
        editor(&["ResultId", "Title", "ClassA", "ClassB", "NumA", "DateA", "CheckA"]);
    settings["ServerScripts"] = scripts.collect();
    app.results_table(&settings)
}

pub(crate) fn create(app: &TestApp, table: i64, class: &str) -> crate::support::http::Answer {
    let body = json!({ "Title": "件", "ClassHash": { "ClassA": class } });
    app.post(&format!("/api/items/{table}/create"), &body)
}

fn count(app: &TestApp, table: i64) -> i64 {
    app.count(&format!(r#"select count(*) from "Results" where "SiteId" = {table}"#))
}

fn session(app: &TestApp, verb: &str, key: &str, value: &str) -> Value {
    let body = json!({ "SessionKey": key, "SessionValue": value, "SavePerUser": true });
    app.post(&format!("/api/sessions/{verb}"), &body).json()
}

/// An app whose scripts may take that long.
fn impatient(milliseconds: u32) -> TestApp {
    let database = Database::copy();
    let parameters = database.parameters();
    parameters.set("Script.json", "ServerScriptTimeOut", json!(milliseconds));
    TestApp::start(database, &parameters)
}

#[test]
fn what_the_sessions_api_keeps_is_user_data_of_scripts_and_the_reverse() {
    let app = TestApp::new();
    let body = "model.ClassB = context.UserData.Status;
        context.UserData.ProcessedAt = 'now';
        context.UserData.Progress = { total: 100, processed: (context.UserData.Progress?.processed ?? 0) + 45 };";
    let table = scripted(&app, &[("BeforeCreate", body)]);
    session(&app, "set", "Status", "connected");

    let answer = create(&app, table, "x");

    assert_eq!(answer.status, 200, "{}", answer.text);
    let record = app.post(&format!("/api/items/{}/get", answer.id()), &json!({})).json();
    assert_eq!(record["Response"]["Data"][0]["ClassHash"]["ClassB"], "connected");
    assert_eq!(session(&app, "get", "ProcessedAt", "")["Response"]["Value"], "now");
    let progress = |processed| json!(format!(r#"{{"total":100,"processed":{processed}}}"#));
    assert_eq!(session(&app, "get", "Progress", "")["Response"]["Value"], progress(45));
    create(&app, table, "x");
    assert_eq!(session(&app, "get", "Progress", "")["Response"]["Value"], progress(90));
}

#[test]
fn what_a_script_deletes_from_user_data_is_gone_for_the_sessions_api() {
    let app = TestApp::new();
    let table = scripted(&app, &[("BeforeCreate", "delete context.UserData.Status;")]);
    session(&app, "set", "Status", "connected");
    session(&app, "set", "Other", "stays");

    create(&app, table, "x");

    assert_eq!(session(&app, "get", "Status", "")["StatusCode"], 404);
    assert_eq!(session(&app, "get", "Other", "")["Response"]["Value"], "stays");
}

#[test]
fn scripts_read_and_write_values_before_the_write() {
    let app = TestApp::new();
    let body = "model.ClassB = typeof model.NumA + model.NumA + saved.ClassA + (model.DateA instanceof Date);
        model.NumA = '1,234'; model.CheckA = 1; model.Title = 'T-' + context.UserId;
        model.DateA = new Date(Date.UTC(2026, 0, 2, 3, 4, 5));";
    let table = scripted(&app, &[("BeforeCreate", body)]);

    let answer = create(&app, table, "x");

    assert_eq!(answer.status, 200, "{}", answer.text);
    let record = app.post(&format!("/api/items/{}/get", answer.id()), &json!({})).json();
    let record = &record["Response"]["Data"][0];
    assert_eq!(record["Title"], "T-1");
    assert_eq!(record["ClassHash"]["ClassB"], "number0true");
    assert_eq!(record["NumHash"]["NumA"].as_f64(), Some(1234.0));
    assert_eq!(record["CheckHash"]["CheckA"], true);
    assert_eq!(record["DateHash"]["DateA"], "2026-01-02T12:04:05");
}

#[test]
fn an_error_of_a_script_refuses_the_write_and_says_its_text() {
    let app = TestApp::new();
    let body = "if (!model.ClassA) context.Error('ClassA is required');";
    let table = scripted(&app, &[("BeforeCreate", body), ("BeforeDelete", "context.Error('no')")]);

    let refused = create(&app, table, "");
    assert_eq!(
        (refused.status, refused.json()["Message"].clone()),
        (500, "ClassA is required".into())
    );
    assert_eq!(count(&app, table), 0);

    let record = create(&app, table, "x").id();
    let refused = app.post(&format!("/api/items/{record}/delete"), &json!({}));
    assert_eq!((refused.status, refused.json()["Message"].clone()), (500, "no".into()));
    assert_eq!(count(&app, table), 1);
}

#[test]
fn a_script_that_throws_or_cannot_be_read_writes_nothing() {
    let app = TestApp::new();
    for body in [
        "throw new Error('x')",
        "unknown.member",
        "let = ;",
        "httpClient.Get()",
        "view.AddColumnPlaceholder('a', 'ClassA')",
    ] {
        let table = scripted(&app, &[("BeforeCreate", body)]);
        let answer = create(&app, table, "x");
        assert_eq!(answer.status, 422, "{body}: {}", answer.text);
        assert_eq!(count(&app, table), 0, "{body}");
    }
}

#[test]
fn what_a_script_writes_after_a_failed_one_of_a_later_moment_stays() {
    let app = TestApp::new();
    let table = scripted(&app, &[("AfterCreate", "throw new Error('late')")]);
    assert_eq!(create(&app, table, "x").status, 422);
    assert_eq!(count(&app, table), 1);
}

#[test]
fn scripts_write_and_read_other_records_as_the_same_user() {
    let app = TestApp::new();
    let other = app.results_table(&editor(&["ResultId", "Title", "ClassA", "NumA"]));
    let body = format!(
        "const c = items.NewResult(); c.Title = model.Title; c.ClassA = String(model.ResultId); c.NumA = 2;
        if (!c.Create({other})) throw new Error('not created');
        c.NumA = c.NumA + 1;
        if (!items.Update(c.ResultId, c)) throw new Error('not updated');
        if (!items.Upsert({other}, JSON.stringify({{ Keys: ['ClassA'], ClassHash: {{ ClassA: 'u' }} }}))) throw 1;
        const found = items.Get({other}, JSON.stringify({{ View: {{ ColumnFilterHash: {{ ClassA: 'u' }} }} }}));
        if (items.Sum({other}, 'NumA') !== 3 || items.Average({other}, 'ClassA') !== 0) throw new Error('sum');
        if (found.Length !== 1 || items.Count({other}) !== 2) throw new Error('found ' + found.Length);
        if (!items.Delete(found[0].ResultId)) throw new Error('not deleted');
        if (items.Get(999999).length || items.Delete(999999)) throw new Error('found nobody');"
    );
    let table = scripted(&app, &[("AfterCreate", &body)]);

    let answer = create(&app, table, "x");

    assert_eq!(answer.status, 200, "{}", answer.text);
    let sql = format!(
        r#"select "Title", "ClassA", "NumA"::int as n from "Results" where "SiteId" = {other}"#
    );
    let expected = json!([{ "Title": "件", "ClassA": answer.id().to_string(), "n": 3 }]);
    assert_eq!(app.rows(&sql), expected);
}

#[test]
fn scripts_of_a_view_narrow_what_is_read_written_and_deleted() {
    let app = TestApp::new();
    let table = scripted(
        &app,
        &[("WhenViewProcessing", "view.Filters.ClassA = 'seen'; view.Sorters.NumA = 'desc';")],
    );
    let seen = create(&app, table, "seen").id();
    let hidden = create(&app, table, "hidden").id();

    let page = app.post(&format!("/api/items/{table}/get"), &json!({})).json();
    assert_eq!(page["Response"]["TotalCount"], 1, "{page}");
    assert_eq!(page["Response"]["Data"][0]["ResultId"], seen);
    for verb in ["update", "delete"] {
        let refused = app.post(&format!("/api/items/{hidden}/{verb}"), &json!({ "Title": "x" }));
        assert_eq!(refused.status, 404, "{verb}: {}", refused.text);
    }
    assert_eq!(
        app.post(&format!("/api/items/{seen}/update"), &json!({ "Title": "x" })).status,
        200
    );
}

#[test]
fn scripts_name_the_sql_that_says_which_records_are_seen() {
    let database = Database::copy();
    let parameters = database.parameters();
    let definitions = scratch::folder("definitions");
    let definition = json!({
        "Name": "Seen", "SpecifyByName": true, "OnSelectingWhere": true,
        "CommandText": r#"("Results"."ClassA" = 'seen')"#,
    });
    std::fs::write(definitions.join("Seen.json"), definition.to_string()).expect("a file");
    parameters.extended_sqls(&definitions);
    let app = TestApp::start(database, &parameters);
    let named = [("WhenViewProcessing", "view.OnSelectingWhere = 'Seen';")];
    for (table, narrowed) in [(scripted(&app, &named), true), (scripted(&app, &[]), false)] {
        let seen = create(&app, table, "seen").id();
        let hidden = create(&app, table, "hidden").id();

        let page = app.post(&format!("/api/items/{table}/get"), &json!({})).json();
        assert_eq!(page["Response"]["TotalCount"], if narrowed { 1 } else { 2 }, "{page}");
        let update =
            |id: i64| app.post(&format!("/api/items/{id}/update"), &json!({ "Title": "x" })).status;
        assert_eq!((update(seen), update(hidden)), (200, if narrowed { 404 } else { 200 }));
        let all = json!({ "All": true });
        assert_eq!(app.post(&format!("/api/items/{table}/bulkdelete"), &all).status, 200);
        assert_eq!(count(&app, table), i64::from(narrowed));
    }
}

#[test]
fn scripts_that_see_loaded_records_change_what_a_page_shows() {
    let app = TestApp::new();
    let table = scripted(&app, &[("WhenloadingRecord", "model.ClassB = model.ClassA + '!';")]);
    create(&app, table, "x");
    let page = app.post(&format!("/api/items/{table}/get"), &json!({})).json();
    assert_eq!(page["Response"]["Data"][0]["ClassHash"]["ClassB"], "x!", "{page}");
}

#[test]
fn scripts_that_create_in_their_own_table_come_to_an_end() {
    let app = TestApp::new();
    let body = "items.Create(context.SiteId, JSON.stringify({ Title: 'd' + context.ServerScript.ScriptDepth }));";
    let table = scripted(&app, &[("AfterCreate", body)]);
    assert_eq!(create(&app, table, "x").status, 200);
    assert_eq!(count(&app, table), 11);
}

#[test]
fn endless_loops_and_greed_end_and_leave_no_trace() {
    let app = impatient(2_000);
    for (body, status) in [
        ("for (;;) {}", 500),
        ("const all = []; for (;;) all.push(new Array(100000).fill(all.length));", 422),
        ("(function f() { f(); })()", 422),
    ] {
        let table = scripted(&app, &[("BeforeCreate", body), ("BeforeUpdate", body)]);
        let answer = create(&app, table, "x");
        assert_eq!(answer.status, status, "{body}: {}", answer.text);
        assert_eq!(count(&app, table), 0, "{body}");
    }
    let plain = app.results_table(&editor(&["ResultId", "Title", "ClassA"]));
    assert_eq!(create(&app, plain, "x").status, 200);
}

#[test]
fn a_hundred_endless_scripts_do_not_starve_others() {
    let app = impatient(300);
    let endless = scripted(&app, &[("BeforeCreate", "for (;;) {}")]);
    let plain = app.results_table(&editor(&["ResultId", "Title", "ClassA"]));
    let quick = scripted(&app, &[("BeforeCreate", "model.ClassB = 'b';")]);

    let slowest = std::thread::scope(|scope| {
        let flood = scope.spawn(|| at_once(100, |_| create(&app, endless, "x").status));
        std::thread::sleep(Duration::from_millis(300));
        let mut slowest = Duration::ZERO;
        for _ in 0..5 {
            for table in [plain, quick] {
                let begun = Instant::now();
                let answer = create(&app, table, "x");
                assert_eq!(answer.status, 200, "{}", answer.text);
                slowest = slowest.max(begun.elapsed());
            }
        }
        let statuses = flood.join().expect("the flood ends");
        assert!(statuses.iter().all(|status| *status == 500), "{statuses:?}");
        slowest
    });

    // One after the other, the loops take fifteen seconds.
    assert!(slowest < Duration::from_secs(6), "{slowest:?}");
    assert_eq!(count(&app, endless), 0);
}

#[test]
fn exports_show_rows_as_scripts_leave_them() {
    let app = TestApp::new();
    let table = scripted(
        &app,
        &[
            ("WhenViewProcessing", "view.Filters.ClassA = 'kept';"),
            ("WhenloadingRecord", "model.ClassB = 'seen ' + model.ClassA;"),
            ("BeforeOpeningRow", "columns.NumA.RawText = '<' + model.ClassB + '>';"),
        ],
    );
    for class in ["kept", "left out"] {
        assert_eq!(create(&app, table, class).status, 200);
    }
    let export = |kind: &str| {
        let columns = ["Title", "ClassB", "NumA"].map(|name| json!({ "ColumnName": name }));
        let body = json!({ "Export": { "Type": kind, "Header": false, "Columns": columns } });
        let answer = app.post(&format!("/api/items/{table}/export"), &body);
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()["Response"]["Content"].as_str().expect("a text").to_owned()
    };

    assert_eq!(export("Csv"), "\"件\",\"seen kept\",\"<seen kept>\"\n");
    let rows: Value = serde_json::from_str(&export("Json")).expect("JSON");
    assert_eq!(rows["Body"].as_array().map(Vec::len), Some(1));
    assert_eq!(rows["Body"][0]["ClassHash"], json!({ "ClassB": "seen kept" }));
    assert_eq!(rows["Body"][0]["NumHash"], json!({ "NumA": 0.0 }));
    let stored = app.count(r#"select count(*) from "Results" where coalesce("ClassB", '') <> ''"#);
    assert_eq!(stored, 0);
}

#[test]
fn a_record_is_updated_on_exit_where_a_script_asks_for_it() {
    let app = TestApp::new();
    let body = "if (model.ClassB !== 'done') { model.ClassB = 'done'; model.NumA = 7; model.UpdateOnExit = true; }";
    let table =
        scripted(&app, &[("AfterCreate", body), ("AfterUpdate", "model.Title = 'not kept';")]);

    let answer = create(&app, table, "x");

    assert_eq!(answer.status, 200, "{}", answer.text);
    let sql = format!(
        r#"select "ClassB" as b, "NumA"::int as a, "Title" as title, "ClassA" as class from "Results" where "ResultId" = {}"#,
        answer.id()
    );
    assert_eq!(app.rows(&sql), json!([{ "b": "done", "a": 7, "title": "件", "class": "x" }]));
    let table = scripted(&app, &[("BeforeUpdate", "model.UpdateOnExit = true;")]);
    let record = create(&app, table, "x").id();
    let refused = app.post(&format!("/api/items/{record}/update"), &json!({ "Title": "y" }));
    assert_eq!(refused.status, 422, "{}", refused.text);
}

#[test]
fn scripts_of_the_operator_run_before_those_of_the_sites_that_they_name() {
    let database = Database::copy();
    let parameters = database.parameters();
    let folder = Path::new(parameters.path_text()).join("ExtendedServerScripts/all");
    fs::create_dir_all(&folder).expect("the folder is ours");
    let written = |file: &str, text: &str| fs::write(folder.join(file), text).expect("a file");
    written("a.json", r#"{ "Name": "a", "BeforeCreate": true, "Body": "model.ClassB = 'no';" }"#);
    written("a.json.js", "model.ClassB = (model.ClassB || '') + 'a' + context.SiteId;");
    written(
        "b.json",
        r#"{ "Name": "b", "Disabled": true, "BeforeCreate": true, "Body": "throw 1;" }"#,
    );
    written("c.json", r#"{ "Actions": ["update"], "BeforeCreate": true, "Body": "throw 1;" }"#);
    let row = r#"insert into "Extensions" ("TenantId", "ExtensionName", "ExtensionType", "ExtensionSettings", "Body",
                                           "Creator", "Updator")
        values (1, 'row', 'ServerScript', '{"BeforeCreate":true,"UserIdList":[1]}', 'model.ClassB += "r";', 1, 1)"#;
    database.execute(row).expect("a row");
    let app = TestApp::start(database, &parameters);
    let plain = app.results_table(&editor(&["ResultId", "Title", "ClassA", "ClassB"]));
    let with_own = scripted(&app, &[("BeforeCreate", "model.ClassB += 'o';")]);
    let mut settings = editor(&["ResultId", "Title", "ClassA", "ClassB"]);
    settings["ServerScriptsAllDisabled"] = json!(true);
    let without = app.results_table(&settings);
    let mut settings = editor(&["ResultId", "Title", "ClassA", "ClassB"]);
    settings["ServerScripts"] =
        json!([{ "Id": 1, "Disabled": true, "BeforeCreate": true, "Body": "throw 1;" }]);
    let disabled = app.results_table(&settings);

    let made = |table: i64| {
        let answer = create(&app, table, "x");
        assert_eq!(answer.status, 200, "{}", answer.text);
        let sql = format!(
            r#"select coalesce("ClassB", '') as b from "Results" where "ResultId" = {}"#,
            answer.id()
        );
        app.rows(&sql)[0]["b"].as_str().expect("a text").to_owned()
    };
    assert_eq!(made(plain), format!("a{plain}r"));
    assert_eq!(made(with_own), format!("a{with_own}ro"));
    assert_eq!(made(disabled), format!("a{disabled}r"));
    assert_eq!(made(without), "");
    let rows = json!({ "Keys": ["ClassA"], "Data": [{ "ClassHash": { "ClassA": "1" } }, { "ClassHash": { "ClassA": "2" } }] });
    assert_eq!(app.post(&format!("/api/items/{plain}/bulkupsert"), &rows).status, 200);
    let sql = format!(
        r#"select count(*) from "Results" where "SiteId" = {plain} and "ClassB" = 'a{plain}r'"#
    );
    assert_eq!(app.count(&sql), 3);
}

#[test]
fn a_time_that_a_script_puts_into_a_text_is_written_as_people_read_it() {
    let app = TestApp::new();
    let body = "model.ClassB = new Date(Date.UTC(2024, 3, 1, 0, 5, 6));";
    let table = scripted(&app, &[("BeforeCreate", body)]);
    assert_eq!(create(&app, table, "x").status, 200);
    let sql = format!(r#"select "ClassB" as text from "Results" where "SiteId" = {table}"#);
    assert_eq!(app.rows(&sql), json!([{ "text": "2024/04/01 0:05:06" }]));
}
