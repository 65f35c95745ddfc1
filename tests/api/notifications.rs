//! Notifications: what other systems hear of writes, and when.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use serde_json::{Value, json};

use crate::app::{KEY, TestApp};
use crate::support::database::Database;
use crate::support::deadline::poll;
use crate::support::ports::Port;
use crate::support::scratch;
use crate::web_hook::{Hook, SOON};

fn table(app: &TestApp, notification: &Value) -> i64 {
    app.results_table(&json!({
        "EditorColumnHash": { "General": ["ResultId", "Title", "ClassA", "NumA"] },
        "Notifications": [notification]
    }))
}

fn create(app: &TestApp, table: i64, body: &Value) -> i64 {
    let answer = app.post(&format!("/api/items/{table}/create"), body);
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.id()
}

fn is_queue_empty(app: &TestApp) -> bool {
    poll(SOON, || (app.count("select count(*) from kokochi.deliveries") == 0).then_some(()))
        .is_some()
}

#[test]
fn slack_hears_of_every_write_with_what_it_changed() {
    let (app, hook) = (TestApp::new(), Hook::listen());
    let table =
        table(&app, &json!({ "Id": 1, "Type": 2, "Prefix": "[商談]", "Address": hook.address }));

    let id = create(&app, table, &json!({ "Title": "A社", "ClassHash": { "ClassA": "x" } }));
    let told = hook.next_json();
    let text = told["text"].as_str().expect("a text");
    assert!(text.starts_with("*[商談]\" A社 \" を作成しました。*\nhttp://127.0.0.1:"), "{text}");
    assert!(text.contains(&format!("/items/{id}/edit\n")), "{text}");
    assert!(text.contains("\nタイトル : A社\n") && text.contains(" : x\n"), "{text}");

    let update = format!("/api/items/{id}/update");
    assert_eq!(app.post(&update, &json!({ "ClassHash": { "ClassA": "y" } })).status, 200);
    let text = hook.next_json()["text"].as_str().expect("a text").to_owned();
    assert!(text.contains(" : x => y\n") && !text.contains("タイトル"), "{text}");

    // Nothing that is looked at changes, and a call that is refused tells nobody.
    assert_eq!(app.post(&update, &json!({ "Body": "z" })).status, 200);
    assert_ne!(app.post(&update, &json!({ "DateHash": { "DateA": "" } })).status, 200);
    assert_eq!(app.post(&format!("/api/items/{id}/delete"), &json!({})).status, 200);
    let text = hook.next_json()["text"].as_str().expect("a text").to_owned();
    assert!(text.starts_with("*[商談]\" A社 \" を削除しました。*"), "{text}");
    assert!(is_queue_empty(&app));
}

#[test]
fn bulk_operations_are_told_of_once_and_dry_runs_never() {
    let (app, hook) = (TestApp::new(), Hook::listen());
    let table =
        table(&app, &json!({ "Id": 1, "Type": 2, "Address": hook.address, "AfterCreate": false }));
    let bulk = |name: &str, body: Value| {
        let answer = app.post(&format!("/api/items/{table}/{name}"), &body);
        (answer.status, answer.json()["Message"].as_str().unwrap_or_default().to_owned())
    };
    let told = || hook.next_json()["text"].as_str().expect("a text").to_owned();

    let rows = json!([{ "Title": "一" }, { "Title": "二" }]);
    let dry = bulk("bulkupsert", json!({ "Data": rows, "DryRun": true }));
    let upserted = bulk("bulkupsert", json!({ "Data": rows, "Atomic": true }));
    assert_eq!((dry, upserted.0), (upserted.clone(), 200));
    let text = told();
    assert!(text.starts_with(&format!("*{}*\nhttp://127.0.0.1:", upserted.1)), "{text}");
    assert!(text.contains(&format!("/items/{table}/index\n更新者: ")), "{text}");

    let path = format!("/api/items/{table}/import");
    let options = json!({ "ApiVersion": 1.1, "ApiKey": KEY, "Encoding": "UTF-8" });
    let imported = app.post_form(&path, &options, Some("\"タイトル\"\n\"三\"\n".as_bytes()));
    assert_eq!(imported.status, 200, "{}", imported.text);
    let text = told();
    let message = imported.json()["Message"].as_str().expect("a text").to_owned();
    assert!(text.starts_with(&format!("*{message}*\n")), "{text}");

    let dry = bulk("bulkdelete", json!({ "All": true, "DryRun": true }));
    let deleted = bulk("bulkdelete", json!({ "All": true }));
    assert_eq!((dry, deleted.0), (deleted.clone(), 200));
    assert!(told().starts_with(&format!("*{}*\n", deleted.1)));
    let refused =
        json!({ "Data": [{ "Title": "四" }, { "DateHash": { "DateA": "" } }], "Atomic": true });
    assert_ne!(bulk("bulkupsert", refused).0, 200);
    assert!(is_queue_empty(&app));
    assert!(hook.calls.try_recv().is_err(), "dry runs and refusals are told of to nobody");
}

