//! Number texts, and [`Number`].
//!
//! The reference reads a number token and a string that holds a number by different rules: only a token can be
//! hexadecimal or octal, only a string can have blanks, a plus sign and thousands commas.

use rust_decimal::Decimal;
use serde::de::{Deserialize, Deserializer, Error as _};

use super::literal::Literal;
use super::text::trim_blanks;

/// The largest coefficient of a decimal, .NET's and ours: 96 bits.
const MAX_COEFFICIENT: u128 = (1 << 96) - 1;
/// The most digits after the point that a decimal can have.
const MAX_SCALE: i64 = 28;
/// Longer integer tokens are refused by the reference.
const MAX_INTEGER_LENGTH: usize = 380;

/// A decimal member: a number, or a string holding one, as .NET reads it (03 §3.2).
///
/// The digits after the point are kept as written: `1.50` has two. Read through this module's deserializer only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Number(pub Decimal);

impl From<Number> for Decimal {
    fn from(number: Number) -> Self {
        number.0
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let decimal = match Literal::deserialize(deserializer)? {
            Literal::Number(token) => token_to_decimal(token),
            Literal::Text(text) => text_to_decimal(text),
            Literal::Null | Literal::Bool(_) => None,
        };
        decimal.map(Self).ok_or_else(|| D::Error::custom("not a number"))
    }
}

/// What a number token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Integer,
    Float,
}

/// Checks the text of a number token; none when it is no number.
pub(super) fn form_of_token(token: &str) -> Option<Form> {
    if has_radix(token) {
        return radix_value(token).map(|_| Form::Integer);
    }
    if token == "-Infinity" {
        return Some(Form::Float);
    }
    let parts = Parts::of(token.strip_prefix('-').unwrap_or(token))?;
    if !parts.is_integer {
        return Some(Form::Float);
    }
    (parts.whole.len() <= MAX_INTEGER_LENGTH).then_some(Form::Integer)
}

/// Whether the token is hexadecimal or octal: begins with a zero that is not the whole integer part.
fn has_radix(token: &str) -> bool {
    matches!(token.as_bytes(), [b'0', second, ..] if !matches!(second, b'.' | b'e' | b'E'))
}

/// The value of a hexadecimal or octal token: 64 bits in two's complement.
fn radix_value(token: &str) -> Option<i64> {
    let (digits, radix) = match token.strip_prefix("0x").or_else(|| token.strip_prefix("0X")) {
        Some(digits) => (digits, 16),
        None => (token, 8),
    };
    // The standard parser alone would take a sign.
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    u64::from_str_radix(digits, radix).ok().map(u64::cast_signed)
}

/// An integer that fits 64 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whole {
    /// Any that fits this.
    Signed(i64),
    /// Only those above.
    Unsigned(u64),
}

impl Whole {
    /// The value of an integer token; none when it is too large.
    pub(super) fn of_token(token: &str) -> Option<Self> {
        if has_radix(token) { radix_value(token).map(Self::Signed) } else { Self::of_digits(token) }
    }

    /// The integer that a string holds: blanks around it and a sign are allowed, a leading zero means nothing.
    pub(super) fn of_text(text: &str) -> Option<Self> {
        Self::of_digits(trim_blanks(text))
    }

    fn of_digits(text: &str) -> Option<Self> {
        let signed = text.parse().ok().map(Self::Signed);
        signed.or_else(|| text.parse().ok().map(Self::Unsigned))
    }
}

/// The value of an integer token; none when it is too large.
pub(super) fn token_to_i64(token: &str) -> Option<i64> {
    match Whole::of_token(token) {
        Some(Whole::Signed(value)) => Some(value),
        _ => None,
    }
}

/// The value of any number token.
pub(super) fn token_to_f64(token: &str) -> f64 {
    if has_radix(token) {
        #[expect(clippy::cast_precision_loss, reason = "a float was asked for")]
        return radix_value(token).map_or(f64::NAN, |value| value as f64);
    }
    // The parser has checked the token, so that nothing is left that Rust would not read.
    token.parse().unwrap_or(f64::NAN)
}

/// The float that a string holds.
pub(super) fn text_to_f64(text: &str) -> Option<f64> {
    let text = trim_blanks(text);
    match text.strip_prefix(['+', '-']).unwrap_or(text) {
        "NaN" | "Infinity" => text.parse().ok(),
        unsigned => {
            Parts::of_grouped(unsigned)?;
            if text.contains(',') { text.replace(',', "").parse().ok() } else { text.parse().ok() }
        }
    }
}

/// The value of a number token as a decimal; none when it is out of range.
fn token_to_decimal(token: &str) -> Option<Decimal> {
    if has_radix(token) {
        return radix_value(token).map(Decimal::from);
    }
    let unsigned = token.strip_prefix('-');
    Parts::of(unsigned.unwrap_or(token))?.decimal(unsigned.is_some())
}

