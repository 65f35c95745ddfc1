//! Small objects: tabs, sections, aggregations and column access controls (06 §1.3, §1.9, §2.6).

use crate::domain::settings::enums::AggregationType;
use crate::domain::settings::object::object;

object! {
    /// A tab of the editor.
    pub struct Tab {
        "LabelText" label_text: String,
        "Id" id: i32 [always],
    }
}

object! {
    /// A section of the editor.
    pub struct Section {
        "Id" id: i32 [always],
        "LabelText" label_text: String,
        "AllowExpand" allow_expand: bool [always],
        "Expand" expand: bool [always = true],
    }
}

object! {
    /// A figure above a list.
    pub struct Aggregation {
        "Id" id: i32 [always],
        "GroupBy" group_by: String,
        "Type" aggregation_type: AggregationType [always],
        "Target" target: String,
    }
}

object! {
    /// Who may create, read or update a column.
    pub struct ColumnAccessControl {
        "ColumnName" column_name: String,
        "Depts" depts: Vec<i32>,
        "Groups" groups: Vec<i32>,
        "Users" users: Vec<i32>,
        /// Roles on a record: `Manager`, `Owner`, `Creator`, `Updator`.
        "RecordUsers" record_users: Vec<String>,
        /// A permission type; 0 is none.
        "Type" permission_type: i64 [= 0],
    }
}
