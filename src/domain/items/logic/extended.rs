//! Formulas of the extended method (03 §13.2): expressions of a spreadsheet over the record's values.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::domain::items::posted;
use crate::domain::items::record::Record;
use crate::domain::scripts::{self, ScriptError, formula};
use crate::domain::settings::document::FormulaSet;
use crate::domain::settings::{Column, TableSettings};
use crate::domain::{Call, Error, Note};
use crate::model::{ColumnClass, Value};

use super::formulas;
use super::matching::Viewer;
use super::values::{self, Hand};

/// Computes every formula that is not disabled, of either method, in list order.
pub(super) async fn run(call: &Call, viewer: &Viewer, record: &mut Record) -> Result<(), Error> {
    let table = Arc::clone(record.table());
    for set in table.formulas.iter().filter(|set| !set.disabled) {
        if formulas::is_extended(set) {
            apply(call, viewer, record, set).await?;
        } else {
            formulas::apply(viewer, record, set)?;
        }
    }
    Ok(())
}

async fn apply(
    call: &Call,
    viewer: &Viewer,
    record: &mut Record,
    set: &FormulaSet,
) -> Result<(), Error> {
    let table = Arc::clone(record.table());
    let Some(target) = table.column(&set.target).filter(|column| is_target(&table, column)) else {
        return Ok(());
    };
    // BUG(03 §13.2): the reference evaluates the formula of the condition in either case.
    let script = if formulas::meets_condition(viewer, record, set) {
        &set.formula_script
    } else {
        &set.formula_script_out_of_condition
    };
    if script.trim().is_empty() {
        return Ok(());
    }
    let result = evaluate(call, record, script).await?;
    if formula::is_error(&result) {
        if set.is_display_error {
            return Err(ScriptError::Formula(result).into());
        }
        call.trail.add(Note { kind: 90, method_suffix: "Formula".into(), text: result.clone() });
    }
    let users = call.users().await?;
    if let Some(value) = Hand::of(call, &users).value(target, &result) {
        record.set(&target.name, value);
    }
    Ok(())
}

/// The text that an expression gives for a record; an error of a spreadsheet fails.
pub(super) async fn text(call: &Call, record: &Record, script: &str) -> Result<String, Error> {
    let result = evaluate(call, record, script).await?;
    if formula::is_error(&result) { Err(ScriptError::Formula(result).into()) } else { Ok(result) }
}

async fn evaluate(call: &Call, record: &Record, script: &str) -> Result<String, Error> {
    let language = call.language().code();
    let columns = &record.table().columns;
    let names: Vec<(&str, &str)> =
        columns.iter().map(|column| (column.name.as_str(), column.label(language))).collect();
    let users = call.users().await?;
    let model = model(&Hand::of(call, &users), record);
    formula::evaluate(call, formula::translate(script, &names), model).await
}

/// The values that expressions see: times as texts by the caller's clock.
fn model(hand: &Hand<'_>, record: &Record) -> Map<String, Json> {
    let value = |column: &Column| {
        Some(match values::current(record, &column.name)? {
            Value::Text(text) => text.into(),
            Value::Int(number) => number.into(),
            Value::Decimal(None) if !column.nullable => 0.into(),
            Value::Decimal(number) => scripts::number(number),
            Value::Time(None) => "".into(),
            Value::Time(Some(time)) => {
                hand.shown(column, time).format("%Y/%m/%d %H:%M:%S").to_string().into()
            }
            Value::Bool(check) => check.into(),
        })
    };
    let columns = record.table().columns.iter();
    columns.filter_map(|column| Some((column.name.clone(), value(column)?))).collect()
}

/// What formulas may set: not what the server keeps itself, nor comments and files.
fn is_target(table: &TableSettings, column: &Column) -> bool {
    column.definition.physical
        && posted::keeps(table, &column.name)
        && column.class() != Some(ColumnClass::Attachments)
        && column.name != table.kind.id_column()
        && !matches!(
            column.name.as_str(),
            "SiteId" | "Ver" | "Creator" | "Updator" | "CreatedTime" | "UpdatedTime" | "Comments"
        )
}
