//! Writes recorded JSON: one line, decimals with a point, only what has to be escaped (06 §1.2).

use std::fmt::Write as _;

use rust_decimal::Decimal;

use super::object::Extra;

/// JSON text being written.
#[derive(Default)]
pub(super) struct Writer {
    text: String,
}

impl Writer {
    /// The text written.
    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// Opens an object.
    pub(super) fn begin(&mut self) {
        self.text.push('{');
    }

    /// Closes an object.
    pub(super) fn end(&mut self) {
        self.text.push('}');
    }

    /// Starts a member of the open object.
    pub(super) fn member(&mut self, name: &str) {
        self.separate();
        self.text(name);
        self.text.push(':');
    }

    /// Something that is JSON already.
    pub(super) fn raw(&mut self, json: &str) {
        self.text.push_str(json);
    }

    /// A string.
    pub(super) fn text(&mut self, text: &str) {
        self.text.push('"');
        for character in text.chars() {
            self.character(character);
        }
        self.text.push('"');
    }

    /// A decimal, which always carries a point.
    pub(super) fn decimal(&mut self, value: Decimal) {
        let point = if value.scale() == 0 { ".0" } else { "" };
        let _ = write!(self.text, "{value}{point}");
    }

    /// An array.
    pub(super) fn array<'a, T: 'a>(
        &mut self,
        items: impl Iterator<Item = &'a T>,
        write: impl Fn(&'a T, &mut Self),
    ) {
        self.text.push('[');
        for item in items {
            self.separate();
            write(item, self);
        }
        self.text.push(']');
    }

    /// Any JSON value.
    pub(super) fn json(&mut self, value: &serde_json::Value) {
        match value {
            serde_json::Value::String(text) => self.text(text),
            serde_json::Value::Array(items) => self.array(items.iter(), |item, to| to.json(item)),
            serde_json::Value::Object(members) => {
                self.begin();
                for (name, value) in members {
                    self.member(name);
                    self.json(value);
                }
                self.end();
            }
            other => self.raw(&other.to_string()),
        }
    }

    /// The members this server does not know.
    pub(super) fn extra(&mut self, members: &Extra) {
        for (name, value) in members.iter().filter(|(_, value)| !value.is_null()) {
            self.member(name);
            self.json(value);
        }
    }

    fn separate(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with(['{', '[']) {
            self.text.push(',');
        }
    }

    fn character(&mut self, character: char) {
        match character {
            '"' => self.text.push_str("\\\""),
            '\\' => self.text.push_str("\\\\"),
            '\n' => self.text.push_str("\\n"),
            '\r' => self.text.push_str("\\r"),
            '\t' => self.text.push_str("\\t"),
            '\u{8}' => self.text.push_str("\\b"),
            '\u{c}' => self.text.push_str("\\f"),
            '\0'..='\u{1f}' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(self.text, "\\u{:04x}", u32::from(character));
            }
            other => self.text.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_carry_a_point() {
        for (value, text) in
            [("7", "7.0"), ("0.5", "0.5"), ("1.017", "1.017"), ("2.50", "2.50"), ("-3", "-3.0")]
        {
            let mut writer = Writer::default();
            writer.decimal(value.parse().unwrap());
            assert_eq!(writer.into_text(), text);
        }
    }

    #[test]
    fn only_quotes_backslashes_and_control_characters_are_escaped() {
        let mut writer = Writer::default();
        writer.text("a/\"b\"\\\r\n\u{1}\u{2028}分類");
        assert_eq!(writer.into_text(), "\"a/\\\"b\\\"\\\\\\r\\n\\u0001\\u2028分類\"");
    }
}
