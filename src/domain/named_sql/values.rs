//! From the JSON of `Params` to typed values (07 §2.5).

use chrono::{DateTime, Duration, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use indexmap::IndexMap;

use crate::db::named_sql::{Param, Params, WholeNumber};
use crate::domain::Error;
use crate::lenient::{self, Json, Member};

use super::definition::Standard;

/// The standard values, which no posted one replaces, and the posted ones. Times with an offset become the server's.
pub fn read(
    standard: Standard,
    posted: Option<&Json<'_>>,
    to_server: impl Fn(DateTime<Utc>) -> NaiveDateTime,
) -> Result<Params, Error> {
    let mut params = Params::default();
    let add = |values: [(&'static str, i32); 3], params: &mut Params| {
        for (name, value) in values {
            params.add(name, Param::Int(value));
        }
    };
    add(standard.own(), &mut params);
    match posted {
        None | Some(Json::Null) => {}
        Some(Json::Object(members)) => {
            for (name, value) in last_of_each(members) {
                if let Some(value) = value_of(value, &to_server)? {
                    params.add(name, value);
                }
            }
        }
        Some(_) => return Err(Error::BadRequest),
    }
    // On PostgreSQL the reference does not know these, so that a posted `_U` counts there.
    add(standard.foreign(), &mut params);
    Ok(params)
}

/// Members in the order in which their names appeared first, each with the value posted last (01 §4.3).
fn last_of_each<'m, 'j>(members: &'m [Member<'j>]) -> IndexMap<&'m str, &'m Json<'j>> {
    members.iter().map(|(name, value)| (name.as_ref(), value)).collect()
}

/// A value; none for null, which counts as missing. Arrays and objects are refused even where no SQL uses them.
fn value_of(
    json: &Json<'_>,
    to_server: impl Fn(DateTime<Utc>) -> NaiveDateTime,
) -> Result<Option<Param>, Error> {
    let number = |json| lenient::from_json::<f64>(json).map_err(|_| Error::BadRequest);
    Ok(Some(match json {
        Json::Null => return Ok(None),
        Json::Bool(value) => Param::Bool(*value),
        Json::Integer(text) => match json.as_i64() {
            Some(value) => Param::Long(value),
            None => Param::Whole(WholeNumber::parse(text).ok_or(Error::BadRequest)?),
        },
        Json::Float(_) => Param::Double(number(json)?),
        Json::String(text) => match IsoTime::parse(text) {
            Some(IsoTime::Local(time)) => Param::Time(time),
            Some(IsoTime::Utc(time)) => Param::Instant(time.and_utc()),
            Some(IsoTime::Offset(time)) => Param::Time(to_server(time.to_utc())),
            None => Param::Text(text.clone().into_owned()),
        },
        Json::Array(_) | Json::Object(_) => return Err(Error::BadRequest),
    }))
}

/// A text that an untyped member takes for a time (01 §4.3).
#[derive(Debug, PartialEq)]
enum IsoTime {
    Local(NaiveDateTime),
    Utc(NaiveDateTime),
    Offset(DateTime<FixedOffset>),
}

impl IsoTime {
    /// `yyyy-MM-ddTHH:mm:ss`, then perhaps a fraction, then perhaps `Z` or an offset; exactly that, and possible.
    fn parse(text: &str) -> Option<Self> {
        if !(19..=40).contains(&text.len()) || !text.is_ascii() {
            return None;
        }
        let mut rest = Rest(text.as_bytes());
        let (year, month) = (rest.number(4)?, rest.after(b'-', 2)?);
        let date = NaiveDate::from_ymd_opt(
            i32::try_from(year).ok().filter(|year| *year > 0)?,
            month,
            rest.after(b'-', 2)?,
        )?;
        let (hour, minute) = (rest.after(b'T', 2)?, rest.after(b':', 2)?);
        let second = rest.after(b':', 2)?;
        let fraction = if rest.take(b'.') { rest.fraction()? } else { 0 };
        let time = if (hour, minute, second, fraction) == (24, 0, 0, 0) {
            date.succ_opt()?.and_time(NaiveTime::MIN)
        } else {
            date.and_hms_opt(hour, minute, second)? + Duration::nanoseconds(fraction)
        };
        match rest.0 {
            [] => Some(Self::Local(time)),
            b"Z" | b"z" => Some(Self::Utc(time)),
            _ => {
                let offset = rest.offset()?;
                Some(Self::Offset(time.and_local_timezone(offset).single()?))
            }
        }
    }
}

/// What is left of a text.
struct Rest<'t>(&'t [u8]);

