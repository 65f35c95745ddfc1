//! Calling web hooks.

use std::sync::LazyLock;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Client, Method, redirect};

use super::{Failure, WebCall};

const LONGEST: Duration = Duration::from_secs(20);

static CLIENT: LazyLock<Option<Client>> = LazyLock::new(|| {
    let builder = Client::builder().timeout(LONGEST).redirect(redirect::Policy::limited(5));
    builder.build().ok()
});

/// Any answer below 400 is a success; 408, 429 and failures of the other side may pass.
pub(super) async fn send(call: &WebCall) -> Result<(), Failure> {
    let forever = |reason: &str| Failure::Forever(reason.to_owned());
    let client = CLIENT.as_ref().ok_or_else(|| forever("no HTTP client can be made"))?;
    let method =
        Method::from_bytes(call.method.as_bytes()).map_err(|_| forever("a method is none"))?;
    let url =
        reqwest::Url::parse(&call.url).map_err(|_| forever("a web hook's address is none"))?;
    let has_content = method != Method::GET;
    let mut request = client.request(method, url);
    for (name, value) in &call.headers {
        let name = HeaderName::try_from(name).map_err(|_| forever("a header's name is none"))?;
        let mut value =
            HeaderValue::try_from(value).map_err(|_| forever("a header's value is none"))?;
        value.set_sensitive(true);
        request = request.header(name, value);
    }
    if has_content {
        let body = STANDARD.decode(&call.body).unwrap_or_default();
        request = request.header(CONTENT_TYPE, &call.content_type).body(body);
    }
    // Its text would name the address.
    let answer = request.send().await.map_err(|error| {
        let reason = if error.is_timeout() { "timed out" } else { "cannot be reached" };
        Failure::ForNow(format!("a web hook {reason}"))
    })?;
    let status = answer.status();
    let reason = format!("a web hook answered {status}");
    match status.as_u16() {
        ..400 => Ok(()),
        408 | 429 | 500.. => Err(Failure::ForNow(reason)),
        _ => Err(Failure::Forever(reason)),
    }
}
