//! Server scripts around records (07 §4.3): when they run. What they see of a record, what they change of it, and what
//! they make of views stand beside it.

mod assign;
mod rows;
mod sight;
mod views;

use crate::domain::scripts::{self, Moment, Program};
use crate::domain::{Call, Error};

use super::record::Record;
use super::{Table, load};

pub(super) use rows::{RawTexts, RowScripts};
pub(super) use views::{narrowed, viewed};

/// Runs what a table has for a moment, on a record. The future is boxed, so that calls without scripts stay small.
pub(super) async fn run(
    call: &Call,
    table: &Table<'_>,
    moment: Moment,
    record: &mut Record,
) -> Result<(), Error> {
    match scripts::find(call, table.target.site.id, table.settings, moment) {
        Some(program) => {
            Box::pin(run_program(call, table, (moment, &program), record)).await.map(|_| ())
        }
        None => Ok(()),
    }
}

/// With what cells are to show, which only exports look at.
async fn run_program(
    call: &Call,
    table: &Table<'_>,
    (moment, program): (Moment, &Program),
    record: &mut Record,
) -> Result<RawTexts, Error> {
    let world = sight::world(call, table, record);
    let outcome = scripts::run(call, program, moment, world).await?;
    assign::assign(call, table, record, &outcome).await?;
    Ok(outcome.raw_texts)
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
    let (site, settings) = (table.target.site.id, table.settings);
    let due = [moment, Moment::WhenloadingRecord, Moment::WhenViewProcessing];
    if due.iter().all(|moment| scripts::find(call, site, settings, *moment).is_none()) {
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

/// Runs what comes without a record: `model` is an empty one.
pub(super) async fn run_without_record(
    call: &Call,
    table: &Table<'_>,
    moment: Moment,
) -> Result<(), Error> {
    let mut record = Record::new(table.settings);
    run(call, table, moment, &mut record).await
}
