//! Making the search texts of stored records anew (08 §13).

use crate::db::records::{self, Select};
use crate::db::sql::{Bind, Ident, Predicate};
use crate::db::{self, search_texts};
use crate::domain::{Call, Error};
use crate::model::SiteId;

use super::{Table, labels, load, logic, text};

/// Records that are read and stored at once.
const AT_ONCE: usize = 500;

/// Of every record of the site that the call addresses; without an id of a lot of those whose text is older than they
/// are.
///
/// Only the caller's own tenant, where the reference knows no bounds (BUG(08 §13)). The text of a site's own item is
/// made when the site is saved, and never old.
pub async fn rebuild(call: &Call) -> Result<(), Error> {
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    let tenant = call.caller.tenant.id;
    let due = if call.id > 0 {
        search_texts::of_site(&mut conn, tenant, SiteId(call.id)).await?
    } else {
        let lot = call.services.parameters.background_task.create_search_index_lot;
        search_texts::outdated(&mut conn, tenant, lot.into()).await?
    };
    drop(conn);
    let sites: Vec<SiteId> = due.iter().map(|(site, _)| *site).collect();
    let relatives = logic::load_relatives(call, &sites).await?;
    for (site, ids) in due {
        let found = relatives.iter().find(|relative| relative.target.site.id == site);
        let Some(table) = found.and_then(|relative| relative.table_or_wiki(call)) else { continue };
        for ids in ids.chunks(AT_ONCE) {
            rebuild_records(call, &table, ids).await?;
        }
    }
    Ok(())
}

async fn rebuild_records(call: &Call, table: &Table<'_>, ids: &[i64]) -> Result<(), Error> {
    let wanted = load::columns(table.settings, table.columns);
    let condition = Predicate::In(
        Ident::id_of(table.settings.kind),
        Bind::Longs(ids.iter().copied().map(Some).collect()),
    );
    let site = &table.target.site;
    let query = Select {
        limit: i64::try_from(ids.len()).unwrap_or(i64::MAX),
        ..load::select(table.settings, site.id, &wanted, condition)
    };
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    let rows = records::select(&mut conn, &query).await?;
    drop(conn);
    let records: Vec<_> = rows.into_iter().map(|row| load::record(table, &wanted, row)).collect();
    let labels = labels::load(call, table.settings, &records.iter().collect::<Vec<_>>()).await?;
    let (ids, texts): (Vec<i64>, Vec<String>) = records
        .iter()
        .map(|record| (record.id(), text::search_words(call, site, record, &labels).join(" ")))
        .unzip();
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    search_texts::store(&mut conn, &ids, &texts).await?;
    Ok(())
}
