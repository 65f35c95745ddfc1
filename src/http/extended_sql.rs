//! `POST /api/extended/sql`: runs named SQL (07 §2.4–2.8).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::db::named_sql::{Cell, Table};
use crate::domain::items::check_content_type;
use crate::domain::{Call, Error, named_sql};
use crate::json::{Array, Object, Raw, ToJson};

use super::body::Body;
use super::wire::{self, Answer};

/// Runs the definition that the body names.
pub async fn run(call: Call, body: Body) -> Result<Answer, Error> {
    check_content_type(&call, body.content_type())?;
    let tables = named_sql::run(&call, body.json(), &named_sql::Place::API).await?;
    Ok(answer(&tables))
}

/// The answer that has the tables.
pub fn answer(tables: &[Table]) -> Answer {
    wire::data(None, |o| {
        o.object("Data", |data| {
            for (at, table) in tables.iter().enumerate() {
                write_table(data, at, table);
            }
        });
    })
}

/// The first table is `Table`, the others have a number behind that.
fn write_table(data: &mut Object<'_>, at: usize, table: &Table) {
    let number = if at == 0 { String::new() } else { at.to_string() };
    data.array(&format!("Table{number}"), |rows| {
        for row in &table.rows {
            rows.object(|members| {
                for (name, value) in table.columns.iter().zip(row) {
                    members.field(name, value);
                }
            });
        }
    });
}

impl ToJson for Cell {
    fn write(&self, out: &mut String) {
        match self {
            Self::Null => Raw("null").write(out),
            Self::Bool(value) => value.write(out),
            Self::Integer(value) => value.write(out),
            Self::Decimal(text) => {
                out.push_str(text);
                if !text.contains('.') {
                    out.push_str(".0");
                }
            }
            Self::Single(value) => value.write(out),
            Self::Double(value) => value.write(out),
            Self::Text(text) => text.write(out),
            Self::Bytes(bytes) => STANDARD.encode(bytes).write(out),
            Self::Time(time) | Self::Instant(time) => time.write(out),
            Self::Array(values) => {
                let mut array = Array::open(out);
                for value in values {
                    array.element(value);
                }
                array.finish();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    #[test]
    fn rows_are_objects_and_null_members_stay() {
        let table = Table {
            columns: vec!["a".to_owned(), "b".to_owned(), "c".to_owned()],
            rows: vec![vec![
                Cell::Decimal("10".to_owned()),
                Cell::Null,
                Cell::Array(vec![Cell::Bytes(vec![1, 2]), Cell::Double(1.0)]),
            ]],
        };
        let written = json::object(|o| {
            write_table(o, 0, &table);
            write_table(o, 1, &Table { rows: Vec::new(), ..table.clone() });
        });
        assert_eq!(written, r#"{"Table":[{"a":10.0,"b":null,"c":["AQI=",1.0]}],"Table1":[]}"#);
    }
}
