//! A router that can tell its paths, which axum's does not: tests walk them.

use axum::Router;
use axum::routing::MethodRouter;

/// Routes, and the paths they have.
pub(super) struct Routes<S> {
    router: Router<S>,
    paths: Vec<&'static str>,
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// None yet.
    pub(super) fn new() -> Self {
        Self { router: Router::new(), paths: Vec::new() }
    }

    /// Adds a route.
    pub(super) fn route(mut self, path: &'static str, method: MethodRouter<S>) -> Self {
        self.paths.push(path);
        Self { router: self.router.route(path, method), ..self }
    }

    /// Adds the routes of another.
    pub(super) fn merge(mut self, other: Self) -> Self {
        self.paths.extend(other.paths);
        Self { router: self.router.merge(other.router), ..self }
    }

    /// The paths so far.
    pub(super) fn paths(self) -> Vec<&'static str> {
        self.paths
    }

    /// As axum serves them.
    pub(super) fn into_router(self) -> Router<S> {
        self.router
    }
}
