//! The moments of a call at which scripts run (07 §4.3).

use crate::domain::settings::document::ServerScript;

/// When a script runs; those of screens never do here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Moment {
    /// The addressed site is known.
    WhenloadingSiteSettings,
    /// Before records are looked for.
    WhenViewProcessing,
    /// A record was loaded.
    WhenloadingRecord,
    /// A row is shown; of the API by exports alone.
    BeforeOpeningRow,
    /// Before formulas.
    BeforeFormula,
    /// After formulas.
    AfterFormula,
    /// Before a record is added.
    BeforeCreate,
    /// After that.
    AfterCreate,
    /// Before a record is changed.
    BeforeUpdate,
    /// After that.
    AfterUpdate,
    /// Before a record is deleted.
    BeforeDelete,
    /// After that.
    AfterDelete,
    /// Before records are deleted in bulk.
    BeforeBulkDelete,
    /// After that.
    AfterBulkDelete,
}

impl Moment {
    /// `context.Condition`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::WhenloadingSiteSettings => "WhenloadingSiteSettings",
            Self::WhenViewProcessing => "WhenViewProcessing",
            Self::WhenloadingRecord => "WhenloadingRecord",
            Self::BeforeOpeningRow => "BeforeOpeningRow",
            Self::BeforeFormula => "BeforeFormula",
            Self::AfterFormula => "AfterFormula",
            Self::BeforeCreate => "BeforeCreate",
            Self::AfterCreate => "AfterCreate",
            Self::BeforeUpdate => "BeforeUpdate",
            Self::AfterUpdate => "AfterUpdate",
            Self::BeforeDelete => "BeforeDelete",
            Self::AfterDelete => "AfterDelete",
            Self::BeforeBulkDelete => "BeforeBulkDelete",
            Self::AfterBulkDelete => "AfterBulkDelete",
        }
    }

    /// Whether a script is for the moment.
    pub const fn has(self, script: &ServerScript) -> bool {
        match self {
            Self::WhenloadingSiteSettings => script.when_loading_site_settings,
            Self::WhenViewProcessing => script.when_view_processing,
            Self::WhenloadingRecord => script.when_loading_record,
            Self::BeforeOpeningRow => script.before_opening_row,
            Self::BeforeFormula => script.before_formula,
            Self::AfterFormula => script.after_formula,
            Self::BeforeCreate => script.before_create,
            Self::AfterCreate => script.after_create,
            Self::BeforeUpdate => script.before_update,
            Self::AfterUpdate => script.after_update,
            Self::BeforeDelete => script.before_delete,
            Self::AfterDelete => script.after_delete,
            Self::BeforeBulkDelete => script.before_bulk_delete,
            Self::AfterBulkDelete => script.after_bulk_delete,
        }
    }
}
