//! The fixed steps around every call (01 §3): their order is contract.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{self, Bytes};
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::response::Response;

use crate::domain::ahead::Ahead;
use crate::domain::{Call, Error, Services, addresses, auth};
use crate::lenient::Json;
use crate::messages::{self, Language, MessageId};

use super::body::Body;
use super::idempotency::Keyed;
use super::request_log::RequestLog;
use super::sender::Sender;
use super::wire::{self, Answer};
use super::{failure, respond};

/// What the route table says of an endpoint.
#[derive(Clone, Copy)]
pub(super) struct Endpoint {
    /// `SysLogs.Class`: the controller.
    pub class: &'static str,
    /// `SysLogs.Method`: the action.
    pub method: &'static str,
    /// How wide the id in the URL may be.
    pub id: IdWidth,
    /// What the call will look for, to be looked up together with the caller.
    pub ahead: LookAhead,
}

impl Endpoint {
    /// Whether all it writes is one transaction, so that a call which fails has written nothing. Bulk upserts and imports
    /// keep what they did before the failing row.
    fn is_one_transaction(&self) -> bool {
        !matches!(self.method, "bulkupsert" | "import")
    }

    /// Whether a caller who is not known gets the language of its own headers (01 §5.3).
    fn asks_headers_for_language(&self) -> bool {
        self.class == "sessions" || self.takes_form() || self.takes_bearer()
    }

    /// Whether the key stands in a header, since the body is a file (08 §10.3).
    pub(super) fn takes_bearer(&self) -> bool {
        self.class == "binaries" && self.method == "upload"
    }

    /// What is answered to nobody.
    fn refusal(&self) -> Error {
        // QUIRK(07 §3.2): the tenant is looked at first, and nobody has none.
        if self.class == "extensions" { Error::HasNotPermission } else { Error::Unauthorized }
    }

    /// Whether it is a twin for old scripts of pages: its JSON comes in a form, and nowhere else (01 §1.3).
    fn is_legacy(&self) -> bool {
        self.class.starts_with("api_")
    }

    /// Whether the body is a form with a file, and with what is the body elsewhere (01 §4.6).
    fn takes_form(&self) -> bool {
        self.method == "import"
    }
}

/// Says what a body's call will look for, by what is in memory.
pub(super) type LookAhead = fn(&Services, &Json<'_>, i64) -> Option<Ahead>;

/// Of endpoints that look for nothing, or not for one record.
pub(super) fn nothing_ahead(_: &Services, _: &Json<'_>, _: i64) -> Option<Ahead> {
    None
}

/// How wide the id in the URL may be (01 §1.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IdWidth {
    /// A signed 64-bit integer: items.
    Long,
    /// A signed 32-bit integer: users, departments, groups, extensions.
    Int,
    /// The handle of a file, which is no number; the id is 0.
    Handle,
}

/// Runs an endpoint: body, caller, filters, id, handler, request log.
///
/// Once its body is read, a call goes on to its end, as in the reference, even if the client has hung up.
pub(super) async fn run<F, Fut>(
    services: Arc<Services>,
    endpoint: Endpoint,
    request: Request,
    handler: F,
) -> Response
where
    F: FnOnce(Call, Body) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Result<Answer, Error>> + Send,
{
    let begun = Instant::now();
    let (parts, body) = request.into_parts();
    let limit =
        usize::try_from(services.parameters.service.max_request_body_size).unwrap_or(usize::MAX);
    let Ok(bytes) = body::to_bytes(body, limit).await else {
        return respond(wire::simple(0, 413, None, "Request body too large."));
    };
    // In the heap from its beginning: some 20 KB would otherwise be copied from hand to hand.
    let call = tokio::spawn(Box::pin(async move {
        let sender = Sender::of(&parts, &services.parameters.security.forwarded_headers);
        let steps = Steps { services: &services, endpoint, parts: &parts, sender, begun };
        steps.answer(&bytes, handler).await
    }));
    match call.await {
        Ok(answer) => respond(answer),
        // Nobody aborts the task, so it panicked; the layer that catches panics answers.
        Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
    }
}

/// How long a call that was broken off waits before it is made again.
const RETRY_AFTER: [Duration; 4] = [
    Duration::from_millis(10),
    Duration::from_millis(40),
    Duration::from_millis(160),
    Duration::from_millis(640),
];

/// A request on its way through the steps.
pub(super) struct Steps<'a> {
    pub(super) services: &'a Arc<Services>,
    pub(super) endpoint: Endpoint,
    pub(super) parts: &'a Parts,
    pub(super) sender: Sender,
    pub(super) begun: Instant,
}

