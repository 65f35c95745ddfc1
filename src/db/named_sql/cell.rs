//! Values that a script returns, by the type that PostgreSQL says they have (07 §2.7).

use std::fmt::Write;

use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, NaiveTime};
use sqlx::TypeInfo;
use sqlx::ValueRef;
use sqlx::postgres::{PgTypeInfo, PgTypeKind, PgValueRef};

use super::Failure;

/// A value of a result table.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// NULL, or nothing (`void`).
    Null,
    /// A boolean, or a single bit.
    Bool(bool),
    /// An integer.
    Integer(i64),
    /// A decimal number as text, with the digits behind the point that the value has.
    Decimal(String),
    /// A float of 32 bits.
    Single(f32),
    /// A float of 64 bits.
    Double(f64),
    /// A text; everything that the reference writes as one.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A wall clock.
    Time(NaiveDateTime),
    /// An instant, by the clock of UTC.
    Instant(NaiveDateTime),
    /// Several values.
    Array(Vec<Cell>),
}

/// Reads a value in PostgreSQL's binary form.
pub(super) fn read(value: &PgValueRef<'_>) -> Result<Cell, Failure> {
    if value.is_null() {
        return Ok(Cell::Null);
    }
    let type_info = value.type_info().into_owned();
    let bytes = value.as_bytes().map_err(|_| unshowable(&type_info))?;
    binary(bytes, &type_info)
}

fn binary(bytes: &[u8], type_info: &PgTypeInfo) -> Result<Cell, Failure> {
    let cell = match type_info.kind() {
        PgTypeKind::Array(element) => array(bytes, element)?,
        PgTypeKind::Enum(_) => text(bytes),
        PgTypeKind::Domain(base) => Some(binary(bytes, base)?),
        _ if type_info.name().eq_ignore_ascii_case("citext") => text(bytes),
        _ => type_info.oid().and_then(|oid| simple(bytes, oid.0)),
    };
    cell.ok_or_else(|| unshowable(type_info))
}

fn unshowable(type_info: &PgTypeInfo) -> Failure {
    Failure::Unshowable(type_info.to_string())
}

/// A value of one of PostgreSQL's own types; none where the reference has no form for type or value.
fn simple(bytes: &[u8], oid: u32) -> Option<Cell> {
    let mut input = Input(bytes);
    Some(match oid {
        16 => Cell::Bool(input.u8()? != 0),
        17 => Cell::Bytes(bytes.to_vec()),
        // char, name, text, json, xml, unknown, bpchar, varchar, refcursor, cstring
        18 | 19 | 25 | 114 | 142 | 705 | 1042 | 1043 | 1790 | 2275 => return text(bytes),
        20 => Cell::Integer(input.i64()?),
        21 => Cell::Integer(input.i16()?.into()),
        23 => Cell::Integer(input.i32()?.into()),
        // oid, xid, cid and what refers to objects by oid
        24 | 26 | 28 | 29 | 2202..=2206 | 3734 | 3769 | 4089 | 4096 => {
            Cell::Integer(input.u32()?.into())
        }
        700 => Cell::Single(f32::from_bits(input.u32()?)),
        701 => Cell::Double(f64::from_bits(input.i64()?.cast_unsigned())),
        790 => Cell::Decimal(money(input.i64()?)),
        1082 => Cell::Text(date(input.i32()?)?),
        1083 => Cell::Text(time(input.i64()?)?),
        // timestamp, timestamptz
        1114 => Cell::Time(timestamp(input.i64()?)?),
        1184 => Cell::Instant(timestamp(input.i64()?)?),
        1186 => Cell::Text(interval(&mut input)?),
        1266 => Cell::Text(time_with_zone(&mut input)?),
        1560 => bit(&mut input)?,
        1562 => Cell::Array(bits(&mut input)?),
        1700 => Cell::Decimal(numeric(&mut input)?),
        2278 => Cell::Null,
        2950 => Cell::Text(uuid::Uuid::from_slice(bytes).ok()?.to_string()),
        // jsonb, jsonpath: a version before the text
        3802 | 4072 => return text(bytes.get(1..)?),
        _ => return None,
    })
}

fn text(bytes: &[u8]) -> Option<Cell> {
    String::from_utf8(bytes.to_vec()).ok().map(Cell::Text)
}

/// Bytes that are taken from the front.
struct Input<'b>(&'b [u8]);

impl<'b> Input<'b> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    fn bytes(&mut self, length: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn u8(&mut self) -> Option<u8> {
        self.take().map(u8::from_be_bytes)
    }

    fn i16(&mut self) -> Option<i16> {
        self.take().map(i16::from_be_bytes)
    }

    fn i32(&mut self) -> Option<i32> {
        self.take().map(i32::from_be_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_be_bytes)
    }

    fn i64(&mut self) -> Option<i64> {
        self.take().map(i64::from_be_bytes)
    }
}

/// The currency's two digits behind the point.
fn money(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", cents.unsigned_abs() / 100, cents.unsigned_abs() % 100)
}

