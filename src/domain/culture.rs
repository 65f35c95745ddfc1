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
    fn columns_formats_follow_the_language() {
        assert_eq!(formatted(time(), "Ymd", Language::Ja), "2024/04/01");
        assert_eq!(formatted(time(), "Ymdhm", Language::En), "04/01/2024 09:05");
        assert_eq!(formatted(time(), "Ymdahms", Language::Ja), "2024/04/01 月 09:05:03");
        assert_eq!(formatted(time(), "Ymdahms", Language::En), "Mon, 04/01/2024 09:05:03");
    }
}
