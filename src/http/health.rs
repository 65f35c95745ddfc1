//! `/healthz`, where `Security.HealthCheck` opens it (01 §15).

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, EXPIRES, HOST, PRAGMA};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::domain::Services;
use crate::json;

use super::{pipeline, router};

/// How long the database may take to answer before we call ourselves unhealthy.
const LONGEST: Duration = Duration::from_secs(30);

/// Says whether the server is healthy, which takes the database if that is checked.
pub(super) async fn check(State(services): State<Arc<Services>>, headers: HeaderMap) -> Response {
    let rules = &services.parameters.security.health_check;
    let host = pipeline::header(&headers, HOST.as_str()).unwrap_or_default();
    let hosts = rules.require_hosts.as_deref().unwrap_or_default();
    if !hosts.is_empty() && !hosts.iter().any(|wanted| is_host(wanted, host)) {
        return router::unknown(State(services)).await;
    }
    let begun = Instant::now();
    let answers = !rules.enable_database_check || database_answers(&services).await;
    let (status, word) = if answers {
        (StatusCode::OK, "Healthy")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "Unhealthy")
    };
    let (kind, text) = if rules.enable_detailed_response {
        ("application/json", detailed(word, rules.enable_database_check, begun.elapsed()))
    } else {
        ("text/plain", word.to_owned())
    };
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(kind)),
        (CACHE_CONTROL, HeaderValue::from_static("no-store, no-cache")),
        (PRAGMA, HeaderValue::from_static("no-cache")),
        (EXPIRES, HeaderValue::from_static("Thu, 01 Jan 1970 00:00:00 GMT")),
    ];
    (status, headers, text).into_response()
}

async fn database_answers(services: &Services) -> bool {
    matches!(tokio::time::timeout(LONGEST, services.db.ping()).await, Ok(Ok(())))
}

/// Whether a host is the wanted one: a name, with a port if the port counts; the name `*` is any.
fn is_host(wanted: &str, host: &str) -> bool {
    let of = |text: &str| {
        let (name, port) = text.rsplit_once(':').filter(|(_, port)| !port.contains(']')).unzip();
        (name.unwrap_or(text).to_ascii_lowercase(), port.map(str::to_owned))
    };
    let ((wanted, wanted_port), (name, port)) = (of(wanted), of(host));
    (wanted == "*" || wanted == name)
        && (wanted_port.is_none() || wanted_port.as_deref() == Some("*") || wanted_port == port)
}

fn detailed(status: &str, names_database: bool, duration: Duration) -> String {
    let ticks = duration.as_nanos() / 100;
    let seconds = ticks / 10_000_000;
    let duration = format!(
        "{:02}:{:02}:{:02}.{:07}",
        seconds / 3_600,
        seconds / 60 % 60,
        seconds % 60,
        ticks % 10_000_000
    );
    json::object(|o| {
        o.field("status", status).field("totalDuration", duration.as_str());
        o.object("entries", |entries| {
            if names_database {
                entries.object("npgsql", |entry| {
                    entry.object("data", |_| {}).field("duration", duration.as_str());
                    entry.field("status", status).array("tags", |_| {});
                });
            }
        });
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_compared_by_name_and_by_the_port_that_is_wanted() {
        for (wanted, host) in
            [("a.example", "A.example:80"), ("a.example:80", "a.example:80"), ("*:80", "b:80")]
        {
            assert!(is_host(wanted, host), "{wanted} {host}");
        }
        for (wanted, host) in
            [("a.example", "b.example"), ("a.example:80", "a.example"), ("*:80", "b")]
        {
            assert!(!is_host(wanted, host), "{wanted} {host}");
        }
    }
}
