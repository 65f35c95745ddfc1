//! JSON as the reference writes it (01 §9.1): member order as written, numbers with their scale, few escapes.
//!
//! For reading see [`crate::lenient`]. Nothing here builds a tree: texts are appended to one string.

use std::fmt::Write;

use chrono::{Datelike, NaiveDateTime, Timelike};
use rust_decimal::Decimal;

/// Something that has a form in JSON.
pub trait ToJson {
    /// Appends that form.
    fn write(&self, out: &mut String);
}

/// Text that is JSON already.
pub struct Raw<'a>(pub &'a str);

/// An object under construction; [`Object::finish`] closes it.
pub struct Object<'o> {
    out: &'o mut String,
    empty: bool,
}

impl<'o> Object<'o> {
    /// Opens an object at the end of `out`.
    pub fn open(out: &'o mut String) -> Self {
        out.push('{');
        Self { out, empty: true }
    }

    /// Makes room for so many bytes that are to come.
    pub fn reserve(&mut self, bytes: usize) {
        self.out.reserve(bytes);
    }

    /// A member.
    pub fn field(&mut self, name: &str, value: &(impl ToJson + ?Sized)) -> &mut Self {
        self.name(name);
        value.write(self.out);
        self
    }

    /// A member that is left out when there is no value (null members are omitted, 01 §9.1).
    pub fn optional(&mut self, name: &str, value: Option<&(impl ToJson + ?Sized)>) -> &mut Self {
        if let Some(value) = value {
            self.field(name, value);
        }
        self
    }

    /// A member that is null when there is no value, as in dictionaries.
    pub fn nullable(&mut self, name: &str, value: Option<&(impl ToJson + ?Sized)>) -> &mut Self {
        match value {
            Some(value) => self.field(name, value),
            None => self.field(name, &Raw("null")),
        }
    }

    /// A member that is an object.
    pub fn object(&mut self, name: &str, write: impl FnOnce(&mut Object<'_>)) -> &mut Self {
        self.name(name);
        let mut inner = Object::open(self.out);
        write(&mut inner);
        inner.finish();
        self
    }

    /// A member that is an array.
    pub fn array(&mut self, name: &str, write: impl FnOnce(&mut Array<'_>)) -> &mut Self {
        self.name(name);
        let mut inner = Array::open(self.out);
        write(&mut inner);
        inner.finish();
        self
    }

    /// A member whose value the closure writes.
    pub fn with(&mut self, name: &str, write: impl FnOnce(&mut String)) -> &mut Self {
        self.name(name);
        write(self.out);
        self
    }

    /// Closes the object.
    pub fn finish(self) {
        self.out.push('}');
    }

    fn name(&mut self, name: &str) {
        if !self.empty {
            self.out.push(',');
        }
        self.empty = false;
        string(name, self.out);
        self.out.push(':');
    }
}

/// An array under construction; [`Array::finish`] closes it.
pub struct Array<'o> {
    out: &'o mut String,
    empty: bool,
}

impl<'o> Array<'o> {
    /// Opens an array at the end of `out`.
    pub fn open(out: &'o mut String) -> Self {
        out.push('[');
        Self { out, empty: true }
    }

    /// An element.
    pub fn element(&mut self, value: &(impl ToJson + ?Sized)) -> &mut Self {
        self.separate();
        value.write(self.out);
        self
    }

