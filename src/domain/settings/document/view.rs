//! The View object, of requests and of `Views[]` (05 §8).

use indexmap::IndexMap;

use crate::domain::settings::enums::{
    ApiColumnKeyDisplayType, ApiColumnValueDisplayType, ApiDataType, Order, SearchType,
};
use crate::domain::settings::object::object;

object! {
    /// Which records are wanted, in which order and form. The members of screens stay in `extra`.
    pub struct View {
        "Id" id: i32 [always],
        "Name" name: String,
        "GridColumns" grid_columns: Option<Vec<String>>,
        "FilterColumns" filter_columns: Option<Vec<String>>,
        "Incomplete" incomplete: Option<bool>,
        "Own" own: Option<bool>,
        "NearCompletionTime" near_completion_time: Option<bool>,
        "Delay" delay: Option<bool>,
        "Overdue" overdue: Option<bool>,
        "ColumnFilterHash" column_filter_hash: IndexMap<String, String>,
        "ColumnFilterSearchTypes" column_filter_search_types: IndexMap<String, SearchType>,
        "ColumnFilterExpressions" column_filter_expressions: IndexMap<String, String>,
        "ColumnFilterNegatives" column_filter_negatives: Vec<String>,
        "Search" search: String,
        "ColumnSorterHash" column_sorter_hash: IndexMap<String, Order>,
        "ViewExtensionsHash" view_extensions_hash: IndexMap<String, String>,
        "Depts" depts: Vec<i32>,
        "Groups" groups: Vec<i32>,
        "Users" users: Vec<i32>,
        "KeepFilterState" keep_filter_state: bool,
        "KeepSorterState" keep_sorter_state: bool,
        "MergeSessionViewFilters" merge_session_view_filters: Option<bool>,
        "MergeSessionViewSorters" merge_session_view_sorters: Option<bool>,
        "ShowHistory" show_history: Option<bool>,
        "ApiGetMailAddresses" api_get_mail_addresses: Option<bool>,
        "ApiColumnHash" api_column_hash: IndexMap<String, ApiColumn>,
        "ApiColumnKeyDisplayType" api_column_key_display_type: ApiColumnKeyDisplayType [never null],
        "ApiColumnValueDisplayType" api_column_value_display_type: ApiColumnValueDisplayType [never null],
        "CalendarSiteId" calendar_site_id: i64 [always],
        "ApiDataType" api_data_type: ApiDataType [never null],
    }
}

object! {
    /// How one column appears in key-value rows.
    pub struct ApiColumn {
        "KeyDisplayType" key_display_type: Option<ApiColumnKeyDisplayType>,
        "ValueDisplayType" value_display_type: Option<ApiColumnValueDisplayType>,
    }
}
