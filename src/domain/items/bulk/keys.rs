//! The keys of a bulk upsert: those of an upsert (03 §6), asked of every row (04 §2.3, §2.5).

use crate::db::sql::{Bind, Ident, Predicate};
use crate::domain::Error;
use crate::domain::items::keys::{Key, Keys, Refused};
use crate::lenient::Json;
use crate::model::{ReferenceType, SiteId};

/// Refuses the call with every key, in their order, for which not every row has a value.
pub(super) fn check(keys: &Keys<'_>, names: &[Key], rows: &[Json<'_>]) -> Result<(), Error> {
    // Without rows no key has a value.
    let is_bad = |key: &&Key| rows.is_empty() || !rows.iter().all(|row| keys.is_usable(key, row));
    let bad: Vec<&str> = names.iter().filter(is_bad).map(Key::text).collect();
    if bad.is_empty() {
        Ok(())
    } else {
        Err(Error::InvalidUpsertKey(format!("({})", bad.join(","))))
    }
}

/// What the keys of each row compare, and the filter that holds for all (BUG(04 §2.6): the reference then looks for the
/// keys of the last row). Dates out of range refuse the call with those of all rows (04 §2.2, step 6).
pub(super) fn conditions(
    keys: &Keys<'_>,
    names: &[Key],
    rows: &[Json<'_>],
    site: SiteId,
    filter: Option<&Predicate>,
) -> Result<Vec<Predicate>, Error> {
    let columns: Vec<_> = names.iter().filter_map(|key| keys.table.column(key.text())).collect();
    let mut out_of_range = Vec::new();
    let mut conditions = Vec::with_capacity(rows.len());
    for row in rows {
        let mut parts = Vec::with_capacity(columns.len());
        for column in &columns {
            match keys.compare(column, row) {
                Ok(part) if column.name == "Title" => {
                    parts.extend(part.map(|part| of_item(keys.table.kind, site, part)));
                }
                Ok(part) => parts.extend(part),
                Err(Refused::OutOfRange(time)) => {
                    let time = time.format("%Y/%m/%d %H:%M:%S");
                    out_of_range.push(format!("'{}'='{time}'", column.name));
                }
                Err(Refused::Unreadable) => return Err(Error::InvalidJsonData),
            }
        }
        parts.extend(filter.cloned());
        conditions.push(Predicate::All(parts));
    }
    if out_of_range.is_empty() {
        Ok(conditions)
    } else {
        Err(Error::InvalidUpsertKey(format!("({})", out_of_range.join(","))))
    }
}

/// QUIRK(04 §2.5): a title is compared with the display title, which an upsert of one record does not do.
pub(in crate::domain::items) fn of_item(
    kind: ReferenceType,
    site: SiteId,
    title: Predicate,
) -> Predicate {
    Predicate::OfItem(Ident::id_of(kind), Bind::Long(Some(site.0)), Box::new(title))
}
