//! The processes that a body asks for (03 §15).

use crate::domain::items::posted::{self, Posting};
use crate::domain::items::record::Record;
use crate::domain::items::request::RecordRequest;
use crate::domain::items::{Table, defaults};
use crate::domain::permissions::Scope;
use crate::domain::settings::Column;
use crate::domain::settings::document::{AutoNumbering, DataChange, Notification, Process};
use crate::domain::settings::enums::{ProcessActionType, ProcessExecutionType};
use crate::domain::tenants::Users;
use crate::domain::{Call, Error};
use crate::model::{Rights, Value};

use super::lookups::Assigned;
use super::matching::Viewer;
use super::values::{self, Hand};
use super::{data_changes, recompute, status};

/// What the processes have done to a record, and what they want after the write.
#[derive(Debug, Clone, Default)]
pub(crate) struct Applied {
    /// The message that stands for the usual one, with placeholders to be filled after the write.
    pub success_message: Option<String>,
    /// What is sent after the write.
    pub notifications: Vec<Notification>,
    /// Numbers to be given after the write.
    pub numberings: Vec<AutoNumbering>,
    /// Whether the site's notifications tell nobody of the record, as of those of a file (04 §4.6).
    pub untold: bool,
}

/// Runs them in the order of the settings, whatever that of the body; one that is not met refuses the call.
pub(crate) async fn run(
    call: &Call,
    table: &Table<'_>,
    record: &mut Record,
    request: &RecordRequest,
) -> Result<Applied, Error> {
    let mut applied = Applied::default();
    let ids = request.processes();
    if ids.is_empty() {
        return Ok(applied);
    }
    let viewer = Viewer::of(call);
    let users = call.users().await?;
    // Ids that do not exist are ignored, and so are processes that are disabled (observed).
    let wanted = table.settings.processes.iter().filter(|process| !process.disabled);
    for process in wanted.filter(|process| ids.contains(&process.id)) {
        if !(is_met(&viewer, record, process) && is_allowed(call, table, process)) {
            if process.execution_type == ProcessExecutionType::AddedButton {
                return Err(Error::BadRequest);
            }
            continue;
        }
        apply(call, table, record, process, &users).await?;
        if applied.success_message.is_none() && !process.success_message.is_empty() {
            applied.success_message = Some(process.success_message.clone());
        }
        applied.notifications.extend(process.notifications.iter().cloned());
        applied.numberings.extend(process.auto_numbering.clone());
    }
    Ok(applied)
}

/// A process without a view is met by everything, where the reference crashes (03 §15.2).
fn is_met(viewer: &Viewer, record: &Record, process: &Process) -> bool {
    let status = process.current_status;
    (status == -1 || i64::from(status) == record.int("Status"))
        && process.view.as_ref().is_none_or(|view| viewer.matches(record, view))
}

fn is_allowed(call: &Call, table: &Table<'_>, process: &Process) -> bool {
    let saves = process.action_type == Some(ProcessActionType::Save);
    (!saves || table.access.can(Rights::UPDATE, Scope::Item))
        && status::admits(call, &process.depts, &process.groups, &process.users)
}

async fn apply(
    call: &Call,
    table: &Table<'_>,
    record: &mut Record,
    process: &Process,
    users: &Users,
) -> Result<(), Error> {
    if process.changed_status != -1 {
        record.set("Status", Value::Int(process.changed_status.into()));
    }
    for change in &process.data_changes {
        assign(call, table, record, change, users).await?;
    }
    Ok(())
}

/// Assigns one value, after which formulas and lookups run again.
async fn assign(
    call: &Call,
    table: &Table<'_>,
    record: &mut Record,
    change: &DataChange,
    users: &Users,
) -> Result<(), Error> {
    let hand = Hand::of(call, users);
    let Some(text) = data_changes::text(call, &hand, record, change).await? else { return Ok(()) };
    let Some(column) = table.settings.column(&change.column_name) else { return Ok(()) };
    if column.name == "Comments" {
        if crate::domain::items::is_comment(&text) {
            Posting { call, users }.add_comment(record, text);
        }
        return Ok(());
    }
    if !posted::keeps(table.settings, &column.name) {
        return Ok(());
    }
    let Some(value) = hand.value(column, &text) else { return Ok(()) };
    let fills = record.stored.is_none() && is_default(call, column, &value);
    record.set(&column.name, value);
    recompute(call, table, record, Some(Assigned { column: &column.name, fills })).await
}

/// The default of the column, or without one a blank.
fn is_default(call: &Call, column: &Column, value: &Value) -> bool {
    match defaults::value(call, column) {
        Some(default) => default == *value,
        None => values::is_blank(column, value),
    }
}
