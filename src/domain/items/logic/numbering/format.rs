//! The format of an automatic number: texts, values, times and the number itself.

use chrono::NaiveDateTime;

use crate::domain::culture;
use crate::domain::items::logic::placeholders::Part;
use crate::domain::settings::enums::ResetType;
use crate::messages::Language;

/// A format with everything in place but the number.
#[derive(Debug)]
pub(super) struct Format {
    pieces: Vec<Piece>,
    now: NaiveDateTime,
    language: Language,
}

#[derive(Debug)]
enum Piece {
    Text(String),
    Number {
        width: usize,
        /// Whether a number that is longer is replaced by a word.
        limited: bool,
    },
}

impl Format {
    /// From the parts of a format, the time by the caller's clock, and the display values of columns.
    pub(super) fn new(
        parts: &[Part<'_>],
        now: NaiveDateTime,
        language: Language,
        shown: impl Fn(&str) -> Option<String>,
    ) -> Self {
        let pieces = parts.iter().map(|part| match *part {
            Part::Text(text) => Piece::Text(text.to_owned()),
            Part::Bracket(name) => match (shown(name), name) {
                (Some(value), _) => Piece::Text(value),
                (None, name) if is_all(name, 'n') => {
                    Piece::Number { width: name.len(), limited: false }
                }
                (None, name) if is_all(name, 'N') => {
                    Piece::Number { width: name.len(), limited: true }
                }
                (None, name) => Piece::Text(culture::custom(now, name, language)),
            },
        });
        Self { pieces: pieces.collect(), now, language }
    }

    /// What names the series: its period, or by text the format without its number. An unknown type is by text.
    pub(super) fn key(&self, reset: ResetType) -> String {
        let period = |format: &str| self.now.format(format).to_string();
        match reset {
            ResetType::None => "None".to_owned(),
            ResetType::Year => period("%Y"),
            ResetType::Month => period("%Y/%-m"),
            ResetType::Day => period("%Y/%-m/%-d"),
            ResetType::String | ResetType::Other(_) => {
                let texts = self.pieces.iter().map(|piece| match piece {
                    Piece::Text(text) => text.as_str(),
                    Piece::Number { .. } => "",
                });
                texts.collect()
            }
        }
    }

    /// The text with a number in it.
    pub(super) fn text(&self, number: i64) -> String {
        let texts = self.pieces.iter().map(|piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Number { width, limited } => {
                let digits = format!("{number:0>width$}", width = *width);
                let overflows = *limited && digits.len() > *width;
                if overflows { overflow(self.language).to_owned() } else { digits }
            }
        });
        texts.collect()
    }
}

fn is_all(text: &str, letter: char) -> bool {
    !text.is_empty() && text.chars().all(|character| character == letter)
}

/// What stands for a number that is too long.
const fn overflow(language: Language) -> &'static str {
    if matches!(language, Language::Ja) { "オーバーフロー" } else { "Overflow" }
}

#[cfg(test)]
mod tests {
    use super::super::super::placeholders::parts;
    use super::*;

    fn format(text: &str) -> Format {
        let now =
            NaiveDateTime::parse_from_str("2025-07-04 09:05:03", "%Y-%m-%d %H:%M:%S").unwrap();
        Format::new(&parts(text), now, Language::Ja, |name| {
            (name == "ClassC").then(|| "甲, 乙".to_owned())
        })
    }

    #[test]
    fn numbers_are_padded_and_only_capital_ones_are_limited() {
        assert_eq!(format("N-[NNNN]").text(1), "N-0001");
        assert_eq!(format("[nn]").text(1234), "1234");
        assert_eq!(format("[NN]").text(100), "オーバーフロー");
        assert_eq!(format("[NN]").text(99), "99");
    }

    #[test]
    fn values_and_times_stand_in_the_text() {
        assert_eq!(format("[ClassC]-[yyyyMM][nnn]").text(7), "甲, 乙-202507007");
        assert_eq!(format("[yyyy/MM/dd HH:mm]x").text(7), "2025/07/04 09:05x");
    }

    #[test]
    fn keys_are_periods_without_padding_or_the_text_without_its_number() {
        let format = format("[ClassC]-[yy][nnn]");
        for (reset, key) in [
            (ResetType::None, "None"),
            (ResetType::Year, "2025"),
            (ResetType::Month, "2025/7"),
            (ResetType::Day, "2025/7/4"),
            (ResetType::String, "甲, 乙-25"),
            (ResetType::Other(40), "甲, 乙-25"),
        ] {
            assert_eq!(format.key(reset), key);
        }
    }
}
