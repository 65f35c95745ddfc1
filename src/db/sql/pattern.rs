//! Patterns of texts.

use super::Bind;

/// What a text has to have, whatever its case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pattern {
    /// This, anywhere.
    Contains(String),
    /// This, at its beginning.
    StartsWith(String),
}

impl Pattern {
    /// The pattern for `ilike … escape '|'`; what would be a wildcard stands for itself (05 §9.6).
    pub(super) fn bind(&self) -> Bind {
        let (before, part) = match self {
            Self::Contains(part) => ("%", part),
            Self::StartsWith(part) => ("", part),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_in_a_text_stand_for_themselves() {
        let pattern = |text: &str| Pattern::Contains(text.to_owned()).bind();
        assert_eq!(pattern("100%_done|\\"), Bind::text("%100|%|_done||\\%"));
        assert_eq!(Pattern::StartsWith("a".to_owned()).bind(), Bind::text("a%"));
    }
}
