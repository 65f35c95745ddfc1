//! The parts of a written date, before they are understood.

use chrono::{FixedOffset, Weekday};

/// A number of a date.
#[derive(Debug, Clone, Copy)]
pub(super) struct Count {
    pub(super) value: u32,
    digits: usize,
}

impl Count {
    /// Whether it can only be a year: three digits or four.
    pub(super) fn is_year(self) -> bool {
        self.digits > 2
    }

    /// The number as a year; two digits mean 1950 to 2049.
    pub(super) fn as_year(self) -> i32 {
        let century = match self.value {
            _ if self.is_year() => 0,
            ..50 => 2000,
            _ => 1900,
        };
        i32::try_from(self.value + century).unwrap_or(0)
    }
}

/// What stands after a time.
#[derive(Debug, Clone, Copy)]
pub(super) enum Zone {
    /// `Z`, `UTC`, `GMT`.
    Utc,
    /// `+09:00`, `-0500`, `+9`.
    Offset(FixedOffset),
}

/// What a text says, part by part.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// The numbers of the date in their order; a month given by name is not among them.
    pub(super) numbers: [Option<Count>; 3],
    /// A month given by name.
    pub(super) month: Option<u32>,
    pub(super) weekday: Option<Weekday>,
    /// Hour, minute and second; a fraction has been dropped.
    pub(super) clock: Option<(u32, u32, u32)>,
    /// PM or AM.
    pub(super) is_afternoon: Option<bool>,
    /// Whether the time is the `T24:00:00` of ISO 8601.
    pub(super) is_end_of_day: bool,
    pub(super) zone: Option<Zone>,
}

impl Written {
    /// Takes a text apart; none when something in it has no place in a date.
    ///
    /// The parts may come in nearly any order, as .NET allows; only what must not be doubled or dangle is
    /// checked here.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut written = Self::default();
        let mut rest = skip_blanks(text);
        while let Some(first) = rest.chars().next() {
            rest = match first {
                '0'..='9' => written.read_number(rest)?,
                '+' | '-' => written.read_offset(rest)?,
                _ => written.read_word(rest)?,
            };
            rest = skip_blanks(rest);
        }
        Some(written)
    }

    /// A time, or a number of the date and the separator after it.
    fn read_number<'t>(&mut self, text: &'t str) -> Option<&'t str> {
        let (number, rest) = take_digits(text);
        if let Some(minutes) = rest.strip_prefix(':') {
            return self.read_clock(number, minutes);
        }
        let (word, after) = take_letters(skip_blanks(rest));
        if self.clock.is_none() && meridiem(word).is_some() {
            self.clock = Some((two_digits(number)?, 0, 0));
            self.is_afternoon = meridiem(word);
            return Some(after);
        }
        let count = Count {
            value: number.parse().ok().filter(|_| number.len() <= 4)?,
            digits: number.len(),
        };
        *self.numbers.iter_mut().find(|slot| slot.is_none())? = Some(count);
        Some(skip_separator(rest))
    }

    /// What follows `9:`.
    fn read_clock<'t>(&mut self, hour: &str, text: &'t str) -> Option<&'t str> {
        if self.clock.is_some() {
            return None;
        }
        let hour = two_digits(hour)?;
        let (minute, mut rest) = take_digits(text);
        let minute = two_digits(minute)?;
        let mut second = 0;
        if let Some(seconds) = rest.strip_prefix(':') {
            let (digits, after) = take_digits(seconds);
            second = two_digits(digits)?;
            rest = after;
            if let Some(fraction) = rest.strip_prefix('.') {
                let (digits, after) = take_digits(fraction);
                if digits.is_empty() {
                    return None;
                }
                rest = after;
            }
        }
        self.is_end_of_day = self.is_end_of_day && (hour, minute, second) == (24, 0, 0);
        self.clock = Some((hour, minute, second));
        Some(rest)
    }

    /// An offset from UTC, after a time.
    fn read_offset<'t>(&mut self, text: &'t str) -> Option<&'t str> {
        if self.clock.is_none() || self.zone.is_some() {
            return None;
        }
        let is_west = text.starts_with('-');
        let (digits, rest) = take_digits(text.get(1..)?);
        let (hours, minutes, rest) = match (digits.len(), rest.strip_prefix(':')) {
            (1 | 2, Some(after)) => {
                let (minutes, rest) = take_digits(after);
                (two_digits(digits)?, two_digits(minutes)?, rest)
            }
            (1 | 2, None) => (two_digits(digits)?, 0, rest),
            (4, None) => (two_digits(digits.get(..2)?)?, two_digits(digits.get(2..)?)?, rest),
            _ => return None,
        };
        let seconds = i32::try_from(hours * 3600 + minutes * 60).ok().filter(|_| minutes < 60)?;
        self.zone =
            Some(Zone::Offset(FixedOffset::east_opt(if is_west { -seconds } else { seconds })?));
        Some(rest)
    }

    fn read_word<'t>(&mut self, text: &'t str) -> Option<&'t str> {
        let (word, rest) = take_letters(text);
        let word = word.to_ascii_lowercase();
        if word == "t" && self.clock.is_none() && self.numbers.iter().any(Option::is_some) {
            // Holds until the time is known, if it is 24 o'clock.
            self.is_end_of_day = true;
            return rest.starts_with(|c: char| c.is_ascii_digit()).then_some(rest);
        }
        if matches!(word.as_str(), "z" | "utc" | "gmt") {
            let fits = self.clock.is_some() && self.zone.is_none();
            self.zone = Some(Zone::Utc);
            return fits.then_some(rest);
        }
        if let Some(is_afternoon) = meridiem(&word) {
            let fits = self.clock.is_some() && self.is_afternoon.is_none();
            self.is_afternoon = Some(is_afternoon);
            return fits.then_some(rest);
        }
        if let Some(month) = month(&word) {
            return self.month.replace(month).is_none().then_some(skip_separator(rest));
        }
        let weekday = weekday(&word)?;
        self.weekday.replace(weekday).is_none().then_some(rest)
    }
}

