//! A table's own logic in the sequence of a write (03 §12–16): formulas, lookups, status controls and processes before
//! it, summaries, numbers and titles of linking records in its transaction. What is not built is refused, never left
//! out in silence. A table without logic pays nothing: no function here makes a round trip for it.

mod after;
mod data_changes;
mod extended;
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
pub use notifications::of_script as send_notification;
pub(super) use notifications::{
    Bulk, Event, Trigger, keep as keep_notices, may_be_due as may_notify,
    of_bulk as notify_of_bulk, of_write as notices_of,
};
pub(super) use processes::{Applied, run as run_processes};
pub(super) use relatives::load as load_relatives;
pub(super) use summaries::{Parents, own as summaries_of_children, parents, synchronize};
pub(super) use titles::carry_over as carry_title_over;
pub(super) use values::Hand;

use crate::domain::scripts::Moment;
use crate::domain::{Call, Error};

use super::record::Record;
use super::{Table, scripts};

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
    calculate(call, table, record).await?;
    if lookups::run(call, table, record, assigned).await? {
        calculate(call, table, record).await?;
    }
    Ok(())
}

/// Formulas, between the server scripts that belong to them (03 §13).
async fn calculate(call: &Call, table: &Table<'_>, record: &mut Record) -> Result<(), Error> {
    scripts::run(call, table, Moment::BeforeFormula, record).await?;
    if !table.settings.formulas.is_empty() {
        compute_formulas(call, &Viewer::of(call), record).await?;
    }
    scripts::run(call, table, Moment::AfterFormula, record).await
}

/// Formulas alone; those of the extended method need the script engine.
async fn compute_formulas(call: &Call, viewer: &Viewer, record: &mut Record) -> Result<(), Error> {
    if formulas::has_extended(record.table()) {
        Box::pin(extended::run(call, viewer, record)).await
    } else {
        formulas::run(viewer, record)
    }
}

/// Whether a status control closes the record to writes, by its values as they are now (03 §14).
pub(super) fn is_read_only(call: &Call, _: &Table<'_>, record: &Record) -> bool {
    status::is_read_only(call, record)
}
