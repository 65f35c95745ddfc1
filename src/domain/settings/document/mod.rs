//! The typed form of a `SiteSettings` document: what it says, without defaults (06 §1.3).
//!
//! [`Document::read`] is for stored documents, [`Document::from_request`] for those of `createsite` and
//! `updatesite`. An absent scalar is `None`; its default depends on parameters and is filled in by
//! [`TableSettings`](super::TableSettings), which most callers want instead.

mod column;
mod exports;
mod links;
mod logic;
mod messages;
mod migrate;
mod screens;
mod scripts;
mod view;

use chrono::NaiveDateTime;
use indexmap::IndexMap;
use rust_decimal::Decimal;

pub use column::ColumnSettings;
pub use exports::{Export, ExportColumn};
pub use links::{Link, LinkAction, Lookup, Summary};
pub use logic::{
    AutoNumbering, DataChange, Formula, FormulaSet, Process, StatusControl, ValidateInput,
};
pub use messages::{Notification, Reminder};
pub use screens::{Aggregation, ColumnAccessControl, Section, Tab};
pub use scripts::{Html, ScreenPart, ServerScript};
pub use view::{ApiColumn, View};

use super::enums::{
    AfterCreateActionType, AfterUpdateActionType, AutoVerUpType, GridEditorType, SaveViewType,
    SearchMethod, StandardExportType,
};
use super::object::{Member as _, object};
use crate::lenient;
use crate::model::ReferenceType;

/// The version of the documents that this server reads and writes.
pub(super) const VERSION: Decimal = Decimal::from_parts(1017, 0, 0, false, 3);

/// The key of the editor's general tab in `EditorColumnHash`.
pub const GENERAL_TAB: &str = "General";

