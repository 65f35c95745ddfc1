//! Old documents, brought to the present version in memory (06 §1.13).
//!
//! The members that only old versions have arrive in [`Document::extra`]; every step takes what it converts,
//! and in the end none of them is left.

use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{ColumnSettings, Document, Export, GENERAL_TAB, ScreenPart, Section, VERSION, View};
use crate::domain::settings::definitions::definitions;
use crate::domain::settings::enums::GridEditorType;
use crate::domain::settings::lists;
use crate::domain::settings::object::Extra;
use crate::lenient;
use crate::model::ReferenceType;

/// Brings a document to the present version.
pub(super) fn migrate(document: &mut Document, kind: ReferenceType) {
    let version = document.version.unwrap_or_default();
    for (below, step) in STEPS {
        if version < Decimal::new(1000 + below, 3) {
            step(document, kind);
        }
    }
    document
        .extra
        .retain(|(name, _)| !LEGACY.iter().any(|legacy| name.eq_ignore_ascii_case(legacy)));
    document.version = Some(VERSION);
}

type Step = fn(&mut Document, ReferenceType);

/// The steps in ascending order, but for 1.007, which comes first so that the others find what they convert.
const STEPS: [(i64, Step); 17] = [
    (7, collections),
    (1, lists_from_flags),
    (2, date_formats),
    (3, link_sites),
    (4, lists_from_orders),
    (5, formulas),
    (6, control_formats),
    (8, notification_ids),
    (9, |document, _| rename_view_member(document, "KambanGroupBy", "KambanGroupByX")),
    (10, comments_in_editor),
    (11, latest_view),
    (12, styles_and_scripts),
    (13, |document, _| rename_view_member(document, "CalendarColumn", "CalendarFromTo")),
    (14, allowed_users),
    (15, joined_exports),
    (16, dialogs),
    (17, editor_tabs),
];

/// Members that are never written any more (06 §1.3, row 70).
const LEGACY: &[&str] = &[
    "LinkColumnSiteIdHash",
    "GridColumnsOrder",
    "FilterColumnsOrder",
    "EditorColumnsOrder",
    "TitleColumnsOrder",
    "LinkColumnsOrder",
    "HistoryColumnsOrder",
    "FormulaHash",
    "ColumnCollection",
    "AggregationCollection",
    "LinkCollection",
    "SummaryCollection",
    "NewStyle",
    "EditStyle",
    "GridStyle",
    "NewScript",
    "EditScript",
    "GridScript",
    "EditInDialog",
    "EditorColumns",
];

fn take(extra: &mut Extra, name: &str) -> Option<Value> {
    let at = extra.iter().position(|(key, _)| key.eq_ignore_ascii_case(name))?;
    Some(extra.remove(at).1).filter(|value| !value.is_null())
}

fn take_as<T: DeserializeOwned>(extra: &mut Extra, name: &str) -> Option<T> {
    let value = take(extra, name)?;
    lenient::from_str(&value.to_string()).ok()
}

/// 1.007: the collections' present names.
fn collections(document: &mut Document, _: ReferenceType) {
    if let Some(columns) = take_as(&mut document.extra, "ColumnCollection") {
        document.columns = columns;
    }
    if let Some(aggregations) = take_as(&mut document.extra, "AggregationCollection") {
        document.aggregations = aggregations;
    }
    if let Some(links) = take_as(&mut document.extra, "LinkCollection") {
        document.links = links;
    }
    if let Some(summaries) = take_as(&mut document.extra, "SummaryCollection") {
        document.summaries = summaries;
    }
}

