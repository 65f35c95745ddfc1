//! Bulk upserts: batches must do what one row after the other does.

use serde_json::{Value, json};

use crate::app::{TestApp, at_once, editor};
use crate::proxy::Proxy;
use crate::support::database::Database;
use crate::support::http::Answer;
use crate::support::parameters::ParameterFolder;

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

#[test]
fn bulk_upserts_and_upserts_of_the_same_new_keys_at_once_make_each_record_once() {
    let app = TestApp::new();
    let table = table(&app, true);
    let keys: Vec<String> = (0..40).map(|number| format!("K{number}")).collect();

    let answers: Vec<Answer> = at_once(12, |caller| {
        if caller < 4 {
            let row = |key: &String| json!({ "Title": format!("{caller}"), "ClassHash": { "ClassA": key } });
            let mut rows: Vec<Value> = keys.iter().map(row).collect();
            if caller % 2 == 1 {
                rows.reverse();
            }
            let body = json!({ "Keys": ["ClassA"], "Data": rows });
            app.post(&format!("/api/items/{table}/bulkupsert"), &body)
        } else {
            let body = json!({ "Keys": ["ClassA"], "ClassHash": { "ClassA": keys[caller] } });
            app.post(&format!("/api/items/{table}/upsert"), &body)
        }
    });

    assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
    let records = app.count(&format!(
        r#"select count(distinct "ClassA") from "Results" where "SiteId" = {table} having count(*) = 40"#
    ));
    assert_eq!(records, 40);
}

#[test]
fn what_is_not_built_of_our_own_members_is_refused_and_writes_nothing() {
    let app = TestApp::new();
    let table = table(&app, true);
    for name in ["Atomic", "DryRun"] {
        let mut body = json!({ "Data": [{ "Title": "題" }] });
        body[name] = json!(true);
        assert_eq!(app.post(&format!("/api/items/{table}/bulkupsert"), &body).status, 501);
    }
    let records = app.count(&format!(r#"select count(*) from "Results" where "SiteId" = {table}"#));
    assert_eq!(records, 0);
}