object! {
    /// Everything a `SiteSettings` document can say.
    pub struct Document {
        "Version" version: Option<Decimal>,
        "DisableSiteConditions" disable_site_conditions: bool,
        "GuideAllowExpand" guide_allow_expand: bool,
        "GuideExpand" guide_expand: Option<String>,
        /// What the document says; the site's own kind counts.
        "ReferenceType" reference_type: Option<String>,
        "NearCompletionTimeAfterDays" near_completion_time_after_days: Option<Decimal>,
        "NearCompletionTimeBeforeDays" near_completion_time_before_days: Option<Decimal>,
        "GridPageSize" grid_page_size: Option<i32>,
        "GridView" grid_view: i32 [= 0],
        "AllowViewReset" allow_view_reset: Option<bool>,
        "GridEditorType" grid_editor_type: GridEditorType [= GridEditorType::None],
        "HistoryOnGrid" history_on_grid: bool,
        "AlwaysRequestSearchCondition" always_request_search_condition: bool,
        "DisableLinkToEdit" disable_link_to_edit: bool,
        "OpenEditInNewTab" open_edit_in_new_tab: bool,
        "EnableExpandLinkPath" enable_expand_link_path: bool,
        "LinkTableView" link_table_view: i32 [= 0],
        "LinkPageSize" link_page_size: i32 [= 0],
        "FirstDayOfWeek" first_day_of_week: Option<i32>,
        "FirstMonth" first_month: Option<i32>,
        "GridColumns" grid_columns: Option<Vec<String>>,
        "FilterColumns" filter_columns: Option<Vec<String>>,
        "EditorColumnHash" editor_column_hash: Option<IndexMap<String, Vec<String>>>,
        "GeneralTabLabelText" general_tab_label_text: Option<String>,
        "TabLatestId" tab_latest_id: i32 [= 0],
        "Tabs" tabs: Vec<Tab>,
        "SectionLatestId" section_latest_id: i32 [= 0],
        "Sections" sections: Vec<Section>,
        "TitleColumns" title_columns: Option<Vec<String>>,
        "LinkColumns" link_columns: Option<Vec<String>>,
        "HistoryColumns" history_columns: Option<Vec<String>>,
        "MoveTargets" move_targets: Vec<i64>,
        "Columns" columns: Vec<ColumnSettings>,
        "Aggregations" aggregations: Vec<Aggregation>,
        "Links" links: Vec<Link>,
        "Summaries" summaries: Vec<Summary>,
        "Formulas" formulas: Vec<FormulaSet>,
        "FormulasGetErrorDetails" formulas_get_error_details: bool,
        "Processes" processes: Vec<Process>,
        "StatusControls" status_controls: Vec<StatusControl>,
        "ViewLatestId" view_latest_id: i32 [= 0],
        "Views" views: Vec<View>,
        "Notifications" notifications: Vec<Notification>,
        "Reminders" reminders: Vec<Reminder>,
        "ImportEncoding" import_encoding: Option<String>,
        "UpdatableImport" updatable_import: Option<bool>,
        "RejectNullImport" reject_null_import: bool,
        "DefaultImportKey" default_import_key: String,
        "AllowMigrationMode" allow_migration_mode: bool,
        "Exports" exports: Vec<Export>,
        "AllowStandardExport" allow_standard_export: Option<bool>,
        "StandardExportType" standard_export_type: Option<StandardExportType>,
        "Styles" styles: Vec<ScreenPart>,
        "StylesAllDisabled" styles_all_disabled: bool,
        "Responsive" responsive: Option<bool>,
        "DashboardPartsAsynchronousLoading" dashboard_parts_asynchronous_loading: Option<bool>,
        "Scripts" scripts: Vec<ScreenPart>,
        "ScriptsAllDisabled" scripts_all_disabled: bool,
        "Htmls" htmls: Vec<Html>,
        "HtmlsAllDisabled" htmls_all_disabled: bool,
        "ServerScripts" server_scripts: Vec<ServerScript>,
        "ServerScriptsAllDisabled" server_scripts_all_disabled: bool,
        "ServerScriptsGetErrorDetails" server_scripts_get_error_details: bool,
        "BulkUpdateColumns" bulk_update_columns: Vec<serde_json::Value>,
        "RelatingColumns" relating_columns: Vec<serde_json::Value>,
        "DashboardParts" dashboard_parts: Vec<serde_json::Value>,
        "ExtendedHeader" extended_header: String,
        "AutoVerUpType" auto_ver_up_type: AutoVerUpType [= AutoVerUpType::Default],
        "AfterCreateActionType" after_create_action_type:
            AfterCreateActionType [= AfterCreateActionType::Default],
        "AfterUpdateActionType" after_update_action_type:
            AfterUpdateActionType [= AfterUpdateActionType::Default],
        "AllowEditingComments" allow_editing_comments: bool,
        "AllowCopy" allow_copy: Option<bool>,
        "AllowReferenceCopy" allow_reference_copy: Option<bool>,
        "CharToAddWhenCopying" char_to_add_when_copying: Option<String>,
        "AllowSeparate" allow_separate: bool,
        "AllowLockTable" allow_lock_table: bool,
        "AllowRestoreHistories" allow_restore_histories: bool [= true],
        "AllowPhysicalDeleteHistories" allow_physical_delete_histories: bool [= true],
        "HideLink" hide_link: bool,
        "SwitchRecordWithAjax" switch_record_with_ajax: bool,
        "SwitchCommandButtonsAutoPostBack" switch_command_buttons_auto_post_back: bool,
        "DeleteImageWhenDeleting" delete_image_when_deleting: bool [= true],
        "EnableCalendar" enable_calendar: bool [= true],
        "CalendarType" calendar_type: Option<i32>,
        "EnableCrosstab" enable_crosstab: bool [= true],
        "NoDisplayCrosstabGraph" no_display_crosstab_graph: bool,
        "EnableGantt" enable_gantt: bool [= true],
        "ShowGanttProgressRate" show_gantt_progress_rate: bool [= true],
        "EnableBurnDown" enable_burn_down: bool [= true],
        "EnableTimeSeries" enable_time_series: bool [= true],
        "EnableAnaly" enable_analy: bool [= true],
        "EnableKamban" enable_kamban: bool [= true],
        "EnableImageLib" enable_image_lib: bool [= true],
        "ImageLibPageSize" image_lib_page_size: Option<i32>,
        "UseFilterButton" use_filter_button: bool,
        "UseFiltersArea" use_filters_area: bool [= true],
        "UseGridHeaderFilters" use_grid_header_filters: bool,
        "UseNegativeFilters" use_negative_filters: Option<bool>,
        "UseRelatingColumnsOnFilter" use_relating_columns_on_filter: bool,
        "UseIncompleteFilter" use_incomplete_filter: bool [= true],
        "UseOwnFilter" use_own_filter: bool [= true],
        "UseNearCompletionTimeFilter" use_near_completion_time_filter: bool [= true],
        "UseDelayFilter" use_delay_filter: bool [= true],
        "UseOverdueFilter" use_overdue_filter: bool [= true],
        "UseSearchFilter" use_search_filter: bool [= true],
        "OutputFormulaLogs" output_formula_logs: bool,
        "TitleSeparator" title_separator: String [= ")".to_owned()],
        "SearchType" search_type: SearchMethod [= SearchMethod::PartialMatch],
        "FullTextIncludeBreadcrumb" full_text_include_breadcrumb: Option<bool>,
        "FullTextIncludeSiteId" full_text_include_site_id: Option<bool>,
        "FullTextIncludeSiteTitle" full_text_include_site_title: Option<bool>,
        "FullTextNumberOfMails" full_text_number_of_mails: Option<i32>,
        "SaveViewType" save_view_type: SaveViewType [= SaveViewType::Session],
        "AddressBook" address_book: String,
        "MailToDefault" mail_to_default: String,
        "MailCcDefault" mail_cc_default: String,
        "MailBccDefault" mail_bcc_default: String,
        "IntegratedSites" integrated_sites: Vec<String>,
        "NoDisplayIfReadOnly" no_display_if_read_only: bool [always],
        "NotInheritPermissionsWhenCreatingSite" not_inherit_permissions_when_creating_site: bool [always],
        "PermissionForCreating" permission_for_creating: IndexMap<String, i64>,
        "PermissionForUpdating" permission_for_updating: IndexMap<String, i64>,
        "CreateColumnAccessControls" create_column_access_controls: Vec<ColumnAccessControl>,
        "ReadColumnAccessControls" read_column_access_controls: Vec<ColumnAccessControl>,
        "UpdateColumnAccessControls" update_column_access_controls: Vec<ColumnAccessControl>,
        "ProcessOutputFormulaLogs" process_output_formula_logs: bool,
        "FormStartDateTime" form_start_date_time: Option<NaiveDateTime>,
        "FormEndDateTime" form_end_date_time: Option<NaiveDateTime>,
        "FormUnavailableMessage" form_unavailable_message: String,
        "FormThanksMessage" form_thanks_message: String,
    }
}

