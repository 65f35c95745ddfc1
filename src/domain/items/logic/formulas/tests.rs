use std::sync::Arc;

use chrono_tz::Tz;
use proptest::prelude::*;

use super::*;
use crate::domain::settings::{Document, SettingsDefaults};
use crate::domain::zones::Zones;
use crate::model::ReferenceType;

fn table(formulas: &str) -> Arc<TableSettings> {
    let columns = r#"[{"ColumnName":"NumA","DecimalPlaces":4},{"ColumnName":"NumC","DecimalPlaces":4},
        {"ColumnName":"NumF","DecimalPlaces":1},{"ColumnName":"NumG","DecimalPlaces":1,"RoundingType":20}]"#;
    let views = r#"[{"Id":1,"ColumnFilterHash":{"NumA":"[\"10,\"]"}}]"#;
    let text = format!(
        r#"{{"Version":1.017,"Columns":{columns},"Views":{views},"Formulas":[{formulas}]}}"#
    );
    let document = Document::read(Some(&text), ReferenceType::Issues);
    let defaults = SettingsDefaults::default();
    Arc::new(TableSettings::build(document, ReferenceType::Issues, &[], &defaults))
}

fn viewer() -> Viewer {
    Viewer {
        user: 1,
        dept: 0,
        zones: Zones::new(Tz::UTC, ""),
        server_zone: Tz::UTC,
        now: chrono::NaiveDateTime::default(),
    }
}

/// What the target is when `NumA` and `NumB` have these values.
fn computed(formulas: &str, target: &str, a: &str, b: &str) -> String {
    let mut record = Record::new(&table(formulas));
    for (name, value) in [("NumA", a), ("NumB", b)] {
        record.set(name, Value::Decimal(value.parse().ok()));
    }
    run(&viewer(), &mut record).unwrap();
    record.get(target).and_then(Value::decimal).map_or("none".into(), |n| n.normalize().to_string())
}

const A: &str = r#"{"OperatorType":0,"ColumnName":"NumA"}"#;

fn set(target: &str, children: &str, more: &str) -> String {
    format!(r#"{{"Id":1,"Target":"{target}","Formula":{{"Children":[{children}]}}{more}}}"#)
}

#[test]
fn products_bind_to_the_operand_before_them() {
    let formula = set(
        "NumC",
        &format!(
            r#"{A},{{"OperatorType":1,"ColumnName":"NumB"}},{{"OperatorType":3,"RawValue":2.0}}"#
        ),
        "",
    );
    assert_eq!(computed(&formula, "NumC", "3", "4"), "11");
    assert_eq!(computed(&formula, "NumC", "7", ""), "7", "what is not set counts 0");
}

#[test]
fn division_by_zero_gives_zero() {
    let group = format!(r#"{{"Children":[{A},{{"OperatorType":2,"ColumnName":"NumB"}}]}}"#);
    let formula = set("NumC", &format!(r#"{group},{{"OperatorType":4,"ColumnName":"NumB"}}"#), "");
    assert_eq!(computed(&formula, "NumC", "3", "4"), "-0.25");
    assert_eq!(computed(&formula, "NumC", "0.35", "3"), "-0.8833");
    assert_eq!(computed(&formula, "NumC", "5", "0"), "0");
}

#[test]
fn results_are_rounded_as_the_target_asks_and_seen_by_the_next_formula() {
    let formulas = format!("{},{}", set("NumF", A, ""), set("NumG", A, ""));
    assert_eq!(computed(&formulas, "NumF", "-0.25", "0"), "-0.3");
    assert_eq!(computed(&formulas, "NumG", "-0.25", "0"), "-0.2");
    let next = format!("{},{}", set("NumF", A, ""), set("NumC", r#"{"ColumnName":"NumF"}"#, ""));
    assert_eq!(computed(&next, "NumC", "0.25", "0"), "0.3");
}

#[test]
fn conditions_choose_the_formula_or_leave_the_target_alone() {
    let alone = set("NumC", A, r#","Condition":1"#);
    assert_eq!(computed(&alone, "NumC", "10", "0"), "10");
    assert_eq!(computed(&alone, "NumC", "9", "0"), "none");
    let other = r#","Condition":1,"OutOfCondition":{"Children":[{"RawValue":-1}]}"#;
    assert_eq!(computed(&set("NumC", A, other), "NumC", "9", "0"), "-1");
    assert_eq!(
        computed(&set("NumC", A, r#","Condition":9"#), "NumC", "9", "0"),
        "9",
        "no such view"
    );
    assert_eq!(computed(&set("NumC", A, r#","Disabled":true"#), "NumC", "9", "0"), "none");
}

#[test]
fn remaining_work_is_the_one_before_the_call() {
    let formula = set("NumC", r#"{"ColumnName":"RemainingWorkValue"}"#, "");
    assert_eq!(computed(&formula, "NumC", "1", "1"), "0");
}

proptest! {
    /// Whatever the numbers, a formula gives a number or refuses; it never panics.
    #[test]
    fn no_numbers_break_a_formula(a in any::<i128>(), b in any::<i128>(), operator in 0..6_i32) {
        let formula = set(
            "NumC",
            &format!(r#"{A},{{"OperatorType":{operator},"ColumnName":"NumB"}}"#),
            "",
        );
        let mut record = Record::new(&table(&formula));
        for (name, value) in [("NumA", a), ("NumB", b)] {
            let number = Decimal::from_i128_with_scale(value >> 32, 4);
            record.set(name, Value::Decimal(Some(number)));
        }
        let _ = run(&viewer(), &mut record);
    }
}
