//! Server scripts: what they see, what they change, and that they cannot take the server along (07 §4).

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::app::{TestApp, at_once, editor};
use crate::support::database::Database;
use crate::support::scratch;
use crate::web_hook::Hook;

/// A table with scripts, each of a moment and a body.
fn scripted(app: &TestApp, scripts: &[(&str, &str)]) -> i64 {
    let scripts = scripts.iter().enumerate().map(|(at, (moment, body))| {
        json!({ "Id": at + 1, "Title": "s", "Name": "s", *moment: true, "Body": body })
    });
    let mut settings =
        editor(&["ResultId", "Title", "ClassA", "ClassB", "NumA", "DateA", "CheckA"]);
    settings["ServerScripts"] = scripts.collect();
    app.results_table(&settings)
}

fn create(app: &TestApp, table: i64, class: &str) -> crate::support::http::Answer {
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
fn extended_formulas_compute_like_a_spreadsheet() {
    let app = TestApp::new();
    let mut settings = editor(&["ResultId", "Title", "ClassA", "ClassB", "NumA", "NumB", "DateA"]);
    let formula = |id: i32, target: &str, script: &str| json!({ "Id": id, "CalculationMethod": "Extended", "Target": target, "FormulaScript": script });
    settings["Formulas"] = json!([
        formula(1, "NumB", "$round([NumA] * 2.5 + $len(分類A), 0)"),
        formula(2, "ClassB", r#"$IF([NumB] > 10, $CONCAT("大", $Upper([ClassA])), "小")"#),
        formula(3, "DateA", "$DATE(2024, 1, 31 + 1)"),
    ]);
    settings["Columns"] = json!([{ "ColumnName": "ClassA", "LabelText": "分類A" }]);
    let table = app.results_table(&settings);

    let body = json!({ "Title": "x", "ClassHash": { "ClassA": "ab" }, "NumHash": { "NumA": 4 } });
    let answer = app.post(&format!("/api/items/{table}/create"), &body);

    assert_eq!(answer.status, 200, "{}", answer.text);
    let record = app.post(&format!("/api/items/{}/get", answer.id()), &json!({})).json();
    let record = &record["Response"]["Data"][0];
    assert_eq!(record["NumHash"]["NumB"].as_f64(), Some(12.0), "{record}");
    assert_eq!(record["ClassHash"]["ClassB"], "大AB");
    assert_eq!(record["DateHash"]["DateA"], "2024-02-01T00:00:00");
}

#[test]
fn a_formula_that_fails_writes_nothing_and_an_error_value_only_where_it_is_shown() {
    let app = TestApp::new();
    let create = |script: &str, shown: bool| {
        let mut settings = editor(&["ResultId", "Title", "ClassA", "ClassB"]);
        settings["Formulas"] = json!([{
            "Id": 1, "CalculationMethod": "Extended", "Target": "ClassB", "FormulaScript": script,
            "IsDisplayError": shown
        }]);
        let table = app.results_table(&settings);
        let answer = create(&app, table, "x");
        let sql = format!(r#"select "ClassB" from "Results" where "SiteId" = {table}"#);
        (answer.status, app.rows(&sql))
    };
    assert_eq!(create("$MOD(1, 0)", false), (200, json!([{ "ClassB": "#DIV/0!" }])));
    assert_eq!(create("$MOD(1, 0)", true), (422, json!([])));
    assert_eq!(create("$UNKNOWN(1)", false), (422, json!([])));
    assert_eq!(create("for (;;) {}", false), (422, json!([])));
}

/// What expressions give as extended formulas, in a record with these values.
fn computed(app: &TestApp, values: &Value, expressions: &[&str]) -> Vec<Value> {
    let mut settings =
        editor(&["ResultId", "Title", "Body", "ClassA", "NumA", "NumB", "DateA", "CheckA"]);
    settings["Columns"] = json!([{ "ColumnName": "NumB", "Nullable": true }]);
    settings["Formulas"] = json!([{
        "Id": 1, "CalculationMethod": "Extended", "Target": "Body",
        "FormulaScript": format!("JSON.stringify([{}])", expressions.join(","))
    }]);
    let table = app.results_table(&settings);
    let answer = app.post(&format!("/api/items/{table}/create"), values);
    assert_eq!(answer.status, 200, "{}", answer.text);
    let sql = format!(r#"select "Body" as body from "Results" where "ResultId" = {}"#, answer.id());
    let rows = app.rows(&sql);
    serde_json::from_str(rows[0]["body"].as_str().expect("a text")).expect("a list")
}

/// That each expression gives what stands beside it, in a record that has values of several kinds.
fn check_formulas(cases: &[(&str, Value)]) {
    let app = TestApp::new();
    let values = json!({
        "Title": "x", "ClassHash": { "ClassA": "東京都ﾁﾖﾀﾞ" }, "NumHash": { "NumA": 1234.5 },
        "DateHash": { "DateA": "2024-02-29" }, "CheckHash": { "CheckA": true }
    });
    let expressions: Vec<&str> = cases.iter().map(|(expression, _)| *expression).collect();
    let found = computed(&app, &values, &expressions);
    assert_eq!(found.len(), cases.len());
    let same = |found: &Value, expected: &Value| {
        found == expected || (found.is_number() && found.as_f64() == expected.as_f64())
    };
    let wrong: Vec<_> = found
        .iter()
        .zip(cases)
        .filter(|(found, (_, expected))| !same(found, expected))
        .map(|(found, (expression, expected))| format!("{expression}: {found}, not {expected}"))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn functions_of_texts_and_dates_treat_japanese_and_ends_of_ranges() {
    check_formulas(&[
        ("$LEN([ClassA])", json!(7)),
        ("$LEN(\"😀\")", json!(2)),
        ("$LEFT([ClassA], 3)", json!("東京都")),
        ("$RIGHT([ClassA])", json!("ﾞ")),
        ("$MID([ClassA], 2, 2)", json!("京都")),
        ("$MID([ClassA], 9, 2)", json!("")),
        ("$MID([ClassA], 0, 2)", json!("#VALUE!")),
        ("$JIS([ClassA])", json!("東京都チヨダ")),
        ("$JIS(\"ABC 123-ﾞ\")", json!("ＡＢＣ　１２３－゛")),
        ("$ASC(\"ガＡ１　パ゛\")", json!("ｶﾞA1 ﾊﾟﾞ")),
        ("$VALUE(\"１，２３４．５\")", json!(1234.5)),
        ("$VALUE(\"千\")", json!("#VALUE!")),
        ("$FIND(\"京\", [ClassA])", json!(2)),
        ("$FIND(\"a\", \"A\")", json!("#VALUE!")),
        ("$SEARCH(\"a\", \"bA\")", json!(2)),
        ("$SEARCH(\"z\", \"bA\")", json!("Not Found")),
        ("$SUBSTITUTE(\"a-b-c\", \"-\", \"・\", 2)", json!("a-b・c")),
        ("$REPLACE([ClassA], 1, 2, \"京\")", json!("京都ﾁﾖﾀﾞ")),
        ("$UPPER(\"ａb\")", json!("ＡB")),
        ("$TRIM(\"　 あ \")", json!("あ")),
        ("$TEXT(1234.5, \"#,##0.00円\")", json!("1,234.50円")),
        ("$TEXT(1234.5, \"C\")", json!("¥1,235")),
        ("$TEXT(0.256, \"0.0%\")", json!("25.6%")),
        ("$TEXT(12345678, \"000-0000\")", json!("1234-5678")),
        ("$TEXT(-5, \"0;(0);零\")", json!("(5)")),
        ("$TEXT([DateA], \"yyyy年M月d日(ddd)\")", json!("2024年2月29日(木)")),
        ("$TEXT([DateA], \"dddd\")", json!("木曜日")),
        ("$TEXT(\"2024/04/01 13:05:00\", \"tt h時m分\")", json!("午後 1時5分")),
        ("$TEXT(\"あ\", \"0\")", json!("あ")),
        ("$YEAR([DateA])", json!(2024)),
        ("$YEAR(\"\")", json!(1900)),
        ("$HOUR(\"x\")", json!("#NUM!")),
        ("$HOUR(0.5 + 45000)", json!(12)),
        ("$DAY(60)", json!(28)),
        ("$DAY(61)", json!(1)),
        ("$DATE(124, 1, 1)", json!("2024/01/01")),
        ("$DATE(2024, 14, 0)", json!("2025/01/31")),
        ("$DATE(10000, 1, 1)", json!("#NUM!")),
        ("$DATETIME(2024, 2, 28, 24, 0, 61)", json!("2024/02/29 00:01:01")),
        ("$EOMONTH([DateA], 12)", json!("2025/02/28")),
        ("$EOMONTH(45000, 1)", json!("#VALUE!")),
        ("$DAYS(\"2024/03/01\", [DateA])", json!(1)),
        ("$DATEDIF([DateA], \"2025/02/28\", \"Y\")", json!(0)),
        ("$DATEDIF([DateA], \"2025/03/01\", \"Y\")", json!(1)),
        ("$DATEDIF(\"2024/01/31\", \"2024/03/30\", \"M\")", json!(1)),
        ("$DATEDIF(\"2024/01/15\", \"2024/03/10\", \"MD\")", json!(24)),
        ("$DATEDIF(\"2023/11/20\", \"2024/03/10\", \"YM\")", json!(3)),
        ("$DATEDIF(\"2023/11/20\", \"2024/03/10\", \"YD\")", json!(111)),
        ("$DATEDIF([DateA], \"2024/02/28\", \"D\")", json!("#VALUE!")),
        ("$DATEDIF([DateA], [DateA], \"X\")", json!("#NUM!")),
        ("$WEEKDAY([DateA])", json!(5)),
        ("$WEEKDAY([DateA], 3)", json!(3)),
        ("$WEEKDAY([DateA], 14)", json!(1)),
        ("$WEEKDAY([DateA], 4)", json!("#NUM!")),
    ]);
}

#[test]
fn functions_of_logic_and_numbers_answer_errors_as_spreadsheets_do() {
    check_formulas(&[
        ("$IF([CheckA], \"済\", \"未\")", json!("済")),
        ("$IF(FALSE, 1)", json!(false)),
        ("$IFS([NumA] > 2000, \"大\", [NumA] > 1000, \"中\")", json!("中")),
        ("$IFS(false, 1)", json!("#N/A")),
        ("$IFS(false)", json!("Invalid Parameter")),
        ("$IFERROR($MOD(1, 0), \"零\")", json!("零")),
        ("$ISBLANK([NumB])", json!(true)),
        ("$ISNUMBER([NumA])", json!(true)),
        ("$ISTEXT([ClassA])", json!(true)),
        ("$ISEVEN(-2.9)", json!(true)),
        ("$MOD(-7, 3)", json!(1)),
        ("$MOD(7, -3)", json!(-1)),
        ("$ODD(1.5)", json!(3)),
        ("$ODD(-2)", json!(-3)),
        ("$POWER(0, 0)", json!("#NUM!")),
        ("$SQRT(-1)", json!("#NUM!")),
        ("$ROUND(-2.5, 0)", json!(-3)),
        ("$ROUND(1.005, 2)", json!(1.01)),
        ("$ROUND(1250, -2)", json!(1300)),
        ("$ROUNDUP(-1.21, 1)", json!(-1.3)),
        ("$ROUNDDOWN(-1.29, 1)", json!(-1.2)),
        ("$TRUNC(1.9)", json!(1)),
        ("$AVERAGE(1, \"x\", 2)", json!(1.5)),
        ("$AVERAGE(\"x\")", json!("#DIV/0!")),
        ("$MAX(\"x\")", json!(0)),
        ("$MIN(3, \"2\", [NumA])", json!(2)),
        ("$AND(true, [CheckA], 1)", json!(true)),
        ("$NOT([CheckA])", json!(false)),
        ("$LEFT()", json!("Invalid Parameter")),
    ]);
}

/// What a script of a create leaves in `Body`, as JSON.
fn told(app: &TestApp, expression: &str) -> Value {
    let body = format!("model.Body = JSON.stringify({expression});");
    let table = scripted(app, &[("BeforeCreate", &body)]);
    let answer = create(app, table, "x");
    assert_eq!(answer.status, 200, "{}", answer.text);
    let rows = app.rows(&format!(
        r#"select "Body" as body from "Results" where "ResultId" = {}"#,
        answer.id()
    ));
    serde_json::from_str(rows[0]["body"].as_str().expect("a text")).expect("JSON")
}

#[test]
fn scripts_look_up_sites_times_and_members() {
    let app = TestApp::new();
    let table = app.results_table(&editor(&["ResultId", "Title", "DateA"]));
    app.database
        .execute(&format!(
            r#"update "Sites" set "Title" = '予定', "SiteName" = 'plans', "SiteGroupName" = 'all' where "SiteId" = {table}"#
        ))
        .expect("a name");
    for day in ["2024-04-10", "2024-04-12"] {
        let body = json!({ "DateHash": { "DateA": day } });
        assert_eq!(app.post(&format!("/api/items/{table}/create"), &body).status, 200);
    }
    let times = told(
        &app,
        &format!(
            "[items.MaxDate({table}, 'DateA'), items.MinDate({table}, 'DateA'), items.MinDate({table}, 'Title')]"
        ),
    );
    assert_eq!(
        times,
        json!(["2024-04-11T15:00:00.000Z", "2024-04-09T15:00:00.000Z", "0001-01-01T00:00:00.000Z"])
    );
    let sites = "[items.GetSiteByTitle('予定')[0].SiteId, items.GetSiteByName('plans')[0].SiteId,
        items.GetSiteByGroupName('all').Length, items.GetSiteByName('none').Length,
        siteSettings.SiteId('予定'), siteSettings.SiteId('無い')]";
    assert_eq!(told(&app, sites), json!([table, table, 1, 0, table, 0]));

    let dept = app.post("/api/depts/create", &json!({ "DeptName": "営業", "DeptCode": "S1" })).id();
    let body =
        json!({ "LoginId": "sato", "Name": "佐藤", "Password": "Pass12345!", "DeptId": dept });
    let user = app.post("/api/users/create", &body).id();
    let group = |name: &str, members: Value, children: Value| {
        let body = json!({ "GroupName": name, "GroupMembers": members, "GroupChildren": children });
        let answer = app.post("/api/groups/create", &body);
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.id()
    };
    let child = group("子", json!([format!("Dept,{dept},")]), json!([]));
    let parent = group("親", json!(["User,1,true"]), json!([format!("Group,{child},")]));
    let members = format!(
        "groups.Get({parent}).GetMembers().map(m => [m.GroupId, m.GroupName, m.UserId, m.LoginId, m.Admin])"
    );
    assert_eq!(
        told(&app, &members),
        json!([[child, "子", 0, "", false], [0, "", 1, "Administrator", true]])
    );
    let contains = format!(
        "(g => [g.ContainsUser(1), g.ContainsUser({user}), g.ContainsDept({dept}), g.ContainsDept(depts.Get({dept})),
            g.ContainsChild({child}), g.ContainsChild({parent}), g.GetChildren().map(c => c.GroupName)])(groups.Get({parent}))"
    );
    assert_eq!(told(&app, &contains), json!([true, true, true, true, true, false, ["子"]]));
    let dept = format!("depts.Get({dept}).GetMembers().map(m => [m.UserId, m.LoginId, m.Name])");
    assert_eq!(told(&app, &dept), json!([[user, "sato", "佐藤"]]));
    let update = format!(
        "[groups.Update({child}, JSON.stringify({{ GroupName: '新' }})), groups.Update(99999, '{{}}'), groups.Get({child}).GroupName]"
    );
    assert_eq!(told(&app, &update), json!([true, false, "新"]));
}

#[test]
fn scripts_call_those_servers_that_are_listed_and_no_others() {
    let (hook, other) = (Hook::listen(), Hook::listen());
    let database = Database::copy();
    let parameters = database.parameters();
    let host = |hook: &Hook| hook.address.replace("http://", "").replace("/hook", "");
    let listed = host(&hook);
    let app = TestApp::start_with(database, &parameters, &[("KOKOCHI_SCRIPT_HOSTS", &listed)]);
    let post = |address: &str| {
        format!(
            "(() => {{ httpClient.RequestUri = '{address}'; httpClient.Content = '{{\"a\":\"あ\"}}';
                httpClient.RequestHeaders.Add('X-Own', 'one');
                try {{ return [httpClient.Post(), httpClient.StatusCode, httpClient.IsSuccess]; }}
                catch (error) {{ return error.message; }} }})()"
        )
    };

    assert_eq!(told(&app, &post(&hook.address)), json!(["", 200, true]));
    let (head, body) = hook.next();
    let head = head.to_lowercase();
    assert!(head.starts_with("post /hook ") && head.contains("x-own: one"), "{head}");
    assert!(head.contains("content-type: application/json; charset=utf-8"), "{head}");
    assert_eq!(body, r#"{"a":"あ"}"#);
    let refused = told(&app, &post(&other.address));
    assert!(refused.as_str().is_some_and(|text| text.contains("script_hosts")), "{refused}");
    assert!(other.calls.try_recv().is_err(), "nobody called it");
    drop(app);
    let refused = told(&TestApp::new(), &post(&hook.address));
    assert!(refused.as_str().is_some_and(|text| text.contains("not allowed")), "{refused}");
}

