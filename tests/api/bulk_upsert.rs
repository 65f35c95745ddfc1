//! Bulk upserts: batches must do what one row after the other does.

use std::time::Duration;

use serde_json::{Value, json};

use crate::app::{KEY, TestApp, at_once, editor};
use crate::proxy::Proxy;
use crate::support::database::Database;
use crate::support::deadline::poll;
use crate::support::http::{self, Answer};
use crate::support::parameters::ParameterFolder;
use crate::support::server::Server;

const COLUMNS: [&str; 9] =
    ["ResultId", "Ver", "Title", "Body", "Status", "ClassA", "ClassB", "NumA", "Comments"];

/// Numbers that look random and are the same at every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn of<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[usize::try_from(self.below(texts.len() as u64)).expect("small")]
    }
}

/// A table whose rows go in batches, or one with a column without duplicates, which no row fills: they go one by one.
fn table(app: &TestApp, in_batches: bool) -> i64 {
    let mut settings = editor(&COLUMNS);
    settings["AutoVerUpType"] = json!(2);
    settings["Columns"] = json!([
        { "ColumnName": "ClassB", "MaxLength": 5 },
        { "ColumnName": "NumA", "DecimalPlaces": 2 },
    ]);
    if !in_batches {
        let unique = json!({ "ColumnName": "ClassZ", "NoDuplication": true });
        settings["Columns"].as_array_mut().expect("a list").push(unique);
    }
    app.results_table(&settings)
}

fn row(dice: &mut Dice) -> Value {
    let mut row = json!({
        "Title": dice.of(&["題", "名", "表", "題 名"]),
        "ClassHash": { "ClassA": dice.of(&["甲", "乙", "丙", "丁", "A", "a"]) },
        "NumHash": { "NumA": dice.of(&["1", "1.00", "2", "2.005", "3"]) },
    });
    match dice.below(10) {
        0 => row["Status"] = json!(200),
        1 => row["Comments"] = json!("一言"),
        2 => row["Body"] = json!("長い\n文"),
        3 if dice.below(4) == 0 => row["ClassHash"]["ClassB"] = json!("123456"),
        4 => row["ClassHash"]["ClassB"] = json!("12345"),
        // Too large for the database, which only it finds out.
        5 if dice.below(6) == 0 => row["NumHash"]["NumB"] = json!("10000000000000000"),
        _ => {}
    }
    row
}

fn body(dice: &mut Dice) -> Value {
    let rows: Vec<Value> = (0..=dice.below(30)).map(|_| row(dice)).collect();
    let mut body = json!({ "Data": rows });
    match dice.below(6) {
        0 => {}
        1 => body["Keys"] = json!(["NumA"]),
        2 => body["Keys"] = json!(["ClassA", "NumA"]),
        3 => body["Keys"] = json!(["Title", "ClassA"]),
        4 => body["Keys"] = json!(["Title"]),
        _ => body["Keys"] = json!(["ClassA"]),
    }
    if dice.below(4) == 0 {
        body["KeyNotFoundCreate"] = json!(false);
    }
    body
}

/// What a table holds, in the order of lists, with places instead of ids.
fn content(app: &TestApp, table: i64) -> Value {
    let values = r#""Ver", "Title", "Body", "Status", "ClassA", "ClassB", "NumA",
        "Comments" is not null as commented, "Creator", "Updator""#;
    let records = app.rows(&format!(
        r#"select {values}, rank() over (order by "ResultId") as place from "Results"
           where "SiteId" = {table} order by "UpdatedTime" desc, "ResultId" desc"#
    ));
    let history = app.rows(&format!(
        r#"select {values}, dense_rank() over (order by "ResultId") as place from "Results_history"
           where "SiteId" = {table} order by "ResultId", "Ver""#
    ));
    let items = app.rows(&format!(
        r#"select "Title", "Ver", "SearchIndexCreatedTime" is not null as made, array(
                      select case word when "ReferenceId"::text then 'ID' else word end
                        from unnest(string_to_array("FullText", ' ')) as word) as words
             from "Items" where "SiteId" = {table} and "ReferenceId" <> {table} order by "ReferenceId""#
    ));
    json!({ "records": records, "history": history, "items": items })
}

#[test]
fn batches_do_what_one_row_after_the_other_does() {
    let app = TestApp::new();
    let (batches, one_by_one) = (table(&app, true), table(&app, false));
    let mut dice = Dice(20_240_410);
    for round in 0..60 {
        // Few records at a time, or every key would match several.
        if round % 6 == 0 {
            for table in [batches, one_by_one] {
                let all = json!({ "All": true, "PhysicalDelete": true });
                app.post(&format!("/api/items/{table}/bulkdelete"), &all);
            }
        }
        let body = body(&mut dice);
        let answers = [batches, one_by_one]
            .map(|table| app.post(&format!("/api/items/{table}/bulkupsert"), &body));
        let [got, expected] =
            answers.map(|answer| (answer.status, answer.json()["Message"].clone()));
        assert_eq!(got, expected, "round {round}: {body}");
        let (got, expected) = (content(&app, batches), content(&app, one_by_one));
        assert_eq!(got, expected, "round {round}: {body}");
    }
}

