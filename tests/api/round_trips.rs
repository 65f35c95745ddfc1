//! How often a call goes to the database: each trip costs every caller the way there and back.
//!
//! `SysLogs` is off, since it may be written in batches off the request's path.

use serde_json::json;

use crate::app::{TestApp, editor};
use crate::proxy::Proxy;
use crate::support::database::Database;
use crate::support::parameters::ParameterFolder;
use crate::support::sql::Session;

/// A server that reaches its database through a counting proxy.
struct Counted {
    app: TestApp,
    proxy: Proxy,
    table: i64,
}

impl Counted {
    fn new() -> Self {
        let database = Database::copy();
        let proxy = Proxy::start(database.port);
        let parameters = ParameterFolder::new(proxy.port, &database.name);
        parameters.set("SysLog.json", "EnableLoggingToDatabase", json!(false));
        let app = TestApp::start(database, &parameters);
        let table = app.results_table(&editor(&["ResultId", "Title", "ClassA", "NumA"]));
        Self { app, proxy, table }
    }

    fn upsert(&self, key: &str, number: i32) {
        let body = json!({ "Keys": ["ClassA"], "ClassHash": { "ClassA": key }, "NumHash": { "NumA": number } });
        let answer = self.app.post(&format!("/api/items/{}/upsert", self.table), &body);
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    fn get(&self, record: i64) {
        let answer = self.app.post(&format!("/api/items/{record}/get"), &json!({}));
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    fn a_record(&self) -> i64 {
        let rows = self
            .app
            .rows(&format!(r#"select "ResultId" from "Results" where "SiteId" = {}"#, self.table));
        rows[0]["ResultId"].as_i64().expect("a record")
    }

    /// Trips per call, once connections are open and statements prepared. The median of many calls: what the server
    /// does by itself now and then is not a call's.
    fn trips(&self, call: impl Fn(i32)) -> usize {
        (0..10).for_each(&call);
        let mut counts: Vec<usize> = (10..41)
            .map(|number| {
                let before = self.proxy.round_trips();
                call(number);
                self.proxy.round_trips() - before
            })
            .collect();
        counts.sort_unstable();
        let median = counts[counts.len() / 2];
        assert!(median > 0, "calls that pass by the proxy tell nothing: {counts:?}");
        median
    }
}

#[test]
fn the_proxy_counts_a_query_as_one_round_trip() {
    let database = Database::copy();
    let proxy = Proxy::start(database.port);
    let session = Session::new(proxy.port, &database.name);
    session.execute("select 1").expect("a connection through the proxy");
    let before = proxy.round_trips();

    for _ in 0..5 {
        session.rows("select 1 as one").expect("a query through the proxy");
    }

    assert_eq!(proxy.round_trips() - before, 5);
}

#[test]
fn upsert_that_updates_makes_at_most_three_round_trips() {
    let counted = Counted::new();
    let trips = counted.trips(|number| counted.upsert("既存", number));
    assert!(trips <= 3, "{trips}");
}

#[test]
fn upsert_that_creates_makes_at_most_four_round_trips() {
    let counted = Counted::new();
    let trips = counted.trips(|number| counted.upsert(&format!("K{number}"), number));
    assert!(trips <= 4, "{trips}");
}

#[test]
fn get_of_a_page_makes_at_most_three_round_trips() {
    let counted = Counted::new();
    (0..5).for_each(|number| counted.upsert(&format!("K{number}"), number));
    let objects = counted.trips(|_| counted.get(counted.table));
    assert!(objects <= 3, "{objects}");
}

#[test]
fn get_of_a_record_makes_at_most_two_round_trips() {
    let counted = Counted::new();
    counted.upsert("既存", 1);
    let record = counted.a_record();
    let trips = counted.trips(|_| counted.get(record));
    assert!(trips <= 2, "{trips}");
}
