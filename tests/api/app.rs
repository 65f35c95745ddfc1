//! A server on a fresh database, with the administrator's key.

use std::sync::Barrier;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::database::Database;
use crate::support::http::{self, Answer, Call};
use crate::support::parameters::ParameterFolder;
use crate::support::server::Server;

/// The key of the administrator.
pub(crate) const KEY: &str = "administratorkey";

/// What `UpdateConflicts` says in Japanese; the gap is the reference's (02 §7.6).
const UPDATE_CONFLICTS: &str = "{0} さんが先に更新したため更新できません。再読み込みしてください。";

/// A server, its database, and calls as the administrator.
pub(crate) struct TestApp {
    // In the order in which they have to go.
    pub(crate) server: Server,
    pub(crate) database: Database,
}

impl TestApp {
    /// With the parameters of the recordings.
    pub(crate) fn new() -> Self {
        let database = Database::copy();
        let parameters = database.parameters();
        Self::start(database, &parameters)
    }

    /// With other parameters, which lead to that database.
    pub(crate) fn start(database: Database, parameters: &ParameterFolder) -> Self {
        Self::start_with(database, parameters, &[])
    }

    /// As [`Self::start`], with settings of our own as variables.
    pub(crate) fn start_with(
        database: Database,
        parameters: &ParameterFolder,
        variables: &[(&str, &str)],
    ) -> Self {
        let give_key = format!(
            r#"update "Users" set "ApiKey" = '{KEY}', "Language" = 'ja', "TimeZone" = 'Asia/Tokyo'
            where "LoginId" = 'Administrator'"#
        );
        database.execute(&give_key).expect("the administrator exists");
        let server = Server::try_start_with(parameters, variables);
        Self { server: server.unwrap_or_else(|error| panic!("{error}")), database }
    }

    /// Calls an endpoint, with version and key added.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        let mut whole = json!({ "ApiVersion": 1.1, "ApiKey": KEY });
        for (name, value) in body.as_object().expect("a body is an object") {
            whole[name] = value.clone();
        }
        self.post_text(path, &whole.to_string())
    }

    /// Posts a form as the administrator's client would: the parameters, and a file if there is one.
    pub(crate) fn post_form(&self, path: &str, parameters: &Value, file: Option<&[u8]>) -> Answer {
        let mut body = Vec::new();
        let mut part = |head: &str, content: &[u8]| {
            body.extend_from_slice(
                format!("--limit\r\nContent-Disposition: form-data; {head}\r\n\r\n").as_bytes(),
            );
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        };
        part("name=\"parameters\"", parameters.to_string().as_bytes());
        if let Some(file) = file {
            part("name=\"file\"; filename=\"data.csv\"", file);
        }
        body.extend_from_slice(b"--limit--\r\n");
        self.send(path, "multipart/form-data; boundary=limit", body)
    }

    /// Sends a body as it is.
    pub(crate) fn post_text(&self, path: &str, body: &str) -> Answer {
        self.send(path, "application/json", body.as_bytes().to_vec())
    }

    /// Sends a body of any type.
    pub(crate) fn send(&self, path: &str, content_type: &str, body: Vec<u8>) -> Answer {
        let call = Call {
            method: "POST".to_owned(),
            path: path.to_owned(),
            headers: vec![("Content-Type".to_owned(), content_type.to_owned())],
            body: Some(body),
            timeout: Duration::from_mins(1),
        };
        http::send(&self.server.base_url(), call).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Makes a table of results in a folder of its own and gives its id. `settings` are members of its site settings.
    pub(crate) fn results_table(&self, settings: &Value) -> i64 {
        let folder = json!({ "Version": 1.017, "ReferenceType": "Sites" });
        let folder = self.create_site(
            0,
            &json!({ "Title": "営業部", "ReferenceType": "Sites", "SiteSettings": folder }),
        );
        let mut whole = json!({ "Version": 1.017, "ReferenceType": "Results" });
        for (name, value) in settings.as_object().expect("settings are an object") {
            whole[name] = value.clone();
        }
        let table = json!({
            "Title": "商談", "ReferenceType": "Results", "InheritPermission": folder, "SiteSettings": whole
        });
        self.create_site(folder, &table)
    }

    fn create_site(&self, parent: i64, body: &Value) -> i64 {
        let answer = self.post(&format!("/api/items/{parent}/createsite"), body);
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.id()
    }

    /// The rows of a query.
    pub(crate) fn rows(&self, sql: &str) -> Value {
        self.database.rows(sql).unwrap_or_else(|error| panic!("{error}"))
    }

    /// How many sessions of the test's own database wait for a lock: other tests share its server.
    pub(crate) fn waiting(&self) -> i64 {
        self.count(
            "select count(*) from pg_locks join pg_stat_activity using (pid)
              where not granted and datname = current_database()",
        )
    }

    /// The one number that a query gives.
    pub(crate) fn count(&self, sql: &str) -> i64 {
        self.rows(sql)[0]["count"].as_i64().unwrap_or_else(|| panic!("no count: {sql}"))
    }
}

/// Settings with these columns in the editor.
pub(crate) fn editor(columns: &[&str]) -> Value {
    json!({ "EditorColumnHash": { "General": columns } })
}

/// Whether a call was done. One that lost a race has to say so; any other answer fails the test.
pub(crate) fn is_done(answer: &Answer) -> bool {
    let lost = answer.status == 500 && answer.json()["Message"] == UPDATE_CONFLICTS;
    assert!(lost || answer.status == 200, "{} {}", answer.status, answer.text);
    !lost
}

/// Does something `count` times at once, as near as threads can come to that.
pub(crate) fn at_once<T: Send>(count: usize, run: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let (barrier, run) = (&Barrier::new(count), &run);
    std::thread::scope(|scope| {
        let start = |number| {
            scope.spawn(move || {
                barrier.wait();
                run(number)
            })
        };
        let threads: Vec<_> = (0..count).map(start).collect();
        threads.into_iter().map(|thread| thread.join().expect("the thread did not panic")).collect()
    })
}
