//! Rows of a bulk upsert in batches: one look-up and one write for many, with the outcome of one after the other.
//!
//! A batch takes rows as long as none of them can depend on what another one writes: a key that a row before it
//! makes or gives up, a record that a row before it changes. There it ends, as it does before a row that fails; what
//! it took is written in one statement, and the next batch looks again. Tables whose records do more when they are
//! written (formulas, summaries, processes …) go row by row.

use std::collections::{HashMap, HashSet};

use crate::db::records::{self, Added, Batch, Changed, Find};
use crate::db::sql::Predicate;
use crate::db::{self, ColumnInfo};
use crate::domain::display::Labels;
use crate::domain::items::record::Record;
use crate::domain::items::request::RecordRequest;
use crate::domain::items::stored::{self, TimeRange};
use crate::domain::items::upsert::site_lock;
use crate::domain::items::{Table, create, labels, links, load, text, update, versions};
use crate::domain::{Call, Error};

use super::alone::{has_hooks, has_logic, needs_more, shows_files};
use super::key::{Key, Parts};

/// The most rows of a batch. It bounds the memory of a statement, and how long others wait for its records.
const MOST: usize = 500;
/// How often a batch is tried again after somebody else got ahead of it; then its first row goes alone.
const ATTEMPTS: usize = 3;

/// What batches of a call have in common.
pub(in crate::domain::items) struct Batches<'a> {
    call: &'a Call,
    table: &'a Table<'a>,
    /// The rows as read.
    requests: &'a [RecordRequest],
    /// Whether rows that no record matches are created.
    creates: bool,
    keys: Option<Keys>,
    columns: Vec<&'a ColumnInfo>,
    /// Labels that no record changes; none where each needs the titles of those it links to.
    labels: Option<Labels>,
    /// How many rows the next batch takes.
    size: usize,
}

/// The keys of every row.
struct Keys {
    parts: Parts,
    of_rows: Vec<Key>,
}

/// What became of some rows.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// How many rows are done.
    pub rows: usize,
    /// Records added.
    pub inserted: usize,
    /// Records changed.
    pub updated: usize,
    /// Why the row behind them fails.
    pub failure: Option<Error>,
}

impl<'a> Batches<'a> {
    /// None where rows have to go one by one.
    pub(super) async fn new(
        call: &'a Call,
        table: &'a Table<'a>,
        requests: &'a [RecordRequest],
        creates: bool,
        conditions: &[Predicate],
    ) -> Result<Option<Self>, Error> {
        // Records of other sites may show the titles of these, or add up to their values.
        let has_sources = !table.target.site.sources.is_empty();
        let alone = has_sources || has_logic(call, table.settings) || has_hooks(call, table);
        if requests.len() < 2 || alone {
            return Ok(None);
        }
        let links = table.settings.columns.iter().any(|column| column.link);
        let labels =
            if links { None } else { Some(labels::load(call, table.settings, &[]).await?) };
        let keys = match conditions.first() {
            None => None,
            Some(first) => {
                let Some(parts) = Parts::of(table, first) else { return Ok(None) };
                // Display titles are known only with the titles of linked records.
                if parts.has_title() && labels.is_none() {
                    return Ok(None);
                }
                let of_rows: Option<Vec<Key>> =
                    conditions.iter().map(|condition| parts.key(condition)).collect();
                let Some(of_rows) = of_rows else { return Ok(None) };
                Some(Keys { parts, of_rows })
            }
        };
        let columns = load::columns(table.settings, table.columns);
        Ok(Some(Self { call, table, requests, creates, keys, columns, labels, size: MOST }))
    }

    /// For writing records that are ready, without rows and keys; none where they have to go one by one.
    pub(in crate::domain::items) async fn of_records(
        call: &'a Call,
        table: &'a Table<'a>,
    ) -> Result<Option<Self>, Error> {
        if !table.target.site.sources.is_empty() || has_logic(call, table.settings) {
            return Ok(None);
        }
        let links = table.settings.columns.iter().any(|column| column.link);
        let labels =
            if links { None } else { Some(labels::load(call, table.settings, &[]).await?) };
        let columns = load::columns(table.settings, table.columns);
        let (keys, requests) = (None, &[][..]);
        Ok(Some(Self { call, table, requests, creates: true, keys, columns, labels, size: MOST }))
    }

    /// Whether a record can be written together with others.
    pub(in crate::domain::items) fn takes(record: &Record) -> bool {
        !shows_files(record)
    }

    /// Writes records in one statement; false, and nothing is written, when somebody else got ahead.
    pub(in crate::domain::items) async fn write_records(
        &self,
        records: Vec<Record>,
    ) -> Result<bool, Error> {
        let records = records.into_iter().enumerate().collect();
        self.write(&Plan { records, ..Plan::default() }).await
    }

