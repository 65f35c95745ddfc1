//! The admin address: metrics and health. None of it is on the address of the API, where an operator's view of the
//! process has no place, and where even `/healthz` answers as the reference does (01 §15).

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

use crate::domain::Services;

/// How long the database may take to answer before we call ourselves not ready.
const LONGEST: Duration = Duration::from_secs(2);

/// `/metrics`, `/healthz` (or `/livez`) and `/readyz`.
pub fn router(services: Arc<Services>) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/healthz", get(alive))
        .route("/livez", get(alive))
        .route("/readyz", get(ready))
        .with_state(services)
}

async fn metrics(State(services): State<Arc<Services>>) -> Response {
    let pools = [("user", services.db.usage()), ("owner", services.owner_db.usage())];
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(CONTENT_TYPE, kind)], services.metrics.text(&pools)).into_response()
}

/// The process answers.
async fn alive() -> &'static str {
    "ok\n"
}

/// The database answers, to both roles.
async fn ready(State(services): State<Arc<Services>>) -> Response {
    let both = async {
        services.db.ping().await?;
        services.owner_db.ping().await
    };
    match tokio::time::timeout(LONGEST, both).await {
        Ok(Ok(())) => "ready\n".into_response(),
        Ok(Err(error)) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "not ready");
            unavailable()
        }
        Err(_) => unavailable(),
    }
}

fn unavailable() -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n").into_response()
}
