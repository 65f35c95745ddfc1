//! The columns of users, departments and groups as views see them (08 §2.7).

use std::sync::LazyLock;

use super::fields::{Field, FieldKind, fields};
use crate::db::{ColumnInfo, TableInfo};
use crate::domain::settings::document::View;
use crate::domain::settings::{Column, definitions};
use crate::model::{DataType, OrganisationTable};

/// The columns that every table of its kind has.
pub(super) fn columns(table: OrganisationTable) -> &'static [Column] {
    static USERS: LazyLock<Vec<Column>> = LazyLock::new(|| build(OrganisationTable::Users));
    static DEPTS: LazyLock<Vec<Column>> = LazyLock::new(|| build(OrganisationTable::Depts));
    static GROUPS: LazyLock<Vec<Column>> = LazyLock::new(|| build(OrganisationTable::Groups));
    match table {
        OrganisationTable::Users => &USERS,
        OrganisationTable::Depts => &DEPTS,
        OrganisationTable::Groups => &GROUPS,
    }
}

fn build(table: OrganisationTable) -> Vec<Column> {
    fields(table).iter().map(column).collect()
}

fn column(field: &Field) -> Column {
    let data_type = match field.kind {
        FieldKind::Text(_) | FieldKind::Comments => DataType::Text,
        FieldKind::Int => DataType::Int,
        FieldKind::Bool => DataType::Bool,
        FieldKind::Time => DataType::Time,
    };
    // Columns with choices compare whole values unless a view says otherwise; `Own` counts in those of users.
    let choices = match field.name {
        "UserId" | "Manager" | "Creator" | "Updator" => "[[Users*]]",
        "DeptId" => "[[Depts]]",
        "TimeZone" => "[[TimeZones]]",
        "Language" | "Theme" | "Gender" => "*",
        _ => "",
    };
    Column::of_row(definitions::row(field.name, data_type, field.labels(), choices))
}

/// The extension columns that a view filters or sorts by.
pub(super) fn extensions<'i>(info: &'i TableInfo, view: &View) -> Vec<(&'i ColumnInfo, Column)> {
    let mentioned = info.columns.iter().filter(|column| is_mentioned(view, &column.name));
    let known = mentioned
        .filter_map(|column| Some((column, Column::of_row(definitions::extension(&column.name)?))));
    known.collect()
}

/// Whether a view filters or sorts by a column.
fn is_mentioned(view: &View, name: &str) -> bool {
    view.column_sorter_hash.contains_key(name)
        || view
            .column_filter_hash
            .iter()
            // A group, or a comparison of two columns, has the name in its text.
            .any(|(key, value)| key == name || key.contains('_') && value.contains(name))
}

/// The columns of users with the code of their department, which is a column of lists only (08 §2.4); none where the
/// view does not look at it.
pub(super) fn with_dept_code(
    table: OrganisationTable,
    info: &TableInfo,
    view: &View,
) -> Option<TableInfo> {
    if table != OrganisationTable::Users || !is_mentioned(view, "DeptCode") {
        return None;
    }
    let mut columns = info.columns.clone();
    columns.push(ColumnInfo::new("DeptCode".to_owned(), DataType::Text, None, true));
    Some(TableInfo::new(&info.name, columns))
}
