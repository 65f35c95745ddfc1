//! Records one by one: create, update, upsert (03).
//!
//! Every operation begins with `Table`; `record::Record` holds a record while it is worked on.

mod bulk;
mod comments;
mod create;
mod defaults;
mod delete;
mod export;
mod files;
mod filter;
mod hooks;
mod images;
mod import;
mod keys;
mod labels;
mod links;
pub(super) mod load;
mod logic;
mod packaged;
mod permissions;
mod posted;
pub mod read;
mod record;
mod request;
mod scripts;
mod search_texts;
mod stored;
mod text;
mod update;
mod upsert;
mod validate;
mod versions;
pub mod wikis;

pub use bulk::{bulk_delete, bulk_delete_count, bulk_upsert, synchronize_summaries};
pub use comments::{is_comment, lines as comment_lines, shown as shown_comments};
pub use create::create;
pub use delete::delete;
pub use export::{Exporting, open as open_export};
pub use files::{extension, new_guid};
pub use import::{ImportOptions, import, read_comments};
pub use labels::breadcrumbs;
pub use load::is_value;
pub use logic::send_notification;
pub use packaged::{Misfit, Packaged, Translation};
pub use search_texts::rebuild as rebuild_search_texts;
pub use stored::cut;
pub use text::words;
pub use update::{ahead as update_ahead, update, upload};
pub use upsert::{ahead as upsert_ahead, upsert};

use std::sync::Arc;

use chrono::TimeDelta;

use crate::db::TableInfo;
use crate::messages::{self, Language, MessageId};
use crate::model::{ColumnClass, ReferenceType, Rights, Target, Value};

use self::record::Record;

use super::columns::{self, Roles};
use super::limits::{self, Limit};
use super::permissions::{Access, Scope};
use super::settings::{Column, ColumnRight, TableSettings};
use super::{Call, Error};

/// The table that a call works on.
pub struct Table<'c> {
    /// What the URL addresses: the table's site or one of its records.
    pub target: &'c Target,
    /// The table's settings.
    pub settings: &'c Arc<TableSettings>,
    /// The columns that the database has.
    pub columns: &'c TableInfo,
    /// The caller's rights.
    pub access: Access,
    /// What the answer says of the limit of calls.
    pub limit: Option<Limit>,
}

/// A number as people write it in the caller's language (03 §9.10); none for a text that is no number.
pub fn read_number(call: &Call, text: &str) -> Option<rust_decimal::Decimal> {
    logic::Hand::number(text, call.language())
}

/// What was written, for the answer.
#[derive(Debug, Clone)]
pub struct Written {
    /// The record.
    pub id: i64,
    /// The message's text.
    pub message: String,
    /// What the answer says of the limit of calls.
    pub limit: Option<Limit>,
}

impl Written {
    fn new(
        id: i64,
        message: MessageId,
        title: &str,
        language: Language,
        limit: Option<Limit>,
    ) -> Self {
        Self { id, message: messages::text(message, language, &[title.to_owned()]), limit }
    }

    /// With a text of a process instead of the usual one, where there is one.
    fn with_message(self, message: Option<String>) -> Self {
        Self { message: message.unwrap_or(self.message), ..self }
    }
}

/// What a site lets be done with it, once the call is counted.
pub enum Opened<'c> {
    /// A table with records that have all column classes.
    Table(Table<'c>),
    /// A folder, a wiki, a dashboard, or nothing at all.
    Other(Option<ReferenceType>, Option<Limit>),
}

/// Counts the call and looks at what is addressed (03 §1.1, steps 6 and 7).
pub async fn open(call: &Call) -> Result<Opened<'_>, Error> {
    let Some(target) = &call.target else {
        return Ok(Opened::Other(None, limits::uncounted(call)));
    };
    let limit = limits::count(call, target).await?;
    let kind = target.site.kind;
    let settings = call.settings.as_ref().ok_or(Error::Corrupt("a site without settings"))?;
    if !kind.is_table() {
        return Ok(Opened::Other(Some(kind), limit));
    }
    let columns =
        call.services.catalogue.table(kind.name()).ok_or(Error::Corrupt("a missing table"))?;
    let table = Table { target, settings, columns, access: call.access(target), limit };
    scripts::run_at_opening(call, &table).await?;
    Ok(Opened::Table(table))
}