#[test]
fn a_thousand_rows_take_a_dozen_round_trips() {
    let database = Database::copy();
    let proxy = Proxy::start(database.port);
    let parameters = ParameterFolder::new(proxy.port, &database.name);
    parameters.set("SysLog.json", "EnableLoggingToDatabase", json!(false));
    let app = TestApp::start(database, &parameters);
    let table = table(&app, true);
    let trips = |prefix: &str| {
        let rows: Vec<Value> = (0..1_000)
            .map(|number| json!({ "Title": prefix, "ClassHash": { "ClassA": format!("K{number}") } }))
            .collect();
        let before = proxy.round_trips();
        let body = json!({ "Keys": ["ClassA"], "Data": rows });
        let answer = app.post(&format!("/api/items/{table}/bulkupsert"), &body);
        assert_eq!(answer.status, 200, "{}", answer.text);
        proxy.round_trips() - before
    };

    let created = trips("作成");
    let updated = trips("更新");

    // Opening connections and preparing statements included.
    assert!(created <= 30 && updated <= 20, "{created} {updated}");
    let right = app.count(&format!(
        r#"select count(*) from "Results" where "SiteId" = {table} and "Title" = '更新' and "Ver" = 2"#
    ));
    assert_eq!(right, 1_000);
}

/// Bulk upserts and upserts of the same new keys at once, which have to make a record of each key.
fn race(app: &TestApp, table: i64, keys: usize, atomic: bool) {
    let of: Vec<String> = (0..keys).map(|number| format!("K{number}")).collect();
    let answers: Vec<Answer> = at_once(12, |caller| {
        if caller < 4 {
            let row = |key: &String| json!({ "Title": format!("{caller}"), "ClassHash": { "ClassA": key } });
            let mut rows: Vec<Value> = of.iter().map(row).collect();
            if caller % 2 == 1 {
                rows.reverse();
            }
            let body = json!({ "Keys": ["ClassA"], "Data": rows, "Atomic": atomic });
            app.post(&format!("/api/items/{table}/bulkupsert"), &body)
        } else {
            let body = json!({ "Keys": ["ClassA"], "ClassHash": { "ClassA": of[caller] } });
            app.post(&format!("/api/items/{table}/upsert"), &body)
        }
    });

    assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
    let made = app.rows(&format!(
        r#"select count(*) as records, count(distinct "ClassA") as keys from "Results" where "SiteId" = {table}"#
    ));
    assert_eq!(made, json!([{ "records": keys, "keys": keys }]));
}

#[test]
fn bulk_upserts_and_upserts_of_the_same_new_keys_at_once_make_each_record_once() {
    let app = TestApp::new();
    race(&app, table(&app, true), 40, false);
}

/// A table whose records do more when they are written: a formula, a script, a number, a sum in another table.
fn table_with_logic(app: &TestApp) -> (i64, i64) {
    let parents = app.results_table(&editor(&["ResultId", "Title", "NumA"]));
    let mut settings = editor(&COLUMNS);
    settings["EditorColumnHash"]["General"].as_array_mut().expect("a list").push(json!("ClassC"));
    settings["Columns"] = json!([
        { "ColumnName": "ClassB", "MaxLength": 5 },
        { "ColumnName": "ClassC", "ChoicesText": format!("[[{parents}]]") },
    ]);
    settings["Links"] = json!([{ "ColumnName": "ClassC", "SiteId": parents }]);
    settings["Formulas"] = json!([{
        "Id": 1, "Target": "NumB", "Formula": { "OperatorType": 0, "ColumnName": "NumA" }
    }]);
    settings["Summaries"] = json!([{
        "Id": 1, "SiteId": parents, "DestinationReferenceType": "Results", "DestinationColumn": "NumA",
        "LinkColumn": "ClassC", "Type": "Total", "SourceColumn": "NumA"
    }]);
    settings["ServerScripts"] = json!([{
        "Id": 1, "Title": "s", "Name": "s", "BeforeCreate": true, "BeforeUpdate": true,
        "Body": "if (model.Title === '題 名') { context.UserData.Last = model.ClassA; model.Body = 'by script'; }"
    }]);
    (app.results_table(&settings), parents)
}

