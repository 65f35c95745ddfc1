//! Writing the parents whose sums have changed (03 §12.4).

use sqlx::PgConnection;

use crate::db::records::{self, Batch, Changed, FileChanges, Update, Updated};
use crate::domain::display::Labels;
use crate::domain::items::record::Record;
use crate::domain::items::request::RecordRequest;
use crate::domain::items::stored::{self, TimeRange};
use crate::domain::items::update::history_columns;
use crate::domain::items::{Table, labels, links, permissions, text};
use crate::domain::settings::enums::AutoVerUpType;
use crate::domain::{Call, Error};

use super::super::compute_formulas;
use super::super::matching::Viewer;

/// The most parents of one statement. It bounds its memory.
const MOST: usize = 500;

/// Stores the parents that have changed: their formulas and texts follow, their own summaries do not. A version is made
/// only where every update makes one.
pub(super) async fn store(
    conn: &mut PgConnection,
    call: &Call,
    table: &Table<'_>,
    viewer: &Viewer,
    mut records: Vec<Record>,
) -> Result<(), Error> {
    records.retain(|record| record.changes().next().is_some());
    for record in &mut records {
        compute_formulas(call, viewer, record).await?;
    }
    let gives_permissions = !table.settings.permission_for_updating.is_empty();
    for records in records.chunks(if gives_permissions { 1 } else { MOST }) {
        if !store_chunk(conn, call, table, records).await? {
            return Err(Error::UpdateConflicts);
        }
    }
    Ok(())
}

/// Stores changed parents as they are; false when somebody else changed one of them.
pub(super) async fn store_chunk(
    conn: &mut PgConnection,
    call: &Call,
    table: &Table<'_>,
    records: &[Record],
) -> Result<bool, Error> {
    let all: Vec<&Record> = records.iter().collect();
    let labels = labels::load(call, table.settings, &all).await?;
    let changed = records.iter().filter_map(|record| changed(call, table, record, &labels));
    let changed: Vec<Changed> = changed.collect();
    match (records, changed.as_slice()) {
        ([record], [changed]) => store_one(conn, call, table, record, changed).await,
        _ => store_all(conn, call, table, &changed).await,
    }
}

fn changed(call: &Call, table: &Table<'_>, record: &Record, labels: &Labels) -> Option<Changed> {
    let stored = record.stored.as_ref()?;
    let site = &table.target.site;
    let always = table.settings.auto_ver_up == AutoVerUpType::Always;
    Some(Changed {
        id: stored.id,
        token: stored.token,
        version: always.then_some(stored.ver + 1),
        item: text::item_text(call, site, record, labels),
        values: stored::for_update(record, table.columns, TimeRange::of(call)),
        links: links::destinations(site, record),
        milliseconds: 0,
    })
}

async fn store_all(
    conn: &mut PgConnection,
    call: &Call,
    table: &Table<'_>,
    changed: &[Changed],
) -> Result<bool, Error> {
    let site = &table.target.site;
    let batch = Batch {
        kind: site.kind,
        site: site.id,
        user: call.caller.user,
        history_columns: &history_columns(call, site.kind),
        added: &[],
        ids: None,
        changed,
        unless: None,
    };
    Ok(records::write_batch(conn, &batch).await?)
}

/// As [`store_all`], with the permissions that the table gives at an update.
async fn store_one(
    conn: &mut PgConnection,
    call: &Call,
    table: &Table<'_>,
    record: &Record,
    changed: &Changed,
) -> Result<bool, Error> {
    let site = &table.target.site;
    let permissions = permissions::for_updating(call, record, &RecordRequest::default()).await?;
    let update = Update {
        tenant: call.caller.tenant.id,
        kind: site.kind,
        site: site.id,
        id: changed.id,
        token: changed.token,
        user: call.caller.user,
        version: changed.version,
        history_columns: &history_columns(call, site.kind),
        values: &changed.values,
        item: &changed.item,
        links: &changed.links,
        files: FileChanges::default(),
        permissions: permissions.as_deref(),
        site_title: None,
        unique: &[],
    };
    Ok(records::update(conn, &update).await? == Updated::Done)
}
