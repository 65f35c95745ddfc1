//! Answers what scripts ask of the server, as the same user; a refusal is thrown in the script.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::DateTime;
use encoding_rs::Encoding;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::domain::{Call, Note};
use crate::script_engine::{Answer, Host};

use super::{extended_sql, http, items, notifications, organisation};

/// The most rows that scripts of one call add to the log.
const MOST_LOGGED: usize = 1_000;

/// The server as the scripts of a call see it.
pub(super) struct CallHost<'a> {
    pub(super) call: &'a Call,
}

/// What a call of the host brings.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Arguments {
    /// An id of an item, or of somebody.
    pub id: i64,
    /// The body of a request.
    pub body: Option<String>,
    /// A name.
    pub name: String,
    /// Parameters as JSON.
    pub params: Option<String>,
    /// Who is looked for in a group; 0 is nobody.
    pub user: i32,
    /// Which department is; 0 is none.
    pub dept: i32,
    /// Which member of sites is compared with the name.
    #[serde(rename = "by")]
    kind_of_name: String,
    text: String,
    encoding: String,
    #[serde(rename = "type")]
    kind: i32,
    message: String,
    method: String,
}

impl Host for CallHost<'_> {
    fn call<'a>(&'a self, name: &'a str, arguments: &'a str) -> Answer<'a> {
        Box::pin(self.answer(name, arguments))
    }
}

impl CallHost<'_> {
    async fn answer(&self, name: &str, text: &str) -> Result<String, String> {
        match name {
            "keep" => self.keep(text).await,
            "userTime" => Ok(self.user_time(text)),
            name => {
                let arguments: Arguments =
                    serde_json::from_str(text).map_err(|error| format!("{name}: {error}"))?;
                if name == "log" {
                    return self.log(arguments);
                }
                let value = self.value(name, &arguments).await?;
                // A script that was run meanwhile may have kept something.
                let kept = self.call.scripts.known_user_data().await;
                let kept = kept.filter(|_| name.starts_with("items."));
                let mut answer = json!({ "value": value });
                if let (Some(kept), Some(answer)) = (kept, answer.as_object_mut()) {
                    answer.insert("userData".to_owned(), Json::Object(kept));
                }
                Ok(answer.to_string())
            }
        }
    }

    async fn value(&self, name: &str, arguments: &Arguments) -> Result<Json, String> {
        let call = self.call;
        match name {
            "base64" => base64(arguments),
            "extendedSql" => extended_sql::run(call, arguments).await,
            "users.Get" => organisation::user(call, arguments.id).await,
            "depts.Get" => organisation::dept(call, arguments.id).await,
            "groups.Get" => organisation::group(call, arguments.id).await,
            "depts.Members" => organisation::dept_members(call, arguments.id).await,
            "groups.Members" => organisation::group_members(call, arguments.id).await,
            "groups.Children" => organisation::group_children(call, arguments.id).await,
            "groups.Contains" => organisation::group_contains(call, arguments).await,
            "groups.Update" => organisation::update_group(call, arguments).await,
            "sites" => items::sites_of_name(call, &arguments.kind_of_name, &arguments.name).await,
            "http" => http::send(call, &arguments.text).await,
            "notifications.Get" => Ok(notifications::of_site(call, arguments.id)),
            "notify" => notifications::send(call, &arguments.text).await,
            name => match name.strip_prefix("items.") {
                Some(method) => items::run(call, method, arguments).await,
                None => Err(format!("{name} is not supported by this server")),
            },
        }
    }

    async fn keep(&self, text: &str) -> Result<String, String> {
        let now = serde_json::from_str(text).map_err(|error| error.to_string())?;
        self.call.scripts.keep(self.call, now).await.map_err(|error| error.to_string())?;
        Ok(String::new())
    }

    /// An instant by the caller's clock, as bodies of requests have times.
    fn user_time(&self, milliseconds: &str) -> String {
        let instant = milliseconds.parse().ok().and_then(DateTime::from_timestamp_millis);
        let time = instant.map(|instant| self.call.zones.user_time(instant));
        let time = time.map(|time| time.format("%Y-%m-%dT%H:%M:%S%.3f").to_string());
        json!(time).to_string()
    }

    /// The rows of a call have an end, however long a script loops.
    fn log(&self, Arguments { kind, message, method, .. }: Arguments) -> Result<String, String> {
        if self.call.trail.count() >= MOST_LOGGED {
            return Err(format!("a call may log at most {MOST_LOGGED} rows"));
        }
        self.call.trail.add(Note { kind, method_suffix: method.into(), text: message });
        Ok(String::new())
    }
}

/// The bytes of a text in an encoding; what it does not have becomes a question mark, as in .NET.
fn base64(Arguments { text, encoding, .. }: &Arguments) -> Result<Json, String> {
    let bytes = match encoding.to_ascii_lowercase().as_str() {
        "utf-16" | "unicode" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        label => {
            let known = Encoding::for_label(label.as_bytes());
            let known = known.ok_or_else(|| format!("the encoding {encoding} is not known"))?;
            let has = |c: char| !known.encode(c.encode_utf8(&mut [0; 4])).2;
            let text: String = text.chars().map(|c| if has(c) { c } else { '?' }).collect();
            known.encode(&text).0.into_owned()
        }
    };
    Ok(STANDARD.encode(bytes).into())
}