impl Steps<'_> {
    async fn answer<F, Fut>(&self, bytes: &Bytes, handler: F) -> Answer
    where
        F: FnOnce(Call, Body) -> Fut + Clone,
        Fut: Future<Output = Result<Answer, Error>>,
    {
        let body = self.body(bytes).await;
        let id = id_of(self.parts, self.endpoint);
        let found = self.identified(&body, id.unwrap_or_default()).await;
        let caller = found.as_ref().ok().and_then(Option::as_ref);
        if let Some(refusal) = self.filter(&body, caller) {
            return refusal;
        }
        let Ok(id) = id else { return wire::bad_id(&raw_id(self.parts, self.endpoint)) };
        let mut log = RequestLog::begin(self, id, body.text(), self.default_language());
        let answer = self.handled(found, id, body, bytes, handler, &mut log).await;
        log.finish(&answer).await;
        answer
    }

    async fn body(&self, bytes: &Bytes) -> Body {
        let mut body = if self.endpoint.takes_form() {
            Body::read_form(bytes, &self.parts.headers).await
        } else if self.endpoint.is_legacy() {
            Body::read_encoded(bytes, &self.parts.headers)
        } else {
            Body::read(bytes, &self.parts.headers)
        };
        if self.endpoint.takes_bearer() {
            body.take_bearer(&self.parts.headers);
        }
        body
    }

    /// The call of whoever has the body's key.
    async fn identified(&self, body: &Body, id: i64) -> Result<Option<Call>, Error> {
        let Some(common) = &body.common else { return Ok(None) };
        let ahead = (self.endpoint.ahead)(self.services, body.json(), id);
        let found = auth::identify(self.services, common, id, ahead).await?;
        Ok(found.map(|call| {
            let mut call = call.routed(self.endpoint.class, self.endpoint.method);
            call.origin.clone_from(&self.sender.origin);
            if let Some(BasePath(base)) = self.parts.extensions.get() {
                call.base_path.clone_from(base);
            }
            call
        }))
    }

    async fn handled<F, Fut>(
        &self,
        found: Result<Option<Call>, Error>,
        id: i64,
        body: Body,
        bytes: &Bytes,
        handler: F,
        log: &mut RequestLog,
    ) -> Answer
    where
        F: FnOnce(Call, Body) -> Fut + Clone,
        Fut: Future<Output = Result<Answer, Error>>,
    {
        let mut language = self.default_language();
        let mut keyed = None;
        let done = match found {
            Ok(Some(call)) => {
                language = call.language();
                log.identified(&call);
                match self.repeated(&call, &body, &mut keyed).await {
                    Ok(None) => {}
                    Ok(Some(answer)) => return answer,
                    Err(error) => return failure::answer(&error, id, language),
                }
                self.done(call, body, bytes, handler, log).await
            }
            Ok(None) => Err(self.endpoint.refusal()),
            Err(error) => Err(error),
        };
        let answer = done.unwrap_or_else(|error| self.failed(&error, id, language, log));
        if let Some(keyed) = keyed {
            keyed.keep(&answer).await;
        }
        answer
    }

    /// What the handler answers. A call that PostgreSQL broke off to end a deadlock has written nothing, and is made
    /// again from its beginning.
    async fn done<F, Fut>(
        &self,
        call: Call,
        body: Body,
        bytes: &Bytes,
        handler: F,
        log: &mut RequestLog,
    ) -> Result<Answer, Error>
    where
        F: FnOnce(Call, Body) -> Fut + Clone,
        Fut: Future<Output = Result<Answer, Error>>,
    {
        let id = call.id;
        let repeats = self.endpoint.is_one_transaction() && !call.has_scripts();
        let mut done = handler.clone()(of_request(call, &body), body).await;
        for wait in RETRY_AFTER {
            if !repeats || !done.as_ref().is_err_and(Error::is_retryable) {
                break;
            }
            tokio::time::sleep(wait).await;
            let body = self.body(bytes).await;
            done = match self.identified(&body, id).await? {
                Some(call) => {
                    log.identified(&call);
                    handler.clone()(of_request(call, &body), body).await
                }
                None => Err(self.endpoint.refusal()),
            };
        }
        done
    }

    fn failed(&self, error: &Error, id: i64, language: Language, log: &mut RequestLog) -> Answer {
        if error.is_failure() {
            tracing::error!(error = error as &dyn std::error::Error, path = %self.parts.uri.path(), "a call failed");
            self.services.doubt_connections();
            log.failed(error);
            if self.is_script() {
                return failure::for_scripts(error, self.services.default_language());
            }
        }
        failure::answer(error, id, language)
    }

    /// The answer of a call that an `Idempotency-Key` names; `keyed` is set where this one has to run and leave its own.
    async fn repeated(
        &self,
        call: &Call,
        body: &Body,
        keyed: &mut Option<Keyed>,
    ) -> Result<Option<Answer>, Error> {
        let key = match Keyed::of(self.endpoint, self.parts, call, body) {
            Ok(Some(key)) => key,
            Ok(None) => return Ok(None),
            Err(refusal) => return Ok(Some(refusal)),
        };
        let earlier = key.earlier().await?;
        if earlier.is_none() {
            *keyed = Some(key);
        }
        Ok(earlier)
    }

    /// The filters (01 §3.2 B, C): HTTPS where it is required, addresses, then whether a body that says it is JSON is.
    fn filter(&self, body: &Body, caller: Option<&Call>) -> Option<Answer> {
        if self.services.parameters.service.require_https
            && !self.sender.origin.starts_with("https:")
        {
            return Some(wire::forbidden());
        }
        let address = self.sender.address.as_str();
        let security = &self.services.parameters.security;
        let language = caller.map_or(self.default_language(), Call::language);
        if !addresses::is_excluded(
            list(security.ip_restriction_exclude_members.as_ref()),
            caller.map(|call| &call.caller),
        ) {
            if !addresses::allows(list(security.allow_ip_addresses.as_ref()), address) {
                return Some(wire::filtered(403, "403 Forbidden"));
            }
            if caller
                .is_some_and(|call| !addresses::allows(call.contract.allowed_addresses(), address))
            {
                return Some(wire::filtered(
                    403,
                    messages::template(MessageId::InvalidIpAddress, language),
                ));
            }
        }
        let unreadable = body.says_json && !body.is_empty() && body.common.is_none();
        unreadable
            .then(|| wire::filtered(400, messages::template(MessageId::InvalidJsonData, language)))
    }

    fn default_language(&self) -> Language {
        let fallback = self.services.default_language();
        if self.endpoint.asks_headers_for_language() {
            header_language(self.parts).unwrap_or(fallback)
        } else {
            fallback
        }
    }

    /// Whether a script of a page calls: our failures are then answered in a form of their own (01 §2).
    fn is_script(&self) -> bool {
        header(&self.parts.headers, "x-requested-with") == Some("XMLHttpRequest")
    }
}

