//! `Notifications[]` and `Reminders[]` (06 §1.12).

use chrono::NaiveDateTime;

use crate::domain::settings::enums::{
    ConditionExpression, MethodType, NotificationType, ReminderType, RepeatType,
};
use crate::domain::settings::object::object;

object! {
    /// A message that goes out after a write.
    pub struct Notification {
        "Type" notification_type: NotificationType [always],
        "Prefix" prefix: String,
        "Subject" subject: String,
        "Address" address: String,
        "CcAddress" cc_address: String,
        "BccAddress" bcc_address: String,
        "Token" token: String,
        /// Absent is `Get`.
        "MethodType" method_type: Option<MethodType>,
        "Encoding" encoding: String,
        "MediaType" media_type: String [always = "application/json".to_owned()],
        "Headers" headers: String,
        "UseCustomFormat" use_custom_format: bool,
        "Format" format: String,
        "Body" body: String,
        "MonitorChangesColumns" monitor_changes_columns: Vec<String>,
        /// A view of this table; 0 is none.
        "BeforeCondition" before_condition: i32 [always],
        /// A view of this table; 0 is none.
        "AfterCondition" after_condition: i32 [always],
        "Expression" expression: ConditionExpression [always],
        "AfterCreate" after_create: bool [= true],
        "AfterUpdate" after_update: bool [= true],
        "AfterDelete" after_delete: bool [= true],
        "AfterCopy" after_copy: bool [= true],
        "AfterBulkUpdate" after_bulk_update: bool [= true],
        "AfterBulkDelete" after_bulk_delete: bool [= true],
        "AfterImport" after_import: bool [= true],
        "Disabled" disabled: bool,
        "Id" id: i32 [always],
    }
}

object! {
    /// A message that goes out at set times; another process sends it.
    pub struct Reminder {
        "ReminderType" reminder_type: ReminderType [always],
        "Subject" subject: String,
        "Body" body: String,
        "Line" line: String,
        "From" from: String,
        "To" to: String,
        "Token" token: String,
        "Column" column: String,
        "StartDateTime" start_date_time: Option<NaiveDateTime>,
        "Type" repeat_type: Option<RepeatType>,
        "Range" range: i32 [always],
        "SendCompletedInPast" send_completed_in_past: bool,
        "NotSendIfNotApplicable" not_send_if_not_applicable: bool,
        "NotSendHyperLink" not_send_hyper_link: bool,
        "ExcludeOverdue" exclude_overdue: bool,
        "Condition" condition: i32 [always],
        "Disabled" disabled: bool,
        "Id" id: i32 [always],
    }
}
