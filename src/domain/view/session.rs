//! The table's default view, where a request asks to merge it (05 §13.1).

use std::borrow::Cow;

use crate::domain::settings::TableSettings;
use crate::domain::settings::document::View;
use crate::model::Caller;

/// The view of a request with what it wants of the table's default view.
///
/// Callers with an API key have no view of an earlier screen: theirs is always the default one.
pub fn effective<'v>(view: Cow<'v, View>, table: &TableSettings, caller: &Caller) -> Cow<'v, View> {
    let filters = view.merge_session_view_filters == Some(true);
    let sorters = view.merge_session_view_sorters == Some(true);
    if !filters && !sorters {
        return view;
    }
    let Some(default) = default_view(table, caller) else { return view };
    let mut merged = view.into_owned();
    if filters {
        merge_filters(&mut merged, default);
    }
    if sorters {
        for (name, order) in &default.column_sorter_hash {
            merged.column_sorter_hash.entry(name.clone()).or_insert(*order);
        }
    }
    Cow::Owned(merged)
}

/// The view that the screens of a table begin with, if it has one and the caller may use it.
pub fn default_view<'t>(table: &'t TableSettings, caller: &Caller) -> Option<&'t View> {
    table.view(table.grid_view).filter(|view| may_use(caller, view))
}

fn merge_filters(merged: &mut View, default: &View) {
    let either = |own: &mut Option<bool>, other: Option<bool>| {
        *own = Some(*own == Some(true) || other == Some(true));
    };
    either(&mut merged.incomplete, default.incomplete);
    either(&mut merged.own, default.own);
    either(&mut merged.near_completion_time, default.near_completion_time);
    either(&mut merged.delay, default.delay);
    either(&mut merged.overdue, default.overdue);
    if merged.search.is_empty() {
        merged.search.clone_from(&default.search);
    }
    for (name, value) in &default.column_filter_hash {
        merged.column_filter_hash.entry(name.clone()).or_insert_with(|| value.clone());
    }
}

/// Whether a view is for everybody, or names the caller.
fn may_use(caller: &Caller, view: &View) -> bool {
    let everybody = view.depts.is_empty() && view.groups.is_empty() && view.users.is_empty();
    everybody
        || caller.privileged
        || view.depts.contains(&caller.dept.0)
        || view.users.contains(&caller.user.0)
        || caller.enabled_groups.iter().any(|group| view.groups.contains(&group.0))
}