#[test]
fn scripts_send_notifications() {
    let (app, hook) = (TestApp::new(), Hook::listen());
    let send = format!(
        "Object.assign(notifications.New(), {{ Type: 2, Prefix: '[x]', Address: '{}', Title: '題', Body: '本文' }}).Send()",
        hook.address
    );
    assert_eq!(told(&app, &send), json!(true));
    assert_eq!(hook.next_json()["text"], "*[x]題*\n本文");
    assert_eq!(told(&app, "notifications.Get(1)"), Value::Null);
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
fn scripts_run_named_sql_at_their_own_site_and_see_instants() {
    let database = Database::copy();
    let parameters = database.parameters();
    let definitions = scratch::folder("definitions");
    let define = |name: &str, more: Value| {
        let mut definition = json!({ "Name": name, "Api": true });
        for (member, value) in more.as_object().expect("an object") {
            definition[member] = value.clone();
        }
        let file = definitions.join(format!("{name}.json"));
        std::fs::write(file, definition.to_string()).expect("a file");
    };
    define(
        "Where",
        json!({
            "CommandText": r#"select {{SiteId}}::bigint as "z", {{Id}}::bigint as "a""#,
            "Controllers": ["items"], "Actions": ["create"]
        }),
    );
    define(
        "When",
        json!({
            "CommandText": "select timestamptz '2024-04-01 09:00:00+09' as a, timestamp '2024-04-01 09:00:00' as b"
        }),
    );
    parameters.extended_sqls(&definitions);
    // Of two kinds of times only this tells the server's own from an instant.
    let app = TestApp::start_with(database, &parameters, &[("KOKOCHI_TIME_ZONE", "Asia/Tokyo")]);
    let told = told(
        &app,
        "[extendedSql.ExecuteRow('Where'), extendedSql.ExecuteScalar('Where'), extendedSql.ExecuteRow('When'), context.SiteId]",
    );
    let site = told[3].as_i64().expect("an id");
    assert_eq!(told[0], json!({ "z": site, "a": site }));
    assert_eq!(told[1], site, "the first column of the text");
    let instant = "2024-04-01T00:00:00.000Z";
    assert_eq!(told[2], json!({ "a": instant, "b": instant }));
    let api = app.post("/api/extended/sql", &json!({ "Name": "Where" }));
    assert_eq!(api.status, 400, "{}", api.text);
}

#[test]
fn scripts_know_their_tenant_encode_texts_and_write_members_of_sites() {
    let app = TestApp::new();
    app.database.execute(r#"update "Tenants" set "Title" = '東京商会'"#).expect("a title");
    let table = app.results_table(&editor(&["ResultId", "Title"]));
    let told = told(
        &app,
        &format!(
            "(() => {{
            const site = items.GetSite({table})[0];
            site.GridGuide = '一覧の手引き'; site.DisableCrossSearch = true;
            const record = items.NewResult();
            return [context.TenantTitle, utilities.ConvertToBase64String('あA', 'shift_jis'),
                utilities.ConvertToBase64String('あ', 'utf-16'), site.Update(), record.ClassB, record.NumA,
                record.CheckA, JsonConvert.SerializeObject({{ a: [1] }}), items.Create({table}, null)];
            }})()"
        ),
    );
    assert_eq!(
        told,
        json!(["東京商会", "gqBB", "QjA=", true, "", null, false, "{\"a\":[1]}", false])
    );
    let sql = format!(
        r#"select "GridGuide" as guide, "DisableCrossSearch" as hidden from "Sites" where "SiteId" = {table}"#
    );
    assert_eq!(app.rows(&sql), json!([{ "guide": "一覧の手引き", "hidden": true }]));
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
