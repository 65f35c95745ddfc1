//! Text to [`Json`].

use std::borrow::Cow;

use super::number::{self, Form};
use super::value::{Json, Member};

/// Deeper nesting is refused (01 §4.3).
const MAX_DEPTH: u32 = 64;

/// The text is no JSON, not even by the reference's rules.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason} at byte {offset}")]
pub struct SyntaxError {
    /// Where reading stopped, counted after a byte-order mark.
    pub offset: usize,
    /// What was wrong, for our log.
    pub reason: &'static str,
}

/// Reads a text by the rules of 01 §4.3. Empty and blank text is null, as the reference treats it.
pub fn parse(text: &str) -> Result<Json<'_>, SyntaxError> {
    let mut parser =
        Parser { text: text.strip_prefix('\u{FEFF}').unwrap_or(text), at: 0, depth: 0 };
    parser.skip_blanks()?;
    if parser.peek().is_none() {
        return Ok(Json::Null);
    }
    let root = parser.value()?;
    parser.skip_blanks()?;
    match parser.peek() {
        None => Ok(root),
        Some(_) => parser.fail("text after the root value"),
    }
}

/// A position in the text. `at` is always on a character boundary.
struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: u32,
}

impl<'a> Parser<'a> {
    fn fail<T>(&self, reason: &'static str) -> Result<T, SyntaxError> {
        Err(SyntaxError { offset: self.at, reason })
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Takes the characters that satisfy `wanted`.
    fn take(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c| !wanted(c)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    /// Skips white space, in the Unicode sense: a wide space between members is common in Japanese texts.
    /// NUL is skipped too, a by-product of how the reference finds the end of its buffer.
    fn skip_white(&mut self) {
        loop {
            match self.peek() {
                Some(b'\t'..=b'\r' | b' ' | 0) => self.at += 1,
                Some(0x80..) => match self.rest().chars().next() {
                    Some(c) if c.is_whitespace() => self.at += c.len_utf8(),
                    _ => return,
                },
                _ => return,
            }
        }
    }

    /// Skips white space and comments.
    fn skip_blanks(&mut self) -> Result<(), SyntaxError> {
        loop {
            self.skip_white();
            if self.peek() != Some(b'/') {
                return Ok(());
            }
            let rest = self.rest();
            let end = if rest.starts_with("//") {
                rest.find(['\r', '\n']).or(Some(rest.len()))
            } else if let Some(body) = rest.strip_prefix("/*") {
                body.find("*/").map(|end| end + 4)
            } else {
                return self.fail("a slash that begins no comment");
            };
            match end {
                Some(end) => self.at += end,
                None => return self.fail("a comment without end"),
            }
        }
    }

    fn value(&mut self) -> Result<Json<'a>, SyntaxError> {
        match self.peek() {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(quote @ (b'"' | b'\'')) => self.string(quote).map(Json::String),
            Some(b'-' | b'.' | b'0'..=b'9') => self.number(),
            Some(_) => self.word(),
            None => self.fail("the text ends where a value is expected"),
        }
    }

    /// Reads what a bracket opens.
    fn nested(
        &mut self,
        read: fn(&mut Self) -> Result<Json<'a>, SyntaxError>,
    ) -> Result<Json<'a>, SyntaxError> {
        if self.depth >= MAX_DEPTH {
            return self.fail("nested too deeply");
        }
        self.depth += 1;
        self.at += 1;
        let json = read(self);
        self.depth -= 1;
        json
    }

