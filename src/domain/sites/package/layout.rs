//! A file of sites as it is read: what is missing is empty, what is not known is passed over with a warning.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::db::sites::{Granted, PermissionRow, Source, SubjectNames};
use crate::domain::settings::Document;
use crate::lenient::{self, Json, Nullable};
use crate::model::{ReferenceType, Rights, SiteId};

use super::super::read::GUIDES;
use super::PackageError;

/// The members of a file.
const PARTS: [&str; 5] = ["HeaderInfo", "Sites", "Data", "Permissions", "PermissionIdList"];
/// The members of a site that are read; the guides too.
const OF_SITE: [&str; 11] = [
    "SiteId",
    "Title",
    "Body",
    "SiteName",
    "SiteGroupName",
    "ReferenceType",
    "ParentId",
    "InheritPermission",
    "SiteSettings",
    "Publish",
    "DisableCrossSearch",
];
/// Members of a site that mean nothing elsewhere: whose it was, who made it when, locks and counters.
const LEFT: [&str; 13] = [
    "TenantId",
    "Ver",
    "Comments",
    "Creator",
    "Updator",
    "CreatedTime",
    "UpdatedTime",
    "LockedTime",
    "LockedUser",
    "ApiCountDate",
    "ApiCount",
    "Form",
    "ApiVersion",
];

/// What a file holds.
pub(super) struct Package<'j> {
    pub(super) sites: Vec<(Source, Document)>,
    pub(super) data: Vec<SiteData<'j>>,
    pub(super) permissions: Vec<Granted>,
    pub(super) names: SubjectNames,
    /// What was passed over.
    pub(super) warnings: BTreeSet<String>,
}

/// The records of a site.
pub(super) struct SiteData<'j> {
    pub(super) site: i64,
    /// The place in the file.
    pub(super) path: String,
    pub(super) records: &'j [Json<'j>],
}

impl SiteData<'_> {
    /// The id of a record; those without one get one below 0, which nothing can name.
    pub(super) fn id(&self, at: usize) -> i64 {
        let id = self.records.get(at).and_then(record_id);
        id.unwrap_or_else(|| -1 - i64::try_from(at).unwrap_or_default())
    }
}

