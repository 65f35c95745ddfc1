//! Everything about the rows that is checked before the first is written (04 §4.2, steps 10 and 15 to 16).

use std::collections::HashSet;

use crate::db::records::{KeyPart, KeySet};
use crate::db::sql::{Bind, Ident};
use crate::domain::csv::Records;
use crate::domain::items::record::Record;
use crate::domain::items::{Table, bulk::TaskLock, defaults, logic, update, validate};
use crate::domain::{Call, Error};

use super::cells::Cells;
use super::headers::Headers;
use super::{CHUNK, ImportOptions, Row};

/// The rows of a file on their way.
pub(super) struct Rows<'r> {
    pub(super) call: &'r Call,
    pub(super) table: &'r Table<'r>,
    pub(super) cells: &'r Cells<'r>,
}

impl Rows<'_> {
    /// Reads every row into a record. The ids of those that are there, 0 for rows that make new ones.
    pub(super) async fn check(
        &self,
        mut records: Records<'_>,
        lock: &mut TaskLock<'_>,
    ) -> Result<Vec<i64>, Error> {
        let validates = self.validates();
        let mut ids = Vec::new();
        loop {
            let rows = records.chunk(CHUNK)?;
            if rows.is_empty() {
                return Ok(ids);
            }
            lock.refresh().await?;
            let found = self.cells.find(&rows, ids.len() + 1, validates).await?;
            for (row, found) in rows.iter().zip(found) {
                ids.push(found.as_ref().map_or(0, Record::id));
                if validates {
                    self.check_row(row, found).await?;
                }
            }
        }
    }

    /// Whether anything could refuse a row before the write: then rows are made into records twice.
    fn validates(&self) -> bool {
        let settings = self.table.settings;
        let mut columns = settings.columns.iter();
        settings.is_in_editor("Locked")
            || !settings.formulas.is_empty()
            || columns.any(|column| column.max_length.is_some() || !column.server_regex.is_empty())
    }

    async fn check_row(&self, row: &Row<'_>, found: Option<Record>) -> Result<(), Error> {
        // BUG(04 §4.2): the reference overwrites locked records unless the file has their ids.
        if let Some((record, stored)) = found.as_ref().and_then(|r| Some((r, r.stored.as_ref()?))) {
            update::check_record_not_locked(self.call, record, stored).await?;
        }
        let record = self.record(row, found).await?;
        validate::check_texts(self.call, &record).await
    }

    /// The record that a row makes, or makes of one that is there.
    pub(super) async fn record(
        &self,
        row: &Row<'_>,
        found: Option<Record>,
    ) -> Result<Record, Error> {
        let mut record = found.unwrap_or_else(|| {
            let mut record = Record::new(self.table.settings);
            defaults::apply(self.call, &mut record);
            record
        });
        self.cells.apply(&mut record, row)?;
        logic::compute(self.call, self.table, &mut record).await?;
        Ok(record)
    }
}

/// Refuses a file that has the id of a locked record, whatever its key is, and whether the table has the lock on its
/// editor or not (04 §4.2, step 10).
pub(super) async fn check_listed_ids(
    call: &Call,
    table: &Table<'_>,
    options: &ImportOptions,
    headers: &Headers<'_>,
    records: Records<'_>,
) -> Result<(), Error> {
    let id_column = table.settings.kind.id_column();
    let Some(place) = headers.cell_of(id_column).filter(|_| options.updatable_import) else {
        return Ok(());
    };
    let Some(locked) = table.columns.column("Locked") else { return Ok(()) };
    let mut ids = HashSet::new();
    for row in records {
        let row = row?;
        ids.extend(row.get(place).and_then(|text| text.trim().parse::<i64>().ok()));
    }
    let mut listed: Vec<i64> = ids.into_iter().collect();
    listed.sort_unstable();
    for ids in listed.chunks(CHUNK) {
        let set = of_ids(table.settings.kind, ids);
        for (_, record) in super::keys::find_with(call, table, &set, &[locked]).await? {
            if let Some(stored) = &record.stored {
                update::check_record_not_locked(call, &record, stored).await?;
            }
        }
    }
    Ok(())
}

/// Ids as keys.
pub(super) fn of_ids(kind: crate::model::ReferenceType, ids: &[i64]) -> KeySet {
    KeySet {
        parts: vec![KeyPart::Column(Ident::id_of(kind))],
        values: vec![Bind::Longs(ids.iter().copied().map(Some).collect())],
    }
}
