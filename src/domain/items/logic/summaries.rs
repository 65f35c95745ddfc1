//! Values that a record adds up to in its parents, and that its children add up to in it (03 §12.4).

mod scripted;
mod store;

use std::collections::BTreeMap;
use std::sync::Arc;

use rust_decimal::Decimal;
use sqlx::PgConnection;

use crate::db::records::{self, ListQuery, Select};
use crate::db::sql::{Bind, Ident, Predicate};
use crate::db::summaries::{self, Aggregate, Children, Destination, Sum};
use crate::db::{self, ColumnInfo, TableInfo};
use crate::domain::items::record::Record;
use crate::domain::items::{Table, load};
use crate::domain::named_sql::{self, Hook};
use crate::domain::permissions::Scope;
use crate::domain::scripts::{self, Moment};
use crate::domain::settings::TableSettings;
use crate::domain::settings::document::{Summary, View};
use crate::domain::view::{self, Compiler, Reader};
use crate::domain::{Call, Error};
use crate::model::{DataType, Rights, SiteId, Target, Value};

use super::matching::Viewer;
use super::relatives::{self, Relative};

use self::store::store;

/// The parents that a write changes, found before it.
#[derive(Default)]
#[must_use = "parents with scripts are updated behind the commit"]
pub(crate) struct Parents(Vec<Parent>);

/// One site of parents.
struct Parent {
    site: Relative,
    /// Each summary with the parents it is computed for.
    due: Vec<(Summary, Vec<i64>)>,
}

/// The parents that records had and have, by the summaries of their table; usually none, and then no round trip.
///
/// Where the caller may not update a site of parents, it is left alone in silence.
pub(crate) async fn parents(
    call: &Call,
    table: &TableSettings,
    records: &[&Record],
) -> Result<Parents, Error> {
    let mut sites: BTreeMap<SiteId, Vec<(Summary, Vec<i64>)>> = BTreeMap::new();
    for summary in &table.summaries {
        let mut ids: Vec<i64> =
            records.iter().flat_map(|record| numbers(record, &summary.link_column)).collect();
        ids.sort_unstable();
        ids.dedup();
        if !ids.is_empty() {
            sites.entry(SiteId(summary.site_id)).or_default().push((summary.clone(), ids));
        }
    }
    let ids: Vec<SiteId> = sites.keys().copied().collect();
    let mut parents = Vec::new();
    for site in relatives::load(call, &ids).await? {
        let may = call.access(&site.target).can(Rights::UPDATE, Scope::Site);
        if let Some(due) = sites.remove(&site.target.site.id).filter(|_| may) {
            parents.push(Parent { site, due });
        }
    }
    Ok(Parents(parents))
}

/// Brings every parent of the table's records up to date, those included that no record links to any more: after a
/// change of many records, or because somebody asks for it. A summary whose link the table does not have is left out
/// (06 §1.10). Of what comes back, [`Parents::update_scripted`] has still to be called behind the commit.
pub(crate) async fn synchronize<'s>(
    call: &Call,
    table: &Table<'_>,
    summaries: impl Iterator<Item = &'s Summary>,
    conn: &mut PgConnection,
) -> Result<Parents, Error> {
    let linked = |summary: &&Summary| {
        table.settings.links_of(&summary.link_column).any(|link| link.site_id == summary.site_id)
    };
    let mut sites: BTreeMap<SiteId, Vec<Summary>> = BTreeMap::new();
    for summary in summaries.filter(linked) {
        sites.entry(SiteId(summary.site_id)).or_default().push(summary.clone());
    }
    let ids: Vec<SiteId> = sites.keys().copied().collect();
    let mut parents = Vec::new();
    for site in relatives::load(call, &ids).await? {
        let may = call.access(&site.target).can(Rights::UPDATE, Scope::Site);
        let Some(summaries) = sites.remove(&site.target.site.id).filter(|_| may) else { continue };
        let ids = stale(conn, call, table, &site, &summaries).await?;
        let due = summaries.into_iter().map(|summary| (summary, ids.clone())).collect();
        parents.push(Parent { site, due });
    }
    let parents = Parents(parents);
    parents.store(conn, call, table).await?;
    Ok(parents)
}

