//! The column lists of a site whose settings have none (06 §1.4).

use crate::model::{ColumnClass, ReferenceType};

/// The columns of lists, key-value rows and, in part, of default exports.
pub fn grid_columns(kind: ReferenceType) -> &'static [&'static str] {
    match kind {
        ReferenceType::Results => &[
            "ResultId",
            "TitleBody",
            "Comments",
            "Status",
            "Manager",
            "Owner",
            "Updator",
            "UpdatedTime",
        ],
        ReferenceType::Issues | ReferenceType::Dashboards => &[
            "IssueId",
            "TitleBody",
            "Comments",
            "StartTime",
            "CompletionTime",
            "WorkValue",
            "ProgressRate",
            "RemainingWorkValue",
            "Status",
            "Manager",
            "Owner",
            "Updator",
            "UpdatedTime",
        ],
        ReferenceType::Wikis => &["WikiId", "TitleBody", "Comments", "Updator", "UpdatedTime"],
        ReferenceType::Sites => &["TitleBody", "Comments", "Updator", "UpdatedTime"],
    }
}

/// The columns of the editor's general tab.
pub fn editor_columns(kind: ReferenceType) -> &'static [&'static str] {
    match kind {
        ReferenceType::Results => {
            &["ResultId", "Ver", "Title", "Body", "Status", "Manager", "Owner", "Comments"]
        }
        ReferenceType::Issues | ReferenceType::Dashboards => &[
            "IssueId",
            "Ver",
            "Title",
            "Body",
            "StartTime",
            "CompletionTime",
            "WorkValue",
            "ProgressRate",
            "RemainingWorkValue",
            "Status",
            "Manager",
            "Owner",
            "Comments",
        ],
        ReferenceType::Wikis => &["WikiId", "Ver", "Title", "Body", "Comments"],
        ReferenceType::Sites => {
            &["SiteId", "Ver", "Title", "Body", "ReferenceType", "InheritPermission", "Comments"]
        }
    }
}

/// The columns of lists of linked records.
pub fn link_columns(kind: ReferenceType) -> &'static [&'static str] {
    match kind {
        ReferenceType::Results => {
            &["ResultId", "Title", "Status", "Owner", "Updator", "UpdatedTime"]
        }
        ReferenceType::Issues | ReferenceType::Dashboards => &[
            "IssueId",
            "Title",
            "StartTime",
            "CompletionTime",
            "WorkValue",
            "ProgressRate",
            "RemainingWorkValue",
            "Status",
            "Owner",
            "Updator",
            "UpdatedTime",
        ],
        ReferenceType::Wikis | ReferenceType::Sites => &[],
    }
}

/// The columns of lists of versions.
pub fn history_columns(kind: ReferenceType) -> &'static [&'static str] {
    match kind {
        ReferenceType::Results => {
            &["Ver", "Title", "Comments", "Status", "Owner", "Updator", "UpdatedTime"]
        }
        ReferenceType::Issues | ReferenceType::Dashboards => &[
            "Ver",
            "Title",
            "Comments",
            "StartTime",
            "CompletionTime",
            "WorkValue",
            "ProgressRate",
            "RemainingWorkValue",
            "Status",
            "Owner",
            "Updator",
            "UpdatedTime",
        ],
        ReferenceType::Wikis | ReferenceType::Sites => &[],
    }
}

/// The columns that make up a record's title.
pub const TITLE_COLUMNS: &[&str] = &["Title"];

/// The columns a list can be filtered by on the screen; `known` are the table's columns.
pub fn filter_columns<'a>(
    kind: ReferenceType,
    known: impl Iterator<Item = &'a String>,
) -> Vec<String> {
    let fixed: &[&str] = match kind {
        ReferenceType::Results => &["Status", "Manager", "Owner", "Locked"],
        ReferenceType::Issues | ReferenceType::Dashboards => {
            &["Status", "Manager", "Owner", "Locked", "SiteTitle"]
        }
        ReferenceType::Wikis | ReferenceType::Sites => &[],
    };
    let filtered = |class| !matches!(class, ColumnClass::Description | ColumnClass::Attachments);
    let extensions = known.filter(|name| ColumnClass::of(name).is_some_and(filtered)).cloned();
    fixed.iter().map(|name| (*name).to_owned()).chain(extensions).collect()
}
