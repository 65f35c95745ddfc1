//! `extendedSql`: named SQL that is open to the API, run for a script (07 §4.5).

use serde_json::{Map, Value as Json};

use crate::db::named_sql::{Cell, Table};
use crate::domain::Call;
use crate::domain::named_sql::{self, Place};
use crate::lenient;

use super::host::Arguments;

/// The tables of a definition: `Table`, `Table1`, …
pub(super) async fn run(call: &Call, arguments: &Arguments) -> Result<Json, String> {
    let params =
        arguments.params.as_deref().and_then(|text| serde_json::from_str::<Json>(text).ok());
    let body = serde_json::json!({ "Name": arguments.name, "Params": params }).to_string();
    let body = lenient::parse(&body).map_err(|error| error.to_string())?;
    let place = Place::of_script(call);
    let tables = named_sql::run(call, &body, &place).await.map_err(|error| error.to_string())?;
    let named = tables.iter().enumerate().map(|(at, table)| {
        let number = if at == 0 { String::new() } else { at.to_string() };
        (format!("Table{number}"), rows(call, table))
    });
    Ok(Json::Object(named.collect()))
}

fn rows(call: &Call, table: &Table) -> Json {
    let object = |row: &Vec<Cell>| {
        let members = table.columns.iter().cloned();
        Json::Object(members.zip(row.iter().map(|cell| value(call, cell))).collect::<Map<_, _>>())
    };
    table.rows.iter().map(object).collect()
}

fn value(call: &Call, of: &Cell) -> Json {
    match of {
        Cell::Null => Json::Null,
        Cell::Bool(value) => (*value).into(),
        Cell::Integer(value) => (*value).into(),
        Cell::Decimal(text) => text.parse::<f64>().unwrap_or_default().into(),
        Cell::Single(value) => (*value).into(),
        Cell::Double(value) => (*value).into(),
        Cell::Text(text) => text.as_str().into(),
        Cell::Bytes(bytes) => bytes.as_slice().into(),
        Cell::Time(time) => super::time(call, Some(*time)),
        // Of an instant scripts have the instant itself; of a wall clock that of the server (07 §4.6).
        Cell::Instant(time) => serde_json::json!({ "$d": time.and_utc().timestamp_millis() }),
        Cell::Array(cells) => cells.iter().map(|cell| value(call, cell)).collect(),
    }
}
