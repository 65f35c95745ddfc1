use std::sync::{Arc, LazyLock};

use super::*;
use crate::domain::settings::{Document, SettingsDefaults, TableSettings};
use crate::model::ReferenceType;

/// A column of every kind that filters tell apart.
static TABLE: LazyLock<Arc<TableSettings>> = LazyLock::new(|| {
    let text = r#"{"Version":1.017,"Columns":[
        {"ColumnName":"NumB","Nullable":true},
        {"ColumnName":"NumC","ControlType":"ChoicesText","ChoicesText":"0\n1\n2"},
        {"ColumnName":"ClassB","ChoicesText":"a,甲\nb,乙\nab,丙"},
        {"ColumnName":"ClassC","ChoicesText":"a\nb\nc","MultipleSelections":true},
        {"ColumnName":"ClassD","ChoicesText":"[[Users]]"},
        {"ColumnName":"ClassE","ChoicesText":"[[Depts]]"},
        {"ColumnName":"ClassF","ChoicesText":"a\nb\nab","SearchType":3},
        {"ColumnName":"ClassG","SearchType":2},
        {"ColumnName":"ClassH","SearchType":3},
        {"ColumnName":"ClassI","SearchType":12},
        {"ColumnName":"ClassJ","ChoicesText":"a\nb","MultipleSelections":true,"SearchType":2},
        {"ColumnName":"CheckB","CheckFilterControlType":2}]}"#;
    let document = Document::read(Some(text), ReferenceType::Issues);
    let defaults = SettingsDefaults::default();
    Arc::new(TableSettings::build(document, ReferenceType::Issues, &[], &defaults))
});

fn time(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
}

/// User 5 of department 3 in Tokyo, on 2024-02-01.
fn viewer() -> Viewer {
    Viewer {
        user: 5,
        dept: 3,
        zones: Zones::new(Tz::UTC, "Asia/Tokyo"),
        server_zone: Tz::UTC,
        now: time("2024-02-01 09:00"),
    }
}

fn matches(name: &str, value: Value, filter: &str) -> bool {
    let mut record = Record::new(&TABLE);
    record.set(name, value);
    let mut view = View::default();
    view.column_filter_hash.insert(name.to_owned(), filter.to_owned());
    viewer().matches(&record, &view)
}

