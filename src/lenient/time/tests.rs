use proptest::prelude::*;

use super::*;
use crate::lenient::from_str;

/// The time as text, `@` before a time alone.
fn time(text: &str) -> Option<String> {
    Some(match PostedTime::parse(text)? {
        PostedTime::Local(local) => local.to_string(),
        PostedTime::Offset(time) => time.to_string(),
        PostedTime::TimeOnly(time) => format!("@{time}"),
    })
}

#[test]
fn dates_of_all_forms_are_read() {
    for text in [
        "2018-03-31",
        "2018/03/31",
        "2018/3/31",
        "2018-3-31",
        "3/31/2018",
        "03-31-2018",
        " 2018/3/31 ",
        "2018.3.31",
        "3/31/18",
        "31 March 2018",
        "Mar 31, 2018",
        "31-Mar-2018",
        "Sat, 31 Mar 2018",
        "2018 March 31",
        "Mar. 31 2018",
    ] {
        assert_eq!(time(text).as_deref(), Some("2018-03-31 00:00:00"), "{text}");
    }
    for text in ["2018/3", "3/2018", "March 2018"] {
        assert_eq!(time(text).as_deref(), Some("2018-03-01 00:00:00"), "{text}");
    }
}

#[test]
fn times_of_all_forms_are_read() {
    for text in [
        "2018-03-31T09:05:00",
        "2018-03-31T09:05",
        "2018/03/31 9:05",
        "2018/03/31 9:5:0",
        "2018-03-31T09:05:00.999",
        "2018-03-31 09:05:00.12345678",
        "3/31/2018 9:05 AM",
        "9:05 2018/3/31",
        "Sat, 31 Mar 2018 09:05:00",
    ] {
        assert_eq!(time(text).as_deref(), Some("2018-03-31 09:05:00"), "{text}");
    }
    for (text, expected) in [
        ("2018/3/31 12:00 AM", "00:00:00"),
        ("2018/3/31 12:30pm", "12:30:00"),
        ("2018/3/31 1 PM", "13:00:00"),
        ("2018/3/31 13:00 PM", "13:00:00"),
        ("2018/3/31 23:59:59", "23:59:59"),
    ] {
        assert_eq!(time(text), Some(format!("2018-03-31 {expected}")), "{text}");
    }
}

#[test]
fn the_end_of_a_day_is_the_next_midnight() {
    assert_eq!(time("2018-03-31T24:00:00").as_deref(), Some("2018-04-01 00:00:00"));
    assert_eq!(time("2018-03-31 24:00:00"), None);
    assert_eq!(time("2018-03-31T24:00:01"), None);
    assert_eq!(time("2018-03-31T09:00:00").as_deref(), Some("2018-03-31 09:00:00"));
}

#[test]
fn the_zone_z_is_dropped_and_offsets_are_kept() {
    for text in [
        "2024-04-01T10:20:30Z",
        "2024-04-01T10:20:30.5Z",
        "2024-04-01 10:20:30 GMT",
        "2024-04-01T10:20:30 UTC",
    ] {
        assert_eq!(time(text).as_deref(), Some("2024-04-01 10:20:30"), "{text}");
    }
    for text in
        ["2024-04-01T10:20:30+09:00", "2024-04-01T10:20:30.123+0900", "2024/04/01 10:20:30 +9"]
    {
        assert_eq!(time(text).as_deref(), Some("2024-04-01 10:20:30 +09:00"), "{text}");
    }
    assert_eq!(time("2024-04-01T10:20-05:30").as_deref(), Some("2024-04-01 10:20:00 -05:30"));
}

#[test]
fn a_time_alone_has_no_date() {
    assert_eq!(time("9:05").as_deref(), Some("@09:05:00"));
    assert_eq!(time("9 PM").as_deref(), Some("@21:00:00"));
    assert_eq!(time("09:05:06Z").as_deref(), Some("@09:05:06"));
    assert_eq!(time("09:05+09:00"), None);
}

#[test]
fn impossible_dates_and_other_texts_are_refused() {
    for text in [
        "",
        " ",
        "2019/02/30",
        "2018/13/1",
        "31/3/2018",
        "0/1/2018",
        "0000-01-01",
        "12018/1/1",
        "2018",
        "20180331",
        "5",
        "3/31",
        "2018/3/31/",
        "/2018/3/31",
        "2018//3/31",
        "2018/3/31/1",
        "2018-03-31T",
        "T10:00",
        "25:00",
        "10:60",
        "10:00:60",
        "10:",
        "10:00.5",
        "10:00:00.",
        "2018/3/31 10:00 10:00",
        "2018/3/31 14 AM",
        "2018/3/31 1 PM PM",
        "2018/3/31Z",
        "2018-03-31T10:00ZZ",
        "2018-03-31T10:00+25:00",
        "2018-03-31T10:00+09:75",
        "2018-03-31T10:00+",
        "2018-03-31T10:00+090",
        "Sun, 31 Mar 2018",
        "Saturday",
        "March",
        "Mar Mar 31 2018",
        "今日",
        "tomorrow",
        "２０１８/3/31",
        "2018年3月31日",
    ] {
        assert_eq!(time(text), None, "{text}");
    }
}

#[test]
fn two_digit_years_are_near_the_present() {
    assert_eq!(time("1/1/49").as_deref(), Some("2049-01-01 00:00:00"));
    assert_eq!(time("1/1/50").as_deref(), Some("1950-01-01 00:00:00"));
}

#[test]
fn only_texts_are_dates() {
    assert!(from_str::<PostedTime>("'2018/3/31'").is_ok());
    for json in ["20180331", "1.5", "true", "null", "''", "{}", "[]"] {
        let error = from_str::<PostedTime>(json).unwrap_err().to_string();
        assert!(["not a date", "not a single value"].contains(&error.as_str()), "{json}: {error}");
    }
}

proptest! {
    #[test]
    fn any_text_is_a_date_or_refused(text in any::<String>()) {
        let _ = PostedTime::parse(&text);
    }

    #[test]
    fn nearly_dates_are_read_or_refused(text in "[0-9/:. TZ+\\-apmAPMar,]{0,25}") {
        let _ = PostedTime::parse(&text);
    }
}