/// The decimal that a string holds: blanks around it, a sign at either end, commas between the digits of the
/// integer part. An exponent is possible without those only.
fn text_to_decimal(text: &str) -> Option<Decimal> {
    let text = trim_blanks(text);
    let (unsigned, sign) = if let Some(rest) = text.strip_prefix(['+', '-']) {
        (rest, text.bytes().next())
    } else if let Some(rest) = text.strip_suffix(['+', '-']) {
        (trim_blanks(rest), text.bytes().next_back())
    } else {
        (text, None)
    };
    let parts = Parts::of_grouped(unsigned)?;
    let plain = sign != Some(b'+') && !parts.whole.contains(',');
    if parts.has_exponent && !plain {
        return None;
    }
    parts.decimal(sign == Some(b'-'))
}

/// An unsigned decimal number, taken apart.
struct Parts<'a> {
    whole: &'a str,
    fraction: &'a str,
    exponent: i64,
    is_integer: bool,
    has_exponent: bool,
}

impl<'a> Parts<'a> {
    /// `1`, `1.5`, `.5`, `1.`, `1e3`.
    fn of(text: &'a str) -> Option<Self> {
        Self::read(text, |c| c.is_ascii_digit())
    }

    /// The same, with commas anywhere after the first digit of the integer part, as .NET takes them.
    fn of_grouped(text: &'a str) -> Option<Self> {
        if text.starts_with(',') {
            None
        } else {
            Self::read(text, |c| c.is_ascii_digit() || c == ',')
        }
    }

    fn read(text: &'a str, in_whole: impl Fn(char) -> bool) -> Option<Self> {
        let (whole, rest) = split_where(text, |c| !in_whole(c));
        let (fraction, rest) = match rest.strip_prefix('.') {
            Some(rest) => split_where(rest, |c| !c.is_ascii_digit()),
            None => ("", rest),
        };
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let is_integer = whole.len() == text.len();
        let has_exponent = !rest.is_empty();
        let exponent = if has_exponent { exponent(rest)? } else { 0 };
        Some(Self { whole, fraction, exponent, is_integer, has_exponent })
    }

    fn digits(&self) -> impl Iterator<Item = u128> {
        let digits = self.whole.bytes().chain(self.fraction.bytes()).filter(u8::is_ascii_digit);
        digits.map(|digit| u128::from(digit - b'0'))
    }

    /// The value with all digits that fit, the rest rounded; none when the integer part does not fit.
    fn decimal(&self, negative: bool) -> Option<Decimal> {
        let mut coefficient: u128 = 0;
        let mut scale = i64::try_from(self.fraction.len()).ok()?.saturating_sub(self.exponent);
        let mut first_dropped = None;
        for digit in self.digits() {
            let longer = coefficient * 10 + digit;
            if first_dropped.is_none() && longer <= MAX_COEFFICIENT {
                coefficient = longer;
            } else {
                first_dropped.get_or_insert(digit);
                scale -= 1;
            }
        }
        if scale > MAX_SCALE {
            coefficient = divide_rounding(coefficient, scale - MAX_SCALE);
            scale = MAX_SCALE;
        } else if first_dropped.is_some_and(|digit| digit >= 5) {
            coefficient += 1;
            if coefficient > MAX_COEFFICIENT {
                coefficient = divide_rounding(coefficient, 1);
                scale -= 1;
            }
        }
        if scale < 0 {
            coefficient = multiply(coefficient, -scale)?;
            scale = 0;
        }
        let signed = i128::try_from(coefficient).ok()?;
        let signed = if negative { -signed } else { signed };
        Decimal::try_from_i128_with_scale(signed, u32::try_from(scale).ok()?).ok()
    }
}

/// What precedes the first character that `is_end`, and the rest.
fn split_where(text: &str, is_end: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at_checked(text.find(is_end).unwrap_or(text.len())).unwrap_or((text, ""))
}

/// The value of `e3`, `E-3`, `e+3`; one that 64 bits do not hold is as good as any other huge one.
fn exponent(text: &str) -> Option<i64> {
    const HUGE: i64 = 1 << 40;
    let text = text.strip_prefix(['e', 'E'])?;
    let (digits, negative) = match text.strip_prefix('-') {
        Some(digits) => (digits, true),
        None => (text.strip_prefix('+').unwrap_or(text), false),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let value = digits.parse().unwrap_or(HUGE).min(HUGE);
    Some(if negative { -value } else { value })
}

/// Divides by a power of ten, half rounded up.
fn divide_rounding(value: u128, power: i64) -> u128 {
    // Beyond 30 digits nothing is left of a coefficient.
    let divisor =
        u32::try_from(power).ok().filter(|power| *power <= 30).map(|power| 10_u128.pow(power));
    divisor.map_or(0, |divisor| (value + divisor / 2) / divisor)
}

/// Multiplies by a power of ten, within the range of a decimal.
fn multiply(value: u128, power: i64) -> Option<u128> {
    if value == 0 {
        return Some(0);
    }
    let factor = 10_u128.checked_pow(u32::try_from(power).ok()?)?;
    value.checked_mul(factor).filter(|product| *product <= MAX_COEFFICIENT)
}

#[cfg(test)]
mod tests;