/// 04 §4.6: a file is told of once, and its records are not; those of a bulk upsert are (04 §2.4).
#[test]
fn records_of_a_file_are_not_told_of() {
    let (app, hook) = (TestApp::new(), Hook::listen());
    let table = table(&app, &json!({ "Id": 1, "Type": 2, "Address": hook.address }));
    let told = || hook.next_json()["text"].as_str().expect("a text").to_owned();
    let rows = json!({ "Data": [{ "Title": "一" }] });
    assert_eq!(app.post(&format!("/api/items/{table}/bulkupsert"), &rows).status, 200);
    let texts = [told(), told()];
    assert!(texts.iter().any(|text| text.starts_with("*\" 一 \" を作成しました。*")), "{texts:?}");

    let options = json!({ "ApiKey": KEY, "UpdatableImport": true, "Key": "Title" });
    let file = "タイトル,数値A\n一,5\n二,6\n";
    let path = format!("/api/items/{table}/import");
    let imported = app.post_form(&path, &options, Some(file.as_bytes()));
    let message = imported.json()["Message"].as_str().expect("a text").to_owned();
    assert_eq!(message, "商談: 1 件追加し、1 件更新しました。");
    assert!(told().starts_with(&format!("*{message}*\n")));
    assert!(is_queue_empty(&app));
    assert!(hook.calls.try_recv().is_err(), "of nothing else");
}

#[test]
fn conditions_say_which_records_are_told_of() {
    let (app, hook) = (TestApp::new(), Hook::listen());
    let table = app.results_table(&json!({
        "EditorColumnHash": { "General": ["ResultId", "Title", "ClassA"] },
        "Views": [{ "Id": 1, "Name": "x", "ColumnFilterHash": { "ClassA": "x" } }],
        "Notifications": [{
            "Id": 1, "Type": 3, "Address": hook.address, "Token": "geheim", "Subject": "[NotificationTrigger] [Title] {UserName}",
            "AfterCondition": 1, "UseCustomFormat": true, "Format": "{\"Name\":\"[ClassA]\",\"ValueOnly\":true}\n{LoginId}"
        }]
    }));
    create(&app, table, &json!({ "Title": "no" }));
    create(&app, table, &json!({ "Title": "yes", "ClassHash": { "ClassA": "x" } }));
    let (head, body) = hook.next();
    assert!(head.to_lowercase().contains("x-chatworktoken: geheim"), "{head}");
    assert!(
        body.starts_with("body=*%E4%BD%9C%E6%88%90+yes+")
            || body.starts_with("body=%2A%E4%BD%9C%E6%88%90+yes+"),
        "{body}"
    );
    assert!(body.ends_with("%0Ax%0AAdministrator%0A"), "{body}");
    assert!(!app.server.log_tail(1_000).contains("geheim"), "a token in the log");
}

