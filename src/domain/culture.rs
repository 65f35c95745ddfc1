//! How a language writes dates and times (03 §2.4, 05 §5.4).

use chrono::{Datelike, NaiveDateTime, Timelike};

use crate::messages::Language;

/// The date-time in the language's general pattern, as lock messages show it: ja `2024/04/01 9:05:03`.
pub fn general(time: NaiveDateTime, language: Language) -> String {
    let (y, m, d) = (time.year(), time.month(), time.day());
    let clock = format!("{}:{:02}:{:02}", time.hour(), time.minute(), time.second());
    match language {
        Language::Ja => format!("{y:04}/{m:02}/{d:02} {clock}"),
        Language::Zh => format!("{y:04}/{m}/{d} {clock}"),
        Language::De => format!("{d:02}.{m:02}.{y:04} {:0>8}", clock),
        Language::Es => format!("{d}/{m}/{y:04} {clock}"),
        // U+202F: the narrow space that the reference's culture data puts there (05 §5.3, observed).
        Language::En => format!(
            "{m}/{d}/{y:04} {}\u{202f}{}",
            twelve(time),
            if time.hour() < 12 { "AM" } else { "PM" }
        ),
        Language::Ko => format!(
            "{y:04}. {m}. {d}. {} {}",
            if time.hour() < 12 { "오전" } else { "오후" },
            twelve(time)
        ),
        Language::Vn => format!("{} {d}/{m}/{y:04}", clock),
    }
}

fn twelve(time: NaiveDateTime) -> String {
    format!("{}:{:02}:{:02}", time.hour12().1, time.minute(), time.second())
}

/// The date in the language's short pattern: ja `2024/04/01`.
pub fn short_date(time: NaiveDateTime, language: Language) -> String {
    let (y, m, d) = (time.year(), time.month(), time.day());
    match language {
        Language::Ja => format!("{y:04}/{m:02}/{d:02}"),
        Language::Zh => format!("{y:04}/{m}/{d}"),
        Language::De => format!("{d:02}.{m:02}.{y:04}"),
        Language::Es | Language::Vn => format!("{d}/{m}/{y:04}"),
        Language::En => format!("{m}/{d}/{y:04}"),
        Language::Ko => format!("{y:04}. {m}. {d}."),
    }
}

/// A date or time as only people of the language write it; none for what every language reads alike.
pub fn parse(text: &str, language: Language) -> Option<NaiveDateTime> {
    let dates: &[&str] = match language {
        Language::De => &["%d.%m.%Y"],
        Language::Es | Language::Vn => &["%d/%m/%Y"],
        Language::Ko => &["%Y. %m. %d.", "%Y.%m.%d."],
        Language::Ja | Language::Zh | Language::En => return None,
    };
    let (text, afternoon) = match text.split_once("오후") {
        Some((before, after)) => (format!("{}{}", before.trim(), after), true),
        None => (text.trim().replacen("오전 ", "", 1), false),
    };
    dates.iter().find_map(|date| {
        let clock = ["%H:%M:%S", "%H:%M"].into_iter().find_map(|clock| {
            let before = NaiveDateTime::parse_from_str(&text, &format!("{date} {clock}"));
            before
                .or_else(|_| NaiveDateTime::parse_from_str(&text, &format!("{clock} {date}")))
                .ok()
        });
        let found = clock.or_else(|| {
            let day = chrono::NaiveDate::parse_from_str(&text, date).ok()?;
            Some(day.and_time(chrono::NaiveTime::MIN))
        })?;
        let shift = afternoon && found.hour() < 12;
        Some(if shift { found + chrono::TimeDelta::hours(12) } else { found })
    })
}

/// A date or time in a column's format (`Ymd`, `Ymdhm`, `Ymdhms`, and with weekday `Ymda`, `Ymdahm`, `Ymdahms`).
pub fn formatted(time: NaiveDateTime, format: &str, language: Language) -> String {
    let with_weekday = format.contains('a');
    let date = match language {
        Language::En => time.format("%m/%d/%Y").to_string(),
        Language::De => time.format("%Y.%m.%d").to_string(),
        Language::Ko => time.format("%Y.%m.%d.").to_string(),
        _ => time.format("%Y/%m/%d").to_string(),
    };
    let date = match (with_weekday, language) {
        (false, _) => date,
        (true, Language::En) => format!("{}, {date}", weekday(time, language)),
        (true, _) => format!("{date} {}", weekday(time, language)),
    };
    if format.ends_with("hms") {
        format!("{date} {}", time.format("%H:%M:%S"))
    } else if format.ends_with("hm") {
        format!("{date} {}", time.format("%H:%M"))
    } else {
        date
    }
}

