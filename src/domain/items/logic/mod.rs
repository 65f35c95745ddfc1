//! A table's own logic in the sequence of a write (03 §12–16): formulas, lookups, status controls and processes before
//! it, summaries, numbers and titles of linking records in its transaction. What is not built is refused, never left
//! out in silence. A table without logic pays nothing: no function here makes a round trip for it.

mod after;
mod data_changes;
mod formulas;
mod lookups;
mod matching;
mod notifications;
mod numbering;
mod numbers;
mod people;
mod placeholders;
mod processes;
mod relatives;
mod status;
mod summaries;
mod titles;
mod values;

pub(super) use after::{After, Kind, message};
pub(super) use notifications::{
    Bulk, Event, Trigger, keep as keep_notices, may_be_due as may_notify,
    of_bulk as notify_of_bulk, of_write as notices_of,
};
pub(super) use processes::{Applied, run as run_processes};
pub(super) use relatives::load as load_relatives;
pub(super) use summaries::{own as summaries_of_children, parents, synchronize};
pub(super) use titles::carry_over as carry_title_over;
pub(super) use values::Hand;

use crate::domain::{Call, Error};

use super::Table;
use super::record::Record;
use super::request::RecordRequest;

use self::lookups::Assigned;
use self::matching::Viewer;

/// Formulas, then lookups of linked records, on the values as posted (03 §12.3, §13).
pub(super) async fn compute(
    call: &Call,
    table: &Table<'_>,
    record: &mut Record,
) -> Result<(), Error> {
    recompute(call, table, record, None).await
}

/// Formulas, then lookups, then formulas on what those have filled.
async fn recompute(
    call: &Call,
    table: &Table<'_>,
    record: &mut Record,
    assigned: Option<Assigned<'_>>,
) -> Result<(), Error> {
    let has_formulas = !table.settings.formulas.is_empty();
    if has_formulas {
        formulas::run(&Viewer::of(call), record)?;
    }
    if lookups::run(call, table, record, assigned).await? && has_formulas {
        formulas::run(&Viewer::of(call), record)?;
    }
    Ok(())
}

/// Whether a status control closes the record to writes, by its values as they are now (03 §14).
pub(super) fn is_read_only(call: &Call, _: &Table<'_>, record: &Record) -> bool {
    status::is_read_only(call, record)
}

/// Refuses writes that need a part which is not built (`docs/compatibility.md`).
pub(super) fn check_supported(table: &Table<'_>, _: &RecordRequest) -> Result<(), Error> {
    let settings = table.settings;
    let needed = [
        (formulas::has_extended(settings), "extended formulas"),
        (!settings.server_scripts.is_empty(), "server scripts"),
    ];
    match needed.into_iter().find(|(needed, _)| *needed) {
        Some((_, part)) => Err(Error::NotBuilt(part)),
        None => Ok(()),
    }
}

/// As [`check_supported`], for deleting a record.
pub(super) fn check_delete_supported(table: &Table<'_>) -> Result<(), Error> {
    if table.settings.server_scripts.is_empty() {
        Ok(())
    } else {
        Err(Error::NotBuilt("server scripts"))
    }
}
