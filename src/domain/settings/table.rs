//! The effective settings of a table: a document with every default filled in.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use foldhash::fast::RandomState;
use indexmap::IndexMap;
use rust_decimal::Decimal;

use super::columns::Column;
use super::defaults::SettingsDefaults;
use super::definitions::{Definition, definitions, extension};
use super::document::{
    ColumnAccessControl, ColumnSettings, Document, Export, FormulaSet, GENERAL_TAB, Link,
    Notification, Process, Reminder, ServerScript, StatusControl, Summary, View,
};
use super::enums::{AutoVerUpType, SaveViewType, SearchMethod, StandardExportType};
use super::lists;
use crate::domain::scripts::Programs;
use crate::model::{ColumnClass, ReferenceType};

/// What a call may want to know of a table; built once per version of the site's settings.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own, named by the reference"
)]
#[derive(Debug, Clone)]
pub struct TableSettings {
    /// What the site holds.
    pub kind: ReferenceType,
    /// The columns: those the settings change in the settings' order, then the others in definition order.
    pub columns: Vec<Column>,
    by_name: HashMap<String, usize, RandomState>,
    /// The places of the extension columns that records show.
    shown: Vec<usize>,
    /// The columns of the editor: the general tab's, then the other tabs', each once.
    pub editor_columns: Vec<String>,
    editor: HashSet<String, RandomState>,
    /// The columns of lists.
    pub grid_columns: Vec<String>,
    /// The columns that make up a title.
    pub title_columns: Vec<String>,
    /// What joins the parts of a title.
    pub title_separator: String,
    /// The linked sites.
    pub links: Vec<Link>,
    /// The values kept up to date in parents.
    pub summaries: Vec<Summary>,
    /// The computed columns.
    pub formulas: Vec<FormulaSet>,
    /// The processes.
    pub processes: Vec<Process>,
    /// The status controls.
    pub status_controls: Vec<StatusControl>,
    /// The saved views.
    pub views: Vec<View>,
    /// The view that screens begin with; 0 is none.
    pub grid_view: i32,
    /// The notifications after writes.
    pub notifications: Vec<Notification>,
    /// The reminders.
    pub reminders: Vec<Reminder>,
    /// The scripts of the server that are not disabled; none when all are.
    pub server_scripts: Vec<ServerScript>,
    /// The programs that they make.
    pub programs: Programs,
    /// The named exports.
    pub exports: Vec<Export>,
    /// Which columns the default export has.
    pub standard_export_type: StandardExportType,
    /// When an update makes a version.
    pub auto_ver_up: AutoVerUpType,
    /// How a view's `Search` is matched.
    pub search_type: SearchMethod,
    /// Where screens keep the view in use.
    pub save_view_type: SaveViewType,
    /// Whether `ColumnFilterNegatives` count.
    pub use_negative_filters: bool,
    /// Whether a list without any condition is empty.
    pub always_request_search_condition: bool,
    /// How far due dates ahead are near.
    pub near_completion_time_after_days: Decimal,
    /// How far due dates past are near.
    pub near_completion_time_before_days: Decimal,
    /// The day that weeks begin with; 0 is Sunday.
    pub first_day_of_week: i32,
    /// The month that fiscal years begin with.
    pub first_month: i32,
    /// Whether the full text has the titles of the folders.
    pub full_text_include_breadcrumb: bool,
    /// Whether the full text has the site's id.
    pub full_text_include_site_id: bool,
    /// Whether the full text has the site's title.
    pub full_text_include_site_title: bool,
    /// How many mails the full text has.
    pub full_text_number_of_mails: i32,
    /// The rights that a new record's row grants, by subject.
    pub permission_for_creating: IndexMap<String, i64>,
    /// The rights that an updated record's row grants, by subject.
    pub permission_for_updating: IndexMap<String, i64>,
    /// Whether a body may set ids, times and users.
    pub allow_migration_mode: bool,
    /// Whether the images of a record are deleted with it.
    pub delete_image_when_deleting: bool,
    /// The sites whose records a list has too: ids or names.
    pub integrated_sites: Vec<String>,
    /// Whether links of links join columns.
    pub enable_expand_link_path: bool,
    /// Whether new sites below this one own their rights.
    pub not_inherit_permissions_when_creating_site: bool,
    /// Whether errors of formulas are logged in detail.
    pub formulas_get_error_details: bool,
    /// Whether errors of server scripts are logged in detail.
    pub server_scripts_get_error_details: bool,
    /// `ServerScriptsAllDisabled`: not even the operator's scripts run.
    pub scripts_disabled: bool,
}