impl Document {
    /// The document of a stored text: `NULL` and `""` are the defaults, old versions are converted.
    ///
    /// QUIRK(06 B11): anything wrong anywhere makes the whole text count as empty, as in the reference; here
    /// that is logged.
    pub fn read(text: Option<&str>, kind: ReferenceType) -> Self {
        let text = text.unwrap_or_default();
        if text.is_empty() {
            return Self { version: Some(VERSION), ..Self::default() };
        }
        let json = lenient::parse(text).map_err(lenient::Error::from);
        let document = json.and_then(|json| Ok(Self::read_json(&json, kind)?));
        match document {
            Ok(document) => document,
            Err(error) => {
                tracing::warn!(%error, kind = kind.name(), "table settings are unreadable, so all of them are ignored");
                Self { version: Some(VERSION), ..Self::default() }
            }
        }
    }

    /// The document of a file, old versions converted; what is wrong in it is said.
    pub fn read_json<'a>(
        json: &'a lenient::Json<'a>,
        kind: ReferenceType,
    ) -> Result<Self, lenient::ConversionError> {
        let mut document: Self = lenient::from_json(json)?;
        migrate::migrate(&mut document, kind);
        Ok(document)
    }

    /// The document of a request: nothing is converted, and members unknown here are dropped.
    pub fn from_request<'a>(json: &'a lenient::Json<'a>) -> Result<Self, lenient::ConversionError> {
        let mut document: Self = lenient::from_json(json)?;
        document.version = Some(VERSION);
        document.forget_unknown();
        Ok(document)
    }
}

#[cfg(test)]
mod tests;
