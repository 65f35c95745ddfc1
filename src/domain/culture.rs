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
        Language::De => format!("{d:02}.{m:02}.{y:04} {clock:0>8}"),
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
        Language::Vn => format!("{clock} {d}/{m}/{y:04}"),
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

/// A time in a .NET format of letters; a letter without a meaning stands for itself, and one alone for a whole format.
pub fn custom(time: NaiveDateTime, format: &str, language: Language) -> String {
    let clock = |seconds: bool| clock(language, seconds);
    let long = long_date(language);
    let with_clock = |seconds: bool| match language {
        Language::Vn => format!("{} {long}", clock(seconds)),
        _ => format!("{long} {}", clock(seconds)),
    };
    match format {
        "d" => short_date(time, language),
        "G" => general(time, language),
        "g" if language == Language::Vn => {
            format!(
                "{} {}",
                letter_by_letter(time, clock(false), language),
                short_date(time, language)
            )
        }
        "g" => {
            format!(
                "{} {}",
                short_date(time, language),
                letter_by_letter(time, clock(false), language)
            )
        }
        "D" => letter_by_letter(time, long, language),
        "t" => letter_by_letter(time, clock(false), language),
        "T" => letter_by_letter(time, clock(true), language),
        "f" => letter_by_letter(time, &with_clock(false), language),
        "F" => letter_by_letter(time, &with_clock(true), language),
        "M" | "m" => letter_by_letter(time, month_day(language), language),
        "Y" | "y" => letter_by_letter(time, year_month(language), language),
        "s" => time.format("%Y-%m-%dT%H:%M:%S").to_string(),
        "u" => time.format("%Y-%m-%d %H:%M:%SZ").to_string(),
        "o" | "O" => time.format("%Y-%m-%dT%H:%M:%S").to_string() + &fraction(time, 7, "."),
        "R" | "r" => time.format("%a, %d %b %Y %H:%M:%S GMT").to_string(),
        format => letter_by_letter(time, format, language),
    }
}

/// The time of day, in a format of letters.
const fn clock(language: Language, seconds: bool) -> &'static str {
    match (language, seconds) {
        (Language::En, true) => "h:mm:ss\u{202f}tt",
        (Language::En, false) => "h:mm\u{202f}tt",
        (Language::Ko, true) => "tt h:mm:ss",
        (Language::Ko, false) => "tt h:mm",
        (Language::De | Language::Zh | Language::Vn, true) => "HH:mm:ss",
        (Language::De | Language::Zh | Language::Vn, false) => "HH:mm",
        (Language::Ja | Language::Es, true) => "H:mm:ss",
        (Language::Ja | Language::Es, false) => "H:mm",
    }
}

/// The date with its weekday, in a format of letters.
const fn long_date(language: Language) -> &'static str {
    match language {
        Language::Ja | Language::Zh => "yyyy年M月d日dddd",
        Language::Ko => "yyyy년 M월 d일 dddd",
        Language::En => "dddd, MMMM d, yyyy",
        Language::De => "dddd, d. MMMM yyyy",
        Language::Es => "dddd, d 'de' MMMM 'de' yyyy",
        Language::Vn => "dddd, d MMMM, yyyy",
    }
}

const fn month_day(language: Language) -> &'static str {
    match language {
        Language::Ja | Language::Zh => "M月d日",
        Language::Ko => "M월 d일",
        Language::En => "MMMM d",
        Language::De => "d. MMMM",
        Language::Es => "d 'de' MMMM",
        Language::Vn => "d MMMM",
    }
}

const fn year_month(language: Language) -> &'static str {
    match language {
        Language::Ja | Language::Zh => "yyyy年M月",
        Language::Ko => "yyyy년 M월",
        Language::Es => "MMMM 'de' yyyy",
        Language::En | Language::De => "MMMM yyyy",
        Language::Vn => "MMMM 'năm' yyyy",
    }
}

/// So many digits of the second, behind a text.
fn fraction(time: NaiveDateTime, digits: usize, before: &str) -> String {
    let digits: String = time.format("%9f").to_string().chars().take(digits).collect();
    format!("{before}{digits}")
}

fn letter_by_letter(time: NaiveDateTime, format: &str, language: Language) -> String {
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
        ('M', count) => month(time, language, count > 3),
        ('d', 1 | 2) => padded(time.day()),
        ('d', 3) => weekday(time, language).to_owned(),
        ('d', _) => long_weekday(time, language).to_owned(),
        ('H', _) => padded(time.hour()),
        ('h', _) => padded(time.hour12().1),
        ('m', _) => padded(time.minute()),
        ('s', _) => padded(time.second()),
        ('f', _) => fraction(time, count, ""),
        ('t', 1) => half_day(time, language).chars().take(1).collect(),
        ('t', _) => half_day(time, language).to_owned(),
        // What stands between the parts of a date is the language's own.
        ('/', _) if language == Language::De => ".".repeat(count),
        ('/', _) if language == Language::Ko => ". ".repeat(count),
        _ => letter.to_string().repeat(count),
    }
}

