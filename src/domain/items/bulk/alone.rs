//! What makes the rows of a bulk upsert go one by one.

use crate::domain::Call;
use crate::domain::items::Table;
use crate::domain::items::record::Record;
use crate::domain::items::request::RecordRequest;
use crate::domain::named_sql::{self, Hook};
use crate::domain::settings::TableSettings;
use crate::model::Value;

/// Whether writing a record does more than what a batch does, or depends on other records than those of its key.
pub(super) fn has_logic(call: &Call, settings: &TableSettings) -> bool {
    let columns = &settings.columns;
    !settings.formulas.is_empty()
        || !settings.summaries.is_empty()
        || !settings.server_scripts.is_empty()
        || !call.services.extended_scripts.is_empty()
        || !settings.notifications.is_empty()
        || !settings.status_controls.is_empty()
        || !settings.permission_for_creating.is_empty()
        || !settings.permission_for_updating.is_empty()
        || columns.iter().any(|column| column.auto_numbering.is_some() || column.no_duplication)
        || settings.links.iter().any(|link| link.lookups.as_ref().is_some_and(|l| !l.is_empty()))
}

/// Whether named SQL may run around the writes, or narrow the look-ups (07 §2.9).
pub(super) fn has_hooks(call: &Call, table: &Table<'_>) -> bool {
    let hooks = [
        Hook::OnCreating,
        Hook::OnCreated,
        Hook::OnUpdating,
        Hook::OnUpdated,
        Hook::OnSelectingWhere,
    ];
    named_sql::may_run(call, &hooks, table.target.site.id.0)
}

/// Whether a row brings what only the write of one record stores.
pub(super) fn needs_more(request: &RecordRequest) -> bool {
    !request.processes().is_empty() || brings_files(request) || request.record_permissions.is_some()
}

/// Whether a row brings attachments or images.
pub(super) fn brings_files(request: &RecordRequest) -> bool {
    request.files().next().is_some()
        || request.image_hash.as_ref().is_some_and(|images| !images.is_empty())
}

/// Whether a text may name a file, which then becomes the record's: by a handle of 32 characters (02 §13).
pub(super) fn shows_files(record: &Record) -> bool {
    let is_handle = |run: &str| run.len() == 32;
    record.changes().any(|(_, value)| match value {
        Value::Text(text) => {
            text.split(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit())).any(is_handle)
        }
        _ => false,
    })
}
