//! Titles of records that show the title of a changed one (03 §12.5).

use std::collections::HashSet;
use std::sync::Arc;

use crate::db;
use crate::db::records::{self, Select};
use crate::db::sql::{Bind, Ident, Predicate};
use crate::domain::items::record::Record;
use crate::domain::items::{Table, labels, load, text};
use crate::domain::settings::TableSettings;
use crate::domain::{Call, Error};
use crate::model::{SiteId, SiteVersion, Target};

use super::relatives;

/// Carries a new title on to the records that show it, and from those up the chain of sites, each site once.
///
/// After the transaction of the record: nobody then waits for linking records while holding a record that they link to.
pub(crate) async fn carry_over(
    call: &Call,
    table: &Table<'_>,
    id: i64,
    title: &str,
) -> Result<(), Error> {
    let target = table.target;
    let is_record = target.item.0 == id;
    // QUIRK(03 §6.1): an upsert knows the site's title only, so that it always looks.
    if target.site.sources.is_empty() || (is_record && target.item_title == title) {
        return Ok(());
    }
    let mut visited = HashSet::from([target.site.id]);
    let mut due = vec![(target.clone(), vec![id])];
    while let Some((target, ids)) = due.pop() {
        for (site, settings) in relatives::sources(call, &target).await? {
            if !shows_titles_of(&settings, target.site.id) || !visited.insert(site) {
                continue;
            }
            let changed = refresh(call, site, &settings, &ids).await?;
            if !changed.is_empty() {
                due.push((with_sources(call, site).await?, changed));
            }
        }
    }
    Ok(())
}

/// Whether a title column of the table links to the site.
fn shows_titles_of(table: &TableSettings, site: SiteId) -> bool {
    table.title_columns.iter().any(|name| table.links_of(name).any(|link| link.site_id == site.0))
}

/// Whether titles of the table show a column, or something that is computed from it.
fn is_shown(table: &TableSettings, column: &str) -> bool {
    let shows = |name: &str| table.title_columns.iter().any(|shown| shown == name);
    shows(column) || (matches!(column, "WorkValue" | "ProgressRate") && shows("RemainingWorkValue"))
}

/// Makes the titles of the records that link to some others anew: four statements, however many records.
async fn refresh(
    call: &Call,
    site: SiteId,
    settings: &Arc<TableSettings>,
    destinations: &[i64],
) -> Result<Vec<i64>, Error> {
    let kind = settings.kind;
    let Some(columns) = call.services.catalogue.table(kind.name()).filter(|_| kind.is_table())
    else {
        return Ok(Vec::new());
    };
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    let ids = db::titles::linking(&mut conn, site, destinations).await?;
    if ids.is_empty() {
        return Ok(ids);
    }
    let wanted: Vec<_> = load::columns(settings, columns)
        .into_iter()
        .filter(|column| is_shown(settings, &column.name))
        .collect();
    let query = Select {
        kind,
        site,
        columns: &wanted,
        limit: i64::try_from(ids.len()).unwrap_or(i64::MAX),
        condition: Predicate::In(
            Ident::id_of(kind),
            Bind::Longs(ids.into_iter().map(Some).collect()),
        ),
        mails: 0,
    };
    let rows = records::select(&mut conn, &query).await?;
    drop(conn);
    let names = || wanted.iter().map(|column| column.name.as_str());
    let mut records: Vec<Record> =
        rows.into_iter().map(|row| Record::load(settings, names(), row)).collect();
    records.sort_by_key(Record::id);
    let labels = labels::load(call, settings, &records.iter().collect::<Vec<_>>()).await?;
    let ids: Vec<i64> = records.iter().map(Record::id).collect();
    let titles: Vec<String> = records.iter().map(|record| text::title(record, &labels)).collect();
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    Ok(db::titles::store(&mut conn, &ids, &titles).await?)
}

/// A site as a target, with the sites that link to it.
async fn with_sources(call: &Call, site: SiteId) -> Result<Target, Error> {
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    let sources: Vec<SiteVersion> =
        db::titles::sources(&mut conn, call.caller.tenant.id, site).await?;
    drop(conn);
    let found = relatives::load(call, &[site]).await?.pop();
    let mut target = found.ok_or(Error::Corrupt("a linking site that is gone"))?.target;
    target.site.sources = sources;
    Ok(target)
}