/// A month's name; languages that number their months have the number in it.
fn month(time: NaiveDateTime, language: Language, long: bool) -> String {
    let number = time.month();
    let names = match language {
        Language::Zh if long => [
            "一月",
            "二月",
            "三月",
            "四月",
            "五月",
            "六月",
            "七月",
            "八月",
            "九月",
            "十月",
            "十一月",
            "十二月",
        ],
        Language::Ja | Language::Zh => return format!("{number}月"),
        Language::Ko => return format!("{number}월"),
        Language::Vn => return format!("{} {number}", if long { "Tháng" } else { "Thg" }),
        Language::En => return time.format(if long { "%B" } else { "%b" }).to_string(),
        Language::De if long => [
            "Januar",
            "Februar",
            "März",
            "April",
            "Mai",
            "Juni",
            "Juli",
            "August",
            "September",
            "Oktober",
            "November",
            "Dezember",
        ],
        Language::De => {
            ["Jan", "Feb", "Mär", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez"]
        }
        Language::Es if long => [
            "enero",
            "febrero",
            "marzo",
            "abril",
            "mayo",
            "junio",
            "julio",
            "agosto",
            "septiembre",
            "octubre",
            "noviembre",
            "diciembre",
        ],
        Language::Es => {
            ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sept", "oct", "nov", "dic"]
        }
    };
    names.get(time.month0() as usize).copied().unwrap_or_default().to_owned()
}

/// Morning or afternoon.
fn half_day(time: NaiveDateTime, language: Language) -> &'static str {
    let [morning, afternoon] = match language {
        Language::Ja => ["午前", "午後"],
        Language::Zh => ["上午", "下午"],
        Language::Ko => ["오전", "오후"],
        Language::Es => ["a.\u{a0}m.", "p.\u{a0}m."],
        Language::Vn => ["SA", "CH"],
        Language::En | Language::De => ["AM", "PM"],
    };
    if time.hour() < 12 { morning } else { afternoon }
}

fn long_weekday(time: NaiveDateTime, language: Language) -> &'static str {
    let names = match language {
        Language::En => {
            ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
        }
        Language::Ja => ["月曜日", "火曜日", "水曜日", "木曜日", "金曜日", "土曜日", "日曜日"],
        Language::Zh => ["星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"],
        Language::De => {
            ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"]
        }
        Language::Ko => ["월요일", "화요일", "수요일", "목요일", "금요일", "토요일", "일요일"],
        Language::Es => ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"],
        Language::Vn => {
            ["Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ Nhật"]
        }
    };
    names.get(time.weekday().num_days_from_monday() as usize).copied().unwrap_or_default()
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
    fn formats_of_letters_name_months_and_days_in_the_language() {
        let time = time() + chrono::TimeDelta::hours(4);
        for (format, ja, en) in [
            ("yyyy年MM月dd日(ddd)", "2024年04月01日(月)", "2024年04月01日(Mon)"),
            ("dddd", "月曜日", "Monday"),
            ("MMM/d", "4月/1", "Apr/1"),
            ("MMMM", "4月", "April"),
            ("tt h:mm", "午後 1:05", "PM 1:05"),
            ("D", "2024年4月1日月曜日", "Monday, April 1, 2024"),
            ("t", "13:05", "1:05\u{202f}PM"),
            ("g", "2024/04/01 13:05", "4/1/2024 1:05\u{202f}PM"),
            ("M", "4月1日", "April 1"),
            ("Y", "2024年4月", "April 2024"),
            ("s", "2024-04-01T13:05:03", "2024-04-01T13:05:03"),
            ("o", "2024-04-01T13:05:03.0000000", "2024-04-01T13:05:03.0000000"),
        ] {
            assert_eq!(custom(time, format, Language::Ja), ja, "{format}");
            assert_eq!(custom(time, format, Language::En), en, "{format}");
        }
        assert_eq!(custom(time, "yyyy/MM/dd", Language::De), "2024.04.01");
    }

    #[test]
    fn columns_formats_follow_the_language() {
        assert_eq!(formatted(time(), "Ymd", Language::Ja), "2024/04/01");
        assert_eq!(formatted(time(), "Ymdhm", Language::En), "04/01/2024 09:05");
        assert_eq!(formatted(time(), "Ymdahms", Language::Ja), "2024/04/01 月 09:05:03");
        assert_eq!(formatted(time(), "Ymdahms", Language::En), "Mon, 04/01/2024 09:05:03");
    }
}