impl Rest<'_> {
    fn take(&mut self, wanted: u8) -> bool {
        let found = self.0.split_first().filter(|(first, _)| **first == wanted);
        if let Some((_, rest)) = found {
            self.0 = rest;
        }
        found.is_some()
    }

    fn number(&mut self, digits: usize) -> Option<u32> {
        let (number, rest) = self.0.split_at_checked(digits)?;
        self.0 = rest;
        number.iter().try_fold(0, |sum, digit| {
            digit.is_ascii_digit().then(|| sum * 10 + u32::from(digit - b'0'))
        })
    }

    fn after(&mut self, separator: u8, digits: usize) -> Option<u32> {
        if self.take(separator) { self.number(digits) } else { None }
    }

    /// Nanoseconds of at least one digit; seven count, the eighth rounds.
    fn fraction(&mut self) -> Option<i64> {
        let length = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.0.split_at_checked(length).filter(|_| length > 0)?;
        self.0 = rest;
        let digit = |at: usize| digits.get(at).map_or(0, |digit| i64::from(digit - b'0'));
        let ticks = (0..7).fold(0, |sum, at| sum * 10 + digit(at));
        Some((ticks + i64::from(digit(7) >= 5)) * 100)
    }

    /// `+09:00`, `+0900` or `+09`, to the end.
    fn offset(&mut self) -> Option<FixedOffset> {
        let sign = if self.take(b'-') { -1 } else { self.take(b'+').then_some(1)? };
        let hours = self.number(2)?;
        let minutes = if self.0.is_empty() {
            0
        } else {
            self.take(b':');
            self.number(2)?
        };
        let seconds = i32::try_from(hours * 3_600 + minutes * 60).ok()?;
        FixedOffset::east_opt(sign * seconds).filter(|_| self.0.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lenient::parse;

    fn value(json: &str) -> Option<Param> {
        value_of(&parse(json).unwrap(), |instant| instant.naive_utc()).ok().flatten()
    }

    fn time(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").unwrap()
    }

    #[test]
    fn numbers_are_typed_by_how_they_are_written() {
        assert_eq!(value("5"), Some(Param::Long(5)));
        assert_eq!(value("9223372036854775807"), Some(Param::Long(i64::MAX)));
        assert!(matches!(value("9223372036854775808"), Some(Param::Whole(_))));
        assert_eq!(value("1.0"), Some(Param::Double(1.0)));
        assert_eq!(value("1e3"), Some(Param::Double(1_000.0)));
        assert_eq!(value("true"), Some(Param::Bool(true)));
        assert_eq!(value("null"), None);
    }

    #[test]
    fn texts_that_look_like_times_are_times() {
        for (text, expected) in [
            ("2026-02-24T10:30:00", "2026-02-24 10:30:00"),
            ("2026-02-24T10:30:00+09:00", "2026-02-24 01:30:00"),
            ("2026-02-24T10:30:00-0130", "2026-02-24 12:00:00"),
            ("2026-02-24T10:30:00.123456789", "2026-02-24 10:30:00.1234568"),
            ("2026-02-24T24:00:00", "2026-02-25 00:00:00"),
        ] {
            assert_eq!(value(&format!("\"{text}\"")), Some(Param::Time(time(expected))), "{text}");
        }
        let instant = time("2026-02-24 10:30:00").and_utc();
        assert_eq!(value("\"2026-02-24T10:30:00Z\""), Some(Param::Instant(instant)));
    }

    #[test]
    fn other_texts_stay() {
        for text in [
            "",
            "2026-02-24",
            "2026/02/24 10:00",
            "2026-02-24T10:30",
            "2026-02-24 10:30:00",
            "2026-02-30T10:30:00",
            "0000-01-01T00:00:00",
            "2026-02-24T10:30:00.",
            "2026-02-24T10:30:00+9",
            "2026-02-24T10:30:00Zx",
            "2026-02-24T10:30:6é",
        ] {
            assert_eq!(value(&format!("\"{text}\"")), Some(Param::Text(text.to_owned())), "{text}");
        }
    }

    #[test]
    fn a_repeated_name_has_its_last_value_and_the_first_case_counts() {
        let json = parse(r#"{"P":1,"p":2,"P":3,"ipU":9}"#).unwrap();
        let standard = Standard { tenant: 1, dept: 2, user: 3 };
        let params = read(standard, Some(&json), |instant| instant.naive_utc()).unwrap();
        let mut expected = Params::default();
        for (name, value) in standard.own() {
            expected.add(name, Param::Int(value));
        }
        expected.add("P", Param::Long(3));
        for (name, value) in standard.foreign() {
            expected.add(name, Param::Int(value));
        }
        assert_eq!(params, expected);
    }

    #[test]
    fn arrays_and_objects_are_refused() {
        let json = parse("[[1],{}]").unwrap();
        let Json::Array(items) = &json else { panic!() };
        for item in items {
            assert!(value_of(item, |instant| instant.naive_utc()).is_err());
        }
    }
}
