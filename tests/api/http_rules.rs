//! What surrounds every call: the request log, languages, addresses, headers (01 §5.3, §7, §14, §15).

use std::time::Duration;

use serde_json::{Value, json};

use crate::app::{KEY, TestApp};
use crate::support::database::Database;
use crate::support::deadline::poll;
use crate::support::http::{self, Answer, Call};

/// A request as it is told, without anything added.
fn send(app: &TestApp, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let call = Call {
        method: method.to_owned(),
        path: path.to_owned(),
        headers: headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        body: (method == "POST").then(|| body.as_bytes().to_vec()),
        timeout: Duration::from_secs(30),
    };
    http::send(&app.server.base_url(), call).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The columns of the log's rows of a class, oldest first, once there are that many.
fn log(app: &TestApp, columns: &str, class: &str, rows: usize) -> Value {
    let sql =
        format!(r#"select {columns} from "SysLogs" where "Class" = '{class}' order by "SysLogId""#);
    let found = poll(Duration::from_secs(10), || {
        let found = app.rows(&sql);
        (found.as_array().map(Vec::len) == Some(rows)).then_some(found)
    });
    found.unwrap_or_else(|| panic!("no {rows} rows: {}", app.rows(&sql)))
}

/// A file under the name `a.txt`, or the parameters of an import.
fn form(head: &str, content: &str) -> String {
    format!("--limit\r\nContent-Disposition: form-data; {head}\r\n\r\n{content}\r\n--limit--\r\n")
}

const FORM: (&str, &str) = ("Content-Type", "multipart/form-data; boundary=limit");
const JSON: (&str, &str) = ("Content-Type", "application/json");

#[test]
fn the_log_has_the_address_as_the_client_wrote_it_and_of_an_upload_no_content() {
    let app = TestApp::new();
    let table = app.results_table(&json!({}));
    let body = json!({ "ApiKey": KEY }).to_string();
    let path = format!("/Pleasanter/API/Users/{table}/Get/?Q=1");
    let hops = ("X-Forwarded-For", "203.0.113.9:50000, 198.51.100.7");
    send(&app, "POST", &path, &[JSON, hops, ("X-Forwarded-Proto", "https")], &body);
    let bearer = format!("Bearer {KEY}");
    let upload = form("name=\"file\"; filename=\"a.txt\"", "hello");
    let path_of_upload = format!("/api/binaries/upload?id={table}");
    send(&app, "POST", &path_of_upload, &[FORM, ("Authorization", &bearer)], &upload);

    // The nearest proxy is on this machine, so its entry becomes the peer; what is left is read raw (01 §3.1, §7).
    let row =
        log(&app, r#""Url", "UserHostName" as peer, "UserHostAddress" as address"#, "users", 1);
    let host = app.server.base_url().replacen("http:", "https:", 1);
    assert_eq!(row[0]["Url"], format!("{host}{path}"));
    assert_eq!(
        (&row[0]["peer"], &row[0]["address"]),
        (&json!("198.51.100.7"), &json!("203.0.113.9"))
    );
    let row = log(&app, r#""RequestData" as data, "RequestSize" as size"#, "binaries", 1);
    assert_eq!(row[0], json!({ "data": r#"{"ApiKey": "*"}"#, "size": 15 }));
}

/// 01 §14.4: beside the row of the call, which stays one of type 10.
#[test]
fn a_failure_has_a_row_of_its_own_in_the_log() {
    let app = TestApp::new();
    let script =
        json!({ "Id": 1, "Title": "s", "BeforeCreate": true, "Body": "throw new Error('oh');" });
    let table = app.results_table(&json!({ "ServerScripts": [script] }));
    let failed = app.post(&format!("/api/items/{table}/create"), &json!({ "Title": "x" }));
    assert_eq!(failed.status, 422, "{}", failed.text);

    let columns = r#""SysLogType" as type, "Method", coalesce("ErrMessage", '') like 'ScriptEngineException: %oh%' as told"#;
    let mut rows = log(&app, columns, "items", 4).as_array().expect("rows").clone();
    rows.drain(..2);
    rows.sort_by_key(|row| row["type"].as_i64());
    assert_eq!(
        rows,
        [
            json!({ "type": 10, "Method": "create", "told": false }),
            json!({ "type": 90, "Method": "create:OnException", "told": true }),
        ]
    );
}

/// 01 §5.3: of endpoints that take forms, and of those alone, nobody is answered in the language of the browser.
#[test]
fn nobody_is_answered_in_the_language_of_forms() {
    let app = TestApp::new();
    let english = ("Accept-Language", "en-GB,ja;q=0.9");
    let message = |path: &str, headers: &[(&str, &str)], body: &str| {
        let answer = send(&app, "POST", path, headers, body);
        assert_eq!(answer.status, 401, "{path} {}", answer.text);
        answer.json()["Message"].clone()
    };
    let parameters = form("name=\"parameters\"", r#"{"ApiKey":"nobody"}"#);
    for path in ["/api/items/1/import", "/api/users/import", "/api/groups/import"] {
        assert_eq!(message(path, &[FORM, english], &parameters), "Unable to authorize.", "{path}");
    }
    let file = form("name=\"file\"; filename=\"a.txt\"", "x");
    let bearer = ("Authorization", "Bearer nobody");
    let upload = "/api/binaries/upload?id=1&Language=en";
    assert_eq!(message(upload, &[FORM, bearer], &file), "Unable to authorize.");
    let json = r#"{"ApiKey":"nobody"}"#;
    assert_eq!(message("/api/users/get", &[JSON, english], json), "認証できませんでした。");
    assert_eq!(message("/api/sessions/get", &[JSON, english], json), "Unable to authorize.");
    let rows = log(&app, r#""UserLanguage" as language"#, "sessions", 1);
    assert_eq!(rows[0]["language"], "en");
}

/// A server with members of `Security.json`.
fn with(members: &[(&str, Value)]) -> TestApp {
    let database = Database::copy();
    let parameters = database.parameters();
    for (member, value) in members {
        parameters.set("Security.json", member, value.clone());
    }
    TestApp::start(database, &parameters)
}

#[test]
fn pages_of_listed_origins_may_call_and_no_others() {
    let app = with(&[(
        "AccessControlAllowOrigin",
        json!(["https://a.example", "https://b.example:8443"]),
    )]);
    let asks = [
        ("Access-Control-Request-Method", "POST"),
        ("Access-Control-Request-Headers", "content-type"),
    ];
    let preflight = |origin: &str| {
        send(&app, "OPTIONS", "/api/users/get", &[asks[0], asks[1], ("Origin", origin)], "")
    };
    let allowed = preflight("https://b.example:8443");
    assert_eq!((allowed.status, allowed.text.as_str()), (204, ""));
    let header = |name: &str| allowed.header(name).map(str::to_owned);
    assert_eq!(header("Access-Control-Allow-Origin").as_deref(), Some("https://b.example:8443"));
    assert_eq!(header("Access-Control-Allow-Methods").as_deref(), Some("POST"));
    assert_eq!(header("Access-Control-Allow-Headers").as_deref(), Some("content-type"));
    let refused = preflight("https://c.example");
    assert_eq!((refused.status, refused.header("Access-Control-Allow-Origin")), (204, None));

    let body = json!({ "ApiKey": KEY }).to_string();
    let call = |origin| send(&app, "POST", "/api/users/get", &[JSON, ("Origin", origin)], &body);
    let answer = call("https://a.example");
    assert_eq!(answer.header("Access-Control-Allow-Origin"), Some("https://a.example"));
    let answer = call("https://c.example");
    assert_eq!((answer.status, answer.header("Access-Control-Allow-Origin")), (200, None));

    let closed = TestApp::new();
    let answer = send(&closed, "OPTIONS", "/api/users/get", &[asks[0], ("Origin", "x")], "");
    assert_eq!(answer.status, 405);
}

#[test]
fn https_and_caches_are_ruled_by_headers() {
    let app = with(&[
        ("SecureCacheControl", json!({ "NoCache": true, "NoStore": true, "PragmaNoCache": true })),
        (
            "HttpStrictTransportSecurity",
            json!({ "Enabled": true, "MaxAge": "1.00:00:00", "IncludeSubDomains": true }),
        ),
    ]);
    let https = ("X-Forwarded-Proto", "https");
    let of = |headers: &[(&str, &str)]| send(&app, "POST", "/api/users/get", headers, "{}");
    let answer = of(&[JSON, https, ("Host", "crm.example")]);
    assert_eq!(
        answer.header("Strict-Transport-Security"),
        Some("max-age=86400; includeSubDomains")
    );
    assert_eq!(answer.header("Cache-Control"), Some("no-cache, no-store"));
    assert_eq!(answer.header("Pragma"), Some("no-cache"));
    for headers in [vec![JSON, ("Host", "crm.example")], vec![JSON, https]] {
        assert_eq!(of(&headers).header("Strict-Transport-Security"), None, "{headers:?}");
    }
}

#[test]
fn plain_http_is_refused_where_https_is_required() {
    let database = Database::copy();
    let parameters = database.parameters();
    parameters.set("Service.json", "RequireHttps", json!(true));
    let app = TestApp::start(database, &parameters);
    let body = json!({ "ApiKey": KEY }).to_string();
    let plain = send(&app, "POST", "/api/users/get", &[JSON], &body);
    assert_eq!((plain.status, plain.json()["title"].as_str()), (403, Some("Forbidden")));
    let https =
        send(&app, "POST", "/api/users/get", &[JSON, ("X-Forwarded-Proto", "https")], &body);
    assert_eq!(https.status, 200, "{}", https.text);
}

#[test]
fn health_is_told_where_it_is_opened() {
    let closed = TestApp::new();
    assert_eq!(send(&closed, "GET", "/healthz", &[], "").status, 404);

    let app = with(&[("HealthCheck", json!({ "Enabled": true, "RequireHosts": ["127.0.0.1"] }))]);
    let answer = send(&app, "GET", "/healthz", &[], "");
    assert_eq!((answer.status, answer.text.as_str()), (200, "Healthy"));
    assert_eq!(answer.header("Content-Type"), Some("text/plain"));
    assert_eq!(send(&app, "GET", "/healthz", &[("Host", "other.example")], "").status, 404);

    let rules =
        json!({ "Enabled": true, "EnableDatabaseCheck": true, "EnableDetailedResponse": true });
    let app = with(&[("HealthCheck", rules)]);
    let answer = send(&app, "GET", "/healthz", &[], "").json();
    assert_eq!(answer["entries"]["npgsql"]["status"], "Healthy", "{answer}");
}
