//! Parents with scripts or named SQL of their own (07 §2.9, §4.3): each is brought up to date by an update of its own,
//! behind that of the child.

use crate::db;
use crate::domain::items::record::Record;
use crate::domain::items::{Table, hooks, load, scripts};
use crate::domain::named_sql::Hook;
use crate::domain::scripts::Moment;
use crate::domain::{Call, Error};

use super::super::calculate;
use super::super::matching::Viewer;
use super::{Parent, Sums, store};

/// How often a parent that somebody else changes meanwhile is computed anew.
const TRIES: usize = 5;

/// Updates every parent of a site that does not have the value that its records add up to.
///
/// The sum is taken behind the look at the parent, so whoever stores last has seen every child.
pub(super) async fn update(
    call: &Call,
    table: &Table<'_>,
    parent: &Parent,
    child: &Table<'_>,
) -> Result<(), Error> {
    let sums = parent.sums(call, child).await?;
    for id in parent.ids() {
        let mut tries = 0..TRIES;
        while !update_one(call, table, &sums, child, id).await? {
            tries.next().ok_or(Error::UpdateConflicts)?;
        }
    }
    Ok(())
}

/// False where somebody else has changed the parent meanwhile.
async fn update_one(
    call: &Call,
    table: &Table<'_>,
    sums: &Sums<'_>,
    child: &Table<'_>,
    id: i64,
) -> Result<bool, Error> {
    let Some(record) = load::by_id(call, table, id).await? else { return Ok(true) };
    let mut records = [record];
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    sums.assign(&mut conn, &Viewer::of(call), child, &mut records).await?;
    drop(conn);
    let [mut record] = records;
    if record.changes().next().is_none() {
        return Ok(true);
    }
    calculate(call, table, &mut record).await?;
    // QUIRK(07 §4.3): `context.Error` keeps the parent as it was; the child, and the answer, stay.
    scripts::run(call, table, Moment::BeforeUpdate, &mut record).await?;
    if call.scripts.check().is_err() {
        return Ok(true);
    }
    let stored = match stored(call, table, &record).await {
        // The child is written: the call as a whole must not be made again.
        Err(error) if error.is_retryable() => false,
        stored => stored?,
    };
    if !stored {
        return Ok(false);
    }
    hooks::after(call, table, Hook::OnUpdated, id).await?;
    scripts::run(call, table, Moment::AfterUpdate, &mut record).await?;
    Ok(true)
}

/// Stores it behind what runs before an update (07 §2.9); false where somebody else has changed it meanwhile.
async fn stored(call: &Call, table: &Table<'_>, record: &Record) -> Result<bool, Error> {
    let mut record = record.clone();
    let Some(stored) = &mut record.stored else { return Ok(false) };
    let before = hooks::before_update(call, table, stored);
    let mut transaction = call.services.owner_db.begin().await.map_err(db::Error::from)?;
    let kind = table.settings.kind;
    let Some(token) = hooks::run_before(&before, &mut transaction, kind, stored).await? else {
        return Ok(false);
    };
    stored.token = token;
    let stored = store::store_chunk(&mut transaction, call, table, std::slice::from_ref(&record));
    let stored = stored.await?;
    transaction.commit().await.map_err(db::Error::from)?;
    Ok(stored)
}