/// A number that a decimal of .NET holds: 96 bits and at most 28 digits behind the point.
fn numeric(input: &mut Input<'_>) -> Option<String> {
    let (count, weight, sign, scale) = (input.i16()?, input.i16()?, input.i16()?, input.i16()?);
    if !matches!(sign, 0 | 0x4000) || !(0..=28).contains(&scale) {
        return None;
    }
    let groups: Vec<i16> = (0..count).map(|_| input.i16()).collect::<Option<_>>()?;
    let group = |at: i16| usize::try_from(at).ok().and_then(|at| groups.get(at).copied());
    let digits = |from: i16, to: i16| {
        (from..to).fold(String::new(), |mut text, at| {
            let _ = write!(text, "{:04}", group(at).unwrap_or_default());
            text
        })
    };
    let whole = digits(0.min(weight + 1), weight + 1);
    let mut fraction = digits(weight + 1, weight + 1 + scale / 4 + 1);
    fraction.truncate(usize::try_from(scale).ok()?);
    let whole = whole.trim_start_matches('0');
    let coefficient: u128 = format!("0{whole}{fraction}").parse().ok()?;
    if coefficient >= 1 << 96 {
        return None;
    }
    let sign = if sign == 0 { "" } else { "-" };
    let whole = if whole.is_empty() { "0" } else { whole };
    let point = if fraction.is_empty() { "" } else { "." };
    Some(format!("{sign}{whole}{point}{fraction}"))
}

/// Both ends of PostgreSQL's time are those of .NET's.
fn timestamp(micros: i64) -> Option<NaiveDateTime> {
    match micros {
        i64::MAX => {
            NaiveDate::from_ymd_opt(9999, 12, 31)?.and_hms_nano_opt(23, 59, 59, 999_999_900)
        }
        i64::MIN => NaiveDate::from_ymd_opt(1, 1, 1)?.and_hms_opt(0, 0, 0),
        micros => {
            // Microseconds from 2000 on, where Unix begins with 1970.
            let time = DateTime::from_timestamp_micros(micros.checked_add(946_684_800_000_000)?)?;
            Some(time.naive_utc()).filter(|time| in_range(time.date()))
        }
    }
}

fn date(days: i32) -> Option<String> {
    let date = match days {
        i32::MAX => NaiveDate::from_ymd_opt(9999, 12, 31)?,
        i32::MIN => NaiveDate::from_ymd_opt(1, 1, 1)?,
        days => NaiveDate::from_ymd_opt(2000, 1, 1)?
            .checked_add_signed(Duration::try_days(days.into())?)
            .filter(|date| in_range(*date))?,
    };
    Some(date.format("%Y-%m-%d").to_string())
}

fn in_range(date: NaiveDate) -> bool {
    (1..=9999).contains(&chrono::Datelike::year(&date))
}

/// `HH:mm:ss` and the digits of the fraction that are no trailing zeros.
fn time(micros: i64) -> Option<String> {
    let seconds = u32::try_from(micros / 1_000_000).ok()?;
    NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0)?;
    let whole = format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let fraction = format!("{:06}", micros % 1_000_000);
    let fraction = fraction.trim_end_matches('0');
    Some(if fraction.is_empty() { whole } else { format!("{whole}.{fraction}") })
}

/// QUIRK(07 §2.7): the time of the second day of all time.
fn time_with_zone(input: &mut Input<'_>) -> Option<String> {
    let time = time(input.i64()?)?;
    let west = input.i32()?;
    let sign = if west > 0 { '-' } else { '+' };
    let minutes = west.unsigned_abs() / 60;
    Some(format!("0001-01-02T{time}{sign}{:02}:{:02}", minutes / 60, minutes % 60))
}

