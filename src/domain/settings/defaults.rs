//! The values that parameter files give to settings which a document leaves open (06 §1.3, §1.5).

use rust_decimal::Decimal;

use super::enums::StandardExportType;
use crate::parameters::Parameters;

/// Members of `General.json`, `Search.json`, `BinaryStorage.json`, `Mobile.json` and `Dashboard.json`; the
/// default is as shipped.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own, named by the reference"
)]
#[derive(Debug, Clone, PartialEq)]
pub struct SettingsDefaults {
    /// `General.NearCompletionTimeAfterDays`.
    pub near_completion_time_after_days: Decimal,
    /// `General.NearCompletionTimeBeforeDays`.
    pub near_completion_time_before_days: Decimal,
    /// `General.GridPageSize`.
    pub grid_page_size: i32,
    /// `General.AllowViewReset`.
    pub allow_view_reset: bool,
    /// `General.EnableExpandLinkPath`.
    pub enable_expand_link_path: bool,
    /// `General.FirstDayOfWeek`.
    pub first_day_of_week: i32,
    /// `General.FirstMonth`.
    pub first_month: i32,
    /// `General.ImportEncoding`.
    pub import_encoding: String,
    /// `General.UpdatableImport`.
    pub updatable_import: bool,
    /// `General.AllowStandardExport`.
    pub allow_standard_export: bool,
    /// `General.StandardExportType`.
    pub standard_export_type: StandardExportType,
    /// `General.AllowCopy`.
    pub allow_copy: bool,
    /// `General.AllowReferenceCopy`.
    pub allow_reference_copy: bool,
    /// `General.CharToAddWhenCopying`.
    pub char_to_add_when_copying: String,
    /// `General.DefaultCalendarType`.
    pub default_calendar_type: i32,
    /// `General.ImageLibPageSize`.
    pub image_lib_page_size: i32,
    /// `General.UseNegativeFilters`.
    pub use_negative_filters: bool,
    /// `General.ViewerSwitchingType`.
    pub viewer_switching_type: i32,
    /// `General.DateFilterMinSpan`.
    pub date_filter_min_span: i32,
    /// `General.DateFilterMaxSpan`.
    pub date_filter_max_span: i32,
    /// `General.DateTimeStep`.
    pub date_time_step: i32,
    /// `Search.FullTextIncludeBreadcrumb`.
    pub full_text_include_breadcrumb: bool,
    /// `Search.FullTextIncludeSiteId`.
    pub full_text_include_site_id: bool,
    /// `Search.FullTextIncludeSiteTitle`.
    pub full_text_include_site_title: bool,
    /// `Search.FullTextNumberOfMails`.
    pub full_text_number_of_mails: i32,
    /// `BinaryStorage.Attachments`: without, attachment columns leave the default lists.
    pub attachments: bool,
    /// `BinaryStorage.LimitQuantity`.
    pub limit_quantity: Option<Decimal>,
    /// `BinaryStorage.LimitSize`, in MB.
    pub limit_size: Option<Decimal>,
    /// `BinaryStorage.LimitTotalSize`, in MB.
    pub limit_total_size: Option<Decimal>,
    /// `BinaryStorage.ThumbnailLimitSize`.
    pub thumbnail_limit_size: Option<Decimal>,
    /// `BinaryStorage.LocalFolderLimitSize`, in MB.
    pub local_folder_limit_size: Option<Decimal>,
    /// `BinaryStorage.LocalFolderLimitTotalSize`, in MB.
    pub local_folder_limit_total_size: Option<Decimal>,
    /// `BinaryStorage.DefaultBinaryStorageProvider`.
    pub default_binary_storage_provider: String,
    /// `Mobile.SiteSettingsResponsive`.
    pub responsive: bool,
    /// `Dashboard.AsynchronousLoadingDefault`.
    pub dashboard_asynchronous_loading: bool,
}

impl SettingsDefaults {
    /// The values of an installation's parameter files.
    pub fn of(parameters: &Parameters) -> Self {
        let (general, search, storage) =
            (&parameters.general, &parameters.search, &parameters.binary_storage);
        Self {
            near_completion_time_after_days: general.near_completion_time_after_days.into(),
            near_completion_time_before_days: general.near_completion_time_before_days.into(),
            grid_page_size: general.grid_page_size,
            first_day_of_week: general.first_day_of_week,
            first_month: general.first_month,
            import_encoding: general.import_encoding.clone(),
            updatable_import: general.updatable_import,
            allow_standard_export: general.allow_standard_export,
            standard_export_type: StandardExportType::from_number(general.standard_export_type),
            allow_copy: general.allow_copy,
            allow_reference_copy: general.allow_reference_copy,
            char_to_add_when_copying: general.char_to_add_when_copying.clone(),
            use_negative_filters: general.use_negative_filters,
            full_text_include_breadcrumb: search.full_text_include_breadcrumb,
            full_text_include_site_id: search.full_text_include_site_id,
            full_text_include_site_title: search.full_text_include_site_title,
            full_text_number_of_mails: search.full_text_number_of_mails,
            attachments: storage.attachments,
            limit_quantity: Some(storage.limit_quantity.into()),
            limit_size: Some(storage.limit_size.into()),
            limit_total_size: Some(storage.limit_total_size.into()),
            local_folder_limit_size: Some(storage.local_folder_limit_size.into()),
            local_folder_limit_total_size: Some(storage.local_folder_limit_total_size.into()),
            default_binary_storage_provider: storage
                .default_binary_storage_provider
                .clone()
                .unwrap_or_else(|| "DataBase".to_owned()),
            ..Self::default()
        }
    }
}

impl Default for SettingsDefaults {
    fn default() -> Self {
        Self {
            near_completion_time_after_days: Decimal::from(7),
            near_completion_time_before_days: Decimal::from(7),
            grid_page_size: 20,
            allow_view_reset: true,
            enable_expand_link_path: false,
            first_day_of_week: 1,
            first_month: 4,
            import_encoding: "Shift-JIS".to_owned(),
            updatable_import: false,
            allow_standard_export: true,
            standard_export_type: StandardExportType::Default,
            allow_copy: true,
            allow_reference_copy: false,
            char_to_add_when_copying: " - コピー".to_owned(),
            default_calendar_type: 2,
            image_lib_page_size: 20,
            use_negative_filters: false,
            viewer_switching_type: 1,
            date_filter_min_span: -1,
            date_filter_max_span: 1,
            date_time_step: 10,
            full_text_include_breadcrumb: false,
            full_text_include_site_id: false,
            full_text_include_site_title: true,
            full_text_number_of_mails: 10,
            attachments: true,
            limit_quantity: Some(Decimal::from(30)),
            limit_size: Some(Decimal::from(50)),
            limit_total_size: Some(Decimal::from(1024)),
            thumbnail_limit_size: None,
            local_folder_limit_size: Some(Decimal::from(3072)),
            local_folder_limit_total_size: Some(Decimal::from(30720)),
            default_binary_storage_provider: "DataBase".to_owned(),
            responsive: true,
            dashboard_asynchronous_loading: false,
        }
    }
}
