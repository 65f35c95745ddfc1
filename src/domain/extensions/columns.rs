//! The columns of extensions as views see them.

use std::sync::LazyLock;

use crate::domain::settings::{Column, definitions};
use crate::model::DataType::{self, Bool, Int, Text, Time};

const COLUMNS: [(&str, DataType); 14] = [
    ("ExtensionId", Int),
    ("TenantId", Int),
    ("Ver", Int),
    ("ExtensionType", Text),
    ("ExtensionName", Text),
    ("ExtensionSettings", Text),
    ("Body", Text),
    ("Description", Text),
    ("Disabled", Bool),
    ("Comments", Text),
    ("Creator", Int),
    ("Updator", Int),
    ("CreatedTime", Time),
    ("UpdatedTime", Time),
];

/// All of them.
pub(super) fn all() -> &'static [Column] {
    static ALL: LazyLock<Vec<Column>> = LazyLock::new(|| {
        let column =
            |(name, data_type)| Column::of_row(definitions::row(name, data_type, [name; 2], ""));
        COLUMNS.into_iter().map(column).collect()
    });
    &ALL
}
