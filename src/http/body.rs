//! The body of a call: read once, parsed once (01 §4).

use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use multer::Multipart;

use crate::domain::Common;
use crate::lenient::{self, Json};

self_cell::self_cell!(
    /// A text and the JSON that borrows from it.
    struct Parsed {
        owner: String,
        #[covariant]
        dependent: Json,
    }
);

/// A body as text, as JSON where it is JSON, and its common members where they can be read.
pub struct Body {
    text: Text,
    content_type: Option<String>,
    /// Whether the header says that it is JSON: only then the filter refuses what is not (01 §4.2).
    pub says_json: bool,
    /// The common members; none when they do not fit.
    pub common: Option<Common>,
    /// The bytes as they came.
    pub raw: Bytes,
    /// The file of a form that has the body as its field `parameters`.
    pub file: Option<Bytes>,
}

enum Text {
    Json(Parsed),
    Other(String),
}

impl Body {
    /// Reads the bytes of a body as its content type wants.
    pub fn read(bytes: &Bytes, headers: &HeaderMap) -> Self {
        let content_type = ContentType::of(headers);
        let text = match content_type {
            ContentType::Form => form_text(&lenient::decode(bytes)),
            // Text parts only would remain of it, and those are no JSON (01 §4.4).
            ContentType::Multipart => String::new(),
            ContentType::Json | ContentType::Other => lenient::decode(bytes).into_owned(),
        };
        let says_json = matches!(content_type, ContentType::Json);
        Self::of_text(text, says_json, bytes, headers)
    }

    /// Reads a body that counts in a form only, encoded as `curl -d` does it (01 §1.3).
    pub fn read_encoded(bytes: &Bytes, headers: &HeaderMap) -> Self {
        let text = match ContentType::of(headers) {
            ContentType::Form => form_text(&lenient::decode(bytes)),
            _ => String::new(),
        };
        Self::of_text(text, false, bytes, headers)
    }

    /// Reads a form: its field `parameters` is what the body is elsewhere (01 §4.6). What is no form is read as usual.
    pub async fn read_form(bytes: &Bytes, headers: &HeaderMap) -> Self {
        match Form::read(bytes, headers).await {
            Some(form) => {
                let text = form.parameters.unwrap_or_default();
                Self { file: form.file, ..Self::of_text(text, false, bytes, headers) }
            }
            None => Self::read(bytes, headers),
        }
    }

    fn of_text(text: String, says_json: bool, bytes: &Bytes, headers: &HeaderMap) -> Self {
        let content_type =
            headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let (text, common) = if text.is_empty() {
            (Text::Other(text), Some(Common::default()))
        } else {
            match Parsed::try_new_or_recover(text, |text| lenient::parse(text)) {
                Ok(parsed) => {
                    let common = Common::read(parsed.borrow_dependent()).ok().flatten();
                    (Text::Json(parsed), common)
                }
                Err((text, _)) => (Text::Other(text), None),
            }
        };
        Self { text, content_type, says_json, common, raw: bytes.clone(), file: None }
    }

    /// Takes the key from `Authorization: Bearer …`, whatever the case of the word.
    pub fn take_bearer(&mut self, headers: &HeaderMap) {
        let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let key = header.and_then(|value| {
            let (scheme, key) = value.trim().split_at_checked("bearer ".len())?;
            scheme.eq_ignore_ascii_case("bearer ").then(|| key.trim().to_owned())
        });
        let common = self.common.insert(Common::default());
        common.api_key = key;
    }

    /// The body as JSON; a text that is none counts as null.
    pub fn json(&self) -> &Json<'_> {
        match &self.text {
            Text::Json(parsed) => parsed.borrow_dependent(),
            Text::Other(_) => &Json::Null,
        }
    }

    /// The body as text.
    pub fn text(&self) -> &str {
        match &self.text {
            Text::Json(parsed) => parsed.borrow_owner(),
            Text::Other(text) => text,
        }
    }

    /// The `Content-Type` header as it came.
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// Whether there was nothing at all.
    pub fn is_empty(&self) -> bool {
        self.text().is_empty()
    }
}

/// The two parts of a form that count.
#[derive(Debug, Default)]
struct Form {
    parameters: Option<String>,
    file: Option<Bytes>,
}

impl Form {
    /// None for what is no form, or one that breaks off.
    async fn read(bytes: &Bytes, headers: &HeaderMap) -> Option<Self> {
        let header = headers.get(CONTENT_TYPE)?.to_str().ok()?;
        let boundary = multer::parse_boundary(header).ok()?;
        let stream = axum::body::Body::from(bytes.clone()).into_data_stream();
        let mut parts = Multipart::new(stream, boundary);
        let mut form = Self::default();
        while let Some(part) = parts.next_field().await.ok()? {
            if part.file_name().is_some() {
                if form.file.is_none() {
                    form.file = Some(part.bytes().await.ok()?);
                }
            } else if part.name().is_some_and(|name| name.eq_ignore_ascii_case("parameters")) {
                form.parameters = Some(part.text().await.ok()?);
            }
        }
        Some(form)
    }
}

enum ContentType {
    Json,
    Form,
    Multipart,
    Other,
}

impl ContentType {
    fn of(headers: &HeaderMap) -> Self {
        let value =
            headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let media = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match media.as_str() {
            "application/json" => Self::Json,
            "application/x-www-form-urlencoded" => Self::Form,
            "multipart/form-data" => Self::Multipart,
            // `…/…+json`, parameters aside.
            other if other.contains('/') && other.ends_with("+json") => Self::Json,
            _ => Self::Other,
        }
    }
}

/// The text that the reference rebuilds from a form (01 §4.4): what `curl -d` sends without a header.
///
/// One field with an empty value: its name, decoded twice. Otherwise the pairs joined again.
fn form_text(form: &str) -> String {
    let pairs = || form.split('&').filter(|pair| !pair.is_empty());
    let mut first_two = pairs().map(|pair| pair.strip_suffix('=').unwrap_or(pair));
    match (first_two.next(), first_two.next()) {
        (Some(name), None) if !name.contains('=') => decoded(&decoded(name)),
        _ => pairs().map(decoded).collect::<Vec<_>>().join("&"),
    }
}

/// `+` is a space, `%xx` a byte.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'+', _) => bytes.push(b' '),
            (b'%', [high, low, after @ ..])
                if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() =>
            {
                bytes.push(nibble(*high) << 4 | nibble(*low));
                rest = after;
            }
            (other, _) => bytes.push(*other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

const fn nibble(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        _ => digit.wrapping_sub(b'A').wrapping_add(10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_in_a_form_survives() {
        assert_eq!(form_text(r#"{"ApiKey":"k"}"#), r#"{"ApiKey":"k"}"#);
        assert_eq!(form_text(r#"{"a":"x=y&z"}"#), r#"{"a":"x=y&z"}"#);
        assert_eq!(form_text("%7B%22a%22%3A1%7D"), r#"{"a":1}"#);
        assert_eq!(form_text("%257B%257D"), "{}", "a lone name is decoded twice");
    }

    #[test]
    fn types_that_are_json_by_name() {
        let says_json = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, value.parse().unwrap());
            Body::read(&Bytes::from_static(b"{}"), &headers).says_json
        };
        assert!(says_json("application/json; charset=utf-8"));
        assert!(says_json("application/vnd.api+json"));
        assert!(!says_json("text/plain"));
        assert!(!says_json("application/x-www-form-urlencoded"));
    }
}
