//! `Exports[]` (06 §1.12).

use crate::domain::settings::enums::{
    DelimiterType, ExportColumnType, ExportExecutionType, ExportType,
};
use crate::domain::settings::object::object;

object! {
    /// A named export.
    pub struct Export {
        "Name" name: String,
        /// Whether the file begins with a line of labels.
        "Header" header: bool [= true],
        "Columns" columns: Vec<ExportColumn>,
        "Type" export_type: ExportType [always],
        "DelimiterType" delimiter_type: DelimiterType [always],
        "EncloseDoubleQuotes" enclose_double_quotes: bool [= true],
        "ExecutionType" execution_type: ExportExecutionType [always],
        "Depts" depts: Vec<i32>,
        "Groups" groups: Vec<i32>,
        "Users" users: Vec<i32>,
        "ExportCommentsJsonFormat" export_comments_json_format: bool,
        "Id" id: i32 [always],
    }
}

object! {
    /// A column of an export.
    pub struct ExportColumn {
        "Id" id: i32 [always],
        "ColumnName" column_name: String,
        "LabelText" label_text: String,
        "Type" column_type: Option<ExportColumnType>,
        "Format" format: String,
        "OutputClassColumn" output_class_column: bool,
        "ExportJsonFormat" export_json_format: bool,
    }
}
