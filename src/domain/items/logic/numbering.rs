//! Automatic numbers (03 §16): on create for columns that have them, on both for processes that ask for them.

mod format;

use sqlx::PgConnection;

use crate::db::numbering::{self, Series};
use crate::domain::items::Table;
use crate::domain::items::record::Record;
use crate::domain::settings::TableSettings;
use crate::domain::settings::document::AutoNumbering;
use crate::domain::settings::enums::ResetType;
use crate::domain::{Call, Error};

use self::format::Format;
use super::placeholders;
use super::values::{self, Hand};

/// The numbers that one column is given.
#[derive(Debug, Clone)]
pub(super) struct Numbering {
    column: String,
    format: String,
    reset: ResetType,
    first: i32,
    step: i32,
}

impl Numbering {
    /// The column that gets the number.
    pub(super) fn column(&self) -> &str {
        &self.column
    }
}

/// Those of a new record: of its columns, whatever was posted for them, then of its processes.
pub(super) fn for_create(table: &TableSettings, processes: &[AutoNumbering]) -> Vec<Numbering> {
    let own = table.columns.iter().filter_map(|column| {
        let numbering = column.auto_numbering.as_ref()?;
        Some(Numbering {
            column: column.name.clone(),
            format: numbering.format.clone(),
            reset: numbering.reset_type,
            first: numbering.default,
            step: numbering.step,
        })
    });
    own.chain(processes.iter().filter_map(|process| of_process(table, process))).collect()
}

/// Those of an updated record: of its processes, for columns that are empty.
pub(super) fn for_update(record: &Record, processes: &[AutoNumbering]) -> Vec<Numbering> {
    let table = record.table();
    let all = processes.iter().filter_map(|process| of_process(table, process));
    all.filter(|numbering| {
        let value = table.column(&numbering.column).zip(record.get(&numbering.column));
        value.is_some_and(|(column, value)| values::is_blank(column, value))
    })
    .collect()
}

fn of_process(table: &TableSettings, process: &AutoNumbering) -> Option<Numbering> {
    table.column(&process.column_name)?;
    Some(Numbering {
        column: process.column_name.clone(),
        format: process.format.clone(),
        reset: process.reset_type.unwrap_or_default(),
        first: process.default.unwrap_or(1),
        step: process.step.unwrap_or(1),
    })
    .filter(|numbering| !numbering.format.trim().is_empty())
}

/// Takes the next number and gives it to the record in memory.
pub(super) async fn run(
    conn: &mut PgConnection,
    call: &Call,
    table: &Table<'_>,
    record: &mut Record,
    numbering: &Numbering,
) -> Result<(), Error> {
    let Some(column) = table.settings.column(&numbering.column) else { return Ok(()) };
    // The reference crashes on a distance of 0, which would give the same number again.
    if numbering.step == 0 {
        return Err(Error::BadRequest);
    }
    let parts = placeholders::parts(&numbering.format);
    let labels = placeholders::labels_for(call, record, &parts).await?;
    let format = Format::new(&parts, call.user_now(), call.language(), |name| {
        placeholders::shown(record, name, &labels)
    });
    let series = Series {
        tenant: call.caller.tenant.id,
        site: table.target.site.id,
        column: &numbering.column,
        key: &format.key(numbering.reset),
        first: numbering.first.into(),
        step: numbering.step.into(),
    };
    let number = numbering::next(conn, &series, call.caller.user).await?;
    let users = call.users().await?;
    if let Some(value) = Hand::of(call, &users).value(column, &format.text(number)) {
        record.set(&column.name, value);
    }
    Ok(())
}