/// Every row that a bulk upsert could touch.
fn everything(app: &TestApp) -> Value {
    let tables = [
        "Results",
        "Results_history",
        "Items",
        "Links",
        "Sessions",
        "Binaries",
        "Permissions",
        "Tenants",
    ];
    let rows = |table: &&str| {
        app.rows(&format!(
            r#"select count(*), sum(hashtextextended(x::text, 0))::text as sum from "{table}" x"#
        ))
    };
    json!(tables.iter().map(rows).collect::<Vec<Value>>())
}

#[test]
fn as_a_whole_rows_are_written_as_one_by_one_or_not_at_all() {
    let app = TestApp::new();
    let (plain, whole) = (table_with_logic(&app), table_with_logic(&app));
    let (batches, whole_batches) = (table(&app, true), table(&app, true));
    let parent = |parents: i64| {
        app.post(&format!("/api/items/{parents}/create"), &json!({ "Title": "親" })).id()
    };
    let parents = [parent(plain.1), parent(whole.1), 0, 0];
    let tables = [(plain.0, whole.0, 0), (batches, whole_batches, 2)];
    let mut dice = Dice(20_260_401);
    let (mut made, mut refused) = (0, 0);
    for round in 0..16 {
        if round % 2 == 0 {
            for table in [plain.0, whole.0, batches, whole_batches] {
                let all = json!({ "All": true, "PhysicalDelete": true });
                app.post(&format!("/api/items/{table}/bulkdelete"), &all);
            }
        }
        let body = body(&mut dice);
        for (one_by_one, whole, parent) in tables {
            let with = |parent: i64, member: &str, on: bool| {
                let mut body = body.clone();
                for row in body["Data"].as_array_mut().expect("rows") {
                    if parent != 0 {
                        row["ClassHash"]["ClassC"] = json!(parent.to_string());
                    }
                }
                body[member] = json!(on);
                body
            };
            let post = |table: i64, body: &Value| {
                let answer = app.post(&format!("/api/items/{table}/bulkupsert"), body);
                (answer.status, answer.json()["Message"].as_str().expect("a text").to_owned())
            };
            let before = everything(&app);
            let dry = post(whole, &with(parents[parent + 1], "DryRun", true));
            assert_eq!(everything(&app), before, "round {round}: {body}");
            let atomic = post(whole, &with(parents[parent + 1], "Atomic", true));
            if atomic.0 == 200 {
                made += 1;
                let plain = post(one_by_one, &with(parents[parent], "Atomic", false));
                assert_eq!((&dry, &atomic), (&plain, &plain), "round {round}: {body}");
                let (mut got, mut expected) = (content(&app, whole), content(&app, one_by_one));
                // One transaction has one time, so lists show them in another order.
                for content in [&mut got, &mut expected] {
                    let records = content["records"].as_array_mut().expect("rows");
                    records.sort_by_key(|record| record["place"].as_i64());
                }
                assert_eq!(got["records"], expected["records"], "round {round}: {body}");
                assert_eq!(got["history"], expected["history"], "round {round}: {body}");
            } else {
                refused += 1;
                assert_eq!(everything(&app), before, "round {round}: {body}");
                assert_eq!(dry.0, atomic.0, "{dry:?} {atomic:?}");
            }
        }
    }
    assert!(made > 6 && refused > 3, "{made} {refused}");
    let sums = app.rows(&format!(
        r#"select "NumA" from "Results" where "ResultId" in ({}, {}) order by "ResultId""#,
        parents[0], parents[1]
    ));
    assert_eq!(sums[0], sums[1], "what the rows add up to");
    let all = json!({ "All": true, "Atomic": true });
    assert_eq!(app.post(&format!("/api/items/{}/bulkdelete", whole.0), &all).status, 200);
    let sum = app.rows(&format!(
        r#"select coalesce("NumA", 0) as sum from "Results" where "ResultId" = {}"#,
        parents[1]
    ));
    assert_eq!(sum, json!([{ "sum": 0.0 }]), "nothing is left to add up");
}

#[test]
fn upserts_wait_for_one_that_is_made_as_a_whole() {
    let app = TestApp::new();
    race(&app, table_with_logic(&app).0, 30, true);
}

