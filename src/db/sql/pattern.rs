//! Patterns of texts.

use super::Bind;

/// What a text has to have, whatever its case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pattern {
    /// This, anywhere.
    Contains(String),
    /// This, at its beginning.
    StartsWith(String),
    /// This with wildcards of its own, anywhere: `%`, `_`, and a backslash before what stands for itself.
    Wild(String),
}

impl Pattern {
    /// The pattern for `ilike … escape '|'`; what would be a wildcard stands for itself (05 §9.6).
    pub(super) fn bind(&self) -> Bind {
        let (before, part) = match self {
            Self::Contains(part) => ("%", part),
            Self::StartsWith(part) => ("", part),
            Self::Wild(part) => return Bind::text(format!("%{}%", with_our_escapes(part))),
        };
        let mut pattern = String::with_capacity(part.len() + 2);
        pattern.push_str(before);
        for character in part.chars() {
            if matches!(character, '|' | '_' | '%') {
                pattern.push('|');
            }
            pattern.push(character);
        }
        pattern.push('%');
        Bind::text(pattern)
    }
}

/// A pattern that escapes by backslashes as one that escapes by `|`. One at the end stands for itself.
fn with_our_escapes(pattern: &str) -> String {
    let mut ours = String::with_capacity(pattern.len());
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        match character {
            '|' => ours.push_str("||"),
            '\\' => match characters.next() {
                Some(next) => ours.extend(['|', next]),
                None => ours.push('\\'),
            },
            other => ours.push(other),
        }
    }
    ours
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_in_a_text_stand_for_themselves() {
        let pattern = |text: &str| Pattern::Contains(text.to_owned()).bind();
        assert_eq!(pattern("100%_done|\\"), Bind::text("%100|%|_done||\\%"));
        assert_eq!(Pattern::Wild("1%_|\\%\\".to_owned()).bind(), Bind::text("%1%_|||%\\%"));
        assert_eq!(Pattern::StartsWith("a".to_owned()).bind(), Bind::text("a%"));
    }
}
