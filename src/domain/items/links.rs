//! The records that a record links to (03 §12.1).

use crate::domain::display;
use crate::model::{Site, SiteId};

use super::record::Record;

/// Ids in the link columns of a record: positive, each once. Columns whose target site is not registered as a
/// destination of this one count for nothing.
pub(super) fn destinations(site: &Site, record: &Record) -> Vec<i64> {
    let table = record.table();
    let mut found = Vec::new();
    for link in table.links.iter().filter(|link| site.destinations.contains(&SiteId(link.site_id)))
    {
        let Some(column) = table.column(&link.column_name) else { continue };
        let ids = display::values(column, record.text(&column.name));
        for id in ids.iter().filter_map(|id| id.trim().parse::<i64>().ok()).filter(|id| *id > 0) {
            if !found.contains(&id) {
                found.push(id);
            }
        }
    }
    found
}
