//! Sites as things that are changed and copied (06 §3).

use serde_json::{Value, json};

use crate::app::{KEY, TestApp, at_once, editor, is_done};
use crate::support::database::Database;
use crate::support::{cli, scratch};

#[test]
fn changes_of_a_site_at_the_same_time_are_made_one_by_one_or_not_at_all() {
    let app = TestApp::new();
    let table = app.results_table(&editor(&["ResultId", "Title"]));
    let path = format!("/api/items/{table}/updatesite");

    let done = at_once(8, |number| {
        is_done(&app.post(&path, &json!({ "Body": format!("{number}"), "VerUp": true })))
    });

    let made = i64::try_from(done.iter().filter(|done| **done).count()).expect("few");
    assert!(made >= 1, "nobody got through");
    let versions =
        app.count(&format!(r#"select count(*) from "Sites_history" where "SiteId" = {table}"#));
    let rows = app.rows(&format!(r#"select "Ver" from "Sites" where "SiteId" = {table}"#));
    assert_eq!((versions, rows[0]["Ver"].as_i64()), (made, Some(made + 1)));
}

#[test]
fn an_unchanged_clock_does_not_hide_a_change_of_settings() {
    let app = TestApp::new();
    let table = app.results_table(&editor(&["ResultId", "Title"]));
    let update = |columns: &[&str]| {
        let settings = editor(columns);
        let answer = app
            .post(&format!("/api/items/{table}/updatesite"), &json!({ "SiteSettings": settings }));
        assert_eq!(answer.status, 200, "{}", answer.text);
    };
    for columns in [["ResultId", "ClassA"], ["ResultId", "ClassB"], ["ResultId", "ClassC"]] {
        update(&columns);
        let answer = app.post(&format!("/api/items/{table}/getsite"), &json!({}));
        let shown =
            &answer.json()["Response"]["Data"]["SiteSettings"]["EditorColumnHash"]["General"];
        assert_eq!(*shown, json!(columns));
    }
}

/// A folder with a table and another one that links to it, one record each, the second linked to the first.
fn linked_tables(app: &TestApp) -> (i64, i64, i64) {
    let parent = app.results_table(&editor(&["ResultId", "Title"]));
    let folder = app.rows(&format!(r#"select "ParentId" from "Sites" where "SiteId" = {parent}"#));
    let folder = folder[0]["ParentId"].as_i64().expect("a folder");
    let settings = json!({
        "Version": 1.017, "ReferenceType": "Results", "EditorColumnHash": { "General": ["ResultId", "Title", "ClassA"] },
        "Columns": [{ "ColumnName": "ClassA", "ChoicesText": format!("[[{parent}]]") }],
        "Links": [{ "ColumnName": "ClassA", "SiteId": parent }]
    });
    let child = json!({ "Title": "明細", "ReferenceType": "Results", "InheritPermission": folder, "SiteSettings": settings });
    let child = app.post(&format!("/api/items/{folder}/createsite"), &child).id();
    assert_eq!(app.post(&format!("/api/items/{child}/updatesite"), &json!({})).status, 200);
    let master = app.post(&format!("/api/items/{parent}/create"), &json!({ "Title": "親" })).id();
    let detail = json!({ "Title": "子", "ClassHash": { "ClassA": master.to_string() } });
    assert_eq!(app.post(&format!("/api/items/{child}/create"), &detail).status, 200);
    (folder, parent, child)
}

#[test]
fn copies_of_linked_tables_link_to_each_other_and_so_do_their_records() {
    let app = TestApp::new();
    let (folder, parent, child) = linked_tables(&app);
    let selected: Vec<Value> =
        [folder, parent, child].map(|site| json!({ "SiteId": site, "IncludeData": true })).to_vec();

    let answer = app.post(
        &format!("/api/items/{folder}/copysitepackage"),
        &json!({ "TargetSiteId": 0, "SiteTitle": "写し", "SelectedSites": selected }),
    );

    let data = answer.json()["Response"]["Data"].as_str().expect("a text").to_owned();
    let copies: Value = serde_json::from_str(&data).expect("the text is JSON");
    let new = |at: usize| copies[at]["NewSiteId"].as_i64().unwrap_or_else(|| panic!("{data}"));
    let (new_folder, new_parent, new_child) = (new(0), new(1), new(2));
    let sites = app.rows(&format!(
        r#"select "Title", "ParentId", "InheritPermission" from "Sites" where "SiteId" >= {new_folder} order by "SiteId""#
    ));
    let expected = [("写し", 0), ("商談", new_folder), ("明細", new_folder)].map(|(title, parent)| {
        json!({ "Title": title, "ParentId": parent, "InheritPermission": new_folder })
    });
    assert_eq!(sites, json!(expected));
    let linked = app.rows(&format!(
        r#"select r."ClassA" = m."ResultId"::text as linked, m."ResultId" as master, r."ResultId" as detail
        from "Results" r, "Results" m where r."SiteId" = {new_child} and m."SiteId" = {new_parent}"#
    ));
    assert_eq!(linked[0]["linked"], true, "{linked}");
    let pairs = app.rows(&format!(
        r#"select "DestinationId", "SourceId" from "Links" where "SourceId" >= {new_folder} order by "SourceId""#
    ));
    let expected = [
        json!({ "DestinationId": new_parent, "SourceId": new_child }),
        json!({ "DestinationId": linked[0]["master"], "SourceId": linked[0]["detail"] }),
    ];
    assert_eq!(pairs, json!(expected));
}

/// The document of a site.
fn settings(app: &TestApp, site: i64) -> Value {
    let answer = app.post(&format!("/api/items/{site}/getsite"), &json!({}));
    answer.json()["Response"]["Data"]["SiteSettings"].clone()
}

#[test]
fn subjects_that_are_not_there_drop_out_of_copies() {
    let app = TestApp::new();
    let named = json!({
        "Version": 1.017, "ReferenceType": "Results",
        "Processes": [{ "Id": 1, "Name": "p", "Users": [1, 999], "Groups": [998] }],
        "StatusControls": [{ "Id": 1, "Name": "s", "Status": 100, "Depts": [997], "Users": [1] }],
        "ReadColumnAccessControls": [{ "ColumnName": "ClassA", "Users": [1, 999] }]
    });
    let table = app.results_table(&named);
    let copy = |more: Value| {
        let mut body = json!({
            "TargetSiteId": 0, "IncludeColumnPermission": true, "SelectedSites": [{ "SiteId": table }]
        });
        for (name, value) in more.as_object().expect("members") {
            body[name] = value.clone();
        }
        let answer = app.post(&format!("/api/items/{table}/copysitepackage"), &body);
        let data = answer.json()["Response"]["Data"].as_str().expect("a text").to_owned();
        let copies: Value = serde_json::from_str(&data).expect("the text is JSON");
        settings(&app, copies[0]["NewSiteId"].as_i64().unwrap_or_else(|| panic!("{data}")))
    };

    let plain = copy(json!({}));
    let with_reminders = copy(json!({ "IncludeReminders": true }));

    let process = &plain["Processes"][0];
    assert_eq!((&process["Users"], &process["Groups"]), (&json!([1]), &Value::Null), "{process}");
    let control = &plain["StatusControls"][0];
    assert_eq!((&control["Users"], &control["Depts"]), (&json!([1]), &Value::Null), "{control}");
    let readers = |copy: &Value| copy["ReadColumnAccessControls"][0]["Users"].clone();
    assert_eq!(readers(&plain), json!([1, 999]));
    assert_eq!(readers(&with_reminders), json!([1]));
}

/// Runs `kokochi site` on an installation.
fn site_command(app: &TestApp, arguments: &[&str]) -> cli::Done {
    let parameters = app.database.parameters();
    let mut all =
        vec!["site", arguments[0], "--parameters", parameters.path_text(), "--api-key", KEY];
    all.extend(&arguments[1..]);
    cli::run(&all)
}

/// A new file.
fn file(name: &str) -> (std::path::PathBuf, String) {
    let path = scratch::folder("package").join(name);
    let text = path.to_str().expect("a path of ASCII").to_owned();
    (path, text)
}

/// The new ids by the former ones, as the import tells them.
fn imported(text: &str) -> Vec<(i64, i64)> {
    let lines = text.lines().filter_map(|line| {
        let mut cells = line.split('\t');
        Some((cells.next()?.parse().ok()?, cells.next()?.parse().ok()?))
    });
    lines.collect()
}

const EVERYTHING: [&str; 6] = [
    "--with-data",
    "--with-site-permissions",
    "--with-record-permissions",
    "--with-column-permissions",
    "--with-notifications",
    "--with-reminders",
];

#[test]
fn a_file_takes_linked_tables_with_their_records_to_another_installation() {
    let (from, to) = (TestApp::new(), TestApp::new());
    let (folder, parent, child) = linked_tables(&from);
    let user = |app: &TestApp| {
        app.post(
            "/api/users/create",
            &json!({ "LoginId": "sato", "Name": "佐藤", "Password": "Pass12345!" }),
        )
        .id()
    };
    // So that ids differ.
    to.post(
        "/api/users/create",
        &json!({ "LoginId": "other", "Name": "他", "Password": "Pass12345!" }),
    );
    let (old_user, new_user) = (user(&from), user(&to));
    assert_ne!(old_user, new_user);
    let group = from.post("/api/groups/create", &json!({ "GroupName": "営業" })).id();
    let rows = json!([format!("User,{old_user},31"), format!("Group,{group},1"), "User,1,511"]);
    let update =
        from.post(&format!("/api/items/{folder}/updatesite"), &json!({ "Permissions": rows }));
    assert_eq!(update.status, 200, "{}", update.text);
    let mut document = settings(&from, child);
    document["Processes"] = json!([
        { "Id": 1, "Name": "p", "Users": [old_user] }, { "Id": 2, "Name": "q", "Groups": [group] }
    ]);
    document["EditorColumnHash"]["General"] =
        json!(["ResultId", "Title", "ClassA", "NumA", "DateA", "CheckA", "Manager", "Comments"]);
    let update =
        from.post(&format!("/api/items/{child}/updatesite"), &json!({ "SiteSettings": document }));
    assert_eq!(update.status, 200, "{}", update.text);
    let second = json!({
        "Title": "二番", "Manager": old_user, "Comments": "一言", "NumHash": { "NumA": 1.5 },
        "DateHash": { "DateA": "2026-11-25T10:20:30" }, "CheckHash": { "CheckA": true }
    });
    let second = from.post(&format!("/api/items/{child}/create"), &second).id();
    let rights = json!({ "RecordPermissions": [format!("User,{old_user},1")] });
    assert_eq!(from.post(&format!("/api/items/{second}/update"), &rights).status, 200);
    let (path, name) = file("sites.json");

    let exported =
        site_command(&from, &[&["export", &folder.to_string(), &name][..], &EVERYTHING].concat());
    assert!(exported.success, "{}", exported.text);
    let whole: Value =
        serde_json::from_str(&std::fs::read_to_string(path).expect("it is there")).expect("JSON");
    assert_eq!(whole["HeaderInfo"]["Convertors"].as_array().map(Vec::len), Some(3), "{whole}");
    let done = site_command(&to, &[&["import", &name][..], &EVERYTHING].concat());

    assert!(done.success, "{}", done.text);
    assert!(
        done.text.contains(&format!("group {group} (営業) is not here and was left out")),
        "{}",
        done.text
    );
    let ids = imported(&done.text);
    let [(a, new_folder), (b, new_parent), (c, new_child)] = ids[..] else {
        panic!("{}", done.text)
    };
    assert_eq!((a, b, c), (folder, parent, child));
    let copied = settings(&to, new_child);
    assert_eq!(copied["Links"][0]["SiteId"], new_parent);
    assert_eq!(copied["Columns"][0]["ChoicesText"], format!("[[{new_parent}]]"));
    assert_eq!(copied["Processes"][0]["Users"], json!([new_user]));
    // It was for a group that is not here: not open to everybody, but to who imports.
    assert_eq!(copied["Processes"][1]["Users"], json!([1]));
    let rows = to.rows(&format!(
        r#"select "GroupId", "UserId", "PermissionType" from "Permissions" where "ReferenceId" = {new_folder}
        order by 2"#
    ));
    let row =
        |user: i64, rights: i32| json!({ "GroupId": 0, "UserId": user, "PermissionType": rights });
    assert_eq!(rows, json!([row(1, 511), row(new_user, 31)]));

    let records = |app: &TestApp, table: i64| {
        let view = json!({ "View": { "ColumnSorterHash": { "ResultId": "asc" } } });
        let answer = app.post(&format!("/api/items/{table}/get"), &view);
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()["Response"]["Data"].clone()
    };
    let master = records(&to, new_parent)[0]["ResultId"].to_string();
    let (old, new) = (records(&from, child), records(&to, new_child));
    assert_eq!(new.as_array().map(Vec::len), Some(2), "{new}");
    assert_eq!(new[0]["ClassHash"]["ClassA"], master);
    assert_eq!((&new[0]["Title"], &new[1]["Title"]), (&json!("子"), &json!("二番")));
    assert_eq!(new[1]["Manager"], new_user);
    for member in ["NumHash", "DateHash", "CheckHash"] {
        assert_eq!(new[1][member], old[1][member], "{member}");
    }
    let comment = |record: &Value| {
        let comments: Value =
            serde_json::from_str(record["Comments"].as_str().expect("a text")).expect("JSON");
        (comments[0]["Body"].clone(), comments[0]["Creator"].clone())
    };
    assert_eq!(comment(&new[1]), (json!("一言"), json!(1)));
    let counts = to.rows(&format!(
        r#"select (select count(*) from "Links"
            where "SourceId" in (select "ResultId" from "Results" where "SiteId" = {new_child})) as links,
        (select count(*) from "Permissions" where "ReferenceId" = {} and "UserId" = {new_user}) as rights,
        (select count(*) from "Items" where "SiteId" = {new_child} and "FullText" like '%二番%') as found"#,
        new[1]["ResultId"]
    ));
    assert_eq!(counts, json!([{ "links": 1, "rights": 1, "found": 1 }]));
    // New records get ids behind them.
    assert!(to.post(&format!("/api/items/{new_child}/create"), &json!({ "Title": "後" })).id() > 0);
}

#[test]
fn wikis_keep_their_page_and_empty_tables_come_without_data() {
    let (from, to) = (TestApp::new(), TestApp::new());
    let wiki = json!({
        "Title": "手引き", "Body": "本文", "ReferenceType": "Wikis", "SiteSettings": { "ReferenceType": "Wikis" }
    });
    let wiki = from.post("/api/items/0/createsite", &wiki).id();
    let (_, name) = file("wiki.json");
    let exported = site_command(&from, &["export", &wiki.to_string(), &name]);
    assert!(exported.success, "{}", exported.text);

    let done = site_command(&to, &["import", &name]);

    assert!(done.success, "{}", done.text);
    let [(_, new)] = imported(&done.text)[..] else { panic!("{}", done.text) };
    let pages = to.rows(&format!(r#"select "Title", "Body" from "Wikis" where "SiteId" = {new}"#));
    assert_eq!(pages, json!([{ "Title": "手引き", "Body": "本文" }]));
}

#[test]
fn a_file_that_cannot_be_used_is_told_and_leaves_nothing() {
    let app = TestApp::new();
    let sites = app.count(r#"select count(*) from "Sites""#);
    let refused = |content: &str, expected: &str| {
        let (path, name) = file("bad.json");
        std::fs::write(path, content).expect("the folder is ours");
        let done = site_command(&app, &["import", &name, "--with-data"]);
        assert!(!done.success, "{content}");
        assert!(done.text.contains(&format!("bad.json: {expected}")), "{}", done.text);
        assert_eq!(app.count(r#"select count(*) from "Sites""#), sites);
    };
    refused("{", "");
    refused(
        r#"{"Sites":[{"SiteId":1,"ReferenceType":"Sites","ParentId":"x"}]}"#,
        "Sites[0]: ParentId:",
    );
    refused(
        r#"{"Sites":[{"SiteId":1,"ReferenceType":"Results"}],
            "Data":[{"SiteId":1,"Body":[{"ResultId":2},{"ResultId":3,"NumHash":{"NumA":"x"}}]}]}"#,
        "Data[0].Body[1].NumA: ",
    );

    let (path, name) = file("flat.json");
    let flat = r#"{"Sites":[{"SiteId":1,"Title":"t","ReferenceType":"Results"}],
        "Data":[{"SiteId":1,"Body":[{"Title":"flat","ClassA":"a","NumA":"2.5","DateA":"2026-11-25T00:00:00"}]}]}"#;
    std::fs::write(path, flat).expect("the folder is ours");
    let done = site_command(&app, &["import", &name, "--with-data", "--parent", "99999"]);
    assert!(done.text.contains("there is no folder 99999"), "{}", done.text);
    let done = site_command(&app, &["import", &name, "--with-data"]);
    assert!(done.success, "{}", done.text);
    let rows = app.rows(r#"select "Title", "ClassA", "NumA" from "Results""#);
    assert_eq!(rows, json!([{ "Title": "flat", "ClassA": "a", "NumA": 2.5 }]));
}

#[test]
fn where_all_users_have_no_rows_packages_bring_none() {
    let app = TestApp::new();
    let table = app.results_table(&editor(&["ResultId", "Title"]));
    let rows = json!({ "Permissions": ["User,1,511", "User,-1,1"], "InheritPermission": table });
    assert_eq!(app.post(&format!("/api/items/{table}/updatesite"), &rows).status, 200);
    let (_, name) = file("sites.json");
    let with = "--with-site-permissions";
    assert!(site_command(&app, &["export", &table.to_string(), &name, with]).success);
    let body = json!({ "TargetSiteId": 0, "IncludeSitePermission": true, "SelectedSites": [{ "SiteId": table }] });
    let granted = || {
        let copied = app.post(&format!("/api/items/{table}/copysitepackage"), &body);
        assert_eq!(copied.status, 200, "{}", copied.text);
        assert!(site_command(&app, &["import", &name, with]).success);
        app.rows(
            r#"select array_agg("UserId" order by "UserId") as users from "Permissions" where "ReferenceId" in
            (select "SiteId" from "Sites" order by "SiteId" desc limit 2) group by "ReferenceId""#,
        )
    };
    let rows = |users: Value| json!([{ "users": users.clone() }, { "users": users }]);

    assert_eq!(granted(), rows(json!([-1, 1])));
    app.database
        .execute(r#"update "Tenants" set "DisableAllUsersPermission" = true"#)
        .expect("a tenant");
    assert_eq!(granted(), rows(json!([1])));
}

#[test]
fn nobody_inherits_from_a_site_that_is_not_there() {
    let database = Database::copy();
    let parameters = database.parameters();
    parameters.set("Security.json", "PrivilegedUsers", json!(["Administrator"]));
    let app = TestApp::start(database, &parameters);
    let site = json!({ "Title": "x", "InheritPermission": 987_654, "SiteSettings": { "ReferenceType": "Sites" } });
    let answer = app.post("/api/items/0/createsite", &site);
    assert_eq!(answer.status, 403, "{}", answer.text);
    let own = json!({ "Title": "x", "SiteSettings": { "ReferenceType": "Sites" } });
    let folder = app.post("/api/items/0/createsite", &own).id();
    let root = json!({ "Title": "y", "InheritPermission": 0, "SiteSettings": { "ReferenceType": "Sites" } });
    assert_eq!(app.post(&format!("/api/items/{folder}/createsite"), &root).status, 200);
}

#[test]
fn files_are_made_by_who_may_manage_the_sites_only() {
    let app = TestApp::new();
    let table = app.results_table(&editor(&["ResultId", "Title"]));
    let folder = app.rows(&format!(r#"select "ParentId" from "Sites" where "SiteId" = {table}"#));
    let folder = folder[0]["ParentId"].as_i64().expect("a folder").to_string();
    let (path, name) = file("sites.json");
    assert!(site_command(&app, &["export", &folder, &name]).success);
    let whole = std::fs::read_to_string(path).expect("it is there");
    let member = json!({ "LoginId": "sato", "Name": "佐藤", "Password": "Pass12345!" });
    let member = app.post("/api/users/create", &member).id();
    // From now on the key is somebody's who may read and write records, and no more.
    let give = format!(
        r#"update "Users" set "ApiKey" = null where "UserId" = 1;
        update "Users" set "ApiKey" = '{KEY}' where "UserId" = {member};
        insert into "Permissions" ("ReferenceId", "DeptId", "GroupId", "UserId", "PermissionType", "Creator", "Updator")
        values ({folder}, 0, 0, {member}, 31, 1, 1)"#
    );
    app.database.execute(&give).expect("the rows fit");

    let (other, other_name) = file("other.json");
    std::fs::write(&other, "what was there").expect("the folder is ours");
    let exported = site_command(&app, &["export", &folder, &other_name]);
    assert!(
        !exported.success && exported.text.contains("the right to manage it is missing"),
        "{}",
        exported.text
    );
    assert_eq!(std::fs::read_to_string(other).expect("it is there"), "what was there");
    let sites = app.count(r#"select count(*) from "Sites""#);
    let imported = site_command(&app, &["import", &name, "--parent", &folder]);
    assert!(imported.text.contains("the right to manage it is missing"), "{}", imported.text);
    assert_eq!(app.count(r#"select count(*) from "Sites""#), sites, "{whole}");
}

/// 06 §3.3, §3.4: what an edited answer of `getsite` has counts for nothing, but its types are looked at.
#[test]
fn members_that_count_for_nothing_need_their_types_all_the_same() {
    let app = TestApp::new();
    let table = app.results_table(&json!({}));
    let sites = || app.count(r#"select count(*) from "Sites""#);
    let before = sites();
    for wrong in [
        json!({ "ParentId": "top" }),
        json!({ "Ver": 1.5 }),
        json!({ "LockedTime": "never" }),
        json!({ "ApiCount": true }),
        json!({ "RecordPermissions": 5 }),
        json!({ "ClassHash": 5 }),
        json!({ "NumHash": { "NumA": "x" } }),
        json!({ "CheckHash": { "CheckA": null } }),
    ] {
        let mut body = wrong.clone();
        body["SiteSettings"] = json!({});
        let created = app.post("/api/items/0/createsite", &body);
        assert_eq!((created.status, sites()), (400, before), "{wrong}");
        let updated = app.post(&format!("/api/items/{table}/updatesite"), &wrong);
        assert_eq!(updated.status, 400, "{wrong}");
    }

    let read = app.post(&format!("/api/items/{table}/getsite"), &json!({}));
    let mut data = read.json()["Response"]["Data"].clone();
    data["ParentId"] = json!("12");
    data["LockedTime"] = json!("");
    let updated = app.post(&format!("/api/items/{table}/updatesite"), &data);
    assert_eq!(updated.status, 200, "{}", updated.text);
}
