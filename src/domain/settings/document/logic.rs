//! `Formulas[]`, `Processes[]` and `StatusControls[]` (06 §1.10–1.12).

use indexmap::IndexMap;
use rust_decimal::Decimal;

use super::messages::Notification;
use super::view::View;
use crate::domain::settings::enums::{
    AfterProcessStatusChangeActionType, ControlConstraint, DataChangeType, OperatorType,
    ProcessActionType, ProcessExecutionType, ResetType, ScreenType, ValidationType,
};
use crate::domain::settings::object::object;

object! {
    /// A column that is computed on every write.
    pub struct FormulaSet {
        /// `Default`, a tree of nodes, or `Extended`, a script.
        "CalculationMethod" calculation_method: String [always = "Default".to_owned()],
        "Target" target: String,
        /// A view of this table.
        "Condition" condition: Option<i32>,
        "Formula" formula: Option<Formula>,
        "NotUseDisplayName" not_use_display_name: bool,
        "IsDisplayError" is_display_error: bool,
        "OutOfCondition" out_of_condition: Option<Formula>,
        "FormulaScript" formula_script: String,
        "FormulaScriptOutOfCondition" formula_script_out_of_condition: String,
        "FormulaMapping" formula_mapping: String,
        "Disabled" disabled: bool,
        "Id" id: i32 [always],
    }
}

object! {
    /// A node of a formula: a column or a number, and what is computed with it.
    pub struct Formula {
        "ColumnName" column_name: String,
        "RawValue" raw_value: Option<Decimal>,
        "OperatorType" operator_type: OperatorType [always],
        "Children" children: Vec<Formula>,
    }
}

object! {
    /// A change of a record under one name, with conditions (03 §15).
    pub struct Process {
        "Id" id: i32 [always],
        "Name" name: String,
        "DisplayName" display_name: String,
        "ScreenType" screen_type: ScreenType [= ScreenType::Edit],
        /// -1 is any status.
        "CurrentStatus" current_status: i32 [always = -1],
        /// -1 leaves the status as it is.
        "ChangedStatus" changed_status: i32 [always = -1],
        "Description" description: String,
        "Tooltip" tooltip: String,
        "Icon" icon: String,
        "ConfirmationMessage" confirmation_message: String,
        "SuccessMessage" success_message: String,
        "OnClick" on_click: String,
        "ExecutionType" execution_type: ProcessExecutionType [= ProcessExecutionType::AddedButton],
        /// Present only if the document names it: an explicit `Save` asks for the update right.
        "ActionType" action_type: Option<ProcessActionType>,
        "AfterProcessStatusChangeActionType" after_process_status_change_action_type:
            AfterProcessStatusChangeActionType [= AfterProcessStatusChangeActionType::Default],
        "AllowBulkProcessing" allow_bulk_processing: bool,
        "ValidationType" validation_type: ValidationType [= ValidationType::Merge],
        "ValidateInputs" validate_inputs: Vec<ValidateInput>,
        "Depts" depts: Vec<i32>,
        "Groups" groups: Vec<i32>,
        "Users" users: Vec<i32>,
        "View" view: Option<View>,
        "ErrorMessage" error_message: String,
        "DataChanges" data_changes: Vec<DataChange>,
        "AutoNumbering" auto_numbering: Option<AutoNumbering>,
        "Notifications" notifications: Vec<Notification>,
        "Disabled" disabled: bool,
    }
}

object! {
    /// An input check of a process.
    pub struct ValidateInput {
        "Id" id: i32 [always],
        "ColumnName" column_name: String,
        "Required" required: bool,
        "ClientRegexValidation" client_regex_validation: String,
        "ServerRegexValidation" server_regex_validation: String,
        "RegexValidationMessage" regex_validation_message: String,
        "Min" min: Option<Decimal>,
        "Max" max: Option<Decimal>,
    }
}

object! {
    /// A value that a process assigns.
    pub struct DataChange {
        "Id" id: i32 [always],
        "Type" change_type: DataChangeType [always],
        "ColumnName" column_name: String,
        /// `CurrentDate`, `CurrentTime` or a date column.
        "BaseDateTime" base_date_time: String,
        "Value" value: String,
        "ValueFormulaNotUseDisplayName" value_formula_not_use_display_name: bool [always],
        "ValueFormulaIsDisplayError" value_formula_is_display_error: bool [always],
    }
}

object! {
    /// The automatic number of a process (03 §16).
    pub struct AutoNumbering {
        "ColumnName" column_name: String,
        "Format" format: String,
        "ResetType" reset_type: Option<ResetType>,
        "Default" default: Option<i32>,
        "Step" step: Option<i32>,
    }
}

object! {
    /// What a status does to records that have it.
    pub struct StatusControl {
        "Id" id: i32 [always],
        "Name" name: String,
        "Description" description: String,
        /// -1 is any status.
        "Status" status: i32 [always = -1],
        "ReadOnly" read_only: bool,
        /// Enforced by screens only.
        "ColumnHash" column_hash: IndexMap<String, ControlConstraint>,
        "View" view: Option<View>,
        "Depts" depts: Vec<i32>,
        "Groups" groups: Vec<i32>,
        "Users" users: Vec<i32>,
        "Disabled" disabled: bool,
    }
}