/// The parents that have another value than their records add up to.
async fn stale(
    conn: &mut PgConnection,
    call: &Call,
    child: &Table<'_>,
    site: &Relative,
    due: &[Summary],
) -> Result<Vec<i64>, Error> {
    let Some(parent) = site.table(call) else { return Ok(Vec::new()) };
    let source = Source { settings: child.settings, columns: child.columns };
    let mut targets = Vec::new();
    for summary in due {
        let column = parent.columns.column(&summary.destination_column);
        let settings = parent.settings.column(&summary.destination_column);
        let sum = source.sum(call, Some(child.target), summary).await?;
        let column = column.filter(|column| column.data_type == DataType::Decimal);
        let found = column.zip(settings).zip(sum);
        targets.extend(found.map(|((column, settings), sum)| Destination {
            column: column.ident(),
            nullable: settings.nullable,
            or_zero: summary.destination_condition.is_some()
                && summary.set_zero_when_out_of_condition,
            sum,
        }));
    }
    let own = &child.target.site;
    let children = Children { kind: own.kind, columns: child.columns, site: own.id };
    let (kind, id) = (parent.settings.kind, parent.target.site.id);
    Ok(summaries::stale(conn, children, (kind, id), &targets).await?)
}

/// The number in a link column, and the one before the call.
fn numbers(record: &Record, link: &str) -> Vec<i64> {
    let texts = [record.get(link), record.saved(link)].into_iter().flatten();
    texts.filter_map(|value| value.text().trim().parse().ok()).filter(|id| *id > 0).collect()
}

impl Parents {
    /// Whether there is nothing to be done.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Computes and stores every value, in the transaction of the record that was written, but for parents with
    /// scripts: those wait for [`Self::update_scripted`].
    ///
    /// The parents are locked before anything is computed: whoever waited for them sees what the others have written.
    pub(crate) async fn store(
        &self,
        conn: &mut PgConnection,
        call: &Call,
        child: &Table<'_>,
    ) -> Result<(), Error> {
        for parent in &self.0 {
            parent.store(conn, call, child).await?;
        }
        Ok(())
    }

    /// Updates the parents whose scripts have a word in it, once the record that was written is committed: no lock
    /// of ours is held while a script runs, which may write the same records itself.
    pub(crate) async fn update_scripted(
        &self,
        call: &Call,
        child: &Table<'_>,
    ) -> Result<(), Error> {
        for parent in &self.0 {
            if let Some(table) = parent.site.table(call).filter(|table| has_scripts(call, table)) {
                Box::pin(scripted::update(call, &table, parent, child)).await?;
            }
        }
        Ok(())
    }
}

