//! A definition of named SQL, and when it applies (07 §2.2, §2.3).

use std::borrow::Cow;

use crate::db::named_sql::Script;
use crate::domain::Call;
use crate::lenient::{self, ConversionError, Json};
use crate::model::Caller;

/// When a definition runs by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is the member of its name (07 §2.9, §2.10)")]
pub enum Hook {
    OnCreating,
    OnCreated,
    OnUpdating,
    OnUpdated,
    OnDeleting,
    OnDeleted,
    OnBulkDeleting,
    OnBulkDeleted,
    OnImporting,
    OnImported,
    OnSelectingColumn,
    OnSelectingWhere,
    OnSelectingOrderBy,
}

impl Hook {
    const ALL: [(&'static str, Self); 13] = [
        ("OnCreating", Self::OnCreating),
        ("OnCreated", Self::OnCreated),
        ("OnUpdating", Self::OnUpdating),
        ("OnUpdated", Self::OnUpdated),
        ("OnDeleting", Self::OnDeleting),
        ("OnDeleted", Self::OnDeleted),
        ("OnBulkDeleting", Self::OnBulkDeleting),
        ("OnBulkDeleted", Self::OnBulkDeleted),
        ("OnImporting", Self::OnImporting),
        ("OnImported", Self::OnImported),
        ("OnSelectingColumn", Self::OnSelectingColumn),
        ("OnSelectingWhere", Self::OnSelectingWhere),
        ("OnSelectingOrderBy", Self::OnSelectingOrderBy),
    ];

    /// The member that switches it on.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, hook)| *hook == self).map_or("", |(name, _)| name)
    }
}

/// A definition.
#[derive(Debug, Clone, Default, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "the members of the reference's definitions")]
pub struct Definition {
    /// How callers name it.
    pub name: Option<String>,
    /// The file it came from; none for a row of `Extensions`.
    pub path: Option<String>,
    /// Whether it is never used.
    pub disabled: bool,
    /// Whether it applies only where its name is asked for.
    ///
    /// QUIRK(07 §2.2): the API asks for no name, so it can never run such a definition.
    pub specify_by_name: bool,
    /// Whether callers may run it.
    pub api: bool,
    /// Whether it runs on the owner's connection.
    pub as_owner: bool,
    /// When it runs by itself.
    pub hooks: Vec<Hook>,
    /// The SQL; none where the definition has none at all.
    pub command: Option<String>,
    /// The SQL as the API runs it, with site and record 0.
    pub script: Script,
    /// `OnSelectingWhereParams`: filters that a view must have.
    pub where_params: Vec<String>,
    departments: Vec<String>,
    groups: Vec<String>,
    users: Vec<String>,
    sites: Vec<String>,
    ids: Vec<String>,
    controllers: Vec<String>,
    actions: Vec<String>,
}

impl Definition {
    /// Reads a definition; one that is no object, or has a member of the wrong type, is none.
    pub fn read(json: &Json<'_>) -> Result<Self, ConversionError> {
        let _: Object = lenient::from_json(json)?;
        let hooks = Hook::ALL
            .into_iter()
            .map(|(name, hook)| Ok(flag(json, name)?.then_some(hook)))
            .collect::<Result<Vec<_>, _>>()?;
        let read = Self {
            name: text(json, "Name")?,
            disabled: flag(json, "Disabled")?,
            specify_by_name: flag(json, "SpecifyByName")?,
            api: flag(json, "Api")?,
            as_owner: text(json, "DbUser")?.as_deref() == Some("Owner"),
            hooks: hooks.into_iter().flatten().collect(),
            where_params: texts(json, "OnSelectingWhereParams")?,
            departments: numbers(json, "DeptIdList")?,
            groups: numbers(json, "GroupIdList")?,
            users: numbers(json, "UserIdList")?,
            sites: numbers(json, "SiteIdList")?,
            ids: numbers(json, "IdList")?,
            controllers: texts(json, "Controllers")?,
            actions: texts(json, "Actions")?,
            ..Self::default()
        };
        Ok(read.with_command(text(json, "CommandText")?))
    }

