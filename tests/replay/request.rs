//! The request of a step: variables filled in, body encoded, sent as the recording client sent it.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::python;
use crate::support::http::{self, Call};

/// What was captured so far.
pub(crate) type Variables = Map<String, Value>;

/// Replaces `$(name)` in every text; a text that is nothing else becomes the captured value itself.
pub(crate) fn substitute(value: &Value, variables: &Variables) -> Result<Value, String> {
    match value {
        Value::String(text) => {
            let whole = text.strip_prefix("$(").and_then(|rest| rest.strip_suffix(')'));
            match whole.filter(|name| is_name(name)) {
                Some(name) => variable(name, variables).cloned(),
                None => substitute_text(text, variables).map(Value::String),
            }
        }
        Value::Array(elements) => {
            elements.iter().map(|element| substitute(element, variables)).collect()
        }
        Value::Object(members) => {
            let replaced = members.iter().map(|(name, member)| {
                Ok((substitute_text(name, variables)?, substitute(member, variables)?))
            });
            replaced.collect::<Result<Map<_, _>, String>>().map(Value::Object)
        }
        other => Ok(other.clone()),
    }
}

/// The same within a text.
pub(crate) fn substitute_text(text: &str, variables: &Variables) -> Result<String, String> {
    let mut result = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("$(") {
        result.push_str(before);
        if let Some((name, behind)) = after.split_once(')').filter(|(name, _)| is_name(name)) {
            result.push_str(&python::str(variable(name, variables)?));
            rest = behind;
        } else {
            result.push_str("$(");
            rest = after;
        }
    }
    result.push_str(rest);
    Ok(result)
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

fn variable<'a>(name: &str, variables: &'a Variables) -> Result<&'a Value, String> {
    variables.get(name).ok_or_else(|| format!("variable {name} was not captured"))
}

/// Sends a request and gives the answer in the form of a recording.
pub(crate) fn send(base_url: &str, request: &Value) -> Result<Value, String> {
    let answer = http::send(base_url, call(request)?)?;
    let mut got = Map::new();
    got.insert("status".to_owned(), json!(answer.status));
    got.insert("content_type".to_owned(), json!(answer.header("content-type")));
    match serde_json::from_str(&answer.text) {
        Ok(body) => got.insert("json".to_owned(), body),
        Err(_) => got.insert("text".to_owned(), Value::String(answer.text)),
    };
    Ok(Value::Object(got))
}

fn call(request: &Value) -> Result<Call, String> {
    let text = |value: &Value| {
        value.as_str().map(str::to_owned).ok_or_else(|| format!("not a text: {value}"))
    };
    let mut headers = Vec::new();
    for (name, value) in request["headers"].as_object().into_iter().flatten() {
        headers.push((name.clone(), text(value)?));
    }
    let (body, own_type) = if let Some(spec) = request.get("multipart") {
        let (body, content_type) = multipart(spec)?;
        (Some(body), content_type)
    } else if let Some(body) = request.get("json") {
        (Some(python::dumps(body).into_bytes()), "application/json".to_owned())
    } else if let Some(raw) = request.get("raw") {
        let encoding = request.get("encoding").map_or(Ok("utf-8".to_owned()), text)?;
        (Some(encode(&text(raw)?, &encoding)?), "application/json".to_owned())
    } else {
        (None, String::new())
    };
    if body.is_some() {
        match headers.iter_mut().find(|(name, _)| name == "Content-Type") {
            None => headers.push(("Content-Type".to_owned(), own_type)),
            // The recording client cannot send a body without a type: it says this when the case says nothing.
            Some((_, given)) if given.is_empty() => {
                "application/x-www-form-urlencoded".clone_into(given);
            }
            Some(_) => {}
        }
    }
    Ok(Call {
        method: request.get("method").map_or(Ok("POST".to_owned()), text)?,
        path: text(&request["path"])?,
        headers,
        body,
        timeout: Duration::from_secs(request["timeout"].as_u64().unwrap_or(120)),
    })
}

fn multipart(spec: &Value) -> Result<(Vec<u8>, String), String> {
    let boundary = "----conform8f14e45fceea167a5a36dedd4bea2543";
    let mut body = Vec::new();
    for (name, value) in spec["fields"].as_object().into_iter().flatten() {
        let text = value.as_str().map_or_else(|| python::dumps(value), str::to_owned);
        let part = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n"
        );
        body.extend(part.into_bytes());
    }
    for file in spec["files"].as_array().into_iter().flatten() {
        let member = |name: &str, default: &str| file[name].as_str().unwrap_or(default).to_owned();
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"; filename=\"{}\"\r\nContent-Type: {}\r\n\r\n",
            member("name", "file"),
            member("filename", ""),
            member("type", "text/csv"),
        );
        body.extend(head.into_bytes());
        body.extend(encode(&member("text", ""), &member("encoding", "utf-8"))?);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{boundary}--\r\n").into_bytes());
    Ok((body, format!("multipart/form-data; boundary={boundary}")))
}

/// `text.encode(encoding)`, for the encodings that cases use.
fn encode(text: &str, encoding: &str) -> Result<Vec<u8>, String> {
    match encoding {
        "utf-8" => Ok(text.as_bytes().to_vec()),
        "utf-8-sig" => Ok([&b"\xef\xbb\xbf"[..], text.as_bytes()].concat()),
        "utf-16" => {
            Ok([0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect())
        }
        "shift_jis" | "cp932" => match encoding_rs::SHIFT_JIS.encode(text) {
            (bytes, _, false) => Ok(bytes.into_owned()),
            _ => Err(format!("not in {encoding}: {text}")),
        },
        other => Err(format!("unknown encoding {other}")),
    }
}
