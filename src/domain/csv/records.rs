//! Records of RFC 4180, one after the other, without a copy of what needs none.

use std::borrow::Cow;

/// A quote where none may stand, or one that is never closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a quote in the wrong place")]
pub struct Malformed;

/// The records of a text: fields between commas, ended by CR LF, LF or CR. Blank lines are none, blanks stay.
#[derive(Debug, Clone)]
pub struct Records<'t> {
    rest: &'t str,
}

impl<'t> Records<'t> {
    /// From the beginning of a text on.
    pub const fn of(text: &'t str) -> Self {
        Self { rest: text }
    }

    /// Takes up to so many records.
    pub fn chunk(&mut self, size: usize) -> Result<Vec<Vec<Cow<'t, str>>>, Malformed> {
        self.by_ref().take(size).collect()
    }

    fn record(&mut self) -> Result<Vec<Cow<'t, str>>, Malformed> {
        let mut fields = Vec::new();
        loop {
            fields.push(self.field()?);
            match self.rest.strip_prefix(',') {
                Some(rest) => self.rest = rest,
                None => break,
            }
        }
        self.rest = without_line_end(self.rest).unwrap_or(self.rest);
        Ok(fields)
    }

    /// A field; what is left begins with the comma or line end behind it.
    fn field(&mut self) -> Result<Cow<'t, str>, Malformed> {
        if let Some(rest) = self.rest.strip_prefix('"') {
            self.rest = rest;
            return self.quoted();
        }
        let end = self.rest.find([',', '\r', '\n']).unwrap_or(self.rest.len());
        let (field, rest) = self.rest.split_at(end);
        self.rest = rest;
        if field.contains('"') { Err(Malformed) } else { Ok(Cow::Borrowed(field)) }
    }

    fn quoted(&mut self) -> Result<Cow<'t, str>, Malformed> {
        let mut field = Cow::Borrowed("");
        loop {
            let (before, rest) = self.rest.split_once('"').ok_or(Malformed)?;
            field += before;
            if let Some(rest) = rest.strip_prefix('"') {
                field += "\"";
                self.rest = rest;
                continue;
            }
            self.rest = rest;
            let ends = rest.is_empty() || rest.starts_with([',', '\r', '\n']);
            return if ends { Ok(field) } else { Err(Malformed) };
        }
    }
}

fn without_line_end(text: &str) -> Option<&str> {
    text.strip_prefix("\r\n").or_else(|| text.strip_prefix(['\r', '\n']))
}

/// Nothing comes behind what is malformed.
impl<'t> Iterator for Records<'t> {
    type Item = Result<Vec<Cow<'t, str>>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        self.rest = self.rest.trim_start_matches(['\r', '\n']);
        if self.rest.is_empty() {
            return None;
        }
        let record = self.record();
        if record.is_err() {
            self.rest = "";
        }
        Some(record)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Result<Vec<Vec<Cow<'_, str>>>, Malformed> {
        Records::of(text).collect()
    }

    #[test]
    fn fields_stand_between_commas_and_lines_end_in_three_ways() {
        let expected = [["a", ""], [" b ", "c"], ["d", "e\n,\"f"], ["", ""]];
        assert_eq!(read("a,\r\n\n b ,c\rd,\"e\n,\"\"f\"\n,").unwrap(), expected);
        assert!(read("").unwrap().is_empty());
        assert!(read("\r\n\n").unwrap().is_empty());
        assert_eq!(read("\"\"").unwrap(), [[""]]);
    }

    #[test]
    fn quotes_in_the_wrong_place_are_refused() {
        for text in ["a\"b,c", "\"a", "\"a\"b", "\"a\" ,b", "x\n\"a\n"] {
            assert_eq!(read(text), Err(Malformed), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(
            records in prop::collection::vec(prop::collection::vec("[a,\"\r\n ]{0,6}", 2..4), 0..5),
        ) {
            let line = |record: &Vec<String>| {
                let cells = record.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\"")));
                cells.collect::<Vec<_>>().join(",") + "\n"
            };
            let text: String = records.iter().map(line).collect();
            prop_assert_eq!(read(&text).unwrap(), records);
        }

        #[test]
        fn no_text_makes_it_fail_otherwise(text in "[a,\"\r\n]{0,20}") {
            let _ = read(&text);
        }
    }
}
