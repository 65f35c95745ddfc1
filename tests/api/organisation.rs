//! Users, departments and groups.

use serde_json::{Value, json};

use crate::app::{KEY, TestApp, at_once};
use crate::support::database::Database;

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

fn user(app: &TestApp, login_id: &str, more: &Value) -> i64 {
    let mut body = json!({ "LoginId": login_id, "Name": login_id, "Password": "Pass12345!" });
    for (name, value) in more.as_object().expect("members") {
        body[name] = value.clone();
    }
    let answer = app.post("/api/users/create", &body);
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.id()
}

#[test]
fn long_passwords_are_hashed_whole_and_empty_ones_are_passwords_too() {
    let app = TestApp::new();
    let long = "p".repeat(200);
    let id = user(&app, "sato", &json!({ "Password": long }));
    let hash = kokochi::db::bootstrap::sha512_hex;
    let stored = |id: i64| {
        app.rows(&format!(r#"select "Password" from "Users" where "UserId" = {id}"#))[0]["Password"]
            .clone()
    };
    assert_eq!(stored(id), hash(&long));

    let path = format!("/api/users/{id}/update");
    let empty = app.post(&path, &json!({ "Password": "" }));
    assert_eq!(empty.json()["Message"], "パスワードはパスワードポリシーの要件を満たしていません。");
    assert_eq!(stored(id), hash(&long));
    assert_eq!(app.post(&path, &json!({ "Password": "short1" })).status, 200);
    assert_eq!(stored(id), hash("short1"));
}

#[test]
fn managers_whom_nobody_knows_are_none() {
    let app = TestApp::new();
    let boss = user(&app, "boss", &json!({}));
    let id = user(&app, "sato", &json!({ "Manager": boss }));
    let shown = || {
        let answer = app.post(&format!("/api/users/{id}/get"), &json!({}));
        answer.json()["Response"]["Data"][0]["Manager"].clone()
    };
    assert_eq!(shown(), boss);
    assert_eq!(app.post(&format!("/api/users/{boss}/delete"), &json!({})).status, 200);
    assert_eq!(shown(), 0);
    let update = app.post(&format!("/api/users/{id}/update"), &json!({ "Manager": 987 }));
    assert_eq!(update.status, 200, "{}", update.text);
    let stored = app.rows(&format!(r#"select "Manager" from "Users" where "UserId" = {id}"#));
    assert_eq!(stored[0]["Manager"], 0);
}

#[test]
fn words_of_a_search_keep_their_wildcards() {
    let app = TestApp::new();
    for (code, name) in [("1", "営業本部"), ("2", "営業_1"), ("3", "開発")] {
        dept(&app, code, name);
    }
    let codes = |text: &str| listed(&app, "depts", "DeptCode", &json!({ "SearchText": text }));
    assert_eq!(codes("営%部"), ["1"]);
    assert_eq!(codes("営業__"), ["1", "2"]);
    assert_eq!(codes(r"営業\_1"), ["2"]);
    assert_eq!(codes("営業\u{3000}本"), ["1"]);
}

#[test]
fn parameters_open_columns_of_second_factors_and_check_content_types() {
    let database = Database::copy();
    let parameters = database.parameters();
    parameters.set("Security.json", "MimeTypeCheckOnApi", json!(true));
    let second = json!({ "Mode": "DefaultDisable", "NotificationType": "Totp" });
    parameters.set("Security.json", "SecondaryAuthentication", second);
    let app = TestApp::start(database, &parameters);
    let id = user(
        &app,
        "sato",
        &json!({ "EnableSecondaryAuthentication": true, "EnableSecretKey": true }),
    );
    let refused = app.post(
        &format!("/api/users/{id}/update"),
        &json!({ "DisableSecondaryAuthentication": true }),
    );
    assert_eq!(refused.status, 500, "{}", refused.text);
    let row =
        app.post(&format!("/api/users/{id}/get"), &json!({})).json()["Response"]["Data"][0].clone();
    assert_eq!(
        (&row["EnableSecondaryAuthentication"], &row["EnableSecretKey"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(row["DisableSecondaryAuthentication"], Value::Null);

    let body = format!(r#"{{"ApiVersion":1.1,"ApiKey":"{KEY}"}}"#).into_bytes();
    let other = app.send("/api/users/get", "application/json; charset=utf-8", body);
    assert_eq!(other.status, 400, "{}", other.text);
}

#[test]
fn files_name_managers_and_departments_and_leave_what_they_may_not_set() {
    let app = TestApp::new();
    let boss = user(&app, "boss", &json!({ "Name": "部長" }));
    let sales = dept(&app, "S", "営業");
    let id = user(&app, "sato", &json!({ "Language": "en" }));
    let file = "ログインID,名前,管理者,言語,ログイン回数,SecretKey\nsato,佐藤,部長,,7,secret\nito,伊藤,,,9,secret\n";
    let parameters = json!({ "ApiVersion": 1.1, "ApiKey": KEY });
    let done = app.post_form("/api/users/import", &parameters, Some(file.as_bytes()));
    assert_eq!(done.json()["Message"], ": 1 件追加し、1 件更新しました。", "{}", done.text);
    let rows = app.rows(
        r#"select "Manager", "Language", "NumberOfLogins" as logins, coalesce("SecretKey", '') as secret
           from "Users" where "LoginId" in ('sato', 'ito') order by "UserId""#,
    );
    let row =
        |manager: i64| json!({ "Manager": manager, "Language": "ja", "logins": 0, "secret": "" });
    assert_eq!(rows[0], row(boss));
    assert_eq!((&rows[1]["logins"], &rows[1]["secret"]), (&json!(0), &json!("")));
    let set = app.rows(&format!(r#"select "DeptId" from "Users" where "UserId" = {id}"#));
    assert_eq!(set[0]["DeptId"], 0);

    let english = r#"update "Users" set "Language" = 'en' where "UserId" = 1"#;
    app.database.execute(english).expect("the administrator exists");
    let file = "Login ID,Name,Department ID\nsato,佐藤,営業\n";
    let done = app.post_form("/api/users/import", &parameters, Some(file.as_bytes()));
    assert_eq!(done.status, 200, "{}", done.text);
    let set = app.rows(&format!(r#"select "DeptId" from "Users" where "UserId" = {id}"#));
    assert_eq!(set[0]["DeptId"], sales);
}

#[test]
fn no_call_waits_for_a_connection_while_it_holds_one() {
    let database = Database::copy();
    let parameters = database.parameters();
    let one = [("KOKOCHI_USER_CONNECTIONS", "1"), ("KOKOCHI_OWNER_CONNECTIONS", "1")];
    let app = TestApp::start_with(database, &parameters, &one);
    let boss = user(&app, "boss", &json!({}));
    let begun = std::time::Instant::now();
    // Every write of a user makes the list of users another one, which the next call has to load.
    at_once(4, |number| {
        let id = user(&app, &format!("sato{number}"), &json!({ "Manager": boss }));
        let path = format!("/api/users/{id}/update");
        let update = json!({ "Manager": boss, "Password": "Other12345!", "Name": "佐藤" });
        assert_eq!(app.post(&path, &update).status, 200);
        let view = json!({ "View": { "ApiDataType": "KeyValues" } });
        assert_eq!(app.post("/api/users/get", &view).status, 200);
        assert_eq!(app.post(&format!("/api/users/{id}/get"), &json!({})).status, 200);
        let team =
            app.post("/api/groups/create", &json!({ "GroupName": "g", "GroupChildren": [] })).id();
        let members = json!({ "GroupMembers": [format!("User,{id}")] });
        assert_eq!(app.post(&format!("/api/groups/{team}/update"), &members).status, 200);
        assert_eq!(app.post(&format!("/api/users/{id}/delete"), &json!({})).status, 200);
    });
    assert!(begun.elapsed().as_secs() < 25, "some call has waited");
}

#[test]
fn files_set_extension_columns_and_all_comments() {
    let app = TestApp::new();
    let id = dept(&app, "A1", "営業");
    let parameters = json!({ "ApiVersion": 1.1, "ApiKey": KEY });
    let file = concat!(
        "組織コード,組織名,分類A,数値B,チェックC,日付A,説明A,コメント\n",
        "A1,営業,東,\"¥1,234\",on,2026/11/25 10:00,長文,\"[{\"\"Body\"\":\"\"二\"\"},{\"\"Body\"\":\"\"一\"\"}]\"\n",
        "A2,開発,西,,,,,一言\n",
    );
    let import = || app.post_form("/api/depts/import", &parameters, Some(file.as_bytes()));
    let done = import();
    assert_eq!(done.json()["Message"], ": 1 件追加し、1 件更新しました。", "{}", done.text);
    let rows = app.rows(
        r#"select "ClassA", "NumB", "CheckC", "DateA", "DescriptionA" from "Depts" order by "DeptId""#,
    );
    let first = json!({
        "ClassA": "東", "NumB": 1234.0, "CheckC": true, "DateA": "2026-11-25T01:00:00", "DescriptionA": "長文"
    });
    assert_eq!(rows[0], first);
    assert_eq!((&rows[1]["ClassA"], &rows[1]["DateA"]), (&json!("西"), &Value::Null));
    let bodies = |id: i64| {
        let row = app.post(&format!("/api/depts/{id}/get"), &json!({})).json()["Response"]["Data"]
            [0]
        .clone();
        let comments: Value =
            serde_json::from_str(row["Comments"].as_str().expect("a text")).expect("JSON");
        comments
            .as_array()
            .expect("comments")
            .iter()
            .map(|one| one["Body"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(bodies(id), ["一", "二"]);
    assert_eq!(bodies(id + 1), ["一言"]);
}

#[test]
fn new_members_of_a_group_are_told_to_other_processes() {
    let app = TestApp::new();
    let team = group(&app, "営業");
    user(&app, "sato", &json!({}));
    let told = || {
        app.rows(
            r#"select "UpdatedTime" from "Statuses" where "StatusId" = 220 and "TenantId" = 1"#,
        )
    };
    let before = told();
    let file = format!("グループID,グループ名,メンバー種別,メンバーキー\n{team},営業,User,sato\n");
    let parameters = json!({ "ApiVersion": 1.1, "ApiKey": KEY });
    let done = app.post_form("/api/groups/import", &parameters, Some(file.as_bytes()));
    let expected =
        ": グループ 0 件追加、0 件更新しました。グループメンバー 1 件追加、0 件更新しました。";
    assert_eq!(done.json()["Message"], expected, "{}", done.text);
    assert_ne!(told(), before);
}

/// 08 §2.1, 03 §3.2: whether requests may set it or not, a member of a wrong type makes the body unreadable.
#[test]
fn a_wrong_type_in_any_member_of_the_model_is_refused() {
    let app = TestApp::new();
    let dept = dept(&app, "A1", "営業");
    let path = format!("/api/depts/{dept}/update");
    for body in [
        json!({ "Ver": "x" }),
        json!({ "DeptId": 1.5 }),
        json!({ "CreatedTime": "yesterday" }),
        json!({ "DateHash": { "DateA": null } }),
        json!({ "CheckHash": { "Unknown": "" } }),
        json!({ "NumHash": { "Unknown": "x" } }),
    ] {
        let answer = app.post(&path, &body);
        assert_eq!(answer.status, 400, "{body} {}", answer.text);
        assert_eq!(answer.json()["Message"], "JSONデータが不正です。", "{body}");
    }
    let fits = json!({ "Ver": "7", "DeptId": null, "CreatedTime": "", "NumHash": { "NumA": "" } });
    assert_eq!(app.post(&path, &fits).status, 200);
    let rows = app.rows(&format!(r#"select "Ver", "NumA" from "Depts" where "DeptId" = {dept}"#));
    assert_eq!(rows[0], json!({ "Ver": 1, "NumA": null }));
}

/// 01 §8: below version 1.1 extension columns are members of their own, too, and win over the hashes.
#[test]
fn flat_members_set_extension_columns_in_old_versions_only() {
    let app = TestApp::new();
    let set = |version: f64| {
        let body = json!({
            "ApiVersion": version, "GroupName": "営業", "classa": "flat", "NumA": "12", "CheckA": true,
            "ClassHash": { "ClassA": "hash", "ClassB": "hash" }
        });
        let answer = app.post("/api/groups/create", &body);
        assert_eq!(answer.status, 200, "{}", answer.text);
        let sql =
            r#"select "ClassA", "ClassB", "NumA"::int, "CheckA" from "Groups" where "GroupId" = "#;
        app.rows(&format!("{sql}{}", answer.id()))[0].clone()
    };
    assert_eq!(set(1.0), json!({ "ClassA": "flat", "ClassB": "hash", "NumA": 12, "CheckA": true }));
    assert_eq!(
        set(1.1),
        json!({ "ClassA": "hash", "ClassB": "hash", "NumA": null, "CheckA": null })
    );
}

/// QUIRK(03 §3.3): an offset takes a time to the server's zone, UTC here, whose clock then counts as the caller's.
#[test]
fn times_with_an_offset_are_converted_twice() {
    let app = TestApp::new();
    for (posted, stored) in [
        ("2030-01-02T03:04:05", "2030-01-01T18:04:05"),
        ("2030-01-02T03:04:05Z", "2030-01-01T18:04:05"),
        ("2030-01-02T03:04:05+09:00", "2030-01-01T09:04:05"),
    ] {
        let body = json!({ "GroupName": posted, "SynchronizedTime": posted });
        let id = app.post("/api/groups/create", &body).id();
        let rows = app.rows(&format!(
            r#"select "SynchronizedTime" as time from "Groups" where "GroupId" = {id}"#
        ));
        assert_eq!(rows[0]["time"], stored, "{posted}");
    }
}

/// 08 §2.4: sending an unchanged value is always fine, and records show times in whole seconds.
#[test]
fn a_user_can_be_sent_back_as_read() {
    let app = TestApp::new();
    let id = user(&app, "sato", &json!({}));
    let path = format!("/api/users/{id}/update");
    assert_eq!(app.post(&path, &json!({ "Password": "Another1!" })).status, 200);
    let stored = |columns: &str| {
        app.rows(&format!(r#"select {columns} from "Users" where "UserId" = {id}"#))[0].clone()
    };
    let times = r#""PasswordChangeTime" as changed, "PasswordExpirationTime" as expires"#;
    app.database
        .execute(r#"update "Users" set "PasswordChangeTime" = "PasswordChangeTime" + interval '0.123 s'"#)
        .expect("users");
    let before = stored(times);

    let read = app.post(&format!("/api/users/{id}/get"), &json!({}));
    let mut data = read.json()["Response"]["Data"][0].clone();
    assert_ne!(data["PasswordChangeTime"], "1899-12-30T00:00:00", "{data}");
    data["Body"] = json!("説明");
    let updated = app.post(&path, &data);
    assert_eq!(updated.status, 200, "{}", updated.text);
    assert_eq!((stored(r#""Body""#), stored(times)), (json!({ "Body": "説明" }), before));

    data["PasswordChangeTime"] = json!("2020-01-01T00:00:00");
    let refused = app.post(&path, &data);
    assert_eq!(refused.json()["Message"], "\" パスワード変更日時 \" を変更する権限がありません。");
}
