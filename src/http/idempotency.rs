//! The header `Idempotency-Key`: a repeat of a writing call gets the first answer (docs/extensions.md).
//!
//! Ours, off unless asked for: a call without the header does not come here.

use std::sync::Arc;

use axum::http::request::Parts;
use sha2::{Digest as _, Sha256};

use crate::db::idempotency::{self, Claim};
use crate::domain::{Call, Error, Services};

use super::body::Body;
use super::pipeline::Endpoint;
use super::wire::{self, Answer};

const HEADER: &str = "idempotency-key";
/// The longest key.
const MOST: usize = 255;
/// Actions that write nothing: the header means nothing to them.
const READS: [&str; 6] =
    ["get", "getsite", "getstream", "getclosestsiteid", "export", "getlicenseinfo"];

fn hash(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

/// A call that carries a key.
pub(super) struct Keyed {
    services: Arc<Services>,
    key: String,
    body: String,
    id: i64,
}

impl Keyed {
    /// Of a writing call with the header; an error is the answer to a key that is none.
    pub(super) fn of(
        endpoint: Endpoint,
        parts: &Parts,
        call: &Call,
        body: &Body,
    ) -> Result<Option<Self>, Answer> {
        let Some(value) = parts.headers.get(HEADER).filter(|_| !READS.contains(&endpoint.method))
        else {
            return Ok(None);
        };
        let key = value.to_str().unwrap_or_default().trim();
        if key.is_empty() || key.len() > MOST {
            let text = "Idempotency-Key has to be 1 to 255 visible ASCII characters.";
            return Err(wire::simple(call.id, 400, None, text));
        }
        let (tenant, user) = (call.caller.tenant.id.0, call.caller.user.0);
        Ok(Some(Self {
            services: Arc::clone(&call.services),
            key: hash(format!("{tenant}/{user}{}\n{key}", parts.uri).as_bytes()),
            body: hash(&body.raw),
            id: call.id,
        }))
    }

    /// The answer of an earlier call, or why there is none; nothing when this call is the first and has to run.
    pub(super) async fn earlier(&self) -> Result<Option<Answer>, Error> {
        let mut conn = self.services.db.acquire().await.map_err(crate::db::Error::from)?;
        let refuse = |status, text| Some(wire::simple(self.id, status, None, text));
        Ok(match idempotency::claim(&mut conn, &self.key, &self.body).await? {
            Claim::First => None,
            Claim::Answered(status, body) => {
                let mut answer = wire::ready(body);
                answer.status = status;
                Some(answer)
            }
            Claim::Running => refuse(
                409,
                "A call with this Idempotency-Key still runs, or ended with its server: what it wrote is unknown.",
            ),
            Claim::Other => {
                refuse(422, "This Idempotency-Key was used for a call with another body.")
            }
            Claim::NoTable => refuse(
                501,
                "Idempotency-Key needs the schema kokochi: run `kokochi database extend`.",
            ),
        })
    }

    /// Keeps the answer for repeats. Without it they are refused: the call itself is done.
    pub(super) async fn keep(&self, answer: &Answer) {
        let kept = match self.services.db.acquire().await {
            Ok(mut conn) => {
                idempotency::answer(&mut conn, &self.key, answer.status, &answer.body).await
            }
            Err(error) => Err(error.into()),
        };
        if let Err(error) = kept {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "an answer is not kept for repeats"
            );
        }
    }
}
