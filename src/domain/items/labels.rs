//! What a record's texts need from elsewhere: names of people, titles of linked records.

use std::collections::HashMap;
use std::sync::Arc;

use crate::db;
use crate::domain::display::{self, Labels};
use crate::domain::settings::{Column, Subject, TableSettings};
use crate::domain::tenants::Names;
use crate::domain::{Call, Error};
use crate::model::SiteId;

use super::record::Record;

/// Labels for the records; one look-up for all titles of linked records, none where no column is a link.
pub async fn load(
    call: &Call,
    table: &TableSettings,
    records: &[&Record],
) -> Result<Labels, Error> {
    load_for(call, table, records, |_| true).await
}

/// As [`load`], for some of the columns.
pub async fn load_for(
    call: &Call,
    table: &TableSettings,
    records: &[&Record],
    wanted: impl Fn(&Column) -> bool,
) -> Result<Labels, Error> {
    let mut labels = names(call, table).await?;
    let (sites, ids) = linked(table, records, wanted);
    if !ids.is_empty() {
        let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
        labels.links = db::items::readable_titles(&mut conn, &call.caller, &sites, &ids).await?;
    }
    Ok(labels)
}

/// Labels without titles of linked records.
async fn names(call: &Call, table: &TableSettings) -> Result<Labels, Error> {
    let subjects = |subject| table.columns.iter().any(|column| column.subject == subject);
    Ok(Labels {
        language: call.language(),
        zones: call.zones.clone(),
        users: call.users().await?,
        depts: if subjects(Subject::Dept) {
            call.depts().await?
        } else {
            Arc::new(Names::default())
        },
        groups: if subjects(Subject::Group) {
            call.groups().await?
        } else {
            Arc::new(Names::default())
        },
        links: HashMap::new(),
    })
}

/// The sites that the link columns lead to, and the ids that the records have in them.
fn linked(
    table: &TableSettings,
    records: &[&Record],
    wanted: impl Fn(&Column) -> bool,
) -> (Vec<SiteId>, Vec<i64>) {
    let mut sites = Vec::new();
    let mut ids = Vec::new();
    for column in table.columns.iter().filter(|column| column.link && wanted(column)) {
        sites.extend(table.links_of(&column.name).map(|link| SiteId(link.site_id)));
        let texts = records.iter().map(|record| record.text(&column.name));
        ids.extend(
            texts
                .flat_map(|text| display::values(column, text))
                .filter_map(|id| id.trim().parse::<i64>().ok()),
        );
    }
    (sites, ids)
}