    /// The definition with another text.
    #[must_use]
    pub fn with_command(mut self, command: Option<String>) -> Self {
        self.script = Script::parse(&filled(command.as_deref().unwrap_or_default(), 0, 0, None));
        self.command = command;
        self
    }

    /// The SQL as it runs in a place; none where the definition has none at all.
    pub fn script_at(&self, place: &Place<'_>) -> Option<Cow<'_, Script>> {
        let command = self.command.as_deref()?;
        let is_api = (place.site, place.id) == (0, 0);
        if is_api || !command.contains("{{") {
            return Some(Cow::Borrowed(&self.script));
        }
        Some(Cow::Owned(Script::parse(&filled(command, place.site, place.id, None))))
    }

    /// Whether it applies in a place, to a caller.
    pub fn applies(&self, caller: &Caller, place: &Place<'_>) -> bool {
        let admits = |list: &[String], id: i64| admits(list, &id.to_string());
        let of_groups = self.groups.is_empty()
            || caller.groups.iter().any(|group| admits(&self.groups, group.0.into()));
        !self.disabled
            && (!self.specify_by_name || self.name.as_deref() == place.name)
            && admits(&self.departments, caller.dept.0.into())
            && admits(&self.users, caller.user.0.into())
            && of_groups
            && admits(&self.sites, place.site)
            && admits(&self.ids, place.id)
            && self::admits(&self.controllers, place.controller)
            && self::admits(&self.actions, place.action)
    }

    /// Whether it could run by itself at one of these moments, on some record of a site.
    pub fn may_run(&self, hooks: &[Hook], site: i64) -> bool {
        !self.disabled
            && !self.specify_by_name
            && hooks.iter().any(|hook| self.has(*hook))
            && admits(&self.sites, &site.to_string())
    }

    /// Whether it runs by itself then.
    pub fn has(&self, hook: Hook) -> bool {
        self.hooks.contains(&hook)
    }
}

/// Where a definition is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The site, 0 for the API.
    pub site: i64,
    /// The record, 0 for the API.
    pub id: i64,
    /// The request's controller, in lower case.
    pub controller: &'a str,
    /// Its action.
    pub action: &'a str,
    /// The name that is asked for, where one is.
    pub name: Option<&'a str>,
}

impl<'a> Place<'a> {
    /// Where the API runs definitions.
    pub const API: Place<'static> =
        Place { site: 0, id: 0, controller: "extended", action: "sql", name: None };

    /// Where a server script of a call runs them: at the site and the id of the request (07 §2.3).
    pub fn of_script(call: &'a Call) -> Self {
        Self::of(call, call.target.as_ref().map_or(0, |target| target.site.id.0))
    }

    /// A site, in a call that names nothing.
    pub const fn of(call: &'a Call, site: i64) -> Self {
        let (controller, action) = (call.controller, call.action);
        Self { site, id: call.id, controller, action, name: None }
    }
}

/// The text with its placeholders filled in: plain numbers, and the time of a record (07 §2.5, §2.9).
pub(super) fn filled(command: &str, site: i64, id: i64, timestamp: Option<&str>) -> String {
    let text = command.replace("{{SiteId}}", &site.to_string()).replace("{{Id}}", &id.to_string());
    match timestamp {
        Some(timestamp) => text.replace("{{Timestamp}}", timestamp),
        None => text,
    }
}

/// The standard values: who calls.
#[derive(Debug, Clone, Copy, Default)]
pub struct Standard {
    /// The tenant.
    pub tenant: i32,
    /// The department.
    pub dept: i32,
    /// The user.
    pub user: i32,
}

impl Standard {
    /// Those of a call.
    pub const fn of(call: &Call) -> Self {
        let caller = &call.caller;
        Self { tenant: caller.tenant.id.0, dept: caller.dept.0, user: caller.user.0 }
    }

