//! `httpClient` (07 §4.5): calls of other servers, of those only that our own settings list (`script_hosts`).

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Client, Method, Url, redirect};
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use crate::domain::Call;

/// The largest answer that a script gets, in bytes.
const MOST: usize = 16 * 1_048_576;
/// How many redirects are followed.
const REDIRECTS: usize = 10;
/// The time-out where the script's own is out of bounds.
const USUAL: Duration = Duration::from_secs(100);

/// Whom scripts may call, and the client that does it.
pub struct HttpClient {
    hosts: Vec<String>,
    client: Option<Client>,
}

impl HttpClient {
    /// For hosts such as `api.example.com` or, with a port that is not the usual one, `api.example.com:8443`.
    pub fn of(hosts: &[String]) -> Self {
        let hosts: Vec<String> = hosts.iter().map(|host| host.to_ascii_lowercase()).collect();
        let known = hosts.clone();
        // Where an allowed host sends a call on to has to be allowed, too.
        let policy = redirect::Policy::custom(move |attempt| {
            if attempt.previous().len() > REDIRECTS {
                attempt.error("too many redirects")
            } else if is_allowed(&known, attempt.url()) {
                attempt.follow()
            } else {
                attempt.stop()
            }
        });
        let client = if hosts.is_empty() {
            None
        } else {
            Client::builder().redirect(policy).no_proxy().build().ok()
        };
        Self { hosts, client }
    }
}

/// A host without a port stands for the usual one of its scheme.
fn is_allowed(hosts: &[String], url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let is_listed = |port: u16| hosts.contains(&format!("{host}:{port}"));
    matches!(url.scheme(), "http" | "https")
        && (url.port_or_known_default().is_some_and(is_listed)
            || url.port().is_none() && hosts.iter().any(|known| known == host))
}

/// What a script has set.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    method: String,
    uri: String,
    content: Option<String>,
    encoding: String,
    media_type: String,
    time_out: i64,
    headers: Vec<(String, String)>,
}

/// Sends it. Errors of the other server are answers; one that cannot be reached is thrown.
pub(super) async fn send(call: &Call, text: &str) -> Result<Json, String> {
    let parameters = &call.services.parameters.script;
    let HttpClient { hosts, client } = &call.services.script_http;
    let Some(client) = client.as_ref().filter(|_| !parameters.disable_server_script_http_client)
    else {
        return Err("httpClient is not allowed on this server".to_owned());
    };
    let request: Request = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let url = Url::parse(&request.uri).map_err(|_| "RequestUri is not an address".to_owned())?;
    if !is_allowed(hosts, &url) {
        let host = url.host_str().unwrap_or_default();
        return Err(format!("the host {host} is not in script_hosts of this server"));
    }
    let answer = built(client, &request, url, time_out(call, request.time_out))?.send().await;
    match answer {
        Ok(answer) => read(answer).await,
        Err(error) if error.is_timeout() => Ok(json!({ "isTimeOut": true })),
        // Its text would name the address, which may hold a secret.
        Err(_) => Err("the server cannot be reached".to_owned()),
    }
}

fn built(
    client: &Client,
    request: &Request,
    url: Url,
    time_out: Option<Duration>,
) -> Result<reqwest::RequestBuilder, String> {
    let method =
        Method::from_bytes(request.method.as_bytes()).map_err(|error| error.to_string())?;
    let mut built = client.request(method, url);
    if let Some(time_out) = time_out {
        built = built.timeout(time_out);
    }
    for (name, value) in &request.headers {
        let name = HeaderName::try_from(name).map_err(|_| format!("{name} is no header"))?;
        let value =
            HeaderValue::try_from(value).map_err(|_| format!("{name} has no such value"))?;
        built = built.header(name, value);
    }
    let content = request.content.as_deref().filter(|content| !content.is_empty());
    let Some(content) = content.filter(|_| request.method != "GET") else { return Ok(built) };
    let encoding = encoding_rs::Encoding::for_label(request.encoding.as_bytes())
        .ok_or_else(|| format!("the encoding {} is not known", request.encoding))?;
    let (bytes, ..) = encoding.encode(content);
    let media_type = format!("{}; charset={}", request.media_type, request.encoding);
    Ok(built.header(CONTENT_TYPE, media_type).body(bytes.into_owned()))
}

/// 0 is none; what is out of bounds is the usual one (07 §4.5).
fn time_out(call: &Call, milliseconds: i64) -> Option<Duration> {
    let parameters = &call.services.parameters.script;
    let least = i64::from(parameters.server_script_http_client_time_out_min);
    let most = i64::from(parameters.server_script_http_client_time_out_max);
    match u64::try_from(milliseconds) {
        Ok(0) => None,
        Ok(wanted) if (least..=most).contains(&milliseconds) => Some(Duration::from_millis(wanted)),
        _ => Some(USUAL),
    }
}

async fn read(mut answer: reqwest::Response) -> Result<Json, String> {
    let status = answer.status();
    let mut headers = Map::new();
    for (name, value) in answer.headers() {
        // Headers of the answer, not those of its content.
        if !name.as_str().starts_with("content-") {
            headers.insert(name.as_str().to_owned(), json!(value.to_str().unwrap_or_default()));
        }
    }
    let label = answer.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let charset = label.and_then(|label| label.split_once("charset=")).map(|(_, charset)| charset);
    let charset = charset.map_or("utf-8", |charset| charset.trim_matches('"')).to_owned();
    let mut bytes = Vec::new();
    loop {
        match answer.chunk().await {
            Ok(Some(chunk)) if bytes.len() + chunk.len() > MOST => {
                return Err("the answer is too large".to_owned());
            }
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) => break,
            Err(error) if error.is_timeout() => return Ok(json!({ "isTimeOut": true })),
            Err(_) => return Err("the answer was cut off".to_owned()),
        }
    }
    let encoding =
        encoding_rs::Encoding::for_label(charset.as_bytes()).unwrap_or(encoding_rs::UTF_8);
    let (body, ..) = encoding.decode(&bytes);
    Ok(json!({
        "statusCode": status.as_u16(), "isSuccess": status.is_success(), "headers": headers, "body": body
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listed_hosts_are_called_by_their_name_and_port() {
        let hosts = ["api.example.com", "127.0.0.1:8443", "own.example.com:443"].map(str::to_owned);
        let allowed = |url: &str| is_allowed(&hosts, &Url::parse(url).unwrap());
        assert!(allowed("https://API.example.com/x?y=1") && allowed("http://api.example.com:80/"));
        assert!(allowed("http://127.0.0.1:8443/") && allowed("https://own.example.com/"));
        for url in [
            "http://127.0.0.1/",
            "http://127.0.0.1:8444/",
            "https://example.com/",
            "https://api.example.com.evil.example/",
            "https://api.example.com@evil.example/",
            "ftp://api.example.com/",
            "https://api.example.com:444/",
            "http://own.example.com/",
        ] {
            assert!(!allowed(url), "{url}");
        }
    }
}
