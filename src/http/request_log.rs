//! The request log's row of a call (01 §14), and the line in our own log.

use std::sync::{Arc, LazyLock};
use std::time::Instant;

use chrono::{DateTime, Utc};
use regex::{Captures, Regex};

use crate::db::syslogs::Entry;
use crate::domain::{Call, Error, Note, Services, Trail};
use crate::messages::Language;
use crate::model::Target;

use super::pipeline::{Endpoint, Steps, header};
use super::wire::Answer;

/// When the process began; the log tells its age.
static STARTED: LazyLock<Instant> = LazyLock::new(Instant::now);

/// What is logged of an upload.
const MASKED_KEY: &str = r#"{"ApiKey": "*"}"#;

/// A row under way.
pub(super) struct RequestLog {
    services: Arc<Services>,
    endpoint: Endpoint,
    begun: Instant,
    began_at: DateTime<Utc>,
    trail: Trail,
    /// What failed, for a row of its own.
    failure: Option<String>,
    entry: Entry,
}

impl RequestLog {
    /// What is known before the caller is.
    pub(super) fn begin(steps: &Steps<'_>, id: i64, body: &str, language: Language) -> Self {
        let Steps { services, endpoint, parts, sender, begun } = steps;
        let began_at = services.clock.now();
        let mut entry = Entry {
            kind: 10,
            class: endpoint.class.into(),
            method: endpoint.method.into(),
            reference: Some(id),
            ..Entry::default()
        };
        if services.syslogs.is_enabled() {
            // The body of an upload is a file, of which the reference logs this in its place (01 §14.2).
            let data = if endpoint.takes_bearer() { MASKED_KEY.to_owned() } else { masked(body) };
            machine().clone_into(&mut entry.machine);
            entry.service.clone_from(&services.parameters.service.name);
            entry.request_size = Some(units(&data));
            entry.request_data = Some(data);
            parts.method.as_str().clone_into(&mut entry.http_method);
            entry.url.clone_from(&sender.url);
            entry.referer = header(&parts.headers, "referer").map(str::to_owned);
            entry.user_agent = header(&parts.headers, "user-agent").map(str::to_owned);
            entry.host_name.clone_from(&sender.peer);
            entry.host_address.clone_from(&sender.address);
            language.code().clone_into(&mut entry.language);
            entry.session_guid = uuid::Uuid::new_v4().simple().to_string().to_uppercase();
            entry.process_id = i32::try_from(std::process::id()).unwrap_or_default();
            entry.application_age = STARTED.elapsed().as_secs_f64() * 1_000.0;
        }
        Self {
            services: Arc::clone(services),
            endpoint: *endpoint,
            begun: *begun,
            began_at,
            trail: Trail::default(),
            failure: None,
            entry,
        }
    }

    /// Adds who calls and what is addressed.
    pub(super) fn identified(&mut self, call: &Call) {
        self.trail = call.trail.clone();
        self.entry.user = call.caller.user.0;
        call.language().code().clone_into(&mut self.entry.language);
        self.entry.site = call.target.as_ref().map(|target| target.site.id.0);
        self.entry.reference_type = call.target.as_ref().map(reference_type);
    }

    /// Says that we failed, which gets a row of its own (01 §14.4).
    pub(super) fn failed(&mut self, error: &Error) {
        self.failure = Some(error.to_string());
    }

    /// Hands in the rows and writes the line.
    pub(super) async fn finish(mut self, answer: &Answer) {
        let elapsed = self.begun.elapsed();
        let (class, method) = (self.endpoint.class, self.endpoint.method);
        let duration_ms = elapsed.as_secs_f64() * 1_000.0;
        self.services.metrics.called(class, method, answer.status, elapsed);
        tracing::event!(
            name: "http.request", tracing::Level::INFO,
            http.class = class, http.method = method, http.status = answer.status,
            item.id = self.entry.reference, user.id = self.entry.user, duration_ms,
            "{class}/{method} answered {} in {duration_ms:.1} ms", answer.status,
        );
        if !self.services.syslogs.is_enabled() {
            return;
        }
        let zone = self.services.server_zone;
        self.entry.begun = self.began_at.with_timezone(&zone).naive_local();
        self.entry.ended = self.services.clock.now().with_timezone(&zone).naive_local();
        self.entry.elapsed = elapsed.as_secs_f64() * 1_000.0;
        self.entry.response_size = Some(units(&answer.body));
        self.entry.status = i64::from(answer.status);
        let failure = self.failure.take().map(|text| Note {
            kind: 90,
            method_suffix: "OnException".into(),
            text,
        });
        for note in self.trail.take().into_iter().chain(failure) {
            let Note { kind, method_suffix, text } = note;
            let method = format!("{}:{method_suffix}", self.entry.method);
            let (error_message, comments) =
                if kind >= 80 { (Some(text), None) } else { (None, Some(text)) };
            let row = Entry { kind, method, error_message, comments, ..self.entry.clone() };
            self.services.syslogs.add(row).await;
        }
        self.services.syslogs.add(self.entry).await;
    }
}