fn number(text: &str) -> Value {
    Value::Decimal(Some(text.parse().unwrap()))
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn stored(text: &str) -> Value {
    Value::Time(Some(time(text)))
}

#[test]
fn numbers_meet_a_list_of_ranges_and_values() {
    for (filter, inside, outside) in [
        (r#"["10,20"]"#, &["10", "15", "20"][..], &["9.99", "20.01"][..]),
        (r#"["10,"]"#, &["10", "1000"], &["9"]),
        (r#"[",10"]"#, &["10", "-5"], &["10.1"]),
        (r#"["5"]"#, &["5", "5.0"], &["4"]),
        (r#"["1","3,4"]"#, &["1", "3.5"], &["2"]),
        (r#"["x"]"#, &["0"], &["1"]),
    ] {
        for value in inside {
            assert!(matches("NumA", number(value), filter), "{value} {filter}");
        }
        for value in outside {
            assert!(!matches("NumA", number(value), filter), "{value} {filter}");
        }
    }
}

#[test]
fn a_number_that_is_not_set_is_null_or_zero() {
    for column in ["NumA", "NumB"] {
        assert!(matches(column, Value::Decimal(None), r#"["\t"]"#));
        assert!(matches(column, number("0"), r#"["\t"]"#), "a stored 0 too (observed)");
        assert!(!matches(column, number("1"), r#"["\t"]"#));
    }
    assert!(matches("NumA", Value::Decimal(None), r#"["0,5"]"#), "not nullable, so it is 0");
    assert!(!matches("NumB", Value::Decimal(None), r#"["0,5"]"#), "nullable, so it is nothing");
}

#[test]
fn a_number_with_choices_meets_not_set_alone_when_it_is_zero() {
    assert!(matches("NumC", number("0"), r#"["\t"]"#));
    assert!(!matches("NumC", number("0"), r#"["0"]"#));
    assert!(matches("NumC", number("1.0"), r#"["1"]"#));
}

#[test]
fn what_is_no_list_is_no_condition_for_numbers_choices_and_dates() {
    for (column, value) in [
        ("NumA", number("1")),
        ("ClassB", text("a")),
        ("Status", Value::Int(100)),
        ("DateA", stored("2024-01-01 00:00")),
    ] {
        for filter in ["", "9", "x", "[]", "{}"] {
            assert!(matches(column, value.clone(), filter), "{column} {filter}");
        }
    }
}

#[test]
fn single_choices_meet_any_of_a_list() {
    assert!(matches("ClassB", text("a"), r#"["b","a"]"#));
    assert!(!matches("ClassB", text("ab"), r#"["a"]"#), "exact by default");
    assert!(matches("ClassB", text(""), r#"["\t"]"#));
    assert!(!matches("ClassB", text("a"), r#"["\t"]"#));
    assert!(!matches("ClassB", text(""), r#"["a"]"#));
    assert!(matches("ClassF", text("ab"), r#"["a"]"#), "beginning with");
    assert!(!matches("ClassF", text("b"), r#"["a"]"#));
    assert!(matches("Status", Value::Int(100), r#"["100","200"]"#));
    assert!(!matches("Status", Value::Int(300), "[100,200]"));
    assert!(matches("Status", Value::Int(0), r#"["\t"]"#));
    assert!(!matches("Status", Value::Int(0), r#"["0"]"#));
}

#[test]
fn several_selections_have_to_contain_every_wanted_value() {
    assert!(matches("ClassC", text(r#"["a","b"]"#), r#"["b","a"]"#));
    assert!(!matches("ClassC", text(r#"["a"]"#), r#"["a","b"]"#));
    assert!(matches("ClassC", text(""), r#"["\t"]"#));
    assert!(matches("ClassC", text("[]"), r#"["\t"]"#));
    assert!(!matches("ClassC", text(r#"["a"]"#), r#"["\t"]"#));
    assert!(matches("ClassJ", text(r#"["a","b"]"#), r#"["a","b"]"#));
    assert!(!matches("ClassJ", text(r#"["a","b"]"#), r#"["a"]"#), "exactly these");
}

#[test]
fn own_is_the_caller_or_the_callers_department() {
    for (column, own, other) in [
        ("ClassD", text("5"), text("6")),
        ("ClassE", text("3"), text("5")),
        ("Manager", Value::Int(5), Value::Int(6)),
    ] {
        assert!(matches(column, own, r#"["Own"]"#), "{column}");
        assert!(!matches(column, other, r#"["Own"]"#), "{column}");
    }
    assert!(matches("Manager", Value::Int(0), r#"["\t"]"#));
    let view = View { own: Some(true), ..View::default() };
    let mut record = Record::new(&TABLE);
    assert!(!viewer().matches(&record, &view));
    record.set("Owner", Value::Int(5));
    assert!(viewer().matches(&record, &view));
}

#[test]
fn texts_are_matched_by_the_search_type_of_their_column() {
    assert!(matches("ClassA", text("xabcx"), "abc"));
    assert!(!matches("ClassA", text("xABCx"), "abc"), "case counts");
    assert!(!matches("ClassA", text("abc"), r#"["abc"]"#), "a list is a text like any other");
    assert!(matches("ClassG", text("凍結"), "凍結"));
    assert!(!matches("ClassG", text("凍結中"), "凍結"));
    assert!(matches("ClassH", text("abc"), "ab"));
    assert!(!matches("ClassH", text("xab"), "ab"));
    assert!(matches("ClassI", text("b"), r#"["a","b"]"#));
    assert!(!matches("ClassI", text("c"), r#"["a","b"]"#));
    assert!(matches("ClassI", text(""), r#"["\t"]"#));
    for column in ["ClassA", "ClassG", "Title", "DescriptionA"] {
        assert!(matches(column, text(""), " "));
        assert!(!matches(column, text("a"), " "));
    }
}

#[test]
fn dates_meet_periods_and_ranges_of_the_callers_calendar() {
    // 2024-02-01 00:00 in Tokyo.
    let first = || stored("2024-01-31 15:00");
    for filter in [
        r#"["Today"]"#,
        r#"["ThisMonth"]"#,
        r#"["ThisYear"]"#,
        r#"["2024/02/01,2024/02/02"]"#,
        r#"["2024/02/01,"]"#,
        r#"[",2024/02/01"]"#,
    ] {
        assert!(matches("DateA", first(), filter), "{filter}");
    }
    let before = || stored("2024-01-31 14:59");
    for filter in [r#"["Today"]"#, r#"["ThisMonth"]"#, r#"["2024/02/01,"]"#, r#"["\t"]"#] {
        assert!(!matches("DateA", before(), filter), "{filter}");
    }
    assert!(matches("DateA", Value::Time(None), r#"["\t"]"#));
    assert!(!matches("DateA", Value::Time(None), r#"["Today"]"#));
    // A completion is stored as the end of its day.
    assert!(matches("CompletionTime", stored("2024-02-01 15:00"), r#"["Today"]"#));
    assert!(!matches("CompletionTime", first(), r#"["Today"]"#));
}

#[test]
fn checks_are_on_or_off() {
    assert!(matches("CheckA", Value::Bool(true), "true"));
    assert!(!matches("CheckA", Value::Bool(false), "true"));
    assert!(matches("CheckB", Value::Bool(true), "1"));
    assert!(!matches("CheckB", Value::Bool(false), "1"));
    assert!(matches("CheckB", Value::Bool(false), "2"));
    assert!(!matches("CheckB", Value::Bool(true), "2"));
    assert!(matches("CheckB", Value::Bool(true), "0"), "no condition");
}

#[test]
fn every_filter_has_to_be_met_and_unknown_columns_have_none() {
    let mut record = Record::new(&TABLE);
    record.set("ClassA", text("x"));
    let view = |filters: &[(&str, &str)]| {
        let filters = filters.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        View { column_filter_hash: filters.collect(), ..View::default() }
    };
    assert!(viewer().matches(&record, &view(&[])));
    assert!(viewer().matches(&record, &view(&[("Nope", "y"), ("ClassA", "x")])));
    assert!(!viewer().matches(&record, &view(&[("ClassA", "x"), ("NumA", r#"["1"]"#)])));
}