impl TableSettings {
    /// The settings of a table; `extension_columns` are the three-digit columns that the database has for it.
    pub fn build(
        mut document: Document,
        kind: ReferenceType,
        extension_columns: &[String],
        general: &SettingsDefaults,
    ) -> Self {
        let known = known_columns(kind, extension_columns);
        let editor_columns = editor_columns(&document, kind, &known);
        let title_columns = title_columns(&document, &known);
        let columns = columns(&mut document, &known, general);
        let by_name =
            columns.iter().enumerate().map(|(at, column)| (column.name.clone(), at)).collect();
        let mut table = Self {
            kind,
            columns,
            by_name,
            shown: Vec::new(),
            editor: editor_columns.iter().cloned().collect(),
            editor_columns,
            grid_columns: document.grid_columns.unwrap_or_else(|| owned(lists::grid_columns(kind))),
            title_columns,
            title_separator: document.title_separator,
            links: document.links,
            summaries: document.summaries,
            formulas: document.formulas,
            processes: document.processes,
            status_controls: document.status_controls,
            views: document.views,
            grid_view: document.grid_view,
            notifications: document.notifications,
            reminders: document.reminders,
            server_scripts: document
                .server_scripts
                .into_iter()
                .filter(|one| !one.disabled)
                .collect(),
            programs: Programs::default(),
            exports: document.exports,
            standard_export_type: document
                .standard_export_type
                .unwrap_or(general.standard_export_type),
            auto_ver_up: document.auto_ver_up_type,
            search_type: document.search_type,
            save_view_type: document.save_view_type,
            use_negative_filters: document
                .use_negative_filters
                .unwrap_or(general.use_negative_filters),
            always_request_search_condition: document.always_request_search_condition,
            near_completion_time_after_days: document
                .near_completion_time_after_days
                .unwrap_or(general.near_completion_time_after_days),
            near_completion_time_before_days: document
                .near_completion_time_before_days
                .unwrap_or(general.near_completion_time_before_days),
            first_day_of_week: document.first_day_of_week.unwrap_or(general.first_day_of_week),
            first_month: document.first_month.unwrap_or(general.first_month),
            full_text_include_breadcrumb: document
                .full_text_include_breadcrumb
                .unwrap_or(general.full_text_include_breadcrumb),
            full_text_include_site_id: document
                .full_text_include_site_id
                .unwrap_or(general.full_text_include_site_id),
            full_text_include_site_title: document
                .full_text_include_site_title
                .unwrap_or(general.full_text_include_site_title),
            full_text_number_of_mails: document
                .full_text_number_of_mails
                .unwrap_or(general.full_text_number_of_mails),
            permission_for_creating: document.permission_for_creating,
            permission_for_updating: document.permission_for_updating,
            allow_migration_mode: document.allow_migration_mode,
            delete_image_when_deleting: document.delete_image_when_deleting,
            integrated_sites: document.integrated_sites,
            enable_expand_link_path: document.enable_expand_link_path
                && general.enable_expand_link_path,
            not_inherit_permissions_when_creating_site: document
                .not_inherit_permissions_when_creating_site,
            formulas_get_error_details: document.formulas_get_error_details,
            server_scripts_get_error_details: document.server_scripts_get_error_details,
            scripts_disabled: false,
        };
        if document.server_scripts_all_disabled {
            table.server_scripts.clear();
            table.scripts_disabled = true;
        }
        table.restrict(document.create_column_access_controls, |column| &mut column.create_access);
        table.restrict(document.read_column_access_controls, |column| &mut column.read_access);
        table.restrict(document.update_column_access_controls, |column| &mut column.update_access);
        let is_shown = |column: &Column| column.class().is_some() && table.is_shown(column);
        let all = table.columns.iter().enumerate();
        table.shown = all.filter(|(_, column)| is_shown(column)).map(|(at, _)| at).collect();
        table
    }

    /// Where the column of that exact name stands in [`columns`](Self::columns).
    pub fn position(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    /// The column of that exact name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.get(self.position(name)?)
    }

    /// The extension columns of a class that records show.
    pub fn shown_of(&self, class: ColumnClass) -> impl Iterator<Item = &Column> {
        let shown = self.shown.iter().filter_map(|at| self.columns.get(*at));
        shown.filter(move |column| column.class() == Some(class))
    }

    /// Whether a column stands in any tab of the editor.
    pub fn is_in_editor(&self, name: &str) -> bool {
        self.editor.contains(name)
    }