    /// Takes rows from a place on. Nothing done and no failure means: this row has to go alone.
    pub(super) async fn next(&mut self, from: usize) -> Result<Progress, Error> {
        for _ in 0..ATTEMPTS {
            match self.attempt(from).await {
                Ok(Some(progress)) => return Ok(progress),
                Ok(None) => {}
                Err(error) => {
                    // One row may be the cause; alone it is found, and those before it are written.
                    if error.is_failure() {
                        tracing::warn!(
                            error = &error as &dyn std::error::Error,
                            "a batch of a bulk upsert failed"
                        );
                    }
                    break;
                }
            }
        }
        self.size = 2;
        Ok(Progress::default())
    }

    /// One batch; none when somebody else got ahead of it.
    async fn attempt(&mut self, from: usize) -> Result<Option<Progress>, Error> {
        let to = self.requests.len().min(from + self.size);
        let plan = self.plan(from, to).await?;
        // A short batch met a row that depends on another: there may be more such rows.
        let next = if plan.rows < to - from { (plan.rows * 2).max(2) } else { self.size * 2 };
        self.size = next.min(MOST);
        Ok(self.write(&plan).await?.then(|| plan.progress()))
    }

    async fn plan(&self, from: usize, to: usize) -> Result<Plan, Error> {
        let mut found = self.find(from, to).await?;
        let mut plan = Plan::default();
        for at in from..to {
            let Some(request) = self.requests.get(at).filter(|request| !needs_more(request)) else {
                break;
            };
            let key = self.key(at);
            let matches = key.map(|key| found.remove(key.text()).unwrap_or_default());
            let depends = key.is_some_and(|key| plan.keys.contains(key.text()))
                || matches.iter().flatten().any(|record| plan.ids.contains(&record.id()));
            if depends {
                break;
            }
            match self.take(&mut plan, at, request, matches.unwrap_or_default()).await {
                Ok(true) => plan.rows += 1,
                Ok(false) => break,
                Err(error) => {
                    plan.failure = Some(error);
                    break;
                }
            }
            if plan.closed {
                break;
            }
        }
        Ok(plan)
    }

    /// Decides what becomes of a row; false for one that has to go alone.
    async fn take(
        &self,
        plan: &mut Plan,
        at: usize,
        request: &RecordRequest,
        mut matches: Vec<Record>,
    ) -> Result<bool, Error> {
        let (call, table) = (self.call, self.table);
        let record = match (matches.pop(), matches.is_empty()) {
            (Some(_), false) => return Err(Error::Overlap),
            (None, _) if self.keys.is_some() && !self.creates => return Ok(true),
            (None, _) => create::prepare(call, table, Some(request)).await?.0,
            (Some(record), true) => {
                let stored = record.stored.clone().ok_or(Error::NotFound)?;
                update::prepare(call, table, record, &stored, Some(request)).await?.0
            }
        };
        if shows_files(&record) {
            return Ok(false);
        }
        if let Some(keys) = &self.keys {
            plan.keys.extend(self.key(at).map(|key| key.text().to_owned()));
            let title = self.labels.as_ref().map(|labels| text::title(&record, labels));
            match keys.parts.of_record(
                &record,
                table.columns,
                title.as_deref(),
                TimeRange::of(call),
            ) {
                Some(key) => {
                    plan.keys.insert(key.text().to_owned());
                }
                // Its key is known only once it has its id.
                None => plan.closed = true,
            }
        }
        plan.ids.extend(record.stored.as_ref().map(|stored| stored.id));
        plan.records.push((at, record));
        Ok(true)
    }

    fn key(&self, at: usize) -> Option<&Key> {
        self.keys.as_ref()?.of_rows.get(at)
    }

    /// The records of the keys of some rows, by the key's text.
    async fn find(&self, from: usize, to: usize) -> Result<HashMap<String, Vec<Record>>, Error> {
        let Some(keys) = &self.keys else { return Ok(HashMap::new()) };
        let mut seen = HashSet::new();
        let wanted: Vec<&Key> = (from..to)
            .filter_map(|at| self.key(at))
            .filter(|key| seen.insert(key.text()))
            .collect();
        let set = keys.parts.set(&wanted);
        let find = Find {
            kind: self.table.settings.kind,
            site: self.table.target.site.id,
            columns: &self.columns,
            mails: self.table.settings.full_text_number_of_mails,
            keys: &set,
        };
        let mut conn = self.call.services.db.acquire().await.map_err(db::Error::from)?;
        let mut found: HashMap<String, Vec<Record>> = HashMap::new();
        for (place, row) in records::find(&mut conn, &find).await? {
            let Some(key) = wanted.get(place) else { continue };
            let record = load::record(self.table, &self.columns, row);
            found.entry(key.text().to_owned()).or_default().push(record);
        }
        Ok(found)
    }

