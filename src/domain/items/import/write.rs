//! Writing the rows in their order (04 §4.6): many in one statement where the table has no logic of its own.

use std::collections::{HashMap, HashSet};

use crate::domain::Error;
use crate::domain::csv::Records;
use crate::domain::items::bulk::{Batches, TaskLock};
use crate::domain::items::files::Files;
use crate::domain::items::logic::{self, Applied};
use crate::domain::items::record::Record;
use crate::domain::items::{create, scripts, update};
use crate::domain::scripts::Moment;

use super::rows::{Rows, of_ids};
use super::{CHUNK, Row, keys};

/// How often rows are tried again after somebody else changed their records meanwhile.
const ATTEMPTS: usize = 20;

/// Records written so far.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    inserted: usize,
    updated: usize,
}

impl Rows<'_> {
    /// Writes the rows; `ids` are those of their records. What stands before a row that fails stays written.
    pub(super) async fn write(
        &self,
        mut records: Records<'_>,
        ids: &[i64],
        progress: &(dyn Fn(usize) + Sync),
        lock: &mut TaskLock<'_>,
    ) -> Result<(usize, usize), Error> {
        let batches = Batches::of_records(self.call, self.table).await?;
        let batches = batches.filter(|_| !self.cells.migrates);
        let mut counts = Counts::default();
        let mut rest = ids;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(independent(rest));
            let rows = records.chunk(now.len())?;
            lock.refresh().await?;
            match &batches {
                Some(batches) => self.write_batch(batches, &rows, now, &mut counts).await?,
                None => {
                    for (row, id) in rows.iter().zip(now) {
                        self.write_one(row, *id, &mut counts).await?;
                    }
                }
            }
            rest = later;
            progress(ids.len() - rest.len());
        }
        Ok((counts.inserted, counts.updated))
    }

    /// One statement; begins anew where somebody else changed a record meanwhile.
    async fn write_batch(
        &self,
        batches: &Batches<'_>,
        rows: &[Row<'_>],
        ids: &[i64],
        counts: &mut Counts,
    ) -> Result<(), Error> {
        for _ in 0..ATTEMPTS {
            let records = self.changed(rows, ids).await?;
            if !records.iter().all(Batches::takes) {
                break;
            }
            let updated = records.iter().filter(|record| record.stored.is_some()).count();
            let inserted = records.len() - updated;
            match batches.write_records(records).await {
                Ok(true) => {
                    counts.inserted += inserted;
                    counts.updated += updated;
                    return Ok(());
                }
                Ok(false) => {}
                // One row may be the cause; those before it are to be written.
                Err(error) => {
                    tracing::debug!(error = &error as &dyn std::error::Error, "a batch failed");
                    break;
                }
            }
        }
        for (row, id) in rows.iter().zip(ids) {
            self.write_one(row, *id, counts).await?;
        }
        Ok(())
    }

    async fn write_one(&self, row: &Row<'_>, id: i64, counts: &mut Counts) -> Result<(), Error> {
        for _ in 0..ATTEMPTS {
            let rows = std::slice::from_ref(row);
            let Some(mut record) = self.changed(rows, &[id]).await?.pop() else { return Ok(()) };
            logic::summaries_of_children(self.call, self.table, &mut record).await?;
            let is_new = record.stored.is_none();
            let moment = if is_new { Moment::BeforeCreate } else { Moment::BeforeUpdate };
            scripts::run_before(self.call, self.table, moment, &mut record).await?;
            match Box::pin(self.write_record(&record)).await {
                Err(Error::UpdateConflicts) => {}
                done => {
                    done?;
                    *(if is_new { &mut counts.inserted } else { &mut counts.updated }) += 1;
                    return Ok(());
                }
            }
        }
        Err(Error::UpdateConflicts)
    }

    async fn write_record(&self, record: &Record) -> Result<(), Error> {
        let (call, table) = (self.call, self.table);
        let applied = &Applied { untold: true, ..Applied::default() };
        let files = &Files::default();
        match &record.stored {
            None => {
                let write = create::Write { call, table, record, files, applied };
                Box::pin(write.run(None)).await?;
            }
            Some(stored) => {
                let permissions = None;
                let write =
                    update::Write { call, table, record, stored, files, permissions, applied };
                Box::pin(write.run()).await?;
            }
        }
        Ok(())
    }

    /// The rows as records, without those that change nothing. A record that is gone is made again.
    async fn changed(&self, rows: &[Row<'_>], ids: &[i64]) -> Result<Vec<Record>, Error> {
        let there: Vec<i64> = ids.iter().copied().filter(|id| *id != 0).collect();
        let mut found: HashMap<i64, Record> = HashMap::new();
        if !there.is_empty() {
            let set = of_ids(self.table.settings.kind, &there);
            let rows = keys::find(self.call, self.table, &set, true).await?;
            found.extend(rows.into_iter().map(|(_, record)| (record.id(), record)));
        }
        let mut records = Vec::with_capacity(rows.len());
        for (row, id) in rows.iter().zip(ids) {
            let record = self.record(row, found.remove(id)).await?;
            if record.stored.is_none() || record.changes().next().is_some() {
                records.push(record);
            }
        }
        Ok(records)
    }
}

/// How many of the rows can be written together: no record is changed twice.
fn independent(ids: &[i64]) -> usize {
    let mut seen = HashSet::new();
    ids.iter().take(CHUNK).take_while(|id| **id == 0 || seen.insert(**id)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_ends_before_a_record_that_it_has() {
        assert_eq!(independent(&[0, 0, 1, 2, 0, 1, 3]), 5);
        assert_eq!(independent(&[1, 1]), 1);
        assert_eq!(independent(&[0; 2 * CHUNK]), CHUNK);
    }
}