fn record_id(record: &Json<'_>) -> Option<i64> {
    let own = ["ResultId", "IssueId", "WikiId", "ReferenceId"];
    let own = own.iter().find_map(|name| record.member(name)).or_else(|| {
        let title = record.member("Title")?;
        title.member("Id")
    });
    lenient::from_json::<Nullable<i64>>(own?).ok()?.0.filter(|id| *id > 0)
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct SiteEntry {
    site_id: Nullable<i64>,
    title: Option<String>,
    body: Option<String>,
    site_name: Option<String>,
    site_group_name: Option<String>,
    reference_type: Option<String>,
    parent_id: Nullable<i64>,
    inherit_permission: Nullable<i64>,
    publish: Nullable<bool>,
    disable_cross_search: Nullable<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct PermissionEntry {
    reference_id: Nullable<i64>,
    dept_id: Nullable<i32>,
    group_id: Nullable<i32>,
    user_id: Nullable<i32>,
    permission_type: Nullable<i64>,
}

/// Reads the whole file; the first thing that cannot be understood is told with its place.
pub(super) fn read<'j>(json: &'j Json<'j>) -> Result<Package<'j>, PackageError> {
    if !matches!(json, Json::Object(_)) {
        return Err(PackageError::malformed("", "expected an object"));
    }
    let mut warnings = BTreeSet::new();
    warn_unknown(&mut warnings, "", json, &[&PARTS]);
    let orders = orders(json)?;
    let mut sites = Vec::new();
    let mut known = HashSet::new();
    for (at, entry) in array(json, "", "Sites")?.iter().enumerate() {
        let path = format!("Sites[{at}]");
        warn_unknown(&mut warnings, "Sites[].", entry, &[&OF_SITE, &GUIDES, &LEFT]);
        let (mut source, document) = site(&path, entry)?;
        if !known.insert(source.id) {
            return Err(PackageError::malformed(&format!("{path}.SiteId"), "stands there twice"));
        }
        source.order = orders.get(&source.id.0).cloned().unwrap_or_default();
        sites.push((source, document));
    }
    let mut package = Package {
        sites,
        data: data(json)?,
        permissions: permissions(json)?,
        names: names(json)?,
        warnings,
    };
    package.leave_strangers(&known);
    Ok(package)
}

impl Package<'_> {
    /// Records and permissions of sites that the file does not have are nobody's.
    fn leave_strangers(&mut self, known: &HashSet<SiteId>) {
        let warnings = &mut self.warnings;
        let mut is_known = |part: &str, site: i64| {
            let is_known = known.contains(&SiteId(site));
            if !is_known {
                warnings.insert(format!("{part}: the file has no site {site}"));
            }
            is_known
        };
        self.data.retain(|data| is_known("Data", data.site));
        self.permissions.retain(|granted| is_known("Permissions", granted.site));
    }
}

fn site(path: &str, entry: &Json<'_>) -> Result<(Source, Document), PackageError> {
    let site: SiteEntry = typed(path, entry)?;
    let id = site.site_id.0.filter(|id| *id > 0);
    let id = id.ok_or_else(|| PackageError::malformed(&format!("{path}.SiteId"), "is missing"))?;
    let name = site.reference_type.unwrap_or_default();
    let kind = ReferenceType::from_name(&name).ok_or_else(|| {
        PackageError::malformed(&format!("{path}.ReferenceType"), "is no kind of site")
    })?;
    let document = document(&format!("{path}.SiteSettings"), entry.member("SiteSettings"), kind)?;
    let guide = |name: &&str| entry.member(name).and_then(Json::as_str).map(str::to_owned);
    let source = Source {
        id: SiteId(id),
        title: site.title.unwrap_or_default(),
        body: site.body.unwrap_or_default(),
        name: site.site_name.unwrap_or_default(),
        group_name: site.site_group_name.unwrap_or_default(),
        guides: GUIDES.iter().map(guide).collect(),
        kind,
        parent: SiteId(site.parent_id.0.unwrap_or_default()),
        inherit_permission: SiteId(site.inherit_permission.0.unwrap_or(id)),
        settings: String::new(),
        publish: site.publish.0.unwrap_or_default(),
        disable_cross_search: site.disable_cross_search.0.unwrap_or_default(),
        rights: Rights::NONE,
        order: String::new(),
        locked: false,
    };
    Ok((source, document))
}

/// The settings: an object, or its text.
fn document(
    path: &str,
    json: Option<&Json<'_>>,
    kind: ReferenceType,
) -> Result<Document, PackageError> {
    let wrong = |problem: &dyn std::fmt::Display| PackageError::malformed(path, problem);
    let parsed;
    let json = match json {
        None | Some(Json::Null) => return Ok(Document::read(None, kind)),
        Some(Json::String(text)) if text.is_empty() => return Ok(Document::read(None, kind)),
        Some(Json::String(text)) => {
            parsed = lenient::parse(text).map_err(|error| wrong(&error))?;
            &parsed
        }
        Some(json) => json,
    };
    Document::read_json(json, kind).map_err(|error| match error.path() {
        "" => wrong(&error),
        _ => PackageError::Malformed { path: path.to_owned(), problem: format!("at {error}") },
    })
}

/// The orders of folders' children, as JSON.
fn orders(json: &Json<'_>) -> Result<HashMap<i64, String>, PackageError> {
    let Some(header) = json.member("HeaderInfo") else { return Ok(HashMap::new()) };
    let mut orders = HashMap::new();
    for (at, entry) in array(header, "HeaderInfo.", "Convertors")?.iter().enumerate() {
        let path = format!("HeaderInfo.Convertors[{at}].SiteId");
        let site = id_member(&path, entry, "SiteId")?;
        let order = match entry.member("Order") {
            Some(Json::String(text)) => text.clone().into_owned(),
            Some(ids @ Json::Array(_)) => serde_json::Value::from(ids).to_string(),
            _ => continue,
        };
        orders.insert(site, order);
    }
    Ok(orders)
}

fn data<'j>(json: &'j Json<'j>) -> Result<Vec<SiteData<'j>>, PackageError> {
    let entries = array(json, "", "Data")?.iter().enumerate().map(|(at, entry)| {
        let path = format!("Data[{at}]");
        let site = id_member(&format!("{path}.SiteId"), entry, "SiteId")?;
        let records = array(entry, &format!("{path}."), "Body")?;
        if let Some(at) = records.iter().position(|one| !matches!(one, Json::Object(_))) {
            return Err(PackageError::malformed(
                &format!("{path}.Body[{at}]"),
                "expected an object",
            ));
        }
        Ok(SiteData { site, path, records })
    });
    entries.collect()
}

fn permissions(json: &Json<'_>) -> Result<Vec<Granted>, PackageError> {
    let mut granted = Vec::new();
    for (at, entry) in array(json, "", "Permissions")?.iter().enumerate() {
        let path = format!("Permissions[{at}]");
        let site = id_member(&format!("{path}.SiteId"), entry, "SiteId")?;
        let rows = array(entry, &format!("{path}."), "Permissions")?;
        for (at, row) in rows.iter().enumerate() {
            let row: PermissionEntry = typed(&format!("{path}.Permissions[{at}]"), row)?;
            granted.push(Granted {
                site,
                reference: row.reference_id.0.unwrap_or(site),
                row: PermissionRow {
                    dept: row.dept_id.0.unwrap_or_default(),
                    group: row.group_id.0.unwrap_or_default(),
                    user: row.user_id.0.unwrap_or_default(),
                    rights: row.permission_type.0.unwrap_or_default(),
                },
            });
        }
    }
    Ok(granted)
}

fn names(json: &Json<'_>) -> Result<SubjectNames, PackageError> {
    let Some(lists) = json.member("PermissionIdList") else { return Ok(SubjectNames::default()) };
    let list = |list: &str, id: &str, name: &str| {
        let entries = array(lists, "PermissionIdList.", list)?.iter().enumerate();
        let named = entries.map(|(at, entry)| {
            let path = format!("PermissionIdList.{list}[{at}].{id}");
            let number = i32::try_from(id_member(&path, entry, id)?);
            let number = number.map_err(|_| PackageError::malformed(&path, "is no id"))?;
            let name = entry.member(name).and_then(Json::as_str).unwrap_or_default();
            Ok((number, name.to_owned()))
        });
        named.collect::<Result<Vec<_>, PackageError>>()
    };
    Ok(SubjectNames {
        depts: list("DeptIdList", "DeptId", "DeptCode")?,
        groups: list("GroupIdList", "GroupId", "GroupName")?,
        users: list("UserIdList", "UserId", "LoginId")?,
    })
}

/// The elements of a member; none where it is missing.
fn array<'j>(json: &'j Json<'j>, path: &str, name: &str) -> Result<&'j [Json<'j>], PackageError> {
    match json.member(name) {
        None | Some(Json::Null) => Ok(&[]),
        Some(Json::Array(elements)) => Ok(elements),
        Some(_) => Err(PackageError::malformed(&format!("{path}{name}"), "expected an array")),
    }
}

fn id_member(path: &str, entry: &Json<'_>, name: &str) -> Result<i64, PackageError> {
    let id = entry.member(name).map(|id| typed::<Nullable<i64>>(path, id)).transpose()?;
    id.and_then(|id| id.0).ok_or_else(|| PackageError::malformed(path, "is missing"))
}

fn typed<T: DeserializeOwned>(path: &str, json: &Json<'_>) -> Result<T, PackageError> {
    lenient::from_json(json).map_err(|error| match error.path() {
        "" => PackageError::malformed(path, &error),
        // It names the member itself.
        _ => PackageError::Malformed { path: path.to_owned(), problem: error.to_string() },
    })
}

fn warn_unknown(warnings: &mut BTreeSet<String>, path: &str, json: &Json<'_>, known: &[&[&str]]) {
    for (name, _) in json.members() {
        let is_known = known.iter().any(|names| names.iter().any(|n| n.eq_ignore_ascii_case(name)));
        if !is_known {
            warnings.insert(format!("{path}{name} is not known and was left out"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> String {
        let json = lenient::parse(text).unwrap();
        read(&json).err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let site = |members: &str| {
            format!(r#"{{"Sites":[{{"SiteId":1,"ReferenceType":"Results"{members}}}]}}"#)
        };
        for (text, expected) in [
            ("[]".to_owned(), "expected an object"),
            (r#"{"Sites":{}}"#.to_owned(), "Sites: expected an array"),
            (r#"{"Sites":[{"Title":"x"}]}"#.to_owned(), "Sites[0].SiteId: is missing"),
            (
                r#"{"Sites":[{"SiteId":1}]}"#.to_owned(),
                "Sites[0].ReferenceType: is no kind of site",
            ),
            (site(r#","ParentId":"x""#), "Sites[0]: ParentId: "),
            (
                site(r#","SiteSettings":{"GridPageSize":"x"}"#),
                "Sites[0].SiteSettings: at GridPageSize: ",
            ),
            (
                site(r#"},{"SiteId":1,"ReferenceType":"Sites""#),
                "Sites[1].SiteId: stands there twice",
            ),
            (
                r#"{"Data":[{"SiteId":1,"Body":[1]}]}"#.to_owned(),
                "Data[0].Body[0]: expected an object",
            ),
            (r#"{"Permissions":[{}]}"#.to_owned(), "Permissions[0].SiteId: is missing"),
        ] {
            let problem = problem(&text);
            assert!(problem.starts_with(expected), "{text}: {problem}");
        }
        assert_eq!(problem("{}"), "");
    }

    #[test]
    fn what_is_not_known_is_passed_over_with_a_warning() {
        let json = r#"{"Future":1,"Data":[{"SiteId":9,"Body":[]}],
            "Sites":[{"SiteId":1,"ReferenceType":"Results","Colour":2,"TenantId":1,"GridGuide":"g"}]}"#;
        let json = lenient::parse(json).unwrap();
        let Ok(package) = read(&json) else { panic!("it is well-formed") };
        let warnings: Vec<&str> = package.warnings.iter().map(String::as_str).collect();
        let expected = [
            "Data: the file has no site 9",
            "Future is not known and was left out",
            "Sites[].Colour is not known and was left out",
        ];
        assert_eq!(warnings, expected);
        assert_eq!(package.sites[0].0.guides[0].as_deref(), Some("g"));
    }
}
