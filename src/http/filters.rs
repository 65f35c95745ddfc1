//! What happens to a request before its route is known: base path, case (01 §2, §1.4).

use std::sync::Arc;
use std::task::{Context, Poll};

use axum::extract::Request;
use axum::http::Uri;
use axum::http::uri::PathAndQuery;
use axum::response::Response;
use tower::Service;

use super::pipeline::{BasePath, OriginalPath};

/// Strips the base path and folds the case of the path, from outside the router, which compares exactly.
#[derive(Debug, Clone)]
pub struct Paths<S> {
    inner: S,
    prefixes: Arc<[String]>,
}

impl<S> Paths<S> {
    /// Around a router. `prefixes` are the base paths, such as `/pleasanter`; requests without one are served too.
    pub fn new(inner: S, prefixes: &[String]) -> Self {
        let mut prefixes: Vec<String> = prefixes
            .iter()
            .map(|prefix| prefix.trim_end_matches('/').to_ascii_lowercase())
            .collect();
        prefixes.retain(|prefix| !prefix.is_empty());
        Self { inner, prefixes: prefixes.into() }
    }

    fn fold(&self, request: &mut Request) {
        let path = request.uri().path();
        let lower = path.to_ascii_lowercase();
        let prefix = self.prefixes.iter().find(|prefix| {
            lower
                .strip_prefix(prefix.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
        let skip = prefix.map_or(0, String::len);
        let base = path.get(..skip).unwrap_or_default().to_owned();
        let original = path.get(skip..).unwrap_or_default().to_owned();
        let mut folded = lower.get(skip..).unwrap_or_default().trim_end_matches('/').to_owned();
        if folded.is_empty() {
            folded.push('/');
        }
        if let Some(query) = request.uri().query() {
            folded.push('?');
            folded.push_str(query);
        }
        if let Ok(path_and_query) = PathAndQuery::try_from(folded) {
            let mut parts = request.uri().clone().into_parts();
            parts.path_and_query = Some(path_and_query);
            if let Ok(uri) = Uri::from_parts(parts) {
                *request.uri_mut() = uri;
            }
        }
        request.extensions_mut().insert(OriginalPath(original));
        request.extensions_mut().insert(BasePath(base));
    }
}

impl<S: Service<Request, Response = Response>> Service<Request> for Paths<S> {
    type Response = Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        self.fold(&mut request);
        self.inner.call(request)
    }
}
