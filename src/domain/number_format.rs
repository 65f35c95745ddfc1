//! Numbers by a custom format of .NET, such as `#,##0.00`: what a column's `Format` may say besides `C` and `N`
//! (06 §1.5). Points and commas are those of English; callers know the reader's language.

use rust_decimal::{Decimal, RoundingStrategy};

/// The most decimal places that are written.
const MOST_PLACES: usize = 28;

/// A number as a custom format writes it; none when it becomes too large.
pub(super) fn custom(number: Decimal, format: &str) -> Option<String> {
    let sections = sections(format);
    let section = |at: usize| sections.get(at).filter(|section| !section.pieces.is_empty());
    let positive = sections.first()?;
    let zero = section(2).unwrap_or(positive);
    let negative = number.is_sign_negative();
    let (chosen, signed) = match section(1).filter(|_| negative) {
        Some(section) => (section, false),
        None => (positive, negative),
    };
    let rounded = chosen.rounded(number.abs())?;
    if rounded.is_zero() {
        return Some(zero.written(Decimal::ZERO));
    }
    let text = chosen.written(rounded);
    Some(if signed { format!("-{text}") } else { text })
}

/// The part of a format for positive numbers, negative ones or zero.
#[derive(Debug, Default)]
struct Section {
    pieces: Vec<Piece>,
    /// Placeholders before the point and behind it.
    whole: usize,
    places: usize,
    /// How many of them are written in any case.
    fewest_whole: usize,
    fewest_places: usize,
    /// Whether thousands are told apart.
    grouped: bool,
    /// Powers of ten that the number is multiplied with.
    power: i32,
}

#[derive(Debug)]
enum Piece {
    Digit,
    Point,
    Literal(char),
}

/// Reads a format, whose parts are told apart by semicolons.
fn sections(format: &str) -> Vec<Section> {
    let mut sections = Vec::new();
    let (mut section, mut commas) = (Section::default(), 0);
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        match c {
            ';' => {
                section.power -= 3 * std::mem::take(&mut commas);
                sections.push(std::mem::take(&mut section));
            }
            '0' | '#' => {
                section.grouped |= std::mem::take(&mut commas) > 0;
                section.digit(c == '0');
            }
            ',' if section.whole > 0 && !section.has_point() => commas += 1,
            ',' => {}
            '.' if section.has_point() => {}
            '.' => {
                section.power -= 3 * std::mem::take(&mut commas);
                section.pieces.push(Piece::Point);
            }
            '\\' => section.pieces.extend(chars.next().map(Piece::Literal)),
            '\'' | '"' => {
                let quoted = chars.by_ref().take_while(|inner| *inner != c);
                section.pieces.extend(quoted.map(Piece::Literal));
            }
            other => {
                section.power += match other {
                    '%' => 2,
                    '‰' => 3,
                    _ => 0,
                };
                section.pieces.push(Piece::Literal(other));
            }
        }
    }
    section.power -= 3 * commas;
    sections.push(section);
    sections
}

impl Section {
    fn has_point(&self) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, Piece::Point))
    }

    fn digit(&mut self, always: bool) {
        if self.has_point() {
            self.places += 1;
            if always {
                self.fewest_places = self.places;
            }
        } else {
            self.whole += 1;
            if always || self.fewest_whole > 0 {
                self.fewest_whole += 1;
            }
        }
        self.pieces.push(Piece::Digit);
    }

    /// The number as far as the placeholders go.
    fn rounded(&self, number: Decimal) -> Option<Decimal> {
        let mut number = number;
        for _ in 0..self.power.unsigned_abs() {
            let ten = Decimal::TEN;
            number =
                if self.power > 0 { number.checked_mul(ten)? } else { number.checked_div(ten)? };
        }
        let places = u32::try_from(self.places.min(MOST_PLACES)).ok()?;
        Some(number.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero))
    }

    /// A rounded number that is not negative.
    fn written(&self, number: Decimal) -> String {
        let text = format!("{number:.places$}", places = self.places.min(MOST_PLACES));
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let whole =
            format!("{:0>width$}", whole.trim_start_matches('0'), width = self.fewest_whole);
        let kept = fraction.trim_end_matches('0').len().max(self.fewest_places);
        let mut digits = whole.chars().enumerate().peekable();
        let mut fraction = fraction.get(..kept).unwrap_or(fraction).chars().peekable();
        let mut out = String::new();
        let (mut left, mut behind) = (self.whole, false);
        for piece in &self.pieces {
            match piece {
                Piece::Literal(c) => out.push(*c),
                Piece::Point => {
                    // Without a placeholder the whole number stands before the point all the same.
                    self.take(&mut digits, whole.len(), 0, &mut out);
                    behind = true;
                    if fraction.peek().is_some() {
                        out.push('.');
                    }
                }
                Piece::Digit if behind => out.extend(fraction.next()),
                Piece::Digit => {
                    left -= 1;
                    self.take(&mut digits, whole.len(), left, &mut out);
                }
            }
        }
        out
    }

    /// Writes digits until only `left` of all are there.
    fn take(
        &self,
        digits: &mut std::iter::Peekable<std::iter::Enumerate<std::str::Chars<'_>>>,
        all: usize,
        left: usize,
        out: &mut String,
    ) {
        while let Some((at, digit)) = digits.next_if(|(at, _)| all - at > left) {
            if self.grouped && at > 0 && (all - at).is_multiple_of(3) {
                out.push(',');
            }
            out.push(digit);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_signs_and_sections_are_those_of_net() {
        for (number, format, expected) in [
            ("1234.5", "#,##0.00", "1,234.50"),
            ("-1234567.891", "#,##0.##", "-1,234,567.89"),
            ("0", "#,##0.##", "0"),
            ("0", "#", ""),
            ("0.5", "#.##", ".5"),
            ("12", "0000", "0012"),
            ("1.5", ".00", "1.50"),
            ("0.125", "0.0%", "12.5%"),
            ("1234567", "0,.0千", "1234.6千"),
            ("12345678", "000-0000", "1234-5678"),
            ("7", "\\#0 'No.'", "#7 No."),
            ("-5", "0;(0);零", "(5)"),
            ("0", "0;(0);零", "零"),
            ("-0.2", "0;(0);零", "零"),
            ("-3", "0;;零", "-3"),
            ("2.5", "0", "3"),
            ("9", "件", "件"),
        ] {
            let number = number.parse().unwrap();
            assert_eq!(custom(number, format).as_deref(), Some(expected), "{number} {format}");
        }
        assert_eq!(custom(Decimal::MAX, "0%"), None);
    }
}