#[test]
fn members_of_our_own_that_are_neither_true_nor_false_are_refused() {
    let app = TestApp::new();
    let table = table(&app, true);
    for name in ["Atomic", "DryRun"] {
        let mut body = json!({ "Data": [{ "Title": "題" }] });
        body[name] = json!("perhaps");
        assert_eq!(app.post(&format!("/api/items/{table}/bulkupsert"), &body).status, 400);
    }
    let records = app.count(&format!(r#"select count(*) from "Results" where "SiteId" = {table}"#));
    assert_eq!(records, 0);
}

#[test]
fn a_crash_leaves_a_prefix_of_whole_records_and_the_same_call_completes_it() {
    let database = Database::copy();
    let parameters = database.parameters();
    let mut app = TestApp::start(database, &parameters);
    // In batches, and one by one, where the crash comes between any two records.
    for (table, rows) in [(table(&app, true), 6_000), (table_with_logic(&app).0, 400)] {
        let row = |number: i64| json!({ "Title": format!("T{number}"), "ClassHash": { "ClassA": format!("K{number:04}") } });
        let wanted: i64 = rows;
        let rows: Vec<Value> = (0..wanted).map(row).collect();
        let body = json!({ "ApiVersion": 1.1, "ApiKey": KEY, "Keys": ["ClassA"], "Data": rows });
        let (url, path) = (app.server.base_url(), format!("/api/items/{table}/bulkupsert"));
        let records = |app: &TestApp| {
            app.count(&format!(r#"select count(*) from "Results" where "SiteId" = {table}"#))
        };

        let call = http::Call {
            method: "POST".to_owned(),
            path,
            headers: vec![("Content-Type".to_owned(), "application/json".to_owned())],
            body: Some(body.to_string().into_bytes()),
            timeout: Duration::from_mins(3),
        };
        let calling = std::thread::spawn(move || http::send(&url, call));
        poll(Duration::from_secs(30), || (records(&app) > 0).then_some(()))
            .expect("a first record");
        app.server.kill();
        assert!(calling.join().expect("a thread").is_err(), "the call did not end by itself");

        let no_more = poll(Duration::from_secs(30), || {
            let busy = app.count(
                "select count(*) from pg_stat_activity
                  where datname = current_database() and state <> 'idle' and pid <> pg_backend_pid()",
            );
            (busy == 0).then_some(())
        });
        no_more.expect("the database has noticed");
        let written = records(&app);
        assert!(written > 0 && written < wanted, "{written}");
        let whole = app.count(&format!(
            r#"select count(*) from "Results" r join "Items" i on i."ReferenceId" = r."ResultId"
                where r."SiteId" = {table} and r."ClassA" < 'K' || lpad({written}::text, 4, '0')
                  and i."Title" = r."Title" and i."FullText" like '%' || r."ClassA" || '%'"#
        ));
        assert_eq!(whole, written, "a prefix, and each has its item");

        app.server = Server::try_start_with(&parameters, &[]).expect("a server");
        let answer = app.post_text(&format!("/api/items/{table}/bulkupsert"), &body.to_string());
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(records(&app), wanted);
    }
}

/// 04 §1.5: the row that keeps others off is that of Pleasanter, and so is what is refused.
#[test]
fn a_table_at_work_refuses_other_tasks_for_two_minutes() {
    let database = Database::copy();
    let parameters = database.parameters();
    parameters.set("General.json", "BlockSiteTaskWhileRunning", json!(true));
    let app = TestApp::start(database, &parameters);
    let table = app.results_table(&editor(&["ResultId", "Title"]));
    let held = |seconds: i32| {
        let sql = format!(
            r#"insert into "Sessions" ("SessionGuid", "Key", "Page", "Value", "Creator", "Updator")
               values ('SessionExclusive', 'TableExclusive_SiteId={table}', '', json_build_object('SiteId', {table},
                       'UserId', 1, 'Comment', 'ImportByApi', 'UpdatedTime', to_char(now() at time zone 'UTC'
                       - interval '{seconds} seconds', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))::text, 1, 1)
               on conflict ("SessionGuid", "Key", "Page") do update set "Value" = excluded."Value""#
        );
        app.database.execute(&sql).expect("a session");
    };
    let calls = || {
        let call = |name: &str, body: Value| app.post(&format!("/api/items/{table}/{name}"), &body);
        let file = Some("タイトル\n二\n".as_bytes());
        [
            call("bulkupsert", json!({ "Data": [{ "Title": "一" }] })),
            app.post_form(&format!("/api/items/{table}/import"), &json!({ "ApiKey": KEY }), file),
            call("export", json!({})),
            call("synchronizesummaries", json!({ "SummaryId": [1] })),
            call("bulkdelete", json!({ "All": true })),
        ]
    };
    held(60);
    for answer in calls() {
        assert_eq!(answer.status, 429, "{}", answer.text);
        let text = "別のタスクが処理中です。後で実行してください。";
        assert_eq!(answer.json()["Message"], text);
    }
    let bad = app.post(&format!("/api/items/{table}/bulkupsert"), &json!({ "Data": 1 }));
    assert_eq!(bad.status, 400, "what is wrong anyway is said first");
    let gone = json!({ "All": true, "PhysicalDelete": true });
    assert_eq!(app.post(&format!("/api/items/{table}/bulkdelete"), &gone).status, 200);
    for answer in {
        held(130);
        calls()
    } {
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    let rows = r#"select count(*) from "Sessions" where "SessionGuid" = 'SessionExclusive'"#;
    assert_eq!(app.count(rows), 0);
}