/// 1.001: the flags of columns make the lists.
fn lists_from_flags(document: &mut Document, kind: ReferenceType) {
    for (flag, list, default) in [
        ("GridVisible", "GridColumnsOrder", lists::grid_columns(kind)),
        ("FilterVisible", "FilterColumnsOrder", &[]),
        ("EditorVisible", "EditorColumnsOrder", lists::editor_columns(kind)),
        ("TitleVisible", "TitleColumnsOrder", lists::TITLE_COLUMNS),
        ("LinkVisible", "LinkColumnsOrder", lists::link_columns(kind)),
        ("HistoryVisible", "HistoryColumnsOrder", lists::history_columns(kind)),
    ] {
        let flags: Vec<(String, bool)> = document
            .columns
            .iter_mut()
            .filter_map(|column| {
                Some((column.column_name.clone(), take_as(&mut column.extra, flag)?))
            })
            .collect();
        if flags.is_empty() || document.extra.iter().any(|(name, _)| name == list) {
            continue;
        }
        let visible = |name: &str| {
            let flag = flags.iter().find(|(column, _)| column == name);
            flag.map_or_else(|| default.contains(&name), |(_, visible)| *visible)
        };
        let names = definitions(kind).iter().map(|definition| definition.name.as_str());
        let names: Vec<Value> = names.filter(|name| visible(name)).map(Value::from).collect();
        document.extra.push((list.to_owned(), names.into()));
    }
}

/// 1.002: the formats of dates.
fn date_formats(document: &mut Document, _: ReferenceType) {
    for column in &mut document.columns {
        if let Some(format) = take_as(&mut column.extra, "GridDateTime") {
            column.grid_format = Some(format);
        }
        if let Some(format) = take_as(&mut column.extra, "ControlDateTime") {
            column.editor_format = Some(format);
        }
    }
}

/// 1.003: linked sites by column.
fn link_sites(document: &mut Document, _: ReferenceType) {
    let Some(Value::Object(sites)) = take(&mut document.extra, "LinkColumnSiteIdHash") else {
        return;
    };
    for (key, site) in sites {
        let column_name = key.split('_').next().unwrap_or_default().to_owned();
        let site_id = site.as_i64().unwrap_or_default();
        document.links.push(super::Link { column_name, site_id, ..Default::default() });
    }
}

/// 1.004: the lists' present names.
fn lists_from_orders(document: &mut Document, _: ReferenceType) {
    let extra = &mut document.extra;
    for (list, old) in [
        (&mut document.grid_columns, "GridColumnsOrder"),
        (&mut document.filter_columns, "FilterColumnsOrder"),
        (&mut document.title_columns, "TitleColumnsOrder"),
        (&mut document.link_columns, "LinkColumnsOrder"),
        (&mut document.history_columns, "HistoryColumnsOrder"),
    ] {
        if let Some(names) = take_as(extra, old) {
            *list = Some(names);
        }
    }
    if let Some(names) = take(extra, "EditorColumnsOrder") {
        extra.push(("EditorColumns".to_owned(), names));
    }
}

/// 1.005: formulas by target.
fn formulas(document: &mut Document, _: ReferenceType) {
    let Some(Value::Object(formulas)) = take(&mut document.extra, "FormulaHash") else { return };
    for (target, formula) in formulas {
        let id = i32::try_from(document.formulas.len()).unwrap_or_default().saturating_add(1);
        let formula = lenient::from_str(&formula.to_string()).ok();
        document.formulas.push(super::FormulaSet { target, formula, id, ..Default::default() });
    }
}

/// 1.006: the format of the editor.
fn control_formats(document: &mut Document, _: ReferenceType) {
    for column in &mut document.columns {
        if let Some(format) = take_as(&mut column.extra, "ControlFormat") {
            column.editor_format = Some(format);
        }
    }
}

/// 1.008: notifications get ids.
fn notification_ids(document: &mut Document, _: ReferenceType) {
    for (notification, id) in document.notifications.iter_mut().zip(1..) {
        notification.id = id;
    }
}

/// 1.009 and 1.013: members of views get new names.
fn rename_view_member(document: &mut Document, from: &str, to: &str) {
    for View { extra, .. } in &mut document.views {
        if let Some(value) = take(extra, from) {
            extra.push((to.to_owned(), value));
        }
    }
}

/// 1.011: the latest id of views is remembered.
fn latest_view(document: &mut Document, _: ReferenceType) {
    document.view_latest_id = document.views.iter().map(|view| view.id).max().unwrap_or_default();
}