/// `Security.MimeTypeCheckOnApi` (01 §4.1): the whole header has to be `application/json`, no charset behind it.
pub fn check_content_type(call: &Call, content_type: Option<&str>) -> Result<(), Error> {
    let checked = call.services.parameters.security.mime_type_check_on_api;
    let accepted = content_type.is_some_and(|value| value.eq_ignore_ascii_case("application/json"));
    if checked && !accepted { Err(Error::BadRequest) } else { Ok(()) }
}

impl Table<'_> {
    /// Refuses whom the right is missing, and everybody where a status control closes the record (03 §14.1).
    fn check_writable(&self, call: &Call, right: Rights, record: &Record) -> Result<(), Error> {
        self.access.check(right)?;
        if logic::is_read_only(call, self, record) { Err(self.access.refusal()) } else { Ok(()) }
    }

    /// Refuses while the table is locked (06 §2.5).
    fn check_not_locked(&self, call: &Call) -> Result<(), Error> {
        match &self.target.site.lock {
            Some(lock) => {
                Err(Error::LockedTable { user: lock.user.clone(), time: call.to_user(lock.time) })
            }
            None => Ok(()),
        }
    }
}

/// Stored comments with one by the caller in front.
pub fn comment_text(call: &Call, stored: &str, body: &str) -> String {
    let new = comments::NewComment { creator: call.caller.user, body: body.to_owned() };
    comments::prepend(stored, &new, call.now, &call.zones)
}

/// Refuses the first column, in settings order, that the call changes and the caller may not (03 §10.2).
fn check_columns(
    call: &Call,
    access: &Access,
    record: &Record,
    right: ColumnRight,
) -> Result<(), Error> {
    let roles = roles(call, record);
    let forbidden = |column: &&Column| {
        is_examined(column)
            && !column.access(right).is_free()
            && !columns::allows(call, access, column.access(right), Some(roles))
            && !record.table().is_formula_target(&column.name)
            && changes_forbidden(call, record, column, right)
    };
    match record.table().columns.iter().find(forbidden) {
        Some(column) => Err(Error::HasNotChangeColumnPermission {
            label: column.label(call.language().code()).to_owned(),
        }),
        None => Ok(()),
    }
}

/// On create a value that equals the default passes.
fn changes_forbidden(call: &Call, record: &Record, column: &Column, right: ColumnRight) -> bool {
    record.is_changed(column)
        && !(right == ColumnRight::Create
            && column.default_input.is_some()
            && is_default(call, record, column))
}

/// Whether a new record has the default of the column, as the reference compares them.
///
/// QUIRK(03 §10.2): starts by their day in the server's zone, completions without the day that date-only ones end
/// with, and other dates with a default that is read wrongly: a completion or date that nobody posts is a change.
fn is_default(call: &Call, record: &Record, column: &Column) -> bool {
    let (default, current) = (defaults::value(call, column), record.get(&column.name));
    let times = default.as_ref().and_then(Value::time).zip(current.and_then(Value::time));
    match (column.name.as_str(), column.class(), times) {
        (_, Some(ColumnClass::Date), _) => false,
        ("StartTime", _, Some((default, current))) => default.date() == current.date(),
        ("CompletionTime", _, Some((default, current))) if column.is_date_only() => {
            default - TimeDelta::days(1) == current
        }
        _ => default.as_ref() == current,
    }
}

fn is_examined(column: &Column) -> bool {
    column.class().is_some()
        || matches!(
            column.name.as_str(),
            "Title"
                | "Body"
                | "Status"
                | "Manager"
                | "Owner"
                | "Locked"
                | "Comments"
                | "StartTime"
                | "CompletionTime"
                | "WorkValue"
                | "ProgressRate"
        )
}

/// The caller's roles, by what the database had; a new record has none.
fn roles(call: &Call, record: &Record) -> Roles {
    let Some(stored) = &record.stored else { return Roles::default() };
    let own = |name: &str| record.saved(name).map(Value::int) == Some(call.caller.user.0.into());
    Roles {
        manager: own("Manager"),
        owner: own("Owner"),
        creator: stored.creator == call.caller.user,
        updator: stored.updator == call.caller.user,
    }
}