fn reference_type(target: &Target) -> String {
    if target.is_site() { "Sites".to_owned() } else { target.site.kind.name().to_owned() }
}

/// The length in UTF-16: one unit per character, two from U+10000 on. Counted by the bytes that begin characters, since
/// answers are long.
fn units(text: &str) -> i32 {
    // Sums of bytes over as many as cannot overflow are what the compiler makes one instruction for many of.
    const CHUNK: usize = 127;
    let of_byte = |byte: &u8| u8::from(!(0x80..0xc0).contains(byte)) + u8::from(*byte >= 0xf0);
    let of_chunk = |chunk: &[u8]| usize::from(chunk.iter().map(of_byte).sum::<u8>());
    let units = text.as_bytes().chunks(CHUNK).map(of_chunk);
    i32::try_from(units.sum::<usize>()).unwrap_or(i32::MAX)
}

/// `<host>:<system>`, as far as the system tells.
fn machine() -> &'static str {
    static MACHINE: LazyLock<String> = LazyLock::new(|| {
        let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default().trim().to_owned();
        format!("{}:Unix {}", read("/proc/sys/kernel/hostname"), read("/proc/sys/kernel/osrelease"))
    });
    &MACHINE
}

/// The body without secrets and contents (01 §14.3): the first key and password, and every Base64.
///
/// Stricter than the reference, which masks only keys of letters and digits: no secret reaches a log.
fn masked(body: &str) -> String {
    /// A member of such a name with a text in either kind of quotes, or with a bare value.
    const SECRET: &str = r#"(?i)(?:"(?:NAMES)"|'(?:NAMES)'|\b(?:NAMES))\s*:\s*(?:"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|[^\s,}"'\[]+)"#;
    static PATTERN: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(&SECRET.replace("NAMES", "ApiKey|Password|Base64(?:Binary)?")).ok()
    });
    let replacement = |found: &Captures<'_>| {
        let name = found.get(0).map_or("", |found| found.as_str());
        match name.trim_start_matches(['"', '\'']).as_bytes().first() {
            Some(b'a' | b'A') => "\"ApiKey\": \"*\"",
            Some(b'p' | b'P') => "\"Password\": \"*\"",
            _ => "\"base64\": \"*\"",
        }
    };
    match PATTERN.as_ref() {
        Some(pattern) => pattern.replace_all(body, replacement).into_owned(),
        // The pattern is ours, so this never is; a body that cannot be masked is not kept.
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_those_of_utf_16() {
        for text in ["", "a", "é", "日本語", "𠮷野家 \u{10ffff}", "ﾊﾝｶｸ\u{fffd}"] {
            let units = usize::try_from(units(text)).unwrap();
            assert_eq!(units, text.encode_utf16().count(), "{text}");
        }
    }

    #[test]
    fn no_secret_reaches_the_log() {
        for body in [
            r#"{"ApiKey":"secret","Title":"x"}"#,
            r"{ApiKey:'secret', Title: 'x'}",
            r"{'apikey' : 'secret','Title':'x'}",
            r#"{"ApiKey":"se cr\"et-secret","Title":"x"}"#,
            r#"{"Password":"secret","Title":"x"}"#,
            r#"{"ApiKey":"secret"#,
            r#"{"ImageHash":{"Body":{"Base64":"secret=="}},"Title":"x"}"#,
        ] {
            let text = masked(body);
            assert!(!text.contains("secret"), "{text}");
        }
        assert_eq!(masked(r#"{"ApiKey":"k","Title":"x"}"#), r#"{"ApiKey": "*","Title":"x"}"#);
    }
}
