//! What the scripts of a call have in common.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value as Json};

use crate::domain::{Call, Error};

use super::user_data;

/// Kept in each call; calls that scripts make share what is kept for the user, and nothing else.
#[derive(Debug, Clone, Default)]
pub struct State {
    request: Arc<str>,
    api_key: Arc<str>,
    depth: u32,
    error: Arc<Mutex<Option<String>>>,
    user_data: Arc<tokio::sync::Mutex<Option<Map<String, Json>>>>,
}

impl State {
    /// Of a request, whose text and key scripts may need.
    pub fn of_request(request: &str, api_key: Option<&str>) -> Self {
        Self {
            request: request.into(),
            api_key: api_key.unwrap_or_default().into(),
            ..Self::default()
        }
    }

    /// Of a call that a script makes, with the text that it gave.
    #[must_use]
    pub fn nested(&self, request: &str) -> Self {
        Self {
            request: request.into(),
            api_key: Arc::clone(&self.api_key),
            depth: self.depth + 1,
            error: Arc::default(),
            user_data: Arc::clone(&self.user_data),
        }
    }

    /// The body of the request.
    pub fn request(&self) -> &str {
        &self.request
    }

    /// By what the caller was known.
    pub(super) fn api_key(&self) -> &str {
        &self.api_key
    }

    /// How many scripts wait for the call.
    pub const fn depth(&self) -> u32 {
        self.depth
    }

    /// Whether a run waits for a place, since none waits for it.
    pub(super) const fn takes_place(&self) -> bool {
        self.depth == 0
    }

    pub(super) fn set_error(&self, text: &str) {
        *self.error.lock().unwrap_or_else(PoisonError::into_inner) = Some(text.to_owned());
    }

    /// Refuses writes after a script has called `context.Error`, at whatever moment (07 §4.3).
    pub fn check(&self) -> Result<(), Error> {
        match self.error.lock().unwrap_or_else(PoisonError::into_inner).clone() {
            Some(text) => Err(Error::Custom(text)),
            None => Ok(()),
        }
    }

    /// What is kept for the user; read once in a request.
    pub(super) async fn user_data(&self, call: &Call) -> Result<Map<String, Json>, Error> {
        let mut known = self.user_data.lock().await;
        if let Some(known) = &*known {
            return Ok(known.clone());
        }
        Ok(known.insert(user_data::load(call).await?).clone())
    }

    /// Keeps what a script left behind.
    pub(super) async fn keep(&self, call: &Call, now: Map<String, Json>) -> Result<(), Error> {
        let mut known = self.user_data.lock().await;
        // A program that hides the name has not been given what is there; what it sets is added.
        let before = known.as_ref();
        user_data::store(call, before.unwrap_or(&Map::new()), &now).await?;
        if known.is_some() {
            *known = Some(now);
        }
        Ok(())
    }

    /// What is kept, if a script has asked for it.
    pub(super) async fn known_user_data(&self) -> Option<Map<String, Json>> {
        self.user_data.lock().await.clone()
    }
}
