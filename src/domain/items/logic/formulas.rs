//! Formulas of the default method (03 §13.1).

use rust_decimal::Decimal;

use crate::domain::Error;
use crate::domain::items::record::Record;
use crate::domain::settings::TableSettings;
use crate::domain::settings::document::{Formula, FormulaSet};
use crate::domain::settings::enums::OperatorType;
use crate::model::{DataType, Value};

use super::matching::Viewer;

/// Whether the table has a formula of the extended method.
pub(super) fn has_extended(table: &TableSettings) -> bool {
    table.formulas.iter().any(|set| !set.disabled && is_extended(set))
}

/// Whether the formula is of the extended method.
pub(super) fn is_extended(set: &FormulaSet) -> bool {
    set.calculation_method == "Extended"
}

/// Computes every formula that is not disabled, in list order: each sees the results of those before it.
pub(super) fn run(viewer: &Viewer, record: &mut Record) -> Result<(), Error> {
    let table = std::sync::Arc::clone(record.table());
    for set in table.formulas.iter().filter(|set| !set.disabled) {
        apply(viewer, record, set)?;
    }
    Ok(())
}

/// Computes one formula.
pub(super) fn apply(viewer: &Viewer, record: &mut Record, set: &FormulaSet) -> Result<(), Error> {
    let table = std::sync::Arc::clone(record.table());
    let Some(formula) = applying(viewer, record, set) else { return Ok(()) };
    let Some(target) = table.column(&set.target) else { return Ok(()) };
    if target.data_type() == DataType::Decimal {
        // A number that no decimal holds crashes the reference.
        let result = evaluate(record, formula).ok_or(Error::BadRequest)?;
        record.set(&set.target, Value::Decimal(Some(target.round(result))));
    }
    Ok(())
}

/// Whether the record meets the formula's condition; no condition is always met.
pub(super) fn meets_condition(viewer: &Viewer, record: &Record, set: &FormulaSet) -> bool {
    let condition = set.condition.and_then(|id| record.table().view(id));
    condition.is_none_or(|view| viewer.matches(record, view))
}

/// The formula that counts: the other one where the record does not meet the condition; none leaves the target alone.
fn applying<'f>(viewer: &Viewer, record: &Record, set: &'f FormulaSet) -> Option<&'f Formula> {
    if meets_condition(viewer, record, set) {
        set.formula.as_ref()
    } else {
        set.out_of_condition.as_ref()
    }
}

/// The value of a node: its own operand and its children, of which products and quotients bind to the one before them.
fn evaluate(record: &Record, node: &Formula) -> Option<Decimal> {
    let mut terms = vec![(OperatorType::Addition, operand(record, node))];
    for child in &node.children {
        let value = evaluate(record, child)?;
        match (child.operator_type, terms.last_mut()) {
            (OperatorType::Multiplication, Some((_, last))) => *last = last.checked_mul(value)?,
            (OperatorType::Division, Some((_, last))) => {
                // Division by zero gives 0.
                *last = if value.is_zero() { Decimal::ZERO } else { last.checked_div(value)? };
            }
            (operator, _) => terms.push((operator, value)),
        }
    }
    terms.into_iter().try_fold(Decimal::ZERO, |sum, (operator, value)| match operator {
        OperatorType::Subtraction => sum.checked_sub(value),
        _ => sum.checked_add(value),
    })
}

/// The node's own column or number; columns that are no numbers, and those without a value, are 0.
fn operand(record: &Record, node: &Formula) -> Decimal {
    match node.column_name.as_str() {
        "" => node.raw_value.unwrap_or_default(),
        name => record.get(name).and_then(Value::decimal).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests;