/// Skips white space, and commas, which .NET ignores.
fn skip_blanks(text: &str) -> &str {
    text.trim_start_matches(|c: char| c.is_whitespace() || c == ',')
}

/// Skips the separator between two parts of a date.
fn skip_separator(text: &str) -> &str {
    let rest = text.strip_prefix(['/', '-', '.']).unwrap_or(text);
    if rest.starts_with(|c: char| c.is_ascii_alphanumeric() || (c == ' ' && text.starts_with('.')))
    {
        rest
    } else {
        text
    }
}

fn take_digits(text: &str) -> (&str, &str) {
    take(text, |c| c.is_ascii_digit())
}

fn take_letters(text: &str) -> (&str, &str) {
    take(text, |c| c.is_ascii_alphabetic())
}

fn take(text: &str, wanted: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at_checked(text.find(|c| !wanted(c)).unwrap_or(text.len())).unwrap_or((text, ""))
}

fn two_digits(digits: &str) -> Option<u32> {
    digits.parse().ok().filter(|_| digits.len() <= 2)
}

fn meridiem(word: &str) -> Option<bool> {
    if word.eq_ignore_ascii_case("pm") {
        Some(true)
    } else if word.eq_ignore_ascii_case("am") {
        Some(false)
    } else {
        None
    }
}

/// The month with this name, in full or its first three letters.
fn month(word: &str) -> Option<u32> {
    const NAMES: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let at = NAMES.iter().position(|name| *name == word || name.get(..3) == Some(word))?;
    u32::try_from(at + 1).ok()
}

/// The day of the week with this name, in full or its first three letters.
fn weekday(word: &str) -> Option<Weekday> {
    const NAMES: [&str; 7] =
        ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let at = NAMES.iter().position(|name| *name == word || name.get(..3) == Some(word))?;
    Weekday::try_from(u8::try_from(at).ok()?).ok()
}
