//! Figures of this process, for whoever watches over it: [`Metrics`], in the text form of Prometheus.
//!
//! Labels take only values of our own source, so that no client can make them grow.

use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// Bounds of the durations of calls, in seconds.
const DURATIONS: [f64; 12] =
    [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Endpoint {
    class: &'static str,
    method: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    class: &'static str,
    method: &'static str,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Delivered {
    kind: &'static str,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Connections {
    role: &'static str,
    state: &'static str,
}

/// How many connections a pool has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PoolUsage {
    /// Those that calls have.
    pub used: usize,
    /// Those that wait for calls.
    pub idle: usize,
}

/// What is counted.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    calls: Family<Answered, Counter>,
    durations: Family<Endpoint, Histogram, fn() -> Histogram>,
    deliveries: Family<Delivered, Counter>,
    connections: Family<Connections, Gauge>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("kokochi");
        let calls = Family::default();
        let durations: Family<Endpoint, Histogram, fn() -> Histogram> =
            Family::new_with_constructor(|| Histogram::new(DURATIONS));
        let (deliveries, connections) = (Family::default(), Family::default());
        registry.register("http_calls", "Calls by endpoint and status", calls.clone());
        registry.register_with_unit(
            "http_call_duration",
            "How long calls took",
            Unit::Seconds,
            durations.clone(),
        );
        registry.register(
            "deliveries",
            "Mails and calls of web hooks by outcome",
            deliveries.clone(),
        );
        registry.register(
            "database_connections",
            "Connections to the database by role and state",
            connections.clone(),
        );
        Self { registry, calls, durations, deliveries, connections }
    }
}

impl Metrics {
    /// Counts a call.
    pub fn called(&self, class: &'static str, method: &'static str, status: u16, took: Duration) {
        self.calls.get_or_create(&Answered { class, method, status }).inc();
        self.durations.get_or_create(&Endpoint { class, method }).observe(took.as_secs_f64());
    }

    /// Counts a try to deliver something.
    pub fn delivered(&self, kind: &'static str, outcome: &'static str) {
        self.deliveries.get_or_create(&Delivered { kind, outcome }).inc();
    }

    /// The figures as text, with what the pools have now.
    pub fn text(&self, pools: &[(&'static str, PoolUsage)]) -> String {
        for (role, usage) in pools {
            for (state, number) in [("used", usage.used), ("idle", usage.idle)] {
                let number = i64::try_from(number).unwrap_or(i64::MAX);
                self.connections.get_or_create(&Connections { role, state }).set(number);
            }
        }
        let mut out = String::new();
        if let Err(error) = text::encode(&mut out, &self.registry) {
            tracing::error!(%error, "the metrics cannot be written");
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_and_connections_are_in_the_text() {
        let metrics = Metrics::default();
        metrics.called("items", "get", 200, Duration::from_millis(3));
        let text = metrics.text(&[("user", PoolUsage { used: 1, idle: 2 })]);
        for line in [
            r#"kokochi_http_calls_total{class="items",method="get",status="200"} 1"#,
            r#"kokochi_http_call_duration_seconds_bucket{le="0.005",class="items",method="get"} 1"#,
            r#"kokochi_database_connections{role="user",state="idle"} 2"#,
        ] {
            assert!(text.contains(line), "{line} in\n{text}");
        }
    }
}