/// The call, with what its scripts may want to see of the request.
fn of_request(call: Call, body: &Body) -> Call {
    let key = body.common.as_ref().and_then(|common| common.api_key.as_deref());
    call.of_request(body.text(), key)
}

/// A list of a parameter file; null is an empty one.
fn list(list: Option<&Vec<String>>) -> &[String] {
    list.map(Vec::as_slice).unwrap_or_default()
}

/// A header that is text.
pub(super) fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// The query's `Language`, else the first of `Accept-Language` (01 §5.3).
fn header_language(parts: &Parts) -> Option<Language> {
    let query =
        parts.uri.query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    let asked = query
        .into_iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("language"))
        .map(|(_, value)| value);
    if let Some(asked) = asked {
        return Language::from_code(asked);
    }
    let first = header(&parts.headers, "accept-language")?.split([',', ';']).next()?.trim();
    let primary = first.split('-').next()?.to_ascii_lowercase();
    Language::from_code(if primary == "vi" { "vn" } else { &primary })
}

/// The path as it came, without the configured prefix: literals in any case.
#[derive(Debug, Clone)]
pub(super) struct OriginalPath(pub String);

/// The configured prefix that the path came with; empty without one.
#[derive(Debug, Clone)]
pub(super) struct BasePath(pub String);

/// The id in the URL; 0 where the route has none, an error where it is no number (01 §1.4).
fn id_of(parts: &Parts, endpoint: Endpoint) -> Result<i64, ()> {
    let raw = raw_id(parts, endpoint);
    if raw.is_empty() || endpoint.id == IdWidth::Handle {
        return Ok(0);
    }
    let id: i64 = raw.trim().parse().map_err(|_| ())?;
    match endpoint.id {
        IdWidth::Long => Ok(id),
        IdWidth::Int => i32::try_from(id).map(i64::from).map_err(|_| ()),
        IdWidth::Handle => Ok(0),
    }
}

/// The segment that stands where the route has its id, as it came.
fn raw_id(parts: &Parts, endpoint: Endpoint) -> String {
    let Some(OriginalPath(path)) = parts.extensions.get::<OriginalPath>() else {
        return String::new();
    };
    let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
    match segments.as_slice() {
        // `/api_{controller}/{id}/{action}`.
        [_, id, _] if endpoint.is_legacy() => (*id).to_owned(),
        // `/api/{controller}/{id}/{action}`, and `/api/{reference}/{id}/outgoingmails/send`.
        [_, _, id, _] | [_, _, id, _, _] => (*id).to_owned(),
        _ => String::new(),
    }
}