    /// Whether records show a column: extension columns only where the editor or the list has them (05 §4.4.1).
    pub fn is_shown(&self, column: &Column) -> bool {
        column.class().is_none()
            || self.is_in_editor(&column.name)
            || self.grid_columns.contains(&column.name)
    }

    /// The links of a column to sites.
    pub fn links_of<'a>(&'a self, column: &'a str) -> impl Iterator<Item = &'a Link> {
        self.links.iter().filter(move |link| link.column_name == column)
    }

    /// The saved view of that id.
    pub fn view(&self, id: i32) -> Option<&View> {
        self.views.iter().find(|view| view.id == id)
    }

    /// The process of that id.
    pub fn process(&self, id: i32) -> Option<&Process> {
        self.processes.iter().find(|process| process.id == id)
    }

    /// Whether a formula that is not disabled computes a column.
    pub fn is_formula_target(&self, name: &str) -> bool {
        self.formulas.iter().any(|formula| !formula.disabled && formula.target == name)
    }

    fn restrict(
        &mut self,
        controls: Vec<ColumnAccessControl>,
        access: impl Fn(&mut Column) -> &mut ColumnAccessControl,
    ) {
        for control in controls {
            let at = self.by_name.get(&control.column_name).copied();
            if let Some(column) = at.and_then(|at| self.columns.get_mut(at)) {
                *access(column) = control;
            }
        }
    }
}

/// The definitions of a table by name, in definition order, with its three-digit columns.
pub(super) fn known_columns(
    kind: ReferenceType,
    extension_columns: &[String],
) -> IndexMap<String, Arc<Definition>> {
    let mut known = IndexMap::new();
    for definition in definitions(kind) {
        known.insert(definition.name.clone(), Arc::clone(definition));
        // After `Z` of a class come its three-digit columns.
        let Some(class) = definition.class.filter(|_| definition.name.ends_with('Z')) else {
            continue;
        };
        let mut names: Vec<&String> =
            extension_columns.iter().filter(|name| ColumnClass::of(name) == Some(class)).collect();
        names.sort_by_key(|name| (name.len(), *name));
        for definition in names.into_iter().filter_map(|name| extension(name)) {
            known.entry(definition.name.clone()).or_insert_with(|| Arc::new(definition));
        }
    }
    known
}

/// The entries of each tab without those that may not stand there; none if no tab has any.
pub(super) fn editor_tabs(
    document: &Document,
    known: &IndexMap<String, Arc<Definition>>,
) -> Option<IndexMap<String, Vec<String>>> {
    let mut tabs = document.editor_column_hash.clone()?;
    for names in tabs.values_mut() {
        names.retain(|name| {
            name.starts_with('_') || known.get(name).is_some_and(|definition| definition.editable)
        });
    }
    tabs.values().any(|names| !names.is_empty()).then_some(tabs)
}

fn editor_columns(
    document: &Document,
    kind: ReferenceType,
    known: &IndexMap<String, Arc<Definition>>,
) -> Vec<String> {
    let Some(mut tabs) = editor_tabs(document, known) else {
        return owned(lists::editor_columns(kind));
    };
    let general = tabs.shift_remove(GENERAL_TAB).unwrap_or_default();
    let mut seen = HashSet::new();
    let names = general.into_iter().chain(tabs.into_values().flatten());
    names.filter(|name| !name.starts_with('_') && seen.insert(name.clone())).collect()
}

fn title_columns(document: &Document, known: &IndexMap<String, Arc<Definition>>) -> Vec<String> {
    match &document.title_columns {
        Some(names) => names.iter().filter(|name| known.contains_key(*name)).cloned().collect(),
        None => owned(lists::TITLE_COLUMNS),
    }
}

/// The effective columns, customised ones first; of two entries for a column the first counts.
fn columns(
    document: &mut Document,
    known: &IndexMap<String, Arc<Definition>>,
    general: &SettingsDefaults,
) -> Vec<Column> {
    let mut settings: IndexMap<String, ColumnSettings> = IndexMap::new();
    for column in std::mem::take(&mut document.columns) {
        if known.contains_key(&column.column_name) {
            settings.entry(column.column_name.clone()).or_insert(column);
        }
    }
    let mut definitions = known.clone();
    let mut columns = Vec::with_capacity(definitions.len());
    for (name, settings) in settings {
        if let Some(definition) = definitions.shift_remove(&name) {
            columns.push(Column::build(&definition, settings, &document.links, general));
        }
    }
    columns.extend(definitions.values().map(|definition| {
        Column::build(definition, ColumnSettings::default(), &document.links, general)
    }));
    columns
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[cfg(test)]
mod tests;
