//! A site as posted (06 §3.3, §3.4).

use std::collections::HashMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::db::sites::PermissionRow;
use crate::db::sql::{Bind, Ident};
use crate::domain::Error;
use crate::domain::items::cut;
use crate::domain::settings::Document;
use crate::lenient::{self, Json, Nullable, Number, PostedTime};

/// The members of `createsite` and `updatesite`; what an operation does not know is read over.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct SiteRequest {
    pub title: Option<String>,
    pub body: Option<String>,
    pub site_name: Option<String>,
    pub site_group_name: Option<String>,
    pub grid_guide: Option<String>,
    pub editor_guide: Option<String>,
    pub calendar_guide: Option<String>,
    pub crosstab_guide: Option<String>,
    pub gantt_guide: Option<String>,
    pub burn_down_guide: Option<String>,
    pub time_series_guide: Option<String>,
    pub analy_guide: Option<String>,
    pub kamban_guide: Option<String>,
    pub image_lib_guide: Option<String>,
    pub reference_type: Option<String>,
    pub inherit_permission: Nullable<i64>,
    pub permissions: Option<Vec<String>>,
    pub publish: Nullable<bool>,
    pub disable_cross_search: Nullable<bool>,
    pub comments: Option<String>,
    pub disable_site_creator_permission: Nullable<bool>,
    pub ver_up: Nullable<bool>,
    pub form: Option<String>,
}

/// The members that count for nothing, but whose types are looked at all the same: an edited answer of `getsite` has
/// them (06 §3.3).
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Unused {
    tenant_id: Nullable<i32>,
    site_id: Nullable<i64>,
    ver: Nullable<i32>,
    parent_id: Nullable<i64>,
    locked_time: Nullable<PostedTime>,
    locked_user: Nullable<i32>,
    api_count_date: Nullable<PostedTime>,
    api_count: Nullable<i32>,
    creator: Nullable<i32>,
    updator: Nullable<i32>,
    created_time: Nullable<PostedTime>,
    updated_time: Nullable<PostedTime>,
    record_permissions: Option<Vec<Option<String>>>,
    class_hash: Option<HashMap<String, Option<String>>>,
    num_hash: Option<HashMap<String, Nullable<Number>>>,
    date_hash: Option<HashMap<String, PostedTime>>,
    description_hash: Option<HashMap<String, Option<String>>>,
    check_hash: Option<HashMap<String, bool>>,
    attachments_hash: Option<HashMap<String, Option<Vec<IgnoredAny>>>>,
}

/// The text columns of `Sites` that a body may give, and the member of each.
pub(super) const TEXTS: [&str; 13] = [
    "Body",
    "SiteName",
    "SiteGroupName",
    "GridGuide",
    "EditorGuide",
    "CalendarGuide",
    "CrosstabGuide",
    "GanttGuide",
    "BurnDownGuide",
    "TimeSeriesGuide",
    "AnalyGuide",
    "KambanGuide",
    "ImageLibGuide",
];
/// The flags among them.
pub(super) const FLAGS: [&str; 2] = ["Publish", "DisableCrossSearch"];

impl SiteRequest {
    /// The members and the settings of a body; none of the latter when they are absent or null.
    pub(super) fn read(body: &Json<'_>) -> Option<(Self, Option<Document>)> {
        let request = lenient::from_json(body).ok()?;
        let _: Unused = lenient::from_json(body).ok()?;
        let settings = match body.member("SiteSettings") {
            None | Some(Json::Null) => None,
            Some(settings) => Some(Document::from_request(settings).ok()?),
        };
        Some((request, settings))
    }

    /// The given permission rows. Of two for one subject the first stays, where the reference crashes (BUG(06 §3.3)).
    pub(super) fn permission_rows(&self) -> Vec<PermissionRow> {
        let mut rows = Vec::new();
        for row in self.permissions.iter().flatten().filter_map(|line| PermissionRow::parse(line)) {
            add(&mut rows, row);
        }
        rows
    }

    /// The texts and flags of `Sites` that the body gives, cut to what their columns hold.
    pub(super) fn values(&self) -> Vec<(Ident, Bind)> {
        let whole = |value: &Option<String>| value.clone();
        let short = |value: &Option<String>| value.as_deref().map(|text| cut(text, Some(32)));
        let texts = [
            whole(&self.body),
            short(&self.site_name),
            short(&self.site_group_name),
            whole(&self.grid_guide),
            whole(&self.editor_guide),
            whole(&self.calendar_guide),
            whole(&self.crosstab_guide),
            whole(&self.gantt_guide),
            whole(&self.burn_down_guide),
            whole(&self.time_series_guide),
            whole(&self.analy_guide),
            whole(&self.kamban_guide),
            whole(&self.image_lib_guide),
        ];
        let flags = [self.publish.0, self.disable_cross_search.0];
        let texts = TEXTS
            .into_iter()
            .zip(texts)
            .filter_map(|(name, text)| Some((Ident::new(name), Bind::text(text?))));
        let flags = FLAGS
            .into_iter()
            .zip(flags)
            .filter_map(|(name, flag)| Some((Ident::new(name), Bind::Bool(Some(flag?)))));
        texts.chain(flags).collect()
    }

    /// The handle of the public form, if the body gives one: empty, or 32 hexadecimal digits (06 §3.4).
    ///
    /// BUG(06 B14): the reference stores any text.
    pub(super) fn form_handle(&self) -> Result<Option<String>, Error> {
        let Some(form) = self.form.as_deref() else { return Ok(None) };
        let is_handle = form.len() == 32 && form.bytes().all(|digit| digit.is_ascii_hexdigit());
        if form.is_empty() || is_handle {
            Ok(Some(form.to_ascii_uppercase()))
        } else {
            Err(Error::BadRequest)
        }
    }
}

/// Adds a row unless there is one for its subject, which the key of the table forbids.
pub(super) fn add(rows: &mut Vec<PermissionRow>, row: PermissionRow) {
    if !rows.iter().any(|known| known.is_same_subject(&row)) {
        rows.push(row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lenient::parse;

    fn request(text: &str) -> SiteRequest {
        let json = parse(text).unwrap();
        SiteRequest::read(&json).unwrap().0
    }

    #[test]
    fn only_given_members_become_values_and_names_are_cut() {
        let long = "n".repeat(40);
        let values =
            request(&format!(r#"{{"Body":"","SiteName":"{long}","Publish":null}}"#)).values();
        let expected = vec![
            (Ident::new("Body"), Bind::text("")),
            (Ident::new("SiteName"), Bind::text("n".repeat(32))),
        ];
        assert_eq!(values, expected);
    }

    #[test]
    fn the_first_row_of_a_subject_stays() {
        let rows =
            request(r#"{"Permissions":["User,5,31","User,5,1","Nope,5,2","Dept,5,3","User,5"]}"#)
                .permission_rows();
        let subjects: Vec<_> =
            rows.iter().map(|row| (row.dept, row.group, row.user, row.rights)).collect();
        assert_eq!(subjects, [(0, 0, 5, 31), (0, 0, 0, 2), (5, 0, 0, 3)]);
    }

    #[test]
    fn handles_of_forms_are_hexadecimal_and_stored_in_upper_case() {
        let handle = "0123456789abcdef0123456789abcdef";
        let form = |text: &str| request(&format!(r#"{{"Form":"{text}"}}"#)).form_handle();
        assert_eq!(form(handle).unwrap(), Some(handle.to_ascii_uppercase()));
        assert_eq!(form("").unwrap(), Some(String::new()));
        assert!(form("xyz").is_err());
        assert_eq!(request("{}").form_handle().unwrap(), None);
    }
}