/// `[-][d.]hh:mm:ss[.fffffff]`; an interval of months has no such form.
fn interval(input: &mut Input<'_>) -> Option<String> {
    let (micros, days, months) = (input.i64()?, input.i32()?, input.i32()?);
    if months != 0 {
        return None;
    }
    let micros = i64::from(days).checked_mul(86_400_000_000)?.checked_add(micros)?;
    let sign = if micros < 0 { "-" } else { "" };
    let (seconds, fraction) =
        (micros.unsigned_abs() / 1_000_000, micros.unsigned_abs() % 1_000_000);
    let days = seconds / 86_400;
    let days = if days > 0 { format!("{days}.") } else { String::new() };
    let fraction = if fraction > 0 { format!(".{fraction:06}0") } else { String::new() };
    let (hours, minutes, seconds) = (seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    Some(format!("{sign}{days}{hours:02}:{minutes:02}:{seconds:02}{fraction}"))
}

/// One bit is a boolean. The driver does not tell `bit(1)` from a literal of one bit, which the reference shows as an
/// array.
fn bit(input: &mut Input<'_>) -> Option<Cell> {
    let mut bits = bits(input)?;
    Some(if bits.len() == 1 { bits.pop()? } else { Cell::Array(bits) })
}

fn bits(input: &mut Input<'_>) -> Option<Vec<Cell>> {
    let count = usize::try_from(input.i32()?).ok()?;
    let bit = |at: usize| input.0.get(at / 8).map(|byte| Cell::Bool(byte >> (7 - at % 8) & 1 == 1));
    (0..count).map(bit).collect()
}

/// A missing number or time in an array has no form in the reference; a missing text has.
fn array(bytes: &[u8], element: &PgTypeInfo) -> Result<Option<Cell>, Failure> {
    let mut input = Input(bytes);
    let (Some(dimensions), Some(_), Some(_)) = (input.i32(), input.i32(), input.u32()) else {
        return Ok(None);
    };
    let lengths: Option<Vec<usize>> = (0..dimensions)
        .map(|_| {
            let length = usize::try_from(input.i32()?).ok();
            input.i32()?;
            length
        })
        .collect();
    let Some(lengths) = lengths else { return Ok(None) };
    let mut elements = Vec::new();
    for _ in
        0..lengths.iter().product::<usize>().min(if lengths.is_empty() { 0 } else { usize::MAX })
    {
        let Some(length) = input.i32() else { return Ok(None) };
        elements.push(match usize::try_from(length) {
            Ok(length) => {
                let Some(bytes) = input.bytes(length) else { return Ok(None) };
                binary(bytes, element)?
            }
            Err(_) if is_reference(element) => Cell::Null,
            Err(_) => return Err(unshowable(element)),
        });
    }
    Ok(Some(nest(elements, lengths.get(1..).unwrap_or_default())))
}

/// Whether .NET's type for the elements can be null.
fn is_reference(element: &PgTypeInfo) -> bool {
    let of_text = [17, 19, 25, 114, 142, 1042, 1043, 3802, 4072];
    matches!(element.kind(), PgTypeKind::Enum(_))
        || element.oid().is_some_and(|oid| of_text.contains(&oid.0))
        || element.name().eq_ignore_ascii_case("citext")
}

/// Arrays of as many elements each as the inner dimensions say, from the innermost outwards.
fn nest(mut elements: Vec<Cell>, inner: &[usize]) -> Cell {
    for length in inner.iter().rev().filter(|length| **length > 0) {
        elements = elements.chunks(*length).map(|chunk| Cell::Array(chunk.to_vec())).collect();
    }
    Cell::Array(elements)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(groups: &[i16], weight: i16, sign: i16, scale: i16) -> Option<String> {
        let head = [i16::try_from(groups.len()).unwrap(), weight, sign, scale];
        let bytes: Vec<u8> =
            head.iter().chain(groups).flat_map(|part| part.to_be_bytes()).collect();
        numeric(&mut Input(&bytes))
    }

    #[test]
    fn numbers_keep_their_scale() {
        assert_eq!(number(&[1, 5000], 0, 0, 4).unwrap(), "1.5000");
        assert_eq!(number(&[10], 0, 0, 0).unwrap(), "10");
        assert_eq!(number(&[1], 1, 0, 0).unwrap(), "10000");
        assert_eq!(number(&[1000], -1, 0x4000, 2).unwrap(), "-0.10");
        assert_eq!(number(&[5], -2, 0, 8).unwrap(), "0.00000005");
        assert_eq!(number(&[], 0, 0, 0).unwrap(), "0");
        assert_eq!(number(&[], 0, 0, 2).unwrap(), "0.00");
        assert_eq!(number(&[12, 3456, 7800], 1, 0, 2).unwrap(), "123456.78");
    }

    #[test]
    fn numbers_beyond_a_decimal_have_no_form() {
        assert_eq!(number(&[], 0, -0x4000, 0), None, "NaN");
        assert_eq!(number(&[1], 8, 0, 0), None, "33 digits");
        assert_eq!(number(&[1], 0, 0, 29), None);
    }

    #[test]
    fn intervals_are_written_as_time_spans() {
        let span = |micros: i64, days: i32, months: i32| {
            let mut bytes = micros.to_be_bytes().to_vec();
            bytes.extend(days.to_be_bytes());
            bytes.extend(months.to_be_bytes());
            interval(&mut Input(&bytes))
        };
        assert_eq!(span(7_384_500_000, -1, 0).unwrap(), "-21:56:55.5000000");
        assert_eq!(span(36 * 3_600_000_000, 0, 0).unwrap(), "1.12:00:00");
        assert_eq!(span(0, 0, 1), None);
    }

    #[test]
    fn the_ends_of_time_have_a_form_and_what_is_before_christ_has_not() {
        assert_eq!(date(i32::MAX).unwrap(), "9999-12-31");
        assert_eq!(date(-730_119).unwrap(), "0001-01-01");
        assert_eq!(date(-730_120), None);
        assert_eq!(timestamp(i64::MIN).unwrap().to_string(), "0001-01-01 00:00:00");
        assert_eq!(timestamp(-1).unwrap().to_string(), "1999-12-31 23:59:59.999999");
    }

    #[test]
    fn times_lose_trailing_zeros() {
        assert_eq!(time(3_723_500_000).unwrap(), "01:02:03.5");
        assert_eq!(time(0).unwrap(), "00:00:00");
    }
}
