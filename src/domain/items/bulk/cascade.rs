//! `DeleteWithLinks` (04 §3.6): records of linking sites that go along with those that they link to.
//!
//! Set-based: for each linking table one statement that looks and one that deletes, whatever the number of records.

use std::collections::HashSet;

use crate::db;
use crate::db::records::{self, RECORD, Selection};
use crate::db::sql::{Bind, Ident, Predicate};
use crate::domain::items::{Table, logic, scripts};
use crate::domain::permissions::Scope;
use crate::domain::scripts::Moment;
use crate::domain::settings::document::{LinkAction, View};
use crate::domain::{Call, Error};
use crate::model::{Rights, SiteId};

use super::delete::{around, compiled, deletion};
use super::summaries::synchronize_each;

/// Deletes what linking sites want deleted along with these records of a table; each table commits on its own.
pub(in crate::domain::items) async fn cascade(
    call: &Call,
    table: &Table<'_>,
    ids: &[i64],
) -> Result<(), Error> {
    let mut seen: HashSet<i64> = ids.iter().copied().collect();
    below(call, table.target.site.id, ids, &mut seen).await
}

/// As [`cascade`], without the records that are on their way already: links may go round in a circle.
async fn below(
    call: &Call,
    site: SiteId,
    ids: &[i64],
    seen: &mut HashSet<i64>,
) -> Result<(), Error> {
    if ids.is_empty() {
        return Ok(());
    }
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    let children = db::dependent_sites(&mut conn, call.caller.tenant.id, site).await?;
    drop(conn);
    for child in logic::load_relatives(call, &children).await? {
        let table = child.table_or_wiki(call).filter(|table| table.settings.kind.is_table());
        // Silently, as the reference.
        let Some(table) = table.filter(|table| table.access.can(Rights::DELETE, Scope::Site))
        else {
            continue;
        };
        for action in actions(&table, site) {
            children_of(call, &table, action.view.as_ref(), ids, seen).await?;
        }
    }
    Ok(())
}

/// What the table's links to a site want done.
fn actions(table: &Table<'_>, site: SiteId) -> Vec<LinkAction> {
    let links = table.settings.links.iter().filter(|link| link.site_id == site.0);
    let actions = links.flat_map(|link| link.link_actions.iter().flatten());
    actions.filter(|action| action.action_type == "DeleteWithLinks").cloned().collect()
}

async fn children_of(
    call: &Call,
    table: &Table<'_>,
    view: Option<&View>,
    parents: &[i64],
    seen: &mut HashSet<i64>,
) -> Result<(), Error> {
    // What people see on a screen that wants a condition does not count here.
    let mut query = compiled(call, table, view, Rights::READ, true).await?;
    let linking = Selection::LinkingTo(parents.to_vec());
    let delete = deletion(call, table, &query, &linking, false);
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    let mut ids = records::choose(&mut conn, &delete).await?.ids;
    ids.retain(|id| seen.insert(*id));
    if ids.is_empty() {
        return Ok(());
    }
    let everything = query.predicate.clone();
    let is_locked = Predicate::Equal(Ident::new("Locked").of(&RECORD), Bind::Bool(Some(true)));
    query.predicate = Predicate::All(vec![everything.clone(), is_locked]);
    let locked = deletion(call, table, &query, &Selection::All, false);
    // QUIRK(04 §3.6): a locked record that the view has keeps all others, even if it links to nothing that goes.
    let any_locked = !records::choose(&mut conn, &locked).await?.ids.is_empty();
    drop(conn);
    if any_locked {
        return synchronize_each(call, table, table.settings.summaries.iter()).await;
    }
    query.predicate = everything;
    scripts::run_without_record(call, table, Moment::BeforeBulkDelete).await?;
    Box::pin(below(call, table.target.site.id, &ids, seen)).await?;
    let selection = Selection::Only(ids);
    let mut delete = deletion(call, table, &query, &selection, false);
    delete.cascaded = true;
    around(call, table, &delete).await?;
    scripts::run_without_record(call, table, Moment::AfterBulkDelete).await
}
