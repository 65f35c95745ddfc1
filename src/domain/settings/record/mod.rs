//! The recorded form of a document: what is stored, without whatever equals a default (06 §1.2).
//!
//! Recording first drops members from a copy of the document, then writes the copy in the declared order.

mod columns;

use std::sync::Arc;

use indexmap::IndexMap;

use super::columns::ColumnRight;
use super::defaults::SettingsDefaults;
use super::definitions::Definition;
use super::document::{ColumnAccessControl, Document, GENERAL_TAB, Process, VERSION};
use super::enums::{ControlConstraint, ProcessActionType, ResetType};
use super::lists;
use super::object::Member as _;
use super::table::{editor_tabs, known_columns};
use super::writer::Writer;
use crate::model::ReferenceType;

/// What recording depends on beside the document.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The caller's language: labels that equal a definition's in it are not recorded.
    pub language: &'a str,
    /// The values of parameter files.
    pub defaults: &'a SettingsDefaults,
    /// The three-digit columns that the database has for the table.
    pub extension_columns: &'a [String],
}

impl Document {
    /// The text that is stored for a site of that kind.
    pub fn record(&self, kind: ReferenceType, context: &Context<'_>) -> String {
        let mut document = self.clone();
        document.drop_defaults(kind, context);
        let mut writer = Writer::default();
        document.write(&mut writer);
        writer.into_text()
    }

    fn drop_defaults(&mut self, kind: ReferenceType, context: &Context<'_>) {
        let known = known_columns(kind, context.extension_columns);
        self.version = Some(VERSION);
        self.reference_type = Some(kind.name().to_owned());
        self.drop_default_values(context);
        self.drop_default_lists(kind, &known);
        columns::drop_defaults(&mut self.columns, &known, context);
        self.drop_default_access(&known);
        for process in &mut self.processes {
            process.drop_defaults();
        }
        for control in &mut self.status_controls {
            control.column_hash.retain(|_, constraint| *constraint != ControlConstraint::None);
        }
    }

    fn drop_default_values(&mut self, context: &Context<'_>) {
        let general = context.defaults;
        self.guide_expand = self.guide_allow_expand.then(|| match self.guide_expand.as_deref() {
            Some("0") => "0".to_owned(),
            _ => "1".to_owned(),
        });
        unless(&mut self.near_completion_time_after_days, &general.near_completion_time_after_days);
        unless(
            &mut self.near_completion_time_before_days,
            &general.near_completion_time_before_days,
        );
        unless(&mut self.grid_page_size, &general.grid_page_size);
        unless(&mut self.allow_view_reset, &general.allow_view_reset);
        unless(&mut self.first_day_of_week, &general.first_day_of_week);
        unless(&mut self.first_month, &general.first_month);
        unless(&mut self.general_tab_label_text, &general_tab_label(context.language).to_owned());
        unless(&mut self.general_tab_label_text, &String::new());
        unless(&mut self.import_encoding, &general.import_encoding);
        unless(&mut self.updatable_import, &general.updatable_import);
        unless(&mut self.allow_standard_export, &general.allow_standard_export);
        unless(&mut self.standard_export_type, &general.standard_export_type);
        unless(&mut self.responsive, &general.responsive);
        let asynchronous = &mut self.dashboard_parts_asynchronous_loading;
        unless(asynchronous, &general.dashboard_asynchronous_loading);
        unless(&mut self.allow_copy, &general.allow_copy);
        unless(&mut self.allow_reference_copy, &general.allow_reference_copy);
        unless(&mut self.char_to_add_when_copying, &general.char_to_add_when_copying);
        unless(&mut self.calendar_type, &general.default_calendar_type);
        unless(&mut self.image_lib_page_size, &general.image_lib_page_size);
        unless(&mut self.use_negative_filters, &general.use_negative_filters);
        unless(&mut self.full_text_include_breadcrumb, &general.full_text_include_breadcrumb);
        unless(&mut self.full_text_include_site_id, &general.full_text_include_site_id);
        unless(&mut self.full_text_include_site_title, &general.full_text_include_site_title);
        unless(&mut self.full_text_number_of_mails, &general.full_text_number_of_mails);
        for permissions in [&mut self.permission_for_creating, &mut self.permission_for_updating] {
            permissions.retain(|_, bits| *bits != 0);
        }
    }

    fn drop_default_lists(
        &mut self,
        kind: ReferenceType,
        known: &IndexMap<String, Arc<Definition>>,
    ) {
        let mut tabs = editor_tabs(self, known);
        if let Some(tabs) = &mut tabs {
            tabs.retain(|tab, names| tab == GENERAL_TAB || !names.is_empty());
        }
        self.editor_column_hash = tabs.filter(|tabs| {
            let general = tabs.get(GENERAL_TAB);
            tabs.len() > 1 || general.is_none_or(|names| names != lists::editor_columns(kind))
        });
        let lists = [&mut self.title_columns, &mut self.link_columns, &mut self.history_columns];
        for names in lists.into_iter().flatten() {
            names.retain(|name| known.contains_key(name));
        }
        for (names, default) in [
            (&mut self.grid_columns, lists::grid_columns(kind)),
            (&mut self.title_columns, lists::TITLE_COLUMNS),
            (&mut self.link_columns, lists::link_columns(kind)),
            (&mut self.history_columns, lists::history_columns(kind)),
        ] {
            names.take_if(|names| names == default);
        }
        unless(&mut self.filter_columns, &lists::filter_columns(kind, known.keys()));
    }

    fn drop_default_access(&mut self, known: &IndexMap<String, Arc<Definition>>) {
        for (controls, right) in [
            (&mut self.create_column_access_controls, ColumnRight::Create),
            (&mut self.read_column_access_controls, ColumnRight::Read),
            (&mut self.update_column_access_controls, ColumnRight::Update),
        ] {
            controls.retain(|control| {
                known.get(&control.column_name).is_some_and(|definition| {
                    *control != ColumnAccessControl::default_of(definition, right)
                })
            });
        }
    }
}

impl Process {
    /// QUIRK(06 §1.11): an explicit `Save` is lost, and with it the check of the update right.
    fn drop_defaults(&mut self) {
        unless(&mut self.action_type, &ProcessActionType::Save);
        if let Some(numbering) = &mut self.auto_numbering {
            unless(&mut numbering.reset_type, &ResetType::None);
        }
    }
}

/// Drops a value that equals its default.
fn unless<T: PartialEq>(value: &mut Option<T>, default: &T) {
    value.take_if(|value| value == default);
}

/// The label of the editor's first tab when the table has none of its own.
fn general_tab_label(language: &str) -> &'static str {
    if language == "ja" { "全般" } else { "General" }
}

#[cfg(test)]
mod tests;