    /// By their names on PostgreSQL.
    pub const fn own(self) -> [(&'static str, i32); 3] {
        [("ipT", self.tenant), ("ipD", self.dept), ("ipU", self.user)]
    }

    /// By their names on SQL Server, which are those of the manual.
    pub const fn foreign(self) -> [(&'static str, i32); 3] {
        [("_T", self.tenant), ("_D", self.dept), ("_U", self.user)]
    }

    /// By all names.
    pub fn all(self) -> impl Iterator<Item = (&'static str, i32)> {
        self.own().into_iter().chain(self.foreign())
    }
}

/// Whether a list lets a value in: it is empty, has it, or excludes others but not this one.
///
/// QUIRK(07 §2.3): one exclusion opens the list to everything that is not excluded.
fn admits(list: &[String], value: &str) -> bool {
    let mut excluded = list.iter().filter_map(|entry| entry.strip_prefix('-')).peekable();
    list.is_empty()
        || value.is_empty()
        || list.iter().any(|entry| entry == value)
        || (excluded.peek().is_some() && excluded.all(|excluded| excluded != value))
}

/// Anything with members.
#[derive(serde::Deserialize)]
struct Object {}

/// A member that is missing counts as null; null is refused where the type has no such value.
fn member<T: serde::de::DeserializeOwned>(
    json: &Json<'_>,
    name: &str,
) -> Result<Option<T>, ConversionError> {
    json.member(name).map(lenient::from_json).transpose()
}

fn flag(json: &Json<'_>, name: &str) -> Result<bool, ConversionError> {
    Ok(member::<bool>(json, name)?.unwrap_or_default())
}

fn text(json: &Json<'_>, name: &str) -> Result<Option<String>, ConversionError> {
    Ok(member::<Option<String>>(json, name)?.flatten())
}

fn numbers(json: &Json<'_>, name: &str) -> Result<Vec<String>, ConversionError> {
    let numbers = member::<Option<Vec<i64>>>(json, name)?.flatten().unwrap_or_default();
    Ok(numbers.into_iter().map(|number| number.to_string()).collect())
}

fn texts(json: &Json<'_>, name: &str) -> Result<Vec<String>, ConversionError> {
    let texts = member::<Option<Vec<Option<String>>>>(json, name)?.flatten().unwrap_or_default();
    Ok(texts.into_iter().flatten().filter(|text| !text.is_empty()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lenient::parse;

    fn list(entries: &[&str]) -> Vec<String> {
        entries.iter().map(|entry| (*entry).to_owned()).collect()
    }

    /// 07 §2.3, examples.
    #[test]
    fn lists_admit_and_exclude() {
        for (entries, value, admitted) in [
            (&["1", "2"][..], "3", false),
            (&["-3"], "3", false),
            (&["-3"], "4", true),
            (&["1", "-3"], "4", true),
            (&["1"], "0", false),
            (&["1"], "1", true),
            (&[], "9", true),
            (&["items"], "", true),
            (&["-1", "-2"], "2", false),
        ] {
            assert_eq!(admits(&list(entries), value), admitted, "{entries:?} {value}");
        }
    }

    #[test]
    fn definitions_are_read_leniently() {
        let json = parse(
            r#"/* c */ {"name":"A","Api":"true","DbUser":"Owner","OnUpdated":true,"SiteIdList":[-5],
               "Controllers":[null,"","items"],"CommandText":"select {{Id}}; ",}"#,
        );
        let definition = Definition::read(&json.unwrap()).unwrap();
        assert_eq!(definition.name.as_deref(), Some("A"));
        assert!(definition.api && definition.as_owner && definition.has(Hook::OnUpdated));
        assert_eq!(definition.controllers, ["items"]);
        assert_eq!(definition.script, Script::parse("select 0"));
        for wrong in ["[]", "null", r#"{"Api":null}"#, r#"{"SiteIdList":["x"]}"#] {
            assert!(Definition::read(&parse(wrong).unwrap()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_time_is_filled_in_only_where_there_is_one() {
        assert_eq!(filled("{{SiteId}} {{Id}} {{Timestamp}}", 1, 2, None), "1 2 {{Timestamp}}");
        assert_eq!(filled("'{{Timestamp}}'", 1, 2, Some("")), "''");
    }
}