    fn array(&mut self) -> Result<Json<'a>, SyntaxError> {
        let mut items = Vec::new();
        loop {
            self.skip_blanks()?;
            if self.eat(b']') {
                return Ok(Json::Array(items));
            }
            items.push(self.value()?);
            self.skip_blanks()?;
            if !self.eat(b',') && self.peek() != Some(b']') {
                return self.fail("no comma after an array element");
            }
        }
    }

    fn object(&mut self) -> Result<Json<'a>, SyntaxError> {
        let mut members: Vec<Member<'a>> = Vec::new();
        loop {
            self.skip_blanks()?;
            if self.eat(b'}') {
                return Ok(Json::Object(members));
            }
            let name = self.name()?;
            // QUIRK(01 §4.3): comments may be anywhere but between a name and its colon.
            self.skip_white();
            if !self.eat(b':') {
                return self.fail("no colon after a name");
            }
            self.skip_blanks()?;
            members.push((name, self.value()?));
            self.skip_blanks()?;
            if !self.eat(b',') && self.peek() != Some(b'}') {
                return self.fail("no comma after a member");
            }
        }
    }

    fn name(&mut self) -> Result<Cow<'a, str>, SyntaxError> {
        if let Some(quote @ (b'"' | b'\'')) = self.peek() {
            return self.string(quote);
        }
        match self.take(|c| c.is_alphanumeric() || matches!(c, '_' | '$')) {
            "" => self.fail("no name"),
            name => Ok(Cow::Borrowed(name)),
        }
    }

    fn number(&mut self) -> Result<Json<'a>, SyntaxError> {
        let start = self.at;
        let text = self.take(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-'));
        match number::form_of_token(text) {
            Some(Form::Integer) => Ok(Json::Integer(Cow::Borrowed(text))),
            Some(Form::Float) => Ok(Json::Float(Cow::Borrowed(text))),
            None => {
                self.at = start;
                self.fail("not a number")
            }
        }
    }

    fn word(&mut self) -> Result<Json<'a>, SyntaxError> {
        let start = self.at;
        Ok(match self.take(|c| c.is_ascii_alphanumeric()) {
            "true" => Json::Bool(true),
            "false" => Json::Bool(false),
            "null" | "undefined" => Json::Null,
            text @ ("NaN" | "Infinity") => Json::Float(Cow::Borrowed(text)),
            _ => {
                self.at = start;
                return self.fail("no value begins like this");
            }
        })
    }

    /// A quoted text, borrowed unless it has escapes. Control characters may be in it.
    fn string(&mut self, quote: u8) -> Result<Cow<'a, str>, SyntaxError> {
        self.at += 1;
        let (piece, stop) = self.up_to(quote)?;
        if stop == quote {
            return Ok(Cow::Borrowed(piece));
        }
        let mut text = String::with_capacity(piece.len() + 32);
        text.push_str(piece);
        loop {
            self.escape(&mut text)?;
            let (piece, stop) = self.up_to(quote)?;
            text.push_str(piece);
            if stop == quote {
                return Ok(Cow::Owned(text));
            }
        }
    }

    /// Takes the text up to the next quote or backslash, and that byte too.
    fn up_to(&mut self, quote: u8) -> Result<(&'a str, u8), SyntaxError> {
        let rest = self.rest();
        let stop = rest.bytes().enumerate().find(|(_, byte)| *byte == quote || *byte == b'\\');
        match stop {
            Some((length, byte)) => {
                self.at += length + 1;
                Ok((rest.get(..length).unwrap_or_default(), byte))
            }
            None => self.fail("a string without end"),
        }
    }

    /// Reads what follows a backslash.
    fn escape(&mut self, text: &mut String) -> Result<(), SyntaxError> {
        let resolved = match self.peek() {
            Some(byte @ (b'"' | b'\'' | b'\\' | b'/')) => char::from(byte),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{C}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                text.push(self.code_unit()?);
                return Ok(());
            }
            _ => return self.fail("unknown escape"),
        };
        self.at += 1;
        text.push(resolved);
        Ok(())
    }

    /// Reads the digits of a `\u` escape, and the other half when they are a leading surrogate.
    /// A half without the other becomes U+FFFD.
    fn code_unit(&mut self) -> Result<char, SyntaxError> {
        let Some(first) = hex4(self.rest()) else {
            return self.fail("not four hexadecimal digits");
        };
        self.at += 4;
        if !(0xD800..0xDC00).contains(&first) {
            return Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        match self.rest().strip_prefix("\\u").and_then(hex4) {
            Some(second) if (0xDC00..0xE000).contains(&second) => {
                self.at += 6;
                let code = 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00);
                Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
            }
            _ => Ok(char::REPLACEMENT_CHARACTER),
        }
    }
}

/// The value of the four hexadecimal digits that a text begins with.
fn hex4(text: &str) -> Option<u32> {
    let digits = text.get(..4)?;
    // The standard parser alone would take a sign.
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    u32::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests;
