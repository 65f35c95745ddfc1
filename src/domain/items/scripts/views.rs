//! Views as scripts change them (07 §4.5, `view`).

use serde_json::{Map, Value as Json, json};

use crate::db::records::RECORD;
use crate::db::sql::{Ident, Predicate};
use crate::domain::items::{Table, hooks};
use crate::domain::named_sql::{self, SELECTING_WHERE};
use crate::domain::scripts::{self, Moment, Outcome, Program, ViewChanges, World};
use crate::domain::settings::document::View;
use crate::domain::settings::enums::{Order, SearchType};
use crate::domain::view::{self, Compiler, Reader};
use crate::domain::{Call, Error};
use crate::model::Rights;

use super::sight;

/// The view as scripts change it before records are looked for; none where nothing is there to change it.
pub(in crate::domain::items) async fn viewed(
    call: &Call,
    table: &Table<'_>,
    view: Option<&View>,
) -> Result<Option<Box<View>>, Error> {
    match scripts::find(call, table.target.site.id, table.settings, Moment::WhenViewProcessing) {
        Some(program) => Box::pin(changed(call, table, program, view)).await.map(Some),
        None => Ok(None),
    }
}

async fn changed(
    call: &Call,
    table: &Table<'_>,
    program: Program,
    view: Option<&View>,
) -> Result<Box<View>, Error> {
    let view = view.cloned().unwrap_or_default();
    let outcome = look(call, table, &program, &view).await?;
    Ok(Box::new(apply(view, outcome.view.unwrap_or_default())))
}

/// The condition of one record, narrowed by the filters that scripts set: what is outside is not there for the caller.
pub(in crate::domain::items) async fn narrowed(
    call: &Call,
    table: &Table<'_>,
    condition: Predicate,
) -> Result<Predicate, Error> {
    match viewed(call, table, None).await? {
        Some(view) => Box::pin(narrowed_to(call, table, &view, condition)).await,
        None => Ok(condition),
    }
}

async fn narrowed_to(
    call: &Call,
    table: &Table<'_>,
    view: &View,
    condition: Predicate,
) -> Result<Predicate, Error> {
    let site = &table.target.site;
    let links = view::load_links(call, site, table.settings, Some(view), &[]).await?;
    let compiler = Compiler {
        reader: Reader::of(call),
        table: table.settings,
        columns: table.columns,
        site,
        access: table.access,
        needed: Rights::NONE,
        record: None,
        links: &links,
        joins: true,
    };
    let mut wanted = compiler.compile(Some(view))?.predicate;
    let kind = table.settings.kind;
    // Those that need no name narrow the condition already.
    if view.column_filter_hash.contains_key(SELECTING_WHERE) {
        let (own_id, subject) = (Ident::id_of(kind).of(&RECORD), hooks::subject(table, None));
        wanted = named_sql::seen(call, kind, &own_id, subject, Some(view), wanted);
    }
    let listed = Predicate::Listed(kind, Box::new(wanted));
    Ok(Predicate::All(vec![condition, listed]))
}

async fn look(
    call: &Call,
    table: &Table<'_>,
    program: &Program,
    view: &View,
) -> Result<Outcome, Error> {
    let sorters = view.column_sorter_hash.iter().map(|(name, order)| {
        let order = if matches!(order, Order::Desc) { "desc" } else { "asc" };
        (name.clone(), Json::from(order))
    });
    let types = view.column_filter_search_types.iter();
    let world = World {
        types: sight::types(table),
        labels: sight::labels(call, table),
        view: Some(json!({
            "Id": view.id,
            "Filters": view.column_filter_hash,
            "SearchTypes": types.map(|(k, v)| (k.clone(), Json::from(v.name()))).collect::<Map<_, _>>(),
            "Sorters": sorters.collect::<Map<_, _>>(),
        })),
        ..World::default()
    };
    scripts::run(call, program, Moment::WhenViewProcessing, world).await
}

fn apply(mut view: View, changes: ViewChanges) -> View {
    if changes.cleared {
        view.incomplete = None;
        view.own = None;
        view.near_completion_time = None;
        view.delay = None;
        view.overdue = None;
        view.search = String::new();
        view.column_filter_negatives.clear();
    }
    view.column_filter_hash = changes.filters;
    let search_type =
        |(name, value): (String, String)| Some((name, SearchType::from_name(&value)?));
    view.column_filter_search_types = changes.types.into_iter().filter_map(search_type).collect();
    let order = |(name, value): (String, String)| match value.as_str() {
        "asc" => Some((name, Order::Asc)),
        "desc" => Some((name, Order::Desc)),
        _ => None,
    };
    view.column_sorter_hash = changes.sorters.into_iter().filter_map(order).collect();
    for (name, negative) in changes.negatives {
        view.column_filter_negatives.retain(|known| *known != name);
        if negative {
            view.column_filter_negatives.push(name);
        }
    }
    // As a client names it; the member of a view cannot be set in another way (07 §2.10).
    if let Some(name) = changes.selecting_where {
        view.column_filter_hash.insert(SELECTING_WHERE.to_owned(), name);
    }
    view
}