    /// Writes what a plan has taken; false when somebody else got ahead.
    async fn write(&self, plan: &Plan) -> Result<bool, Error> {
        if plan.records.is_empty() {
            return Ok(true);
        }
        let (call, table) = (self.call, self.table);
        let loaded;
        let labels = if let Some(labels) = &self.labels {
            labels
        } else {
            let records: Vec<&Record> = plan.records.iter().map(|(_, record)| record).collect();
            loaded = labels::load(call, table.settings, &records).await?;
            &loaded
        };
        let Writes { added, changed, new_keys } = self.writes(plan, labels);
        let unless = self.keys.as_ref().filter(|_| !new_keys.is_empty());
        let unless = unless.map(|keys| keys.parts.set(&new_keys));
        let batch = Batch {
            kind: table.settings.kind,
            site: table.target.site.id,
            user: call.caller.user,
            history_columns: &update::history_columns(call, table.settings.kind),
            added: &added,
            ids: None,
            changed: &changed,
            unless: unless.as_ref(),
        };
        let services = &call.services;
        let pool = if added.is_empty() { &services.db } else { &services.owner_db };
        if unless.is_none() {
            let mut conn = pool.acquire().await.map_err(db::Error::from)?;
            return Ok(records::write_batch(&mut conn, &batch).await?);
        }
        // As an upsert of one record that creates it, but of all keys of the site at once.
        let locks = [db::locks::Lock::Exclusive(site_lock(call, table))];
        let mut transaction = db::locks::begin(pool, &locks).await?;
        let written = records::write_batch(&mut transaction, &batch).await?;
        transaction.commit().await.map_err(db::Error::from)?;
        Ok(written)
    }

    fn writes(&self, plan: &Plan, labels: &Labels) -> Writes<'_> {
        let (call, table) = (self.call, self.table);
        let (site, range) = (&table.target.site, TimeRange::of(call));
        let mut writes = Writes::default();
        let mut clock = Clock::default();
        for (at, record) in &plan.records {
            let item = text::item_text(call, site, record, labels);
            let links = links::destinations(site, record);
            match &record.stored {
                None => {
                    writes.new_keys.extend(self.key(*at));
                    writes.added.push(Added {
                        item,
                        values: stored::for_insert(record, table.columns, range),
                        links,
                        milliseconds: clock.after(i64::MAX),
                    });
                }
                Some(former) => writes.changed.push(Changed {
                    id: former.id,
                    token: former.token,
                    version: versions::next(call, record, former),
                    item,
                    values: stored::for_update(record, table.columns, range),
                    links,
                    milliseconds: clock.after(former.id),
                }),
            }
        }
        writes
    }
}

/// What a batch is going to write.
#[derive(Default)]
struct Plan {
    /// The rows taken, those included that nothing is written of.
    rows: usize,
    /// The records to write, with the place of their rows.
    records: Vec<(usize, Record)>,
    /// Keys that these records had, and have from now on.
    keys: HashSet<String>,
    /// The ids of those that are there.
    ids: HashSet<i64>,
    /// Whether a record of unknown key is among them, on which every further row could depend.
    closed: bool,
    /// Why the row behind the last one fails.
    failure: Option<Error>,
}

impl Plan {
    fn progress(self) -> Progress {
        let updated = self.ids.len();
        Progress {
            rows: self.rows,
            inserted: self.records.len() - updated,
            updated,
            failure: self.failure,
        }
    }
}

#[derive(Default)]
struct Writes<'k> {
    added: Vec<Added>,
    changed: Vec<Changed>,
    new_keys: Vec<&'k Key>,
}

/// Times of one statement that sort as those of one write after the other: lists show the last one written first, and
/// of equal times the greatest id.
#[derive(Default)]
struct Clock {
    milliseconds: i32,
    last: i64,
}

impl Clock {
    fn after(&mut self, id: i64) -> i32 {
        if id < self.last {
            self.milliseconds += 1;
        }
        self.last = id;
        self.milliseconds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_go_on_where_ids_go_back() {
        let mut clock = Clock::default();
        let times: Vec<i32> =
            [3, 5, 4, i64::MAX, i64::MAX, 7].into_iter().map(|id| clock.after(id)).collect();
        assert_eq!(times, [0, 0, 1, 1, 1, 2]);
    }
}
