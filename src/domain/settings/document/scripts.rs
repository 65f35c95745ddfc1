//! `ServerScripts[]`, `Scripts[]`, `Styles[]` and `Htmls[]` (06 §1.12).

use crate::domain::settings::enums::HtmlPositionType;
use crate::domain::settings::object::object;

object! {
    /// A script that the server runs.
    pub struct ServerScript {
        "Title" title: Option<String>,
        "Name" name: Option<String>,
        "WhenloadingSiteSettings" when_loading_site_settings: bool,
        "WhenViewProcessing" when_view_processing: bool,
        "WhenloadingRecord" when_loading_record: bool,
        "BeforeFormula" before_formula: bool,
        "AfterFormula" after_formula: bool,
        "BeforeCreate" before_create: bool,
        "AfterCreate" after_create: bool,
        "BeforeUpdate" before_update: bool,
        "AfterUpdate" after_update: bool,
        "BeforeDelete" before_delete: bool,
        "BeforeBulkDelete" before_bulk_delete: bool,
        "AfterDelete" after_delete: bool,
        "AfterBulkDelete" after_bulk_delete: bool,
        "BeforeOpeningPage" before_opening_page: bool,
        "BeforeOpeningRow" before_opening_row: bool,
        /// Its body is put before every script that has a timing.
        "Shared" shared: bool,
        "Body" body: Option<String>,
        "Functionalize" functionalize: bool,
        "TryCatch" try_catch: bool,
        "Disabled" disabled: bool,
        "TimeOut" time_out: Option<i32>,
        "Background" background: bool,
        "Id" id: i32 [always],
    }
}

object! {
    /// A script or style sheet of screens.
    pub struct ScreenPart {
        "Title" title: Option<String>,
        "All" all: bool,
        "New" new: bool,
        "Edit" edit: bool,
        "Index" index: bool,
        "Calendar" calendar: bool,
        "Crosstab" crosstab: bool,
        "Gantt" gantt: bool,
        "BurnDown" burn_down: bool,
        "TimeSeries" time_series: bool,
        "Analy" analy: bool,
        "Kamban" kamban: bool,
        "ImageLib" image_lib: bool,
        "Disabled" disabled: bool,
        "Body" body: Option<String>,
        "Id" id: i32 [always],
    }
}

object! {
    /// A piece of HTML of screens.
    pub struct Html {
        "Title" title: Option<String>,
        "PositionType" position_type: HtmlPositionType [always],
        "All" all: bool,
        "New" new: bool,
        "Edit" edit: bool,
        "Index" index: bool,
        "Calendar" calendar: bool,
        "Crosstab" crosstab: bool,
        "Gantt" gantt: bool,
        "BurnDown" burn_down: bool,
        "TimeSeries" time_series: bool,
        "Analy" analy: bool,
        "Kamban" kamban: bool,
        "ImageLib" image_lib: bool,
        "Disabled" disabled: bool,
        "Body" body: Option<String>,
        "Id" id: i32 [always],
    }
}
