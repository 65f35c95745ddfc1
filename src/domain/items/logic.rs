//! The places in the sequence of a write at which a table's own logic runs (03 §12–18): formulas, lookups, processes,
//! status controls, summaries, numbering, files. What is not built yet is refused, never left out in silence.

use crate::domain::{Call, Error};

use super::Table;
use super::record::Record;
use super::request::RecordRequest;

/// Formulas, then look-ups of linked records, on the values as posted (03 §12.3, §13).
pub async fn compute(_: &Call, _: &Table<'_>, _: &mut Record) -> Result<(), Error> {
    Ok(())
}

/// Whether a status control closes the record to writes, by its values as they are now (03 §14).
pub fn is_read_only(_: &Call, _: &Table<'_>, _: &Record) -> bool {
    false
}

/// What the processes that a body asks for have done to a record (03 §15).
#[derive(Debug, Default)]
pub struct Applied {
    /// The message that stands for the usual one, with placeholders to be filled after the write.
    pub success_message: Option<String>,
}

/// Runs the processes that the body asks for; one that does not match refuses the call.
pub async fn run_processes(
    _: &Call,
    _: &Table<'_>,
    _: &mut Record,
    _: &RecordRequest,
) -> Result<Applied, Error> {
    Ok(Applied::default())
}

/// Refuses writes that need a part which is not built (`docs/compatibility.md`).
pub fn check_supported(table: &Table<'_>, request: &RecordRequest) -> Result<(), Error> {
    let settings = table.settings;
    let needed = [
        (!settings.formulas.is_empty(), "formulas"),
        (!settings.summaries.is_empty(), "summaries"),
        (
            settings.links.iter().any(|link| link.lookups.as_ref().is_some_and(|l| !l.is_empty())),
            "lookups",
        ),
        (
            settings.columns.iter().any(|column| column.auto_numbering.is_some()),
            "automatic numbering",
        ),
        (
            settings.status_controls.iter().any(|control| control.read_only),
            "read-only status controls",
        ),
        (!settings.server_scripts.is_empty(), "server scripts"),
        (request.processes().iter().any(|id| settings.process(*id).is_some()), "processes"),
    ];
    match needed.into_iter().find(|(needed, _)| *needed) {
        Some((_, part)) => Err(Error::NotBuilt(part)),
        None => Ok(()),
    }
}

/// As [`check_supported`], for deleting a record.
pub fn check_delete_supported(table: &Table<'_>) -> Result<(), Error> {
    let settings = table.settings;
    let needed = [
        (!settings.summaries.is_empty(), "summaries"),
        (
            settings.status_controls.iter().any(|control| control.read_only),
            "read-only status controls",
        ),
        (!settings.server_scripts.is_empty(), "server scripts"),
    ];
    match needed.into_iter().find(|(needed, _)| *needed) {
        Some((_, part)) => Err(Error::NotBuilt(part)),
        None => Ok(()),
    }
}
