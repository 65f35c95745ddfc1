//! `/api/sessions/*`: texts kept under keys, and the cookie of browser sessions (07 §1, 01 §15).

use std::sync::{Arc, OnceLock};

use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, COOKIE, EXPIRES, PRAGMA, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use axum::routing::{MethodRouter, post};

use crate::domain::items::check_content_type;
use crate::domain::sessions::{self, Area, SessionRequest};
use crate::domain::{Call, Error, Services};

use super::body::Body;
use super::pipeline::{self, Endpoint};
use super::wire::{self, Answer};

/// The cookie's name, which is the framework's.
const COOKIE_NAME: &str = ".AspNetCore.Session";

/// The endpoints.
#[derive(Debug, Clone, Copy)]
pub(super) enum Action {
    /// `POST /api/sessions/get`
    Get,
    /// `POST /api/sessions/set`
    Set,
    /// `POST /api/sessions/delete`
    Delete,
}

/// The route of an endpoint. Beside the call it needs the cookie, and its answer may bring a new one.
pub(super) fn route(endpoint: Endpoint, action: Action) -> MethodRouter<Arc<Services>> {
    post(move |State(services): State<Arc<Services>>, request: Request| async move {
        let browser = Arc::new(Browser::of(request.headers()));
        let secure = services.parameters.security.secure_cookies;
        let own = Arc::clone(&browser);
        let mut response = pipeline::run(services, endpoint, request, move |call, body| {
            run(action, call, body, own)
        })
        .await;
        browser.add_to(response.headers_mut(), secure);
        response
    })
}

async fn run(
    action: Action,
    call: Call,
    body: Body,
    browser: Arc<Browser>,
) -> Result<Answer, Error> {
    check_content_type(&call, body.content_type())?;
    let request = SessionRequest::read(body.json())?;
    let area = if request.save_per_user {
        Area::of_caller(&call)
    } else {
        sessions::clean(&call).await?;
        browser.area(&call.services)
    };
    let value = match action {
        Action::Get => Some(sessions::get(&call, &area, &request).await?),
        Action::Set => sessions::set(&call, &area, &request).await.map(|()| None)?,
        Action::Delete => sessions::delete(&call, &area, &request).await.map(|()| None)?,
    };
    Ok(wire::data(None, |o| {
        o.field("UserId", &call.caller.user.0).field("Key", request.key());
        o.optional("Value", value.as_deref());
    }))
}

/// The browser session of a request, by its cookie. One without a live cookie gets a new one, but only when it
/// matters: what is kept per user needs none.
struct Browser {
    cookies: Vec<String>,
    issued: OnceLock<String>,
}

impl Browser {
    fn of(headers: &HeaderMap) -> Self {
        let values = headers.get_all(COOKIE).into_iter().filter_map(|value| value.to_str().ok());
        let cookies = values
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(name, _)| *name == COOKIE_NAME)
            .map(|(_, value)| value.to_owned())
            .collect();
        Self { cookies, issued: OnceLock::new() }
    }

    fn area(&self, services: &Services) -> Area {
        let live = self.cookies.iter().find_map(|cookie| services.browser_sessions.find(cookie));
        live.unwrap_or_else(|| {
            let (cookie, area) = services.browser_sessions.begin();
            // Nobody else sets it: a request asks once.
            let _ = self.issued.set(cookie);
            area
        })
    }

    fn add_to(&self, headers: &mut HeaderMap, secure: bool) {
        let Some(cookie) = self.issued.get() else { return };
        let secure = if secure { "; secure" } else { "" };
        let value = format!("{COOKIE_NAME}={cookie}; path=/{secure}; samesite=lax; httponly");
        let Ok(value) = HeaderValue::from_str(&value) else { return };
        headers.append(SET_COOKIE, value);
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache,no-store"));
        headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
        headers.insert(EXPIRES, HeaderValue::from_static("-1"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("a=1; .AspNetCore.Session=x=y; b=2"));
        headers.append(COOKIE, HeaderValue::from_static(".aspnetcore.session=no"));
        assert_eq!(Browser::of(&headers).cookies, ["x=y"]);
    }

    #[test]
    fn a_new_cookie_is_told_once_and_cannot_be_cached() {
        let browser = Browser::of(&HeaderMap::new());
        let mut headers = HeaderMap::new();
        browser.add_to(&mut headers, false);
        assert!(headers.is_empty());
        browser.issued.set("c".to_owned()).unwrap();
        browser.add_to(&mut headers, true);
        assert_eq!(
            headers[SET_COOKIE],
            ".AspNetCore.Session=c; path=/; secure; samesite=lax; httponly"
        );
        assert_eq!(headers[CACHE_CONTROL], "no-cache,no-store");
    }
}
