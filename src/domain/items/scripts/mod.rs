//! Server scripts around records (07 §4.3): when they run. What they see of a record, what they change of it, and what
//! they make of views stand beside it.

mod assign;
mod sight;
mod views;

use crate::db::ColumnInfo;
use crate::db::records::ListRow;
use crate::domain::scripts::{self, Moment, Program};
use crate::domain::{Call, Error};

use super::record::Record;
use super::{Table, load};

pub(super) use views::{narrowed, viewed};

/// Runs what a table has for a moment, on a record. The future is boxed, so that calls without scripts stay small.
pub(super) async fn run(
    call: &Call,
    table: &Table<'_>,
    moment: Moment,
    record: &mut Record,
) -> Result<(), Error> {
    match scripts::find(call, table.settings, moment) {
        Some(program) => Box::pin(run_program(call, table, (moment, &program), record)).await,
        None => Ok(()),
    }
}

async fn run_program(
    call: &Call,
    table: &Table<'_>,
    (moment, program): (Moment, &Program),
    record: &mut Record,
) -> Result<(), Error> {
    let world = sight::world(call, table, record);
    let outcome = scripts::run(call, program, moment, world).await?;
    assign::assign(call, table, record, &outcome).await
}

/// As [`run`], and refuses to go on when a script has called `context.Error`, now or earlier in the request.
pub(super) async fn run_before(
    call: &Call,
    table: &Table<'_>,
    moment: Moment,
    record: &mut Record,
) -> Result<(), Error> {
    run(call, table, moment, record).await?;
    call.scripts.check()
}

/// Loads the record once more and runs what comes after a write; its changes of the record are not kept (07 §4.4).
pub(super) async fn run_after(
    call: &Call,
    table: &Table<'_>,
    moment: Moment,
    id: i64,
) -> Result<(), Error> {
    let settings = table.settings;
    let due = [moment, Moment::WhenloadingRecord, Moment::WhenViewProcessing];
    if due.iter().all(|moment| scripts::find(call, settings, *moment).is_none()) {
        return Ok(());
    }
    let loading = Box::pin(load::by_id(call, table, id));
    let Some(mut record) = loading.await? else { return Ok(()) };
    run(call, table, moment, &mut record).await
}

/// Runs what comes once the addressed table is known. What it sets of columns is for screens.
pub(super) async fn run_at_opening(call: &Call, table: &Table<'_>) -> Result<(), Error> {
    run_without_record(call, table, Moment::WhenloadingSiteSettings).await
}

/// Whether scripts look at each row that is read, and with it at every column.
pub(super) fn sees_rows(call: &Call, table: &Table<'_>) -> bool {
    scripts::find(call, table.settings, Moment::WhenloadingRecord).is_some()
}

/// Refuses exports of tables whose scripts look at each record: that is not built.
pub(super) fn check_exportable(call: &Call, table: &Table<'_>) -> Result<(), Error> {
    let looks = table.settings.server_scripts.iter().any(|script| script.before_opening_row);
    if looks || sees_rows(call, table) {
        return Err(Error::NotBuilt("server scripts in exports"));
    }
    Ok(())
}

/// Runs what comes after loading on each row of a page; answers have the values as scripts leave them.
pub(super) async fn run_on_rows(
    call: &Call,
    table: &Table<'_>,
    columns: &[&ColumnInfo],
    rows: &mut [ListRow],
) -> Result<(), Error> {
    if !sees_rows(call, table) {
        return Ok(());
    }
    // Rows of integrated sites have scripts of their own.
    for row in rows.iter_mut().filter(|row| row.site == table.target.site.id) {
        let mut record = load::record(table, columns, row.record.clone());
        run(call, table, Moment::WhenloadingRecord, &mut record).await?;
        for (column, value) in columns.iter().zip(&mut row.record.values) {
            if let Some(changed) = record.get(&column.name) {
                value.clone_from(changed);
            }
        }
    }
    Ok(())
}

/// Runs what comes without a record: `model` is an empty one.
pub(super) async fn run_without_record(
    call: &Call,
    table: &Table<'_>,
    moment: Moment,
) -> Result<(), Error> {
    let mut record = Record::new(table.settings);
    run(call, table, moment, &mut record).await
}
