//! Values that are copied from linked records (03 §12.3).

use std::collections::BTreeSet;

use crate::db;
use crate::db::records::{self, Select};
use crate::db::sql::{Bind, Ident, Predicate};
use crate::domain::items::record::Record;
use crate::domain::items::{Table, load, posted};
use crate::domain::permissions::Scope;
use crate::domain::settings::document::{Link, Lookup};
use crate::domain::settings::enums::LookupType;
use crate::domain::settings::{Column, ColumnRight};
use crate::domain::{Call, Error, columns};
use crate::model::{Rights, SiteId};

use super::people;
use super::placeholders;
use super::relatives::{self, Relative};
use super::values::{self, Hand};

/// A value that a data change has just assigned: lookups leave it alone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Assigned<'a> {
    /// The column.
    pub column: &'a str,
    /// New in 1.5: on create the default of the column, or a blank without one, is filled nevertheless.
    pub fills: bool,
}

/// Fills the targets of every link whose column the call changes. Whether anything was assigned.
pub(super) async fn run(
    call: &Call,
    table: &Table<'_>,
    record: &mut Record,
    assigned: Option<Assigned<'_>>,
) -> Result<bool, Error> {
    let settings = table.settings;
    let due: Vec<(&Link, &[Lookup])> = settings
        .links
        .iter()
        .filter(|link| settings.column(&link.column_name).is_some_and(|c| record.is_changed(c)))
        .filter_map(|link| Some((link, link.lookups.as_deref().filter(|list| !list.is_empty())?)))
        .collect();
    if due.is_empty() {
        return Ok(false);
    }
    let linked = Linked::load(call, table, record, &due).await?;
    let users = call.users().await?;
    let hand = Hand::of(call, &users);
    let mut any = false;
    for (link, lookups) in due {
        for lookup in lookups {
            let Some(column) = settings.column(&lookup.to) else { continue };
            if !posted::keeps(settings, &column.name) || !is_open(record, column, lookup, assigned)
            {
                continue;
            }
            let text =
                linked.text(call, &hand, record.text(&link.column_name), link, lookup).await?;
            if let Some(value) = hand.value(column, &text) {
                record.set(&column.name, value);
                any = true;
            }
        }
    }
    Ok(any)
}

/// Whether the target takes a value: not if it was just assigned, nor, without `Overwrite`, if it is not blank.
fn is_open(
    record: &Record,
    column: &Column,
    lookup: &Lookup,
    assigned: Option<Assigned<'_>>,
) -> bool {
    if assigned.is_some_and(|assigned| assigned.column == column.name && !assigned.fills) {
        return false;
    }
    if lookup.overwrite {
        return true;
    }
    // QUIRK(03 §12.3): on update the saved value counts, so a posted one may be lost.
    let value =
        if record.stored.is_some() { record.saved(&column.name) } else { record.get(&column.name) };
    value.is_none_or(|value| values::is_blank(column, value))
}

/// The linked records, as far as the caller may read them.
struct Linked {
    sites: Vec<(Relative, Vec<Record>)>,
    people: people::Rows,
}

impl Linked {
    /// One round trip for the sites, one per site for its records; usually there is one.
    async fn load(
        call: &Call,
        table: &Table<'_>,
        record: &Record,
        due: &[(&Link, &[Lookup])],
    ) -> Result<Self, Error> {
        let destinations = &table.target.site.destinations;
        let wanted: BTreeSet<SiteId> = due
            .iter()
            .filter(|(link, _)| id(record.text(&link.column_name)).is_some())
            .map(|(link, _)| SiteId(link.site_id))
            .filter(|site| destinations.contains(site))
            .collect();
        let ids: Vec<SiteId> = wanted.into_iter().collect();
        let mut sites = Vec::new();
        for relative in relatives::load(call, &ids).await? {
            let site = relative.target.site.id;
            let of_site = due.iter().filter(|(link, _)| link.site_id == site.0);
            let ids: Vec<i64> =
                of_site.filter_map(|(link, _)| id(record.text(&link.column_name))).collect();
            let records = readable(call, &relative, &ids).await?;
            sites.push((relative, records));
        }
        let people = people::Rows::load(call, record, due).await?;
        Ok(Self { sites, people })
    }

    /// What a lookup copies; empty where there is nothing, or nothing that the caller may read.
    async fn text(
        &self,
        call: &Call,
        hand: &Hand<'_>,
        value: &str,
        link: &Link,
        lookup: &Lookup,
    ) -> Result<String, Error> {
        let Some(id) = id(value) else { return Ok(String::new()) };
        if !link.table_name.is_empty() {
            let value = self.people.value(&link.table_name, id, &lookup.from);
            return Ok(value.map(|value| hand.plain(value)).unwrap_or_default());
        }
        let of_site = |site: &&(Relative, Vec<Record>)| site.0.target.site.id.0 == link.site_id;
        let Some((relative, records)) = self.sites.iter().find(of_site) else {
            return Ok(String::new());
        };
        let Some(record) = records.iter().find(|record| record.id() == id) else {
            return Ok(String::new());
        };
        let Some(column) = relative.settings.column(&lookup.from) else { return Ok(String::new()) };
        let access = call.access(&relative.target);
        let roles = crate::domain::items::roles(call, record);
        if !columns::allows(call, &access, column.access(ColumnRight::Read), Some(roles)) {
            return Ok(String::new());
        }
        if lookup.lookup_type == LookupType::DisplayName {
            let shown = placeholders::display_value(call, record, &column.name).await?;
            return Ok(shown.unwrap_or_default());
        }
        let value = values::current(record, &column.name);
        Ok(value.map(|value| hand.raw(column, &value)).unwrap_or_default())
    }
}

/// The number of a link's value; several selections are none.
fn id(text: &str) -> Option<i64> {
    text.trim().parse().ok().filter(|id| *id > 0)
}

/// The records of those ids that the caller may read, by the site's rights or by their own.
async fn readable(call: &Call, relative: &Relative, ids: &[i64]) -> Result<Vec<Record>, Error> {
    let Some(table) = relative.table(call) else { return Ok(Vec::new()) };
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    let mut ids = ids.to_vec();
    if !table.access.can(Rights::READ, Scope::Site) {
        let site = [relative.target.site.id];
        let titles = db::items::readable_titles(&mut conn, &call.caller, &site, &ids).await?;
        ids.retain(|id| titles.contains_key(id));
    }
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let wanted = load::columns(table.settings, table.columns);
    let query = Select {
        kind: table.settings.kind,
        site: relative.target.site.id,
        columns: &wanted,
        limit: i64::try_from(ids.len()).unwrap_or(i64::MAX),
        condition: Predicate::In(
            Ident::id_of(table.settings.kind),
            Bind::Longs(ids.into_iter().map(Some).collect()),
        ),
        mails: 0,
    };
    let rows = records::select(&mut conn, &query).await?;
    Ok(rows.into_iter().map(|row| load::record(&table, &wanted, row)).collect())
}