impl Parent {
    /// The records that are to be computed, by id.
    fn ids(&self) -> Vec<i64> {
        let mut ids: Vec<i64> = self.due.iter().flat_map(|(_, ids)| ids.iter().copied()).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    async fn store(
        &self,
        conn: &mut PgConnection,
        call: &Call,
        child: &Table<'_>,
    ) -> Result<(), Error> {
        let Some(table) = self.site.table(call).filter(|table| !has_scripts(call, table)) else {
            return Ok(());
        };
        let mut records = lock(conn, &table, &self.ids()).await?;
        if records.is_empty() {
            return Ok(());
        }
        let sums = self.sums(call, child).await?;
        let viewer = Viewer::of(call);
        sums.assign(conn, &viewer, child, &mut records).await?;
        store(conn, call, &table, &viewer, records).await
    }

    async fn sums(&self, call: &Call, child: &Table<'_>) -> Result<Sums<'_>, Error> {
        let mut found = Sums { due: Vec::new(), sums: Vec::new() };
        for (summary, ids) in &self.due {
            let source = Source { settings: child.settings, columns: child.columns };
            if let Some(sum) = source.sum(call, Some(child.target), summary).await? {
                found.due.push((summary, ids));
                found.sums.push(sum);
            }
        }
        Ok(found)
    }
}

/// Summaries that can be computed, each with the parents it is due for.
struct Sums<'p> {
    due: Vec<(&'p Summary, &'p [i64])>,
    sums: Vec<Sum>,
}

impl Sums<'_> {
    /// Computes them and gives the parents their values.
    async fn assign(
        &self,
        conn: &mut PgConnection,
        viewer: &Viewer,
        child: &Table<'_>,
        records: &mut [Record],
    ) -> Result<(), Error> {
        let ids: Vec<i64> = records.iter().map(Record::id).collect();
        let site = &child.target.site;
        let children = Children { kind: site.kind, columns: child.columns, site: site.id };
        let values = summaries::compute(conn, children, &ids, &self.sums).await?;
        for record in records {
            let Some((_, values)) = values.iter().find(|(id, _)| *id == record.id()) else {
                continue;
            };
            for ((summary, ids), value) in self.due.iter().zip(values) {
                if ids.contains(&record.id()) {
                    assign(viewer, record, summary, *value);
                }
            }
        }
        Ok(())
    }
}

/// Whether scripts or named SQL run when a record of the table is brought up to date (07 §2.9, §4.3).
fn has_scripts(call: &Call, table: &Table<'_>) -> bool {
    let moments =
        [Moment::BeforeFormula, Moment::AfterFormula, Moment::BeforeUpdate, Moment::AfterUpdate];
    let (site, settings) = (table.target.site.id, table.settings);
    moments.iter().any(|moment| scripts::find(call, site, settings, *moment).is_some())
        || named_sql::may_run(call, &[Hook::OnUpdating, Hook::OnUpdated], site.0)
}

async fn lock(
    conn: &mut PgConnection,
    table: &Table<'_>,
    ids: &[i64],
) -> Result<Vec<Record>, Error> {
    let wanted = load::columns(table.settings, table.columns);
    let condition = Predicate::In(
        Ident::id_of(table.settings.kind),
        Bind::Longs(ids.iter().copied().map(Some).collect()),
    );
    let query = Select {
        limit: i64::try_from(ids.len()).unwrap_or(i64::MAX),
        ..load::select(table.settings, table.target.site.id, &wanted, condition)
    };
    let rows = records::lock(conn, &query).await?;
    Ok(rows.into_iter().map(|row| load::record(table, &wanted, row)).collect())
}

/// A table whose records are summed.
#[derive(Clone, Copy)]
struct Source<'a> {
    settings: &'a TableSettings,
    columns: &'a TableInfo,
}

impl Source<'_> {
    /// What a summary computes of the table; none where it names what cannot be summed.
    async fn sum(
        self,
        call: &Call,
        target: Option<&Target>,
        summary: &Summary,
    ) -> Result<Option<Sum>, Error> {
        let aggregate = match summary.summary_type.as_str() {
            "Count" => Aggregate::Count,
            "Total" => Aggregate::Total,
            "Average" => Aggregate::Average,
            "Min" => Aggregate::Min,
            "Max" => Aggregate::Max,
            _ => return Ok(None),
        };
        let column = |name: &str| self.columns.column(name);
        let numbers = |column: &&ColumnInfo| column.data_type == DataType::Decimal;
        let summed = column(&summary.source_column).filter(numbers).map(ColumnInfo::ident);
        let Some(link) = column(&summary.link_column).map(ColumnInfo::ident) else {
            return Ok(None);
        };
        if summed.is_none() && aggregate != Aggregate::Count {
            return Ok(None);
        }
        let view = summary.source_condition.and_then(|id| self.settings.view(id));
        let view = match (view, target) {
            (Some(view), Some(target)) => Some(self.condition(call, target, view).await?),
            (Some(_), None) => return Ok(None),
            (None, _) => None,
        };
        Ok(Some(Sum { aggregate, column: summed, link, view }))
    }

    /// The view that summed records have to meet; rights on single records do not matter.
    async fn condition(
        self,
        call: &Call,
        target: &Target,
        view: &View,
    ) -> Result<ListQuery, Error> {
        let (site, table) = (&target.site, self.settings);
        let links = view::load_links(call, site, table, Some(view), &[]).await?;
        let compiler = Compiler {
            reader: Reader::of(call),
            table,
            columns: self.columns,
            site,
            access: call.access(target),
            needed: Rights::NONE,
            record: None,
            links: &links,
            joins: true,
        };
        compiler.compile(Some(view))
    }
}

