//! The headers of every answer, and what pages of other origins may do (01 §15).

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, CACHE_CONTROL, HOST, ORIGIN,
    PRAGMA, STRICT_TRANSPORT_SECURITY, VARY,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

use crate::parameters::{
    ForwardedHeaders, HttpStrictTransportSecurity, SecureCacheControl, Security,
};

use super::pipeline::header;
use super::sender;

/// What the parameters say of headers.
pub(super) struct Rules {
    origins: Vec<String>,
    believed: ForwardedHeaders,
    transport: HeaderValue,
    /// Hosts whose answers demand no HTTPS.
    excluded: Vec<String>,
    cache: Option<HeaderValue>,
    has_pragma: bool,
}

impl Rules {
    /// Of `Security.json`.
    pub(super) fn of(security: &Security) -> Self {
        let transport = &security.http_strict_transport_security;
        let cache = &security.secure_cache_control;
        Self {
            origins: security.access_control_allow_origin.clone(),
            believed: security.forwarded_headers.clone(),
            transport: transport_security(transport),
            excluded: excluded_hosts(transport),
            cache: cache_control(cache),
            has_pragma: cache.pragma_no_cache,
        }
    }

    /// The headers of the answer to a request.
    fn headers(&self, parts: &Parts) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("x-frame-options", "SAMEORIGIN"),
            ("x-xss-protection", "1; mode=block"),
            ("x-content-type-options", "nosniff"),
        ] {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        if self.demands_https(parts) {
            headers.insert(STRICT_TRANSPORT_SECURITY, self.transport.clone());
        }
        if let Some(cache) = &self.cache {
            headers.insert(CACHE_CONTROL, cache.clone());
        }
        if self.has_pragma {
            headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
        }
        if let Some(origin) = self.allowed_origin(parts) {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            if self.origins.len() > 1 {
                headers.insert(VARY, HeaderValue::from_static("Origin"));
            }
        }
        headers
    }

    /// Whoever came by HTTPS is told to keep to it, except on this machine. QUIRK(01 §15): even if that is not enabled.
    fn demands_https(&self, parts: &Parts) -> bool {
        if !sender::is_https(parts, &self.believed) {
            return false;
        }
        let host = header(&parts.headers, HOST.as_str()).unwrap_or_default();
        let name = host_name(host);
        !self.excluded.iter().any(|excluded| excluded.eq_ignore_ascii_case(name))
    }

    /// What a page is told whose origin may call.
    fn allowed_origin(&self, parts: &Parts) -> Option<HeaderValue> {
        let origin = parts.headers.get(ORIGIN)?;
        if self.origins == ["*"] {
            return Some(HeaderValue::from_static("*"));
        }
        let text = origin.to_str().ok()?;
        let is = |own: &String| own.trim_end_matches('/').eq_ignore_ascii_case(text);
        self.origins.iter().any(is).then(|| origin.clone())
    }

    /// The answer to a browser that asks whether it may send a request.
    fn preflight(&self, parts: &Parts) -> Option<Response> {
        let asked = parts.headers.get(ACCESS_CONTROL_REQUEST_METHOD)?;
        if self.origins.is_empty()
            || parts.method != Method::OPTIONS
            || !parts.headers.contains_key(ORIGIN)
        {
            return None;
        }
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        if self.allowed_origin(parts).is_some() {
            let headers = response.headers_mut();
            headers.insert(ACCESS_CONTROL_ALLOW_METHODS, asked.clone());
            if let Some(asked) = parts.headers.get(ACCESS_CONTROL_REQUEST_HEADERS) {
                headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, asked.clone());
            }
        }
        Some(response)
    }
}

/// Answers what browsers ask in front of a request, and adds the headers to every answer.
pub(super) async fn around(
    State(rules): State<Arc<Rules>>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let headers = rules.headers(&parts);
    let mut response = match rules.preflight(&parts) {
        Some(response) => response,
        None => next.run(Request::from_parts(parts, body)).await,
    };
    for (name, value) in &headers {
        response.headers_mut().entry(name).or_insert_with(|| value.clone());
    }
    response
}

/// The host without its port; an address of IPv6 keeps its brackets.
fn host_name(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => name,
        _ => host,
    }
}

fn excluded_hosts(transport: &HttpStrictTransportSecurity) -> Vec<String> {
    let mut hosts = ["localhost", "127.0.0.1", "[::1]"].map(str::to_owned).to_vec();
    if transport.enabled {
        hosts.extend(transport.exclude_hosts.iter().flatten().cloned());
    }
    hosts
}

/// Thirty days, unless the members of the parameter count.
fn transport_security(transport: &HttpStrictTransportSecurity) -> HeaderValue {
    const SHIPPED: i64 = 30 * 86_400;
    let mut text = format!("max-age={SHIPPED}");
    if transport.enabled {
        let age = transport.max_age.as_deref().and_then(seconds).unwrap_or(SHIPPED);
        text = format!("max-age={age}");
        if transport.include_sub_domains {
            text.push_str("; includeSubDomains");
        }
        if transport.preload {
            text.push_str("; preload");
        }
    }
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("max-age=2592000"))
}

/// The seconds of a `TimeSpan`: `[days.]hours:minutes[:seconds]`, or days alone.
fn seconds(span: &str) -> Option<i64> {
    let (days, clock) = match span.trim().split_once('.') {
        Some((days, clock)) if clock.contains(':') => (days, clock),
        _ if span.contains(':') => ("0", span.trim()),
        _ => (span.trim(), "0:0"),
    };
    let mut parts = clock.split(':').map(|part| part.split('.').next()?.parse::<i64>().ok());
    let (hours, minutes) = (parts.next()??, parts.next()??);
    let seconds = match parts.next() {
        Some(seconds) => seconds?,
        None => 0,
    };
    let days: i64 = days.parse().ok()?;
    days.checked_mul(86_400)?.checked_add(hours * 3_600 + minutes * 60 + seconds)
}

fn cache_control(cache: &SecureCacheControl) -> Option<HeaderValue> {
    let directives: Vec<&str> = [
        (cache.no_cache, "no-cache"),
        (cache.no_store, "no-store"),
        (cache.private, "private"),
        (cache.must_revalidate, "must-revalidate"),
    ]
    .into_iter()
    .filter_map(|(chosen, directive)| chosen.then_some(directive))
    .collect();
    (!directives.is_empty()).then(|| HeaderValue::try_from(directives.join(", ")).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_days_hours_minutes_and_seconds() {
        assert_eq!(seconds("30.00:00:00"), Some(2_592_000));
        assert_eq!(seconds("1.02:03:04"), Some(86_400 + 7_384));
        assert_eq!(seconds("00:01"), Some(60));
        assert_eq!(seconds("365"), Some(31_536_000));
        assert_eq!(seconds("soon"), None);
    }

    #[test]
    fn a_host_loses_its_port_only() {
        assert_eq!(host_name("example.com:8443"), "example.com");
        assert_eq!(host_name("example.com"), "example.com");
        assert_eq!(host_name("[::1]"), "[::1]");
        assert_eq!(host_name("[::1]:80"), "[::1]");
    }
}
