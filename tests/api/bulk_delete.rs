//! Bulk deletes: many records, whole rows, nothing of what is locked.

use serde_json::{Value, json};

use crate::app::{TestApp, at_once, editor};

fn table(app: &TestApp) -> i64 {
    app.results_table(&editor(&["ResultId", "Title", "Status", "ClassA", "Locked"]))
}

fn fill(app: &TestApp, table: i64, count: usize) {
    let rows: Vec<Value> = (0..count)
        .map(|number| json!({ "Title": format!("{number}"), "ClassHash": { "ClassA": "x" } }))
        .collect();
    let answer = app.post(&format!("/api/items/{table}/bulkupsert"), &json!({ "Data": rows }));
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[test]
fn what_is_deleted_is_whole_in_the_trash() {
    let app = TestApp::new();
    let table = table(&app);
    fill(&app, table, 200);
    let copy = |name: &str, id: &str| {
        app.rows(&format!(
            r#"select to_jsonb(x) - 'Updator' - 'UpdatedTime' as row from "{name}" x
               where "SiteId" = {table} and "{id}" <> {table} order by "{id}""#
        ))
    };
    let before = (copy("Results", "ResultId"), copy("Items", "ReferenceId"));

    let answer = app.post(&format!("/api/items/{table}/bulkdelete"), &json!({ "All": true }));

    assert_eq!(answer.json()["Message"], "商談: 200 件 一括削除しました。");
    assert_eq!((copy("Results_deleted", "ResultId"), copy("Items_deleted", "ReferenceId")), before);
    assert_eq!(copy("Items", "ReferenceId"), json!([]));
}

#[test]
fn one_locked_record_keeps_all_of_them() {
    let app = TestApp::new();
    let table = table(&app);
    fill(&app, table, 3);
    let lock = |title: &str| {
        let update = format!(
            r#"update "Results" set "Locked" = true, "UpdatedTime" = '2024-04-10 01:02:03'::timestamp + '{title} s'::interval
               where "SiteId" = {table} and "Title" = '{title}'"#
        );
        app.database.execute(&update).expect("an update");
        app.rows(&format!(
            r#"select "ResultId" from "Results" where "SiteId" = {table} and "Title" = '{title}'"#
        ))[0]["ResultId"]
            .clone()
    };
    lock("1");
    let later = lock("2");

    for physical in [false, true] {
        let body = json!({ "All": true, "PhysicalDelete": physical });
        let answer = app.post(&format!("/api/items/{table}/bulkdelete"), &body);
        assert_eq!(answer.status, 405, "{}", answer.text);
        let message = answer.json()["Message"].as_str().unwrap_or_default().to_owned();
        assert!(message.starts_with(&format!("レコード {later} は")), "{message}");
    }
    let left = app.count(&format!(r#"select count(*) from "Results" where "SiteId" = {table}"#));
    assert_eq!(left, 3);
}

#[test]
fn bulk_deletes_at_once_count_every_record_once() {
    let app = TestApp::new();
    let table = table(&app);
    fill(&app, table, 300);

    let answers = at_once(6, |_| {
        app.post(&format!("/api/items/{table}/bulkdelete"), &json!({ "All": true }))
    });

    let deleted: i64 = answers
        .iter()
        .map(|answer| {
            assert_eq!(answer.status, 200, "{}", answer.text);
            let message = answer.json()["Message"].as_str().unwrap_or_default().to_owned();
            let number = message.trim_start_matches("商談: ").split(' ').next().unwrap_or_default();
            number.parse::<i64>().expect("a number")
        })
        .sum();
    assert_eq!(deleted, 300);
    let kept = app.count(&format!(
        r#"select count(*) from "Results_deleted" join "Items_deleted" on "ReferenceId" = "ResultId"
           where "Results_deleted"."SiteId" = {table}"#
    ));
    assert_eq!(kept, 300);
}

/// Makes the records of `child` go along with those of `parent` that they link to, as far as they have a class.
fn link(app: &TestApp, child: i64, parent: i64, view: &Value) {
    let links = json!({ "Links": [{
        "ColumnName": "ClassA", "SiteId": parent,
        "LinkActions": [{ "Type": "DeleteWithLinks", "View": view }],
    }] });
    let sql = format!(
        r#"insert into "Links" ("DestinationId", "SourceId", "Creator", "Updator") values ({parent}, {child}, 1, 1);
           update "Sites" set "SiteSettings" = ("SiteSettings"::jsonb || '{links}'::jsonb)::text,
                  "Ver" = "Ver" + 1, "UpdatedTime" = current_timestamp
            where "SiteId" = {child}"#
    );
    app.database.execute(&sql).expect("a link");
}

fn create(app: &TestApp, table: i64, body: &Value) -> i64 {
    let answer = app.post(&format!("/api/items/{table}/create"), body);
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.id()
}

fn records(app: &TestApp, table: i64) -> i64 {
    app.count(&format!(r#"select count(*) from "Results" where "SiteId" = {table}"#))
}

#[test]
fn linked_records_go_along_through_circles_and_as_far_as_the_view_has_them() {
    let app = TestApp::new();
    let (parent, child, grandchild) = (table(&app), table(&app), table(&app));
    link(&app, child, parent, &json!({ "ColumnFilterHash": { "Status": "[\"200\"]" } }));
    link(&app, grandchild, child, &Value::Null);
    link(&app, parent, grandchild, &Value::Null);
    let linked = |table, to: i64| {
        let class = json!({ "ClassA": to.to_string() });
        create(&app, table, &json!({ "Status": 200, "ClassHash": class }))
    };
    let first = create(&app, parent, &json!({}));
    let second = create(&app, parent, &json!({}));
    let third = create(&app, parent, &json!({}));
    let other = create(&app, child, &json!({ "ClassHash": { "ClassA": first.to_string() } }));
    let below = linked(grandchild, linked(child, first));
    linked(child, second);
    let again = linked(parent, below);
    assert_eq!(
        app.count(&format!(r#"select count(*) from "Links" where "SourceId" = {again}"#)),
        1
    );

    let delete = |body: &Value| app.post(&format!("/api/items/{parent}/bulkdelete"), body);
    let dry = delete(&json!({ "Selected": [first], "DryRun": true }));
    assert_eq!(records(&app, parent), 4);
    let done = delete(&json!({ "Selected": [first] }));

    assert_eq!((done.status, &done.text), (200, &dry.text));
    let left = app.rows(&format!(
        r#"select "ResultId" as id from "Results" where "SiteId" in ({parent}, {grandchild}) order by 1"#
    ));
    assert_eq!(left, json!([{ "id": second }, { "id": third }]));
    assert_eq!(records(&app, child), 2, "one is not in the view, one links to another record");
    assert_eq!(app.post(&format!("/api/items/{second}/delete"), &json!({})).status, 200);
    assert_eq!(records(&app, child), 1, "a single delete takes them along, too");
    assert_eq!(app.post(&format!("/api/items/{other}/get"), &json!({})).status, 200);
    app.database
        .execute(&format!(
            r#"update "Results" set "Status" = 200, "Locked" = true where "ResultId" = {other}"#
        ))
        .expect("a lock");
    let one = linked(child, third);
    assert_eq!(delete(&json!({ "All": true })).status, 200);
    assert_eq!(
        app.post(&format!("/api/items/{one}/get"), &json!({})).status,
        200,
        "kept by the locked one"
    );
}

#[test]
fn a_dry_run_counts_and_refuses_as_the_delete_does_and_writes_nothing() {
    let app = TestApp::new();
    let table = table(&app);
    fill(&app, table, 3);
    let dry = json!({ "All": true, "DryRun": true });
    let delete = |body: &Value| app.post(&format!("/api/items/{table}/bulkdelete"), body);

    let counted = delete(&dry);
    assert_eq!((counted.status, records(&app, table)), (200, 3), "{}", counted.text);
    assert_eq!(delete(&json!({ "All": true, "DryRun": "maybe" })).status, 400);
    app.database
        .execute(&format!(r#"update "Results" set "Locked" = true where "SiteId" = {table}"#))
        .expect("locks");
    let refused = delete(&dry);
    assert_eq!((refused.status, &refused.text), (405, &delete(&json!({ "All": true })).text));
    app.database
        .execute(&format!(r#"update "Results" set "Locked" = false where "SiteId" = {table}"#))
        .expect("no locks");
    assert_eq!(delete(&json!({ "All": true, "Atomic": true })).text, counted.text);
    assert_eq!(records(&app, table), 0);
}

#[test]
fn linked_records_go_with_the_others_or_stay_where_that_is_asked_for() {
    let app = TestApp::new();
    let (parent, child) = (table(&app), summed_table(&app));
    link(&app, child, parent, &Value::Null);
    let first = create(&app, parent, &json!({}));
    create(&app, child, &json!({ "ClassHash": { "ClassA": first.to_string() } }));
    // Whoever deletes the parent's own row fails, when the child is gone already.
    app.database
        .execute(&format!(
            r#"create function refuse() returns trigger language plpgsql as $$
               begin if old."SiteId" = {parent} then raise 'refused'; end if; return old; end $$;
               create trigger refuse before delete on "Results" for each row execute function refuse()"#
        ))
        .expect("a trigger");
    let delete = |atomic: bool| {
        let body = json!({ "All": true, "Atomic": atomic });
        app.post(&format!("/api/items/{parent}/bulkdelete"), &body).status
    };

    assert_eq!((delete(true), records(&app, parent), records(&app, child)), (500, 1, 1));
    assert_eq!((delete(false), records(&app, parent), records(&app, child)), (500, 1, 0));
    app.database.execute(r#"drop trigger refuse on "Results""#).expect("no trigger");
    create(&app, child, &json!({ "ClassHash": { "ClassA": first.to_string() } }));
    assert_eq!((delete(true), records(&app, parent), records(&app, child)), (200, 0, 0));
}

/// A table that adds up to a record of another one, and lists nothing to those who ask for nothing.
fn summed_table(app: &TestApp) -> i64 {
    let totals = app.results_table(&editor(&["ResultId", "Title", "NumA"]));
    let mut settings = editor(&["ResultId", "Title", "ClassA", "ClassB"]);
    settings["AlwaysRequestSearchCondition"] = json!(true);
    settings["Columns"] =
        json!([{ "ColumnName": "ClassB", "ChoicesText": format!("[[{totals}]]") }]);
    settings["Links"] = json!([{ "ColumnName": "ClassB", "SiteId": totals }]);
    settings["Summaries"] = json!([{
        "Id": 1, "SiteId": totals, "DestinationReferenceType": "Results", "DestinationColumn": "NumA",
        "LinkColumn": "ClassB", "Type": "Count"
    }]);
    app.results_table(&settings)
}

#[test]
fn a_right_on_one_record_deletes_that_record_and_no_other() {
    let app = TestApp::new();
    let table = table(&app);
    let ids: Vec<i64> = (0..3).map(|_| create(&app, table, &json!({}))).collect();
    let (read, delete) = (1, 8);
    app.database
        .execute(&format!(
            r#"insert into "Users" ("TenantId", "UserId", "LoginId", "Name", "Language", "TimeZone", "DeptId", "ApiKey",
                   "Creator", "Updator")
               values (1, 900, 'sato', 'Sato', 'ja', 'Asia/Tokyo', 0, 'satokey', 1, 1);
               insert into "Permissions" ("ReferenceId", "DeptId", "GroupId", "UserId", "PermissionType", "Creator", "Updator")
               select "InheritPermission", 0, 0, 900, {read}, 1, 1 from "Sites" where "SiteId" = {table};
               insert into "Permissions" ("ReferenceId", "DeptId", "GroupId", "UserId", "PermissionType", "Creator", "Updator")
               values ({}, 0, 0, 900, {}, 1, 1)"#,
            ids[1],
            read | delete
        ))
        .expect("a user");
    let bulk_delete = |id: i64| {
        let body = json!({ "ApiKey": "satokey", "All": true });
        app.post(&format!("/api/items/{id}/bulkdelete"), &body)
    };

    assert_eq!((bulk_delete(table).status, records(&app, table)), (403, 3));
    assert_eq!((bulk_delete(ids[0]).status, records(&app, table)), (403, 3));
    let answer = bulk_delete(ids[1]);
    assert_eq!(answer.json()["Message"], "商談: 1 件 一括削除しました。", "{}", answer.text);
    let left = app.rows(&format!(
        r#"select "ResultId" as id from "Results" where "SiteId" = {table} order by 1"#
    ));
    assert_eq!(left, json!([{ "id": ids[0] }, { "id": ids[2] }]));
}

/// 04 §3.4, steps 5 and 6.
#[test]
fn no_script_runs_where_a_locked_record_stands_in_the_way() {
    let app = TestApp::new();
    let told = app.results_table(&editor(&["ResultId", "Title"]));
    let table = app.results_table(&json!({
        "EditorColumnHash": { "General": ["ResultId", "Title", "Locked"] },
        "ServerScripts": [{
            "Id": 1, "Name": "tell", "BeforeBulkDelete": true,
            "Body": format!("items.Create({told}, JSON.stringify({{ Title: 'going' }}));")
        }]
    }));
    let locked = create(&app, table, &json!({ "Title": "一", "Locked": true }));
    let open = create(&app, table, &json!({ "Title": "二" }));
    let delete = |ids: Value| {
        app.post(&format!("/api/items/{table}/bulkdelete"), &json!({ "Selected": ids })).status
    };
    assert_eq!((delete(json!([open, locked])), records(&app, told)), (405, 0));
    assert_eq!((delete(json!([open])), records(&app, told)), (200, 1));
}
