//! An HTTP client that shows what came: no redirects followed, no status taken for an error, no connection kept.

use std::sync::OnceLock;
use std::time::Duration;

use serde_json::Value;
use ureq::Agent;
use ureq::config::AutoHeaderValue;
use ureq::http::Request;

/// A request, complete but for the server.
pub(crate) struct Call {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    /// No body is not an empty body.
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) timeout: Duration,
}

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    /// The body; what is not UTF-8 in it is replaced.
    pub(crate) text: String,
}

impl Answer {
    /// The first header of a name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(own, _)| own.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|error| panic!("{error} in {} {}", self.status, self.text))
    }

    /// The member `Id`.
    pub(crate) fn id(&self) -> i64 {
        self.json()["Id"]
            .as_i64()
            .unwrap_or_else(|| panic!("no Id in {} {}", self.status, self.text))
    }
}

/// Sends a request; an error means that no answer came.
pub(crate) fn send(base_url: &str, call: Call) -> Result<Answer, String> {
    let mut builder =
        Request::builder().method(call.method.as_str()).uri(format!("{base_url}{}", call.path));
    for (name, value) in &call.headers {
        builder = builder.header(name, value);
    }
    let said = |error: ureq::Error| error.to_string();
    let answer = if let Some(body) = call.body {
        let request = builder.body(body).map_err(|error| error.to_string())?;
        agent().run(agent().configure_request(request).timeout_global(Some(call.timeout)).build())
    } else {
        let request = builder.body(()).map_err(|error| error.to_string())?;
        agent().run(agent().configure_request(request).timeout_global(Some(call.timeout)).build())
    };
    let mut answer = answer.map_err(said)?;
    let headers = answer.headers().iter();
    let headers = headers.map(|(name, value)| {
        (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    let headers = headers.collect();
    let body = answer.body_mut().with_config().limit(1 << 30).read_to_vec().map_err(said)?;
    let text = String::from_utf8_lossy(&body).into_owned();
    Ok(Answer { status: answer.status().as_u16(), headers, text })
}

fn agent() -> &'static Agent {
    static AGENT: OnceLock<Agent> = OnceLock::new();
    AGENT.get_or_init(|| {
        Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .max_idle_connections(0)
            .user_agent("kokochi-tests")
            .accept(AutoHeaderValue::None)
            .accept_encoding(AutoHeaderValue::None)
            .build()
            .new_agent()
    })
}
