//! Import and export of files.

use encoding_rs::SHIFT_JIS;
use serde_json::{Value, json};

use crate::app::{KEY, TestApp, editor};
use crate::proxy::Proxy;
use crate::support::database::Database;
use crate::support::http::Answer;
use crate::support::parameters::ParameterFolder;

const COLUMNS: [&str; 8] =
    ["ResultId", "Title", "Body", "Status", "ClassA", "ClassB", "NumA", "DateA"];

fn table(app: &TestApp) -> i64 {
    let mut settings = editor(&COLUMNS);
    settings["Columns"] = json!([
        { "ColumnName": "ClassA", "LabelText": "コード" },
        { "ColumnName": "ClassB", "LabelText": "区分", "ChoicesText": "x,エックス\ny,ワイ" },
        { "ColumnName": "NumA", "LabelText": "金額", "MaxLength": 6 },
    ]);
    app.results_table(&settings)
}

fn import(app: &TestApp, table: i64, options: &Value, file: &[u8]) -> Answer {
    let mut parameters = json!({ "ApiKey": KEY });
    for (name, value) in options.as_object().expect("options") {
        parameters[name] = value.clone();
    }
    app.post_form(&format!("/api/items/{table}/import"), &parameters, Some(file))
}

fn by_key(key: &str) -> Value {
    json!({ "UpdatableImport": true, "Key": key })
}

fn message(answer: &Answer) -> String {
    answer.json()["Message"].as_str().unwrap_or_else(|| panic!("{}", answer.text)).to_owned()
}

fn count(app: &TestApp, table: i64) -> i64 {
    app.count(&format!(r#"select count(*) as count from "Results" where "SiteId" = {table}"#))
}

fn exported(app: &TestApp, table: i64, body: &Value) -> String {
    let answer = app.post(&format!("/api/items/{table}/export"), body);
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()["Response"]["Content"].as_str().expect("a text").to_owned()
}

#[test]
fn a_file_that_has_a_bad_row_leaves_nothing() {
    let app = TestApp::new();
    let table = table(&app);
    let long = "タイトル,金額\n一,1\n二,12345678\n三,3\n";
    assert_eq!(import(&app, table, &json!({}), long.as_bytes()).status, 422);
    let open = "タイトル,金額\n一,1\n\"二,2\n";
    assert_eq!(import(&app, table, &json!({}), open.as_bytes()).status, 500);
    assert_eq!(count(&app, table), 0);
}

#[test]
fn several_records_of_a_key_leave_the_table_as_it_is() {
    let app = TestApp::new();
    let table = table(&app);
    let twice = "コード,金額\nA,1\nA,2\n";
    assert_eq!(import(&app, table, &json!({}), twice.as_bytes()).status, 200);
    let answer = import(&app, table, &by_key("ClassA"), "コード,金額\nB,5\nA,9\n".as_bytes());
    assert_eq!(answer.status, 500);
    assert!(message(&answer).contains('2'), "the second row: {}", answer.text);
    assert_eq!(count(&app, table), 2);
}

#[test]
fn shift_jis_is_read_and_an_export_can_be_imported_again() {
    let app = TestApp::new();
    let table = table(&app);
    let text = "タイトル,内容,コード,区分,金額,日付A\n①㈱,\"行1\n行2, \"\"引用\"\"\",A,ワイ,\"1,234\",2024/02/29\n";
    let (bytes, _, lossy) = SHIFT_JIS.encode(text);
    assert!(!lossy);
    let answer = import(&app, table, &json!({ "Encoding": "Shift-JIS" }), &bytes);
    assert_eq!(answer.status, 200, "{}", answer.text);
    let columns = ["Title", "Body", "ClassA", "ClassB", "NumA", "DateA"];
    let columns: Vec<Value> = columns.iter().map(|name| json!({ "ColumnName": name })).collect();
    let wish = json!({ "Export": { "Columns": columns } });
    let file = exported(&app, table, &wish);
    assert!(
        file.contains("\"①㈱\",\"行1\n行2, \"\"引用\"\"\",\"A\",\"ワイ\",\"1234\",\"2024/02/29\""),
        "{file}"
    );
    let again = import(&app, table, &by_key("ClassA"), file.as_bytes());
    assert!(message(&again).contains("0 件追加し、0 件更新"), "nothing differs: {}", again.text);
    assert_eq!(exported(&app, table, &wish), file);
}

#[test]
fn rows_of_one_record_update_it_in_their_order() {
    let app = TestApp::new();
    let table = table(&app);
    import(&app, table, &json!({}), "コード,金額\nA,1\n".as_bytes());
    let answer =
        import(&app, table, &by_key("ClassA"), "コード,金額\nA,2\nB,7\nA,3\nA,4\n".as_bytes());
    assert!(message(&answer).contains("1 件追加し、3 件更新"), "{}", answer.text);
    let rows = app.rows(&format!(
        r#"select "ClassA", "NumA"::int as n from "Results" where "SiteId" = {table} order by 1"#
    ));
    assert_eq!(rows, json!([{ "ClassA": "A", "n": 4 }, { "ClassA": "B", "n": 7 }]));
}

#[test]
fn without_a_form_or_the_right_nothing_is_imported() {
    let app = TestApp::new();
    let table = table(&app);
    let path = format!("/api/items/{table}/import");
    assert_eq!(app.post(&path, &json!({})).status, 400);
    let stranger = json!({ "ApiKey": "nobody" });
    assert_eq!(app.post_form(&path, &stranger, Some(b"a\nb\n")).status, 401);
    assert_eq!(app.post_form(&path, &json!({ "ApiKey": KEY }), None).status, 500);
    assert_eq!(count(&app, table), 0);
}

#[test]
fn ten_thousand_rows_take_few_round_trips() {
    let database = Database::copy();
    let proxy = Proxy::start(database.port);
    let parameters = ParameterFolder::new(proxy.port, &database.name);
    parameters.set("SysLog.json", "EnableLoggingToDatabase", json!(false));
    let app = TestApp::start(database, &parameters);
    let table = table(&app);
    let file = |number: usize| -> String {
        let rows = (0..10_000).map(|at| format!("題{at},K{at},{}\n", (at + number) % 1_000));
        std::iter::once("タイトル,コード,金額\n".to_owned()).chain(rows).collect()
    };
    for (number, expected) in [(0, "10000 件追加し、0 件更新"), (1, "0 件追加し、10000 件更新")]
    {
        let before = proxy.round_trips();
        let answer = import(&app, table, &by_key("ClassA"), file(number).as_bytes());
        let trips = proxy.round_trips() - before;
        assert!(message(&answer).contains(expected), "{}", answer.text);
        assert!(trips < 200, "{trips} round trips");
    }
    let before = proxy.round_trips();
    let text = exported(&app, table, &json!({}));
    let trips = proxy.round_trips() - before;
    assert_eq!(text.matches(",\"K").count(), 10_000);
    assert!(trips < 40, "{trips} round trips");
}
