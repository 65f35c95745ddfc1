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

#[test]
fn what_would_take_linked_records_along_is_refused_whole() {
    let app = TestApp::new();
    let (parent, child) = (table(&app), table(&app));
    fill(&app, parent, 2);
    let link = format!(
        r#"insert into "Links" ("DestinationId", "SourceId", "Creator", "Updator") values ({parent}, {child}, 1, 1);
           update "Sites" set "SiteSettings" = '{{"Links":[{{"LinkActions":[{{"Type":"DeleteWithLinks"}}]}}]}}'
            where "SiteId" = {child}"#
    );
    app.database.execute(&link).expect("a link");
    let delete = |body: &Value| app.post(&format!("/api/items/{parent}/bulkdelete"), body).status;

    assert_eq!(delete(&json!({ "All": true })), 501);
    assert_eq!(delete(&json!({ "Selected": [999_999_999] })), 200, "nothing is deleted");
    let left = app.count(&format!(r#"select count(*) from "Results" where "SiteId" = {parent}"#));
    assert_eq!(left, 2);
    assert_eq!(delete(&json!({ "All": true, "PhysicalDelete": true })), 200, "takes nothing along");
}
