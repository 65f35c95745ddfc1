//! The admin address: metrics and health, and that the API address has neither.

use std::time::Duration;

use serde_json::json;

use crate::support::database::Database;
use crate::support::http::{self, Answer, Call};
use crate::support::ports::Port;
use crate::support::server::Server;

fn get(base_url: &str, path: &str) -> Answer {
    let call = Call {
        method: "GET".to_owned(),
        path: path.to_owned(),
        headers: Vec::new(),
        body: None,
        timeout: Duration::from_secs(10),
    };
    http::send(base_url, call).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn metrics_and_health_are_on_an_address_of_their_own() {
    let (database, admin) = (Database::copy(), Port::reserve());
    let address = format!("127.0.0.1:{}", admin.number);
    let server =
        Server::try_start_with(&database.parameters(), &[("KOKOCHI_ADMIN", address.as_str())])
            .unwrap_or_else(|error| panic!("{error}"));
    let admin = format!("http://{address}");
    let call = Call {
        method: "POST".to_owned(),
        path: "/api/utility/getlicenseinfo".to_owned(),
        headers: vec![("Content-Type".to_owned(), "application/json".to_owned())],
        body: Some(json!({ "ApiKey": "nobody" }).to_string().into_bytes()),
        timeout: Duration::from_secs(10),
    };
    let refused = http::send(&server.base_url(), call).expect("an answer");
    assert_eq!(refused.status, 401);

    assert_eq!(get(&admin, "/healthz").status, 200);
    assert_eq!(get(&admin, "/readyz").status, 200);
    let metrics = get(&admin, "/metrics");
    let line =
        r#"kokochi_http_calls_total{class="utility",method="getlicenseinfo",status="401"} 1"#;
    assert!(metrics.text.contains(line), "{}", metrics.text);
    for path in ["/metrics", "/healthz", "/readyz"] {
        assert_eq!(get(&server.base_url(), path).status, 404, "{path}");
    }
    assert_eq!(get(&admin, "/api/items/1/get").status, 404);
}
