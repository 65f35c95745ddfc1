//! Files that come to a record by upload, beside another one or in its place.

use std::time::Duration;

use serde_json::{Value, json};

use crate::app::{KEY, TestApp, editor};
use crate::support::database::Database;
use crate::support::http::{self, Answer, Call};
use crate::support::scratch;

fn upload(app: &TestApp, path: &str, range: Option<&str>, name: &str, content: &str) -> Answer {
    let range = range.map(|range| format!("Content-Range: {range}\r\n")).unwrap_or_default();
    let body = format!(
        "--limit\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: text/csv\r\n\
         {range}\r\n{content}\r\n--limit--\r\n"
    );
    let call = Call {
        method: "POST".to_owned(),
        path: path.to_owned(),
        headers: vec![
            ("Content-Type".to_owned(), "multipart/form-data; boundary=limit".to_owned()),
            ("Authorization".to_owned(), format!("Bearer {KEY}")),
        ],
        body: Some(body.into_bytes()),
        timeout: Duration::from_secs(30),
    };
    http::send(&app.server.base_url(), call).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A record with one file, and the file's guid.
fn record(app: &TestApp) -> (i64, String) {
    let table = app.results_table(&editor(&["ResultId", "Title", "AttachmentsA"]));
    let files = json!({ "AttachmentsA": [{ "Name": "a.txt", "Base64": "YQ==" }] });
    let answer = app.post(
        &format!("/api/items/{table}/create"),
        &json!({ "Title": "A", "AttachmentsHash": files }),
    );
    assert_eq!(answer.status, 200, "{}", answer.text);
    let guid = listed(app, answer.id())[0]["Guid"].as_str().expect("a guid").to_owned();
    (answer.id(), guid)
}

/// The files that the record lists.
fn listed(app: &TestApp, record: i64) -> Value {
    let sql =
        format!(r#"select "AttachmentsA" as files from "Results" where "ResultId" = {record}"#);
    let rows = app.rows(&sql);
    serde_json::from_str(rows[0]["files"].as_str().expect("a text")).expect("JSON")
}

fn content(app: &TestApp, guid: &str) -> Value {
    let sql = format!(
        r#"select "FileName" as name, convert_from("Bin", 'UTF8') as text, "ReferenceId" as record from "Binaries" where "Guid" = '{guid}'"#
    );
    app.rows(&sql)
}

#[test]
fn an_overwriting_upload_keeps_the_guid() {
    let app = TestApp::new();
    let (id, guid) = record(&app);
    let path = format!("/api/binaries/{}/upload?overwrite=1", guid.to_lowercase());
    let answer = upload(&app, &path, None, "b.csv", "new");
    assert_eq!((answer.status, answer.id()), (200, id), "{}", answer.text);
    let files = listed(&app, id);
    assert_eq!(
        (&files[0]["Guid"], &files[0]["Name"], &files[0]["Size"]),
        (&json!(guid), &json!("b.csv"), &json!(3))
    );
    assert_eq!(files.as_array().map(Vec::len), Some(1));
    assert_eq!(content(&app, &guid), json!([{ "name": "b.csv", "text": "new", "record": id }]));
}

#[test]
fn an_overwriting_upload_takes_the_place_of_a_file_in_a_folder_once_the_record_is_written() {
    let database = Database::copy();
    let parameters = database.parameters();
    let folder = scratch::folder("files");
    parameters.set("BinaryStorage.json", "Provider", json!("Local"));
    parameters.set("BinaryStorage.json", "Path", json!(folder.to_str().expect("ASCII")));
    let app = TestApp::start(database, &parameters);
    let (id, guid) = record(&app);
    let stored = || {
        let files = std::fs::read_dir(folder.join("Attachments")).expect("a folder");
        let mut files: Vec<(String, String)> = files
            .map(|file| file.expect("an entry").path())
            .map(|path| {
                let name = path.file_name().expect("a name").to_string_lossy().into_owned();
                (name, std::fs::read_to_string(&path).expect("a text"))
            })
            .collect();
        files.sort();
        files
    };
    let holds = |content: &str| vec![(guid.clone(), content.to_owned())];
    assert_eq!(stored(), holds("a"));
    let path = format!("/api/binaries/{}/upload?overwrite=1", guid.to_lowercase());

    app.database
        .execute(
            r#"create function refuse() returns trigger language plpgsql as $$ begin raise 'refused'; end $$;
               create trigger refuse before update on "Results" for each row execute function refuse()"#,
        )
        .expect("a trigger");
    assert_eq!(upload(&app, &path, None, "b.csv", "new").status, 500);
    assert_eq!(stored(), holds("a"), "nothing was written");
    app.database.execute(r#"drop trigger refuse on "Results""#).expect("no trigger");

    let answer = upload(&app, &path, None, "b.csv", "new");
    assert_eq!((answer.status, answer.id()), (200, id), "{}", answer.text);
    assert_eq!(stored(), holds("new"));
    assert_eq!(listed(&app, id)[0]["Size"], 3);
    let bytes = app.rows(&format!(
        r#"select "FileName" as name, "Bin" is null as outside from "Binaries" where "Guid" = '{guid}'"#
    ));
    assert_eq!(bytes, json!([{ "name": "b.csv", "outside": true }]));
}

#[test]
fn an_upload_in_chunks_adds_a_file_to_the_same_column() {
    let app = TestApp::new();
    let (id, guid) = record(&app);
    let path = format!("/api/binaries/{guid}/upload");
    let first = upload(&app, &path, Some("bytes 0-2/5"), "b.csv", "abc");
    assert_eq!(first.json(), json!({ "Id": id, "StatusCode": 200, "Message": guid }));
    let last = upload(&app, &path, Some("bytes 3-4/5"), "b.csv", "de");
    assert_eq!((last.status, last.id()), (200, id), "{}", last.text);
    let files = listed(&app, id);
    assert_eq!((&files[0]["Name"], &files[1]["Guid"]), (&json!("b.csv"), &json!(guid)));
    let new = files[0]["Guid"].as_str().expect("a guid").to_owned();
    assert_eq!(content(&app, &new), json!([{ "name": "b.csv", "text": "abcde", "record": id }]));
    assert_eq!(content(&app, &guid)[0]["text"], "a");
}

#[test]
fn a_file_that_is_not_there_is_not_found() {
    let app = TestApp::new();
    let answer =
        upload(&app, "/api/binaries/0123456789ABCDEF0123456789ABCDEF/upload", None, "b", "x");
    assert_eq!(answer.status, 404, "{}", answer.text);
}
