//! `General.json`: limits and defaults of tables.

use chrono::{NaiveDate, NaiveDateTime};

use crate::parameters::members::parameter_file;

/// Midnight of a day that exists.
fn day(year: i32) -> NaiveDateTime {
    NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default().into()
}

parameter_file! {
    /// `General.json`, without its many members that only pages use.
    General {
        /// Dates before it count as empty and are stored as NULL; it is the earliest time if absent.
        min_time: NaiveDateTime = "MinTime", day(1900), absent day(1);
        /// Dates after it count as empty and are stored as NULL.
        max_time: NaiveDateTime = "MaxTime", day(2100), absent day(1);
        /// Status values from here on are "complete".
        completion_code: i32 = "CompletionCode", 900;
        /// Days before today that the filter `NearCompletionTime` reaches.
        near_completion_time_before_days: i32 = "NearCompletionTimeBeforeDays", 7;
        /// Days after today that the filter `NearCompletionTime` reaches.
        near_completion_time_after_days: i32 = "NearCompletionTimeAfterDays", 7;
        /// First day of a week in date filters; 0 is Sunday.
        first_day_of_week: i32 = "FirstDayOfWeek", 1;
        /// First month of a business year.
        first_month: i32 = "FirstMonth", 4;
        /// How deep groups may be nested.
        groups_depth_max: i32 = "GroupsDepthMax", 30;
        /// Most rows of a bulk upsert; 0 is no limit.
        bulk_upsert_max: i32 = "BulkUpsertMax", 0;
        /// Most rows of an import; 0 is no limit.
        import_max: i32 = "ImportMax", 0;
        /// Encoding of CSV files unless a request names one.
        import_encoding: String = "ImportEncoding", "Shift-JIS".to_owned();
        /// Whether imports update unless a request says otherwise.
        updatable_import: bool = "UpdatableImport", false;
        /// Which columns an export without a stored definition has.
        standard_export_type: i32 = "StandardExportType", 0;
        /// Whether tables allow such exports unless they say otherwise.
        allow_standard_export: bool = "AllowStandardExport", true;
        /// Choices of a column that an export shows in columns of their own, at most.
        export_output_column_max: i32 = "ExportOutputColumnMax", 100;
        /// Whether a table is locked while a bulk operation runs on it.
        block_site_task_while_running: bool = "BlockSiteTaskWhileRunning", false;
        /// Splits a line of choices.
        choice_split_regex_pattern: String = "ChoiceSplitRegexPattern", r"(?<!\\),".to_owned(),
            absent r"(?<!\\),".to_owned();
        /// What is replaced in the parts.
        choice_replace_regex_pattern: String = "ChoiceReplaceRegexPattern", r"\\(,)".to_owned(),
            absent r"\\(,)".to_owned();
        /// By what.
        choice_replace_regex_replacement: String = "ChoiceReplaceRegexReplacement", "$1".to_owned(),
            absent "$1".to_owned();
        /// Default of the table setting of the same name.
        use_negative_filters: bool = "UseNegativeFilters", false;
        /// Default of the table setting of the same name.
        allow_copy: bool = "AllowCopy", true;
        /// Default of the table setting of the same name.
        allow_reference_copy: bool = "AllowReferenceCopy", false;
        /// What a copy's title gets behind it.
        char_to_add_when_copying: String = "CharToAddWhenCopying", " - コピー".to_owned();
        /// Rows of a page of a table; default of the table setting.
        grid_page_size: i32 = "GridPageSize", 20;
    }
}
