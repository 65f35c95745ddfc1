//! The users' Python programs against what `scripts/serve` runs.

use std::fs;
use std::process::{Child, Command};
use std::time::Duration;

use serde_json::json;

use crate::support::deadline::poll;
use crate::support::http::{self, Call};
use crate::support::ports::Port;
use crate::support::{cli, scratch};

const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/api/python/bulk_delete.py");

/// A running `kokochi demo` in Japanese; it and its PostgreSQL are stopped when this is dropped.
struct Demo {
    child: Child,
    base_url: String,
    key: String,
    table: String,
    // Held until the end.
    _port: Port,
}

impl Demo {
    fn start() -> Self {
        let port = Port::reserve();
        let folder = scratch::folder("demo");
        let (log, data) = (folder.join("log"), folder.join("data"));
        let file = fs::File::create(&log).expect("the folder is ours");
        let address = format!("127.0.0.1:{}", port.number);
        let data = data.to_str().expect("a plain path");
        let child = cli::command(&["demo", "--data", data, "--bind", &address])
            .env("LC_ALL", "ja_JP.UTF-8")
            .stdout(file.try_clone().expect("a second handle"))
            .stderr(file)
            .spawn()
            .expect("the binary can be started");
        // So that it stops its PostgreSQL.
        scratch::hold(child.id(), "TERM");
        let mut demo = Self {
            child,
            base_url: format!("http://{address}"),
            key: String::new(),
            table: String::new(),
            _port: port,
        };
        let text = || fs::read_to_string(&log).unwrap_or_default();
        let said = poll(Duration::from_mins(2), || {
            let text = text();
            let word = |name: &str| {
                let line = text.lines().find(|line| line.trim_start().starts_with(name))?;
                line.trim_start().strip_prefix(name)?.split_whitespace().next().map(str::to_owned)
            };
            Some((word("table ")?, word("API key")?))
        });
        (demo.table, demo.key) =
            said.unwrap_or_else(|| panic!("the demo did not start:\n{}", text()));
        demo
    }

    fn run(&self, how: &str) -> String {
        let output = Command::new("python3")
            .args([PROGRAM, &self.base_url, &self.key, &self.table, how])
            .env("PYTHONIOENCODING", "utf-8")
            .output()
            .expect("python3 can be started");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "{errors}\n(without requests: sudo apt-get install python3-requests)"
        );
        String::from_utf8(output.stdout).expect("the program writes UTF-8")
    }

    fn add_on_hold(&self, site: &str, count: usize) {
        let records = vec![json!({ "Title": "保留", "Status": 910 }); count];
        let body = json!({ "ApiVersion": 1.1, "ApiKey": self.key, "Data": records });
        let call = Call {
            method: "POST".to_owned(),
            path: format!("/api/items/{site}/bulkupsert"),
            headers: vec![("Content-Type".to_owned(), "application/json".to_owned())],
            body: Some(body.to_string().into_bytes()),
            timeout: Duration::from_mins(1),
        };
        let answer = http::send(&self.base_url, call).expect("an answer");
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        scratch::signal(self.child.id(), "TERM");
        let ended = poll(Duration::from_secs(30), || self.child.try_wait().expect("our own child"));
        if ended.is_none() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
        scratch::release(self.child.id());
    }
}

#[test]
fn the_users_programs_print_what_the_manual_shows() {
    let demo = Demo::start();

    let first = demo.run("ids");

    let site = first.split_once("成功: ").expect("a site").1.split_once('\n').expect("a line").0;
    let expected = format!(
        "対象サイトID取得成功: {site}\nbulkdelete 実行結果: {{'Id': {site}, 'StatusCode': 200, \
         'Message': '案件管理: 5 件 一括削除しました。'}}\n"
    );
    assert_eq!(first, expected);
    demo.add_on_hold(site, 5);
    assert_eq!(demo.run("view"), expected);
}
