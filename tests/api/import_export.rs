//! Import and export of files.

use encoding_rs::SHIFT_JIS;
use serde_json::{Value, json};

use crate::app::{KEY, TestApp, editor};
use crate::proxy::Proxy;
use crate::support::database::Database;
use crate::support::http::Answer;
use crate::support::parameters::ParameterFolder;
use crate::support::{cli, scratch};

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
fn issues_need_their_completion_which_ends_its_day() {
    let app = TestApp::new();
    let body = json!({
        "Title": "課題", "ReferenceType": "Issues",
        "SiteSettings": { "Version": 1.017, "ReferenceType": "Issues", "Columns": [
            { "ColumnName": "CompletionTime", "EditorFormat": "Ymd" }
        ] }
    });
    let issues = app.post("/api/items/0/createsite", &body).id();
    let answer = import(&app, issues, &json!({}), "タイトル\n一\n".as_bytes());
    assert_eq!(answer.status, 500);
    assert_eq!(message(&answer), "必要な列が含まれていません。列:完了");
    let file = "タイトル,完了,作業量,進捗率\n一,2024/02/28 水,8,50\n二,2024/02/29 木,12.345,\n";
    let answer = import(&app, issues, &json!({}), file.as_bytes());
    assert_eq!(answer.status, 200, "{}", answer.text);
    let stored = app.rows(&format!(
        r#"select "CompletionTime"::text as t from "Issues" where "SiteId" = {issues} order by "IssueId""#
    ));
    assert_eq!(stored, json!(["2024-02-28 15:00:00", "2024-02-29 15:00:00"]));
    let columns = ["Title", "CompletionTime", "WorkValue", "ProgressRate", "RemainingWorkValue"];
    let columns: Vec<Value> = columns.iter().map(|name| json!({ "ColumnName": name })).collect();
    let view = json!({ "ColumnSorterHash": { "IssueId": "asc" } });
    let wish = json!({ "Export": { "Columns": columns, "Header": false }, "View": view });
    let text = exported(&app, issues, &wish);
    let expected = "\"一\",\"2024/02/28\",\"8.0000\",\"50.0\",\"4\"\n\
                    \"二\",\"2024/02/29\",\"12.3450\",\"0.0\",\"12.3\"\n";
    assert_eq!(text, expected);

    let names = ["WorkValue", "ProgressRate", "RemainingWorkValue"];
    let columns: Vec<Value> = names.iter().map(|name| json!({ "ColumnName": name })).collect();
    let wish = json!({ "Export": { "Type": "Json", "Columns": columns }, "View": wish["View"] });
    let text: Value = serde_json::from_str(&exported(&app, issues, &wish)).expect("JSON");
    let values = names.map(|name| text["Body"][0][name]["Value"].as_f64());
    assert_eq!(values, [Some(8.0), Some(50.0), Some(4.0)], "{text}");
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

fn import_people(app: &TestApp, table: &str, options: &Value, file: &str) -> Answer {
    let mut parameters = json!({ "ApiKey": KEY });
    for (name, value) in options.as_object().expect("options") {
        parameters[name] = value.clone();
    }
    app.post_form(&format!("/api/{table}/import"), &parameters, Some(file.as_bytes()))
}

#[test]
fn people_are_imported_and_found_again_by_their_keys() {
    let app = TestApp::new();
    let depts = "組織コード,組織名\nD1,営業\nD2,開発\n";
    let answer = import_people(&app, "depts", &json!({}), depts);
    assert_eq!(answer.json()["Message"], ": 2 件追加し、0 件更新しました。", "{}", answer.text);
    let users = "ログインID,名前,パスワード,組織コード,言語,メールアドレス,無効\n\
                 u1,一郎,Passw0rd!,D1,Japanese,\"a@example.com,b@example.com\",\nu2,二郎,Passw0rd!,none,en,,1\n";
    let answer = import_people(&app, "users", &json!({}), users);
    assert_eq!(answer.json()["Message"], ": 2 件追加し、0 件更新しました。", "{}", answer.text);
    let rows = r#"select "LoginId", "Language", "Disabled", "Ver",
        (select "DeptCode" from "Depts" as dept where dept."DeptId" = person."DeptId") as dept,
        (select count(*) from "MailAddresses" where "OwnerId" = "UserId") as mails
        from "Users" as person where "LoginId" like 'u_' order by 1"#;
    let expected = json!([
        { "LoginId": "u1", "Language": "ja", "Disabled": false, "Ver": 1, "dept": "D1", "mails": 2 },
        { "LoginId": "u2", "Language": "en", "Disabled": true, "Ver": 1, "dept": null, "mails": 0 },
    ]);
    assert_eq!(app.rows(rows), expected);
    let again = import_people(&app, "users", &json!({}), users);
    assert_eq!(again.json()["Message"], ": 0 件追加し、0 件更新しました。", "nothing differs");
    let answer = import_people(&app, "users", &json!({}), "ログインID,名前\nu1,新\nu3,三郎\n");
    assert_eq!(answer.json()["Message"], ": 1 件追加し、1 件更新しました。", "{}", answer.text);
}

#[test]
fn a_bad_row_of_people_leaves_nothing() {
    let app = TestApp::new();
    for (table, file, message) in [
        ("users", "ログインID,名前\n", "ファイルを選択してください。"),
        ("users", "名前\nx\n", "必要な列が含まれていません。列:ログインID"),
        (
            "users",
            "ログインID,名前,メールアドレス\nu1,x,\nu2,y,nope\n",
            "不正なメールアドレスです。[nope]",
        ),
        (
            "groups",
            "グループ名,メンバー種別,メンバーキー\nG,User,nobody\n",
            "存在しないメンバーです。 行: 2",
        ),
        ("groups", "グループ名,メンバー種別\nG,\nG,Robot\n", "メンバー種別が不正です。 行: 3"),
    ] {
        let answer = import_people(&app, table, &json!({}), file);
        assert_eq!(answer.status, 500, "{}", answer.text);
        assert_eq!(answer.json()["Message"], message);
    }
    let weak = "ログインID,名前,パスワード\nu1,x,Passw0rd!\nu2,x,a\n";
    let answer = import_people(&app, "users", &json!({}), weak);
    assert!(message(&answer).starts_with("2行:"), "{}", answer.text);
    assert_eq!(app.count(r#"select count(*) as count from "Users" where "LoginId" like 'u_'"#), 0);
    assert_eq!(app.count(r#"select count(*) as count from "Groups""#), 0);
}

/// 08 §8.3: an id of a file stands in the place of the one that its code finds, and rows before it stay.
#[test]
fn a_dept_whose_id_is_another_conflicts_when_it_is_changed() {
    let app = TestApp::new();
    let first = "組織コード,組織名\nA1,営業\nB1,開発\n";
    assert_eq!(import_people(&app, "depts", &json!({}), first).status, 200);
    let ids = app
        .rows(r#"select "DeptId" as id from "Depts" where "DeptCode" in ('A1', 'B1') order by 1"#);
    let file = format!(
        "組織ID,組織コード,組織名\n{},A1,営業部\n1,C1,新\n{},B1,開発部\n",
        ids[0]["id"], ids[0]["id"]
    );
    let answer = import_people(&app, "depts", &json!({}), &file);
    assert_eq!(answer.status, 500, "{}", answer.text);
    let names = app.rows(
        r#"select string_agg("DeptName", ',' order by "DeptCode") as names from "Depts"
            where "DeptCode" in ('A1', 'B1', 'C1')"#,
    );
    assert_eq!(names[0], json!({ "names": "営業部,開発,新" }));
    let unchanged = format!("組織ID,組織コード,組織名\n{},B1,開発\n", ids[0]["id"]);
    let answer = import_people(&app, "depts", &json!({}), &unchanged);
    assert_eq!(answer.status, 200, "{}", answer.text);
}

/// 04 §4.2, step 10: whether the table has the lock on its editor or not.
#[test]
fn a_file_with_the_id_of_a_locked_record_is_refused() {
    let app = TestApp::new();
    let table = table(&app);
    let made =
        app.post(&format!("/api/items/{table}/create"), &json!({ "Title": "一", "Locked": true }));
    let file = format!("ID,タイトル\n{},二\n", made.id());
    let answer = import(&app, table, &by_key("Title"), file.as_bytes());
    assert_eq!(answer.status, 405, "{}", answer.text);
    let start = format!("レコード {} は Administrator が ", made.id());
    assert!(message(&answer).starts_with(&start), "{}", answer.text);
    assert_eq!(
        import(&app, table, &json!({}), file.as_bytes()).status,
        200,
        "nothing is looked for"
    );
    assert_eq!(count(&app, table), 2);
}

#[test]
fn a_group_gets_a_member_by_every_row() {
    let app = TestApp::new();
    import_people(&app, "depts", &json!({}), "組織コード,組織名\nD1,営業\n");
    let file = "グループ名,メンバー種別,メンバーキー,メンバーは管理者\n\
                G,User,Administrator,1\nG,Dept,D1,\nH,,,\n";
    let answer = import_people(&app, "groups", &json!({}), file);
    let created =
        ": グループ 2 件追加、0 件更新しました。グループメンバー 1 件追加、1 件更新しました。";
    assert_eq!(answer.json()["Message"], created, "{}", answer.text);
    let id = app.count(r#"select "GroupId" as count from "Groups" where "GroupName" = 'G'"#);
    let replaced =
        format!("グループID,グループ名,メンバー種別,メンバーキー\n{id},G2,Dept,D1\n{id},G2,,\n");
    let options = json!({ "ReplaceAllGroupMembers": true });
    let answer = import_people(&app, "groups", &options, &replaced);
    let changed =
        ": グループ 0 件追加、1 件更新しました。グループメンバー 1 件追加、0 件更新しました。";
    assert_eq!(answer.json()["Message"], changed, "{}", answer.text);
    let members = format!(
        r#"select "DeptId" > 0 as dept, "UserId" from "GroupMembers" where "GroupId" = {id}"#
    );
    assert_eq!(app.rows(&members), json!([{ "dept": true, "UserId": 0 }]));
}

#[test]
fn a_command_imports_and_exports_as_the_api_does() {
    let app = TestApp::new();
    let table = table(&app);
    let parameters = app.database.parameters();
    let folder = parameters.path_text();
    let files = scratch::folder("files");
    let (input, output) = (files.join("in.csv"), files.join("out.csv"));
    std::fs::write(&input, "タイトル,コード\n一,A\n二,B\n").expect("a file");
    let (input, output) = (input.to_str().expect("a path"), output.to_str().expect("a path"));
    let site = table.to_string();
    let options = ["--parameters", folder, "--api-key", KEY, &site];
    let done = cli::run(&[&["import"], &options[..], &[input, "--update", "ClassA"]].concat());
    assert!(done.success && done.text.contains("2 件追加し、0 件更新"), "{}", done.text);
    let done = cli::run(&[&["export"], &options[..], &["--output", output]].concat());
    assert!(done.success, "{}", done.text);
    let file = std::fs::read_to_string(output).expect("a file");
    assert_eq!(file, exported(&app, table, &json!({})));
    let done = cli::run(&["export", "--parameters", folder, "--api-key", "nobody", &site]);
    assert!(!done.success && done.text.contains("nobody has that key"), "{}", done.text);
}