    /// An element that is an object.
    pub fn object(&mut self, write: impl FnOnce(&mut Object<'_>)) -> &mut Self {
        self.separate();
        let mut inner = Object::open(self.out);
        write(&mut inner);
        inner.finish();
        self
    }

    /// Closes the array.
    pub fn finish(self) {
        self.out.push(']');
    }

    fn separate(&mut self) {
        if !self.empty {
            self.out.push(',');
        }
        self.empty = false;
    }
}

/// A whole object as text.
pub fn object(write: impl FnOnce(&mut Object<'_>)) -> String {
    let mut out = String::with_capacity(256);
    let mut object = Object::open(&mut out);
    write(&mut object);
    object.finish();
    out
}

/// A whole array as text.
pub fn array(write: impl FnOnce(&mut Array<'_>)) -> String {
    let mut out = String::with_capacity(64);
    let mut array = Array::open(&mut out);
    write(&mut array);
    array.finish();
    out
}

/// A text in quotes, with the reference's escapes: quotes, backslash, control characters, U+0085, U+2028, U+2029.
pub fn string(text: &str, out: &mut String) {
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest.bytes().position(may_begin_an_escaped) {
        let (plain, from) = rest.split_at(at);
        out.push_str(plain);
        let mut characters = from.chars();
        if let Some(character) = characters.next() {
            escape(character, out);
        }
        rest = characters.as_str();
    }
    out.push_str(rest);
    out.push('"');
}

/// Bytes are looked at, not characters, which is several times faster; those here begin a character.
const fn may_begin_an_escaped(byte: u8) -> bool {
    // The last two: of U+0085, and of U+2028 and U+2029.
    matches!(byte, b'"' | b'\\' | 0..=0x1f | 0xc2 | 0xe2)
}

fn escape(character: char, out: &mut String) {
    match character {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\x08' => out.push_str("\\b"),
        '\x0c' => out.push_str("\\f"),
        '\0'..='\x1f' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
            let _ = write!(out, "\\u{:04x}", character as u32);
        }
        other => out.push(other),
    }
}

impl ToJson for str {
    fn write(&self, out: &mut String) {
        string(self, out);
    }
}

impl ToJson for String {
    fn write(&self, out: &mut String) {
        string(self, out);
    }
}

impl ToJson for Raw<'_> {
    fn write(&self, out: &mut String) {
        out.push_str(self.0);
    }
}

impl ToJson for bool {
    fn write(&self, out: &mut String) {
        out.push_str(if *self { "true" } else { "false" });
    }
}

impl ToJson for i32 {
    fn write(&self, out: &mut String) {
        out.push_str(itoa::Buffer::new().format(*self));
    }
}

impl ToJson for i64 {
    fn write(&self, out: &mut String) {
        out.push_str(itoa::Buffer::new().format(*self));
    }
}

/// Always with a decimal point, and with the value's own scale: `5` is `5.0`, `5.50` stays (01 §9.1).
impl ToJson for Decimal {
    fn write(&self, out: &mut String) {
        let mut buffer = itoa::Buffer::new();
        let digits = buffer.format(self.mantissa().unsigned_abs());
        let places = self.scale() as usize;
        if self.is_sign_negative() {
            out.push('-');
        }
        match digits.len().checked_sub(places).and_then(|at| digits.split_at_checked(at)) {
            Some((whole, "")) => out.extend([whole, ".0"]),
            Some(("", fraction)) => out.extend(["0.", fraction]),
            Some((whole, fraction)) => out.extend([whole, ".", fraction]),
            None => {
                out.push_str("0.");
                out.extend(std::iter::repeat_n('0', places - digits.len()));
                out.push_str(digits);
            }
        }
    }
}

/// The shortest text that reads back as the same value, as .NET writes it (07 §2.7).
impl ToJson for f64 {
    fn write(&self, out: &mut String) {
        float(&format!("{self:e}"), &self.to_string(), 15, out);
    }
}

/// As for 64 bits.
impl ToJson for f32 {
    fn write(&self, out: &mut String) {
        float(&format!("{self:e}"), &self.to_string(), 7, out);
    }
}

/// `shortest` is `d.ddde±x`, `plain` the same without exponent. Plain is what has no more digits before the point than
/// there are digits at all, or than `most`, and few zeros behind it.
fn float(shortest: &str, plain: &str, most: usize, out: &mut String) {
    let Some((mantissa, exponent)) = shortest.split_once('e') else {
        let name = if shortest == "NaN" { "NaN" } else { "Infinity" };
        let sign = if shortest.starts_with('-') { "-" } else { "" };
        let _ = write!(out, "\"{sign}{name}\"");
        return;
    };
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let digits = mantissa.bytes().filter(u8::is_ascii_digit).count();
    let most = i32::try_from(digits.max(most)).unwrap_or(i32::MAX);
    if exponent >= most || exponent < -4 {
        let sign = if exponent < 0 { '-' } else { '+' };
        let _ = write!(out, "{mantissa}E{sign}{:02}", exponent.unsigned_abs());
        return;
    }
    out.push_str(plain);
    if !plain.contains('.') {
        out.push_str(".0");
    }
}

/// `yyyy-MM-ddTHH:mm:ss`, and as many of seven fractional digits as are not trailing zeros (01 §9.1).
impl ToJson for NaiveDateTime {
    fn write(&self, out: &mut String) {
        out.push('"');
        date_time(*self, out);
        out.push('"');
    }
}

/// The text of a date-time, without quotes. Digit by digit: a page of records has thousands of them.
pub fn date_time(time: NaiveDateTime, out: &mut String) {
    match u32::try_from(time.year()) {
        Ok(year) if year < 10_000 => {
            two_digits(year / 100, out);
            two_digits(year % 100, out);
        }
        _ => {
            let _ = write!(out, "{:04}", time.year());
        }
    }
    for (mark, part) in [
        ('-', time.month()),
        ('-', time.day()),
        ('T', time.hour()),
        (':', time.minute()),
        (':', time.second()),
    ] {
        out.push(mark);
        two_digits(part, out);
    }
    let ticks = time.nanosecond() / 100;
    if ticks > 0 {
        let digits = format!("{ticks:07}");
        out.push('.');
        out.push_str(digits.trim_end_matches('0'));
    }
}

fn two_digits(number: u32, out: &mut String) {
    const PAIRS: &str = "00010203040506070809101112131415161718192021222324252627282930313233343536373839\
                         40414243444546474849505152535455565758596061626364656667686970717273747576777879\
                         8081828384858687888990919293949596979899";
    let at = (number % 100) as usize * 2;
    out.push_str(PAIRS.get(at..at + 2).unwrap_or_default());
}

impl<T: ToJson> ToJson for [T] {
    fn write(&self, out: &mut String) {
        let mut array = Array::open(out);
        for value in self {
            array.element(value);
        }
        array.finish();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &(impl ToJson + ?Sized)) -> String {
        let mut out = String::new();
        value.write(&mut out);
        out
    }

