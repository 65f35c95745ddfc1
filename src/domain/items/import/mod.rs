//! `import` (04 §4): the rows of a CSV file as records.
//!
//! A file is read several times, never kept as records: first its labels and dates, then, before anything is written,
//! every row with the record of its key, and at last every row once more for writing. What is remembered of a row in
//! between is one id.

mod cells;
mod comments;
mod dates;
mod headers;
mod keys;
mod rows;
mod texts;
mod write;

use std::borrow::Cow;

use serde::Deserialize;

use crate::db;
use crate::domain::csv::{self, Malformed, Records};
use crate::domain::named_sql::{self, Hook};
use crate::domain::{Call, Error, Unimportable, auth};
use crate::lenient::{self, Json};
use crate::messages::{self, MessageId};
use crate::model::{ReferenceType, Rights};

use super::bulk::TaskLock;
use super::{Table, Written, hooks, logic};

pub use comments::read as read_comments;

use self::cells::Cells;
use self::dates::Formats;
use self::headers::Headers;
use self::keys::KeyColumn;
use self::rows::Rows;
use self::texts::Texts;

/// A row's cells; there may be fewer than labels, or more.
type Row<'t> = Vec<Cow<'t, str>>;

/// How many rows are looked up together, and written together.
const CHUNK: usize = 500;

/// What a call says of its file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ImportOptions {
    /// How its bytes are text.
    pub encoding: Option<String>,
    /// Whether records are looked for by the key and updated.
    pub updatable_import: bool,
    /// The column that is the key.
    pub key: Option<String>,
    /// Whether users and times of created records are those of the file.
    pub migration_mode: bool,
}

impl ImportOptions {
    /// The options in the field `parameters` of a form.
    pub fn read(json: &Json<'_>) -> Result<Self, Error> {
        lenient::from_json(json).map_err(|_| Error::InvalidJsonData)
    }

    fn key(&self) -> Option<&str> {
        self.key.as_deref().filter(|_| self.updatable_import)
    }
}

/// Imports a file, with the checks in the reference's order (04 §4.2); `progress` is told of rows that are done.
pub async fn import(
    call: &Call,
    table: &Table<'_>,
    options: &ImportOptions,
    file: Option<&[u8]>,
    progress: &(dyn Fn(usize) + Sync),
) -> Result<Written, Error> {
    let mut lock = TaskLock::take(call, table.target.site.id, "ImportByApi").await?;
    // Boxed: whoever waits for an import would be as large as everything that it does.
    let done = Box::pin(run(call, table, options, file, progress, &mut lock)).await;
    lock.release().await;
    let (inserted, updated) = done?;
    let site = &table.target.site;
    let arguments = [site.title.clone(), inserted.to_string(), updated.to_string()];
    let message = messages::text(MessageId::Imported, call.language(), &arguments);
    Box::pin(logic::notify_of_bulk(call, table, logic::Bulk::Import, &message)).await?;
    Ok(Written { id: call.id, message, limit: table.limit })
}

/// How many records were added and updated.
async fn run(
    call: &Call,
    table: &Table<'_>,
    options: &ImportOptions,
    file: Option<&[u8]>,
    progress: &(dyn Fn(usize) + Sync),
    lock: &mut TaskLock<'_>,
) -> Result<(usize, usize), Error> {
    auth::check_api_open(call)?;
    table.check_not_locked(call)?;
    table.access.check(Rights::IMPORT)?;
    let text = csv::decode(file.ok_or(Unimportable::FailedReadFile)?, options.encoding.as_deref());
    let mut records = Records::of(&text);
    let labels = records.next().transpose()?.unwrap_or_default();
    check_number(call, table, &records).await?;
    let headers = Headers::of(call, table.settings, &labels);
    rows::check_listed_ids(call, table, options, &headers, records.clone()).await?;
    check_required(call, table, &headers)?;
    run_hook(call, table, Hook::OnImporting).await?;
    let key = match options.key().and_then(|key| headers.cell_of(key).map(|at| (key, at))) {
        Some((name, place)) => {
            let column = table.settings.column(name).ok_or(Unimportable::NotContainKeyColumn)?;
            Some(KeyColumn { column, cell: place })
        }
        None if options.updatable_import => return Err(Unimportable::NotContainKeyColumn.into()),
        None => None,
    };
    let cells = Cells {
        formats: Formats::detect(call, &headers, records.clone())?,
        texts: Texts::load(call, table, &headers, records.clone()).await?,
        users: call.users().await?,
        migrates: options.migration_mode && table.settings.allow_migration_mode,
        headers,
        call,
        table,
        key,
    };
    let rows = Rows { call, table, cells: &cells };
    let ids = rows.check(records.clone(), lock).await?;
    let counts = rows.write(records, &ids, progress, lock).await?;
    run_hook(call, table, Hook::OnImported).await?;
    Ok(counts)
}

/// Steps 5 to 8: the file as a whole, and how many rows it has.
async fn check_number(call: &Call, table: &Table<'_>, records: &Records<'_>) -> Result<(), Error> {
    let rows = records.clone().try_fold(0, |rows: usize, row| row.map(|_| rows + 1))?;
    let max = call.services.parameters.general.import_max;
    if usize::try_from(max).is_ok_and(|max| max > 0 && rows > max) {
        return Err(Error::ImportMax { max });
    }
    if let Some(limit) = call.contract.items() {
        let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
        let count = db::items::count_records(&mut conn, table.target.site.id).await?;
        if i64::try_from(rows).is_ok_and(|rows| count + rows > limit) {
            return Err(Error::ItemsLimit);
        }
    }
    if rows == 0 { Err(Unimportable::FileNotFound.into()) } else { Ok(()) }
}

/// BUG(04 §4.2): the reference answers commands for its page as the message.
fn check_required(call: &Call, table: &Table<'_>, headers: &Headers<'_>) -> Result<(), Error> {
    let required = table.settings.column("CompletionTime");
    match required.filter(|_| table.settings.kind == ReferenceType::Issues) {
        Some(column) if headers.cell_of("CompletionTime").is_none() => {
            let label = column.label(call.language().code()).to_owned();
            Err(Unimportable::NotIncludedRequiredColumn(label).into())
        }
        _ => Ok(()),
    }
}

/// Runs named SQL around the import, in a transaction of its own (07 §2.9).
async fn run_hook(call: &Call, table: &Table<'_>, hook: Hook) -> Result<(), Error> {
    let hooks = named_sql::hooks(call, hook, hooks::subject(table, None));
    if hooks.is_empty() {
        return Ok(());
    }
    let mut transaction = call.services.db.begin().await.map_err(db::Error::from)?;
    hooks.run(&mut transaction).await?;
    transaction.commit().await.map_err(db::Error::from)?;
    Ok(())
}

impl From<Malformed> for Error {
    fn from(_: Malformed) -> Self {
        Unimportable::FailedReadFile.into()
    }
}
