//! `Links[]`, `Summaries[]` and what stands in them (06 §1.8, §1.10).

use super::view::View;
use crate::domain::settings::enums::LookupType;
use crate::domain::settings::object::object;

object! {
    /// A column that points to records of another site, or a JSON link to users, departments or groups.
    pub struct Link {
        /// `Users`, `Depts` or `Groups`; empty for a link to a site.
        "TableName" table_name: String,
        "ColumnName" column_name: String,
        /// The linked site; 0 for a link with a `TableName`.
        "SiteId" site_id: i64 [always],
        "Priority" priority: i32 [= 0],
        "NoAddButton" no_add_button: bool,
        "AddSource" add_source: bool,
        "NotReturnParentRecord" not_return_parent_record: bool,
        "ExcludeMe" exclude_me: bool,
        "MembersOnly" members_only: bool,
        "SelectNewLink" select_new_link: bool,
        "SearchFormat" search_format: String,
        /// Restricts the records that may be selected.
        "View" view: Option<View>,
        "Lookups" lookups: Option<Vec<Lookup>>,
        "LinkActions" link_actions: Option<Vec<LinkAction>>,
        /// Whether it was made from `ChoicesText` in JSON form.
        "JsonFormat" json_format: bool,
    }
}

object! {
    /// A value that is copied from the linked record.
    pub struct Lookup {
        /// The column of the linked table.
        "From" from: String,
        /// The column of this table.
        "To" to: String,
        "Type" lookup_type: LookupType [= LookupType::Value],
        /// Whether it replaces a value that is there.
        "Overwrite" overwrite: bool [= true],
        "OverwriteForm" overwrite_form: bool,
    }
}

object! {
    /// What happens to child records along with a parent.
    pub struct LinkAction {
        /// `CopyWithLinks` or `DeleteWithLinks`.
        "Type" action_type: String,
        "View" view: Option<View>,
        "CharToAddWhenCopying" char_to_add_when_copying: String,
        "CopyWithComments" copy_with_comments: bool,
    }
}

object! {
    /// A value that this table's records keep up to date in their parents.
    pub struct Summary {
        /// The parent site.
        "SiteId" site_id: i64 [always],
        "DestinationReferenceType" destination_reference_type: String,
        "DestinationColumn" destination_column: String,
        /// A view of the parent site.
        "DestinationCondition" destination_condition: Option<i32>,
        "SetZeroWhenOutOfCondition" set_zero_when_out_of_condition: bool,
        /// The column of this table that points to the parent.
        "LinkColumn" link_column: String,
        /// `Count`, `Total`, `Average`, `Min` or `Max`.
        "Type" summary_type: String,
        /// Absent for `Count`.
        "SourceColumn" source_column: String,
        /// A view of this table.
        "SourceCondition" source_condition: Option<i32>,
        "Id" id: i32 [always],
    }
}
