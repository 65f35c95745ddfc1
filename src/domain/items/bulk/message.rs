//! How a failed row is named: its number and, with keys, their values (04 §2.8).

use crate::domain::Call;
use crate::domain::items::keys::{self, Key};
use crate::domain::items::request::wall_clock;
use crate::domain::settings::{Column, TableSettings};
use crate::lenient::{self, Json, Nullable, Number, PostedTime};
use crate::model::DataType;

/// `3(ClassA=RC0001,NumA=100)`, counted from 1; the number alone without keys.
pub(super) fn index(
    call: &Call,
    table: &TableSettings,
    at: usize,
    keys: &[Key],
    row: &Json<'_>,
) -> String {
    let number = at + 1;
    if keys.is_empty() {
        return number.to_string();
    }
    let values = keys.iter().map(|key| {
        let value = table.column(key.text()).and_then(|column| value(call, column, row));
        format!("{}={}", key.text(), value.unwrap_or_default())
    });
    format!("{number}({})", values.collect::<Vec<_>>().join(","))
}

/// A value as the reference's record model writes it: numbers as sent, dates in the invariant culture.
fn value(call: &Call, column: &Column, row: &Json<'_>) -> Option<String> {
    let posted = keys::posted(&column.name, row)?;
    Some(match column.data_type() {
        DataType::Text => lenient::from_json::<String>(posted).ok()?,
        DataType::Int | DataType::Long => {
            lenient::from_json::<Nullable<i64>>(posted).ok()?.0?.to_string()
        }
        DataType::Decimal => lenient::from_json::<Nullable<Number>>(posted).ok()?.0?.0.to_string(),
        DataType::Bool => {
            let check = lenient::from_json::<Nullable<bool>>(posted).ok()?.0?;
            if check { "True" } else { "False" }.to_owned()
        }
        DataType::Time => {
            let time = lenient::from_json::<Nullable<PostedTime>>(posted).ok()?.0?;
            let local = wall_clock(time, call.services.server_zone, call.user_now());
            local.format("%m/%d/%Y %H:%M:%S").to_string()
        }
    })
}