/// 1.010: comments are a column of the editor.
fn comments_in_editor(document: &mut Document, _: ReferenceType) {
    let list =
        document.extra.iter_mut().find(|(name, _)| name.eq_ignore_ascii_case("EditorColumns"));
    if let Some((_, Value::Array(names))) = list
        && !names.iter().any(|name| name == "Comments")
    {
        names.push("Comments".into());
    }
}

/// 1.012: one style and script per screen become lists.
fn styles_and_scripts(document: &mut Document, _: ReferenceType) {
    let extra = &mut document.extra;
    for (parts, names) in [
        (&mut document.styles, ["NewStyle", "EditStyle", "GridStyle"]),
        (&mut document.scripts, ["NewScript", "EditScript", "GridScript"]),
    ] {
        for (name, screen) in names.into_iter().zip(["New", "Edit", "Index"]) {
            let Some(body) = take_as::<String>(extra, name).filter(|body| !body.is_empty()) else {
                continue;
            };
            parts.push(ScreenPart {
                title: Some(screen.to_owned()),
                new: screen == "New",
                edit: screen == "Edit",
                index: screen == "Index",
                body: Some(body),
                id: i32::try_from(parts.len()).unwrap_or_default().saturating_add(1),
                ..Default::default()
            });
        }
    }
}

/// 1.014: allowed users of column access controls are roles on the record.
fn allowed_users(document: &mut Document, _: ReferenceType) {
    for control in document
        .create_column_access_controls
        .iter_mut()
        .chain(&mut document.read_column_access_controls)
        .chain(&mut document.update_column_access_controls)
    {
        let users: Vec<String> = take_as(&mut control.extra, "AllowedUsers").unwrap_or_default();
        control.record_users.extend(users);
    }
}

/// 1.015: `Join` and `SiteId` become joined names.
fn joined_exports(document: &mut Document, _: ReferenceType) {
    document.exports.iter_mut().for_each(join);
}

/// 1.016: editing in a dialog is one of several types.
fn dialogs(document: &mut Document, _: ReferenceType) {
    if take_as::<bool>(&mut document.extra, "EditInDialog") == Some(true) {
        document.grid_editor_type = GridEditorType::Dialog;
    }
}

fn join(export: &mut Export) {
    let joins: Vec<Value> = take_as(&mut export.extra, "Join").unwrap_or_default();
    let steps: Vec<(i64, String)> = joins
        .iter()
        .filter_map(|step| {
            let (column, site) = (step.get("ColumnName")?.as_str()?, step.get("SiteId")?.as_i64()?);
            Some((site, format!("{column}~{site}")))
        })
        .collect();
    for column in &mut export.columns {
        let Some(site) = take_as::<i64>(&mut column.extra, "SiteId") else { continue };
        if let Some(last) = steps.iter().position(|(step, _)| *step == site) {
            let path: Vec<&str> =
                steps.iter().take(last + 1).map(|(_, step)| step.as_str()).collect();
            column.column_name = format!("{},{}", path.join("-"), column.column_name);
        }
    }
}

/// 1.017: one list of columns becomes a list per tab, and the sections that columns open become entries.
fn editor_tabs(document: &mut Document, _: ReferenceType) {
    let Some(names) = take_as::<Vec<String>>(&mut document.extra, "EditorColumns") else { return };
    let mut entries = Vec::new();
    for name in names {
        if let Some(title) = section_of(&mut document.columns, &name) {
            let id = document.section_latest_id.saturating_add(1);
            document.section_latest_id = id;
            entries.push(format!("_Section-{id}"));
            document.sections.push(Section { id, label_text: title, ..Default::default() });
        }
        entries.push(name);
    }
    document.editor_column_hash.get_or_insert_default().insert(GENERAL_TAB.to_owned(), entries);
}

fn section_of(columns: &mut [ColumnSettings], name: &str) -> Option<String> {
    let column = columns.iter_mut().find(|column| column.column_name == name)?;
    column.section.take().filter(|title| !title.trim().is_empty())
}