    #[test]
    fn only_what_the_reference_escapes_is_escaped() {
        assert_eq!(text("a\"\\\n\u{1}/<é&'\u{2028}"), "\"a\\\"\\\\\\n\\u0001/<é&'\\u2028\"");
    }

    proptest::proptest! {
        #[test]
        fn decimals_are_written_as_they_are_displayed(mantissa: i64, scale in 0u32..28) {
            let number = Decimal::new(mantissa, scale);
            let point = if scale == 0 { ".0" } else { "" };
            proptest::prop_assert_eq!(text(&number), format!("{number}{point}"));
        }

        #[test]
        fn strings_read_back_as_they_were(string: String) {
            proptest::prop_assert_eq!(serde_json::from_str::<String>(&text(string.as_str())).unwrap(), string);
        }
    }

    #[test]
    fn characters_that_begin_like_escaped_ones_stay() {
        let string = "é“x”…\u{85}¢\u{2028}€";
        assert_eq!(text(string), "\"é“x”…\\u0085¢\\u2028€\"");
    }

    #[test]
    fn decimals_keep_their_scale_and_have_a_point() {
        for (value, written) in [("5", "5.0"), ("5.50", "5.50"), ("-0.005", "-0.005"), ("0", "0.0")]
        {
            assert_eq!(text(&value.parse::<Decimal>().unwrap()), written);
        }
    }

    #[test]
    fn floats_are_written_as_the_reference_does() {
        for (value, written) in [
            (1.0, "1.0"),
            (0.1, "0.1"),
            (-0.0, "-0.0"),
            (1e20, "1E+20"),
            (1e-7, "1E-07"),
            (1e14, "100000000000000.0"),
            (1e15, "1E+15"),
            (9_007_199_254_740_992.0, "9007199254740992.0"),
            (123_456_789_012_345_680.0, "1.2345678901234568E+17"),
            (0.0001, "0.0001"),
            (0.000_012, "1.2E-05"),
            (f64::NAN, "\"NaN\""),
            (f64::NEG_INFINITY, "\"-Infinity\""),
        ] {
            assert_eq!(text(&value), written);
        }
        assert_eq!(text(&1e7_f32), "1E+07");
        assert_eq!(text(&16_777_216.0_f32), "16777216.0");
        assert_eq!(text(&0.1_f32), "0.1");
    }

    #[test]
    fn times_drop_trailing_zeros_of_the_fraction() {
        let time =
            |text: &str| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").unwrap();
        assert_eq!(text(&time("2024-01-02 03:04:05")), "\"2024-01-02T03:04:05\"");
        assert_eq!(text(&time("2024-01-02 03:04:05.120")), "\"2024-01-02T03:04:05.12\"");
    }

    #[test]
    fn null_members_are_omitted_and_null_entries_are_written() {
        let written = object(|o| {
            o.field("A", &1_i64).optional("B", None::<&str>).nullable("C", None::<&str>);
            o.array("D", |a| {
                a.element(&true).object(|o| {
                    o.field("E", "x");
                });
            });
        });
        assert_eq!(written, r#"{"A":1,"C":null,"D":[true,{"E":"x"}]}"#);
    }
}