/// A time in a .NET format of letters; a letter without a meaning stands for itself.
pub fn custom(time: NaiveDateTime, format: &str, language: Language) -> String {
    match format {
        "d" => return short_date(time, language),
        "G" => return general(time, language),
        _ => {}
    }
    let mut text = String::new();
    let mut rest = format.chars().peekable();
    while let Some(letter) = rest.next() {
        match letter {
            '\\' => text.extend(rest.next()),
            '%' => {}
            '\'' | '"' => text.extend(rest.by_ref().take_while(|quoted| *quoted != letter)),
            _ => {
                let mut count = 1;
                while rest.next_if_eq(&letter).is_some() {
                    count += 1;
                }
                text.push_str(&letters(time, letter, count, language));
            }
        }
    }
    text
}

/// What a letter of a format stands for when it is repeated so many times.
fn letters(time: NaiveDateTime, letter: char, count: usize, language: Language) -> String {
    let padded = |number: u32| format!("{number:0>width$}", width = count.min(2));
    match (letter, count) {
        ('y', 1 | 2) => padded(time.year().unsigned_abs() % 100),
        ('y', _) => format!("{:0>count$}", time.year()),
        ('M', 1 | 2) => padded(time.month()),
        ('M', 3) => time.format("%b").to_string(),
        ('M', _) => time.format("%B").to_string(),
        ('d', 1 | 2) => padded(time.day()),
        ('d', _) => weekday(time, language).to_owned(),
        ('H', _) => padded(time.hour()),
        ('h', _) => padded(time.hour12().1),
        ('m', _) => padded(time.minute()),
        ('s', _) => padded(time.second()),
        ('f', _) => time.format("%9f").to_string().chars().take(count).collect(),
        _ => letter.to_string().repeat(count),
    }
}

fn weekday(time: NaiveDateTime, language: Language) -> &'static str {
    let names = match language {
        Language::En => ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
        Language::Ja => ["月", "火", "水", "木", "金", "土", "日"],
        Language::Zh => ["周一", "周二", "周三", "周四", "周五", "周六", "周日"],
        Language::De => ["Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"],
        Language::Ko => ["월", "화", "수", "목", "금", "토", "일"],
        Language::Es => ["lun", "mar", "mié", "jue", "vie", "sáb", "dom"],
        Language::Vn => ["Th 2", "Th 3", "Th 4", "Th 5", "Th 6", "Th 7", "CN"],
    };
    names.get(time.weekday().num_days_from_monday() as usize).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time() -> NaiveDateTime {
        NaiveDateTime::parse_from_str("2024-04-01 09:05:03", "%Y-%m-%d %H:%M:%S").unwrap()
    }

    #[test]
    fn general_patterns_are_those_of_the_reference() {
        assert_eq!(general(time(), Language::Ja), "2024/04/01 9:05:03");
        assert_eq!(general(time(), Language::En), "4/1/2024 9:05:03\u{202f}AM");
    }

    #[test]
    fn every_language_reads_what_it_writes() {
        for language in [Language::De, Language::Es, Language::Vn, Language::Ko] {
            assert_eq!(parse(&general(time(), language), language), Some(time()), "{language:?}");
            let day = Some(time().date().and_time(chrono::NaiveTime::MIN));
            assert_eq!(parse(&short_date(time(), language), language), day, "{language:?}");
        }
        assert_eq!(
            parse("2024. 4. 1. 오후 9:05:03", Language::Ko),
            Some(time() + chrono::TimeDelta::hours(12))
        );
        assert_eq!(parse("nothing", Language::De), None);
    }

    #[test]
    fn columns_formats_follow_the_language() {
        assert_eq!(formatted(time(), "Ymd", Language::Ja), "2024/04/01");
        assert_eq!(formatted(time(), "Ymdhm", Language::En), "04/01/2024 09:05");
        assert_eq!(formatted(time(), "Ymdahms", Language::Ja), "2024/04/01 月 09:05:03");
        assert_eq!(formatted(time(), "Ymdahms", Language::En), "Mon, 04/01/2024 09:05:03");
    }
}