#[test]
fn without_our_queue_deliveries_go_out_from_memory() {
    let database = Database::copy();
    database.execute("drop table kokochi.deliveries").expect("the template has it");
    let parameters = database.parameters();
    let (app, hook) = (TestApp::start(database, &parameters), Hook::listen());
    let table = table(&app, &json!({ "Id": 1, "Type": 6, "Address": hook.address }));
    create(&app, table, &json!({ "Title": "<A>" }));
    let text = hook.next_json()["text"].as_str().expect("a text").to_owned();
    assert!(text.starts_with("*&quot; &lt;A&gt; &quot; を作成しました。*<br>http"), "{text}");
    assert!(app.server.log_tail(1_000).contains("kokochi.deliveries"));
}

/// A mail server that prints what it gets.
struct MailServer {
    child: Child,
    port: Port,
    lines: Receiver<String>,
}

impl MailServer {
    /// None where Python's aiosmtpd is missing.
    fn start() -> Option<Self> {
        let port = Port::reserve();
        let address = format!("127.0.0.1:{}", port.number);
        let python = ["/usr/bin/python3", "python3"].into_iter().find(|python| {
            let mut tried = Command::new(python);
            tried.args(["-c", "import aiosmtpd"]).stderr(Stdio::null());
            tried.status().is_ok_and(|status| status.success())
        })?;
        let mut child = Command::new(python)
            .args(["-u", "-m", "aiosmtpd", "-n", "-l", &address])
            .args(["-c", "aiosmtpd.handlers.Debugging", "stdout"])
            .stdout(Stdio::piped())
            .spawn()
            .ok()?;
        scratch::hold(child.id(), "KILL");
        let output = child.stdout.take()?;
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        poll(SOON, || std::net::TcpStream::connect(&address).ok())?;
        Some(Self { child, port, lines })
    }

    /// The lines of the next mail.
    fn next(&self) -> Vec<String> {
        let mut mail = Vec::new();
        loop {
            let line = self.lines.recv_timeout(SOON).expect("a mail");
            if line.contains("END MESSAGE") {
                return mail;
            }
            mail.push(line);
        }
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        scratch::release(self.child.id());
    }
}

#[test]
fn mails_reach_a_mail_server() {
    let Some(server) = MailServer::start() else {
        eprintln!("skipped: python3-aiosmtpd is not installed");
        return;
    };
    let database = Database::copy();
    let parameters = database.parameters();
    parameters.set("Mail.json", "SmtpHost", json!("127.0.0.1"));
    parameters.set("Mail.json", "SmtpPort", json!(server.port.number));
    let app = TestApp::start(database, &parameters);
    app.database
        .execute(
            r#"insert into "Implem.Pleasanter"."MailAddresses" ("OwnerId", "OwnerType", "MailAddress", "Creator", "Updator")
               select "UserId", 'Users', 'admin@example.com', 1, 1 from "Implem.Pleasanter"."Users" where "LoginId" = 'Administrator'"#,
        )
        .expect("an address");
    let table = table(
        &app,
        &json!({ "Id": 1, "Type": 1, "Address": "[Manager],[Updator],bad,sales@example.com", "Subject": "件名" }),
    );
    let id = create(&app, table, &json!({ "Title": "A" }));
    let mail = server.next();
    assert!(
        mail.iter()
            .any(|line| line == "To: \"Administrator\" <admin@example.com>, sales@example.com"
                || line.starts_with("To: sales@example.com, admin@example.com")),
        "{mail:?}"
    );

    let body = json!({
        "To": "b@example.com", "Cc": "\"C, D\" <c@example.com>;b@example.com", "Title": "題", "Body": "text",
        "Attachments": [{ "Name": "a.txt", "Base64": "aGVsbG8=" }]
    });
    let answer = app.post(&format!("/api/items/{id}/outgoingmails/send"), &body);
    assert_eq!(answer.status, 200, "{}", answer.text);
    let mail = server.next();
    assert!(mail.iter().any(|line| line == "To: b@example.com"), "{mail:?}");
    assert!(mail.iter().any(|line| line == "aGVsbG8="), "{mail:?}");
    assert!(is_queue_empty(&app));
    let sql = r#"select "ReferenceType" as kind, "Title" as title from "OutgoingMails" order by "OutgoingMailId""#;
    assert_eq!(
        app.rows(sql),
        json!([{ "kind": "", "title": "件名" }, { "kind": "Results", "title": "題" }])
    );
}