/// Gives a parent a value, by the condition it has to meet: one that does not gets 0, or is left alone.
fn assign(viewer: &Viewer, record: &mut Record, summary: &Summary, value: Decimal) {
    let table = Arc::clone(record.table());
    let condition = summary.destination_condition.and_then(|id| table.view(id));
    let meets = condition.is_none_or(|view| viewer.matches(record, view));
    let destination = table.column(&summary.destination_column);
    let is_number = destination.is_some_and(|column| column.data_type() == DataType::Decimal);
    if !is_number || !(meets || summary.set_zero_when_out_of_condition) {
        return;
    }
    let value = if meets { value } else { Decimal::ZERO };
    record.set(&summary.destination_column, Value::Decimal(Some(value)));
}

/// Gives a record the values that its children add up to, where those depend on a condition that the record itself
/// may have begun or ceased to meet. Before it is written, so that it is written once.
pub(crate) async fn own(call: &Call, table: &Table<'_>, record: &mut Record) -> Result<(), Error> {
    let site = &table.target.site;
    if site.sources.is_empty() || !table.access.can(Rights::UPDATE, Scope::Site) {
        return Ok(());
    }
    let viewer = Viewer::of(call);
    let mut any = false;
    for (id, source) in relatives::sources(call, table.target).await? {
        let due: Vec<Summary> = source
            .summaries
            .iter()
            .filter(|summary| summary.site_id == site.id.0)
            .filter(|summary| {
                summary.destination_condition.is_some_and(|id| table.settings.view(id).is_some())
            })
            .cloned()
            .collect();
        any |= !due.is_empty();
        for (summary, value) in of_children(call, record.id(), id, &source, due).await? {
            assign(&viewer, record, &summary, value);
        }
    }
    if any {
        super::compute_formulas(call, &viewer, record).await?;
    }
    Ok(())
}

/// What the children of one record add up to; a record that is not there yet has none.
async fn of_children(
    call: &Call,
    parent: i64,
    site: SiteId,
    source: &TableSettings,
    due: Vec<Summary>,
) -> Result<Vec<(Summary, Decimal)>, Error> {
    let kind = source.kind;
    let Some(columns) = call.services.catalogue.table(kind.name()) else { return Ok(Vec::new()) };
    if due.is_empty() || parent == 0 {
        return Ok(due.into_iter().map(|summary| (summary, Decimal::ZERO)).collect());
    }
    // Only a condition on the children needs to know more of their site than its settings.
    let conditional = due.iter().any(|summary| summary.source_condition.is_some());
    let found = if conditional { relatives::load(call, &[site]).await?.pop() } else { None };
    let target = found.as_ref().map(|relative| &relative.target);
    let mut computable = Vec::new();
    let mut sums = Vec::new();
    for summary in due {
        let table = Source { settings: source, columns };
        if let Some(sum) = table.sum(call, target, &summary).await? {
            computable.push(summary);
            sums.push(sum);
        }
    }
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    let values =
        summaries::compute(&mut conn, Children { kind, columns, site }, &[parent], &sums).await?;
    let values = values.into_iter().flat_map(|(_, values)| values);
    Ok(computable.into_iter().zip(values).collect())
}
