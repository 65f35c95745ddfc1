//! Changes of six lists of a document, element by element (06 §3.5): what `updatesitesettings` posts.
//!
//! [`merge`] is pure. A change that breaks a rule leaves no usable document, so callers merge into a copy and write it
//! only when everything is in order, the existence of [`Subjects`] included.

mod nested;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Deserializer};

use super::document::{Document, Html, Process, ScreenPart, ServerScript, StatusControl};
use super::enums::{
    HtmlPositionType, ProcessActionType, ProcessExecutionType, ScreenType, ValidationType,
};
use super::object::Member;
use super::writer::Writer;
use crate::lenient::{self, ConversionError, Json, Nullable};
use crate::model::ReferenceType;

/// A posted element breaks a rule, or a member has a wrong type. Clients learn nothing more precise (QUIRK(06 R12)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Invalid;

impl From<ConversionError> for Invalid {
    fn from(_: ConversionError) -> Self {
        Self
    }
}

/// Whom an element admits. Each list has to name as many existing subjects as it has entries.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Subjects {
    /// Ids of users.
    #[serde(deserialize_with = "list")]
    pub users: Option<Vec<i32>>,
    /// Ids of groups.
    #[serde(deserialize_with = "list")]
    pub groups: Option<Vec<i32>>,
    /// Ids of departments.
    #[serde(deserialize_with = "list")]
    pub depts: Option<Vec<i32>>,
}

fn list<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Vec<i32>>, D::Error> {
    Option::<Vec<i32>>::deserialize(from)
}

/// The screens that a script, style or piece of HTML may be for, as their members are called behind the prefix.
const SCREENS: [&str; 12] = [
    "All",
    "New",
    "Edit",
    "Index",
    "Calendar",
    "Crosstab",
    "Gantt",
    "BurnDown",
    "TimeSeries",
    "Analy",
    "Kamban",
    "ImageLib",
];

/// When a server script runs, likewise.
const TIMINGS: [&str; 16] = [
    "WhenloadingSiteSettings",
    "WhenViewProcessing",
    "WhenloadingRecord",
    "BeforeFormula",
    "AfterFormula",
    "BeforeCreate",
    "AfterCreate",
    "BeforeUpdate",
    "AfterUpdate",
    "BeforeDelete",
    "BeforeBulkDelete",
    "AfterDelete",
    "AfterBulkDelete",
    "BeforeOpeningPage",
    "BeforeOpeningRow",
    "Shared",
];

/// The members of a process that are taken over as they are.
const PROCESS: [&str; 20] = [
    "Name",
    "DisplayName",
    "ScreenType",
    "CurrentStatus",
    "ChangedStatus",
    "Description",
    "Tooltip",
    "Icon",
    "ConfirmationMessage",
    "SuccessMessage",
    "OnClick",
    "ExecutionType",
    "ActionType",
    "AfterProcessStatusChangeActionType",
    "AllowBulkProcessing",
    "ValidationType",
    "View",
    "ErrorMessage",
    "AutoNumbering",
    "Disabled",
];

/// The members of a status control that are taken over as they are.
const STATUS_CONTROL: [&str; 7] =
    ["Name", "Description", "Status", "ReadOnly", "ColumnHash", "View", "Disabled"];

/// Merges the lists of a body into a document, and gives the subjects that have to exist.
pub fn merge(
    document: &mut Document,
    body: &Json<'_>,
    kind: ReferenceType,
) -> Result<Vec<Subjects>, Invalid> {
    let _: Unused = lenient::from_json(body)?;
    let mut subjects = Vec::new();
    let posted = elements(body, "ServerScripts")?;
    if kind.is_table() {
        scripts(&mut document.server_scripts, posted)?;
    } else {
        check_types_of_scripts(posted)?;
    }
    screen_parts(&mut document.scripts, elements(body, "Scripts")?, "Script")?;
    htmls(&mut document.htmls, elements(body, "Htmls")?)?;
    screen_parts(&mut document.styles, elements(body, "Styles")?, "Style")?;
    processes(&mut document.processes, elements(body, "Processes")?, &mut subjects)?;
    status_controls(
        &mut document.status_controls,
        elements(body, "StatusControls")?,
        &mut subjects,
    )?;
    Ok(subjects)
}

/// The members that count for nothing here, but whose types are looked at all the same.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Unused {
    columns: Option<Vec<IgnoredAny>>,
    editor_column_hash: Option<HashMap<String, Option<Vec<Option<String>>>>>,
    grid_columns: Option<Vec<Option<String>>>,
    filter_columns: Option<Vec<Option<String>>>,
    sections: Option<Vec<IgnoredAny>>,
    links: Option<Vec<IgnoredAny>>,
    tabs: Option<Vec<IgnoredAny>>,
    timestamp: Option<String>,
    general_tab_label_text: Option<String>,
}

/// A list of a body; absent and null are empty.
fn elements<'j>(body: &'j Json<'j>, name: &str) -> Result<&'j [Json<'j>], Invalid> {
    match body.member(name) {
        None | Some(Json::Null) => Ok(&[]),
        Some(Json::Array(elements)) => Ok(elements),
        Some(_) => Err(Invalid),
    }
}

/// What every element has, whatever it is otherwise.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Head {
    id: Nullable<i32>,
    title: Option<String>,
    name: Option<String>,
    delete: Nullable<i32>,
    permission: Option<Subjects>,
}

impl Head {
    fn read(element: &Json<'_>) -> Result<Self, Invalid> {
        Ok(lenient::from_json(element)?)
    }

    fn deletes(&self) -> bool {
        self.delete.0 == Some(1)
    }

    /// The id of a script or piece of a screen, which needs a title.
    fn titled(&self) -> Result<i32, Invalid> {
        let titled = self.title.as_deref().is_some_and(|title| !title.is_empty());
        self.id.0.filter(|_| titled).ok_or(Invalid)
    }

    /// The id of a process or status control, which needs a name.
    fn named(&self) -> Result<i32, Invalid> {
        let named = self.name.as_deref().is_some_and(|name| !name.is_empty());
        self.id.0.filter(|id| named && *id != 0).ok_or(Invalid)
    }
}

fn scripts(list: &mut Vec<ServerScript>, posted: &[Json<'_>]) -> Result<(), Invalid> {
    let id = |script: &ServerScript| script.id;
    for element in posted {
        place(list, element, members_of_script(element), id, Head::titled)?;
    }
    Ok(())
}

/// Scripts that nobody keeps may lack whatever they like, but have to be scripts.
fn check_types_of_scripts(posted: &[Json<'_>]) -> Result<(), Invalid> {
    for element in posted {
        Head::read(element)?;
        let members: Vec<_> = members_of_script(element).collect();
        overlay(&ServerScript::default(), &members)?;
    }
    Ok(())
}

fn members_of_script<'j>(
    element: &'j Json<'j>,
) -> impl Iterator<Item = (&'static str, &'j Json<'j>)> {
    const PLAIN: [&str; 7] =
        ["Id", "Title", "Name", "Body", "Functionalize", "TryCatch", "Disabled"];
    members(element, &PLAIN, "").chain(members(element, &TIMINGS, "ServerScript"))
}

fn screen_parts(
    list: &mut Vec<ScreenPart>,
    posted: &[Json<'_>],
    prefix: &str,
) -> Result<(), Invalid> {
    let plain = ["Id", "Title", "Disabled", "Body"];
    for element in posted {
        let members = members(element, &plain, "").chain(members(element, &SCREENS, prefix));
        place(list, element, members, |part| part.id, Head::titled)?;
    }
    Ok(())
}

fn htmls(list: &mut Vec<Html>, posted: &[Json<'_>]) -> Result<(), Invalid> {
    let plain = ["Id", "Title", "Disabled", "Body"];
    for element in posted {
        let position = element.member("HtmlPositionType").map(lenient::from_json::<Option<String>>);
        let position = position.transpose()?.flatten();
        let members = members(element, &plain, "")
            .chain(members(element, &SCREENS, "Html"))
            .chain(members(element, &["PositionType"], "Html"));
        place(
            list,
            element,
            members,
            |html| html.id,
            |head| {
                // The name exactly as it is; the type itself would take numbers and any case.
                let known = HtmlPositionType::from_name(position.as_deref().unwrap_or_default());
                let exact = known.is_some_and(|known| {
                    !matches!(known, HtmlPositionType::Other(_))
                        && Some(&*known.name()) == position.as_deref()
                });
                if exact { head.titled() } else { Err(Invalid) }
            },
        )?;
    }
    Ok(())
}

/// Numbers of enums: names are no numbers here, unlike in a stored document.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ProcessNumbers {
    screen_type: Nullable<i32>,
    execution_type: Nullable<i32>,
    action_type: Nullable<i32>,
    after_process_status_change_action_type: Nullable<i32>,
    validation_type: Nullable<i32>,
    icon: Option<String>,
}

impl ProcessNumbers {
    /// Whether every number has a meaning; that of what follows a change of status is not looked at (06 §3.5).
    fn are_known(&self) -> bool {
        let known =
            |number: &Nullable<i32>, is_known: fn(i32) -> bool| number.0.is_none_or(is_known);
        known(&self.screen_type, |number| {
            !matches!(ScreenType::from_number(number), ScreenType::Other(_))
        }) && known(&self.execution_type, |number| {
            !matches!(ProcessExecutionType::from_number(number), ProcessExecutionType::Other(_))
        }) && known(&self.action_type, |number| {
            !matches!(ProcessActionType::from_number(number), ProcessActionType::Other(_))
        }) && known(&self.validation_type, |number| {
            !matches!(ValidationType::from_number(number), ValidationType::Other(_))
        })
    }

    fn icon_is_a_name(&self) -> bool {
        let icon = self.icon.as_deref().unwrap_or_default();
        icon.chars().all(|letter| {
            letter.is_ascii_lowercase() || letter.is_numeric() || "-_".contains(letter)
        })
    }
}

fn processes(
    list: &mut Vec<Process>,
    posted: &[Json<'_>],
    subjects: &mut Vec<Subjects>,
) -> Result<(), Invalid> {
    for element in posted {
        let numbers: ProcessNumbers = lenient::from_json(element)?;
        let members = members(element, &["Id"], "").chain(members(element, &PROCESS, ""));
        let at = place(
            list,
            element,
            members,
            |process| process.id,
            |head| {
                if numbers.are_known() && numbers.icon_is_a_name() {
                    head.named()
                } else {
                    Err(Invalid)
                }
            },
        )?;
        let Some(process) = at.and_then(|at| list.get_mut(at)) else { continue };
        nested::validate_inputs(
            &mut process.validate_inputs,
            elements(element, "ValidateInputs")?,
        )?;
        nested::data_changes(&mut process.data_changes, elements(element, "DataChanges")?)?;
        nested::notifications(&mut process.notifications, elements(element, "Notifications")?)?;
        process.view.forget_unknown();
        let lists = [&mut process.users, &mut process.groups, &mut process.depts];
        admit(element, lists, subjects)?;
    }
    Ok(())
}

fn status_controls(
    list: &mut Vec<StatusControl>,
    posted: &[Json<'_>],
    subjects: &mut Vec<Subjects>,
) -> Result<(), Invalid> {
    for element in posted {
        let head = Head::read(element)?;
        if head.id.0.is_none_or(|id| id == 0) || head.delete.0.is_some_and(|delete| delete != 1) {
            return Err(Invalid);
        }
        let members = members(element, &["Id"], "").chain(members(element, &STATUS_CONTROL, ""));
        let at = place(list, element, members, |control| control.id, Head::named)?;
        let Some(control) = at.and_then(|at| list.get_mut(at)) else { continue };
        control.view.forget_unknown();
        admit(element, [&mut control.users, &mut control.groups, &mut control.depts], subjects)?;
    }
    Ok(())
}

/// `Permission` replaces the lists that it names.
fn admit(
    element: &Json<'_>,
    [users, groups, depts]: [&mut Vec<i32>; 3],
    subjects: &mut Vec<Subjects>,
) -> Result<(), Invalid> {
    let Some(given) = Head::read(element)?.permission else { return Ok(()) };
    for (list, given) in [(users, &given.users), (groups, &given.groups), (depts, &given.depts)] {
        if let Some(given) = given {
            list.clone_from(given);
        }
    }
    subjects.push(given);
    Ok(())
}

/// The given ones of an element's members, by the names that they have in the document; `prefix` stands before each of
/// them in the element. Null leaves a member as it is.
fn members<'j>(
    element: &'j Json<'j>,
    names: &'j [&'static str],
    prefix: &str,
) -> impl Iterator<Item = (&'static str, &'j Json<'j>)> + use<'j> {
    let prefix = prefix.to_owned();
    names.iter().filter_map(move |name| {
        let value = element.member(&format!("{prefix}{name}"))?;
        (!matches!(value, Json::Null)).then_some((*name, value))
    })
}

/// Deletes, changes or appends one element, and says where it stands then. `check` refuses what would not be deleted.
fn place<'j, T: Member + Default + DeserializeOwned>(
    list: &mut Vec<T>,
    element: &'j Json<'j>,
    members: impl Iterator<Item = (&'static str, &'j Json<'j>)>,
    id_of: impl Fn(&T) -> i32,
    check: impl FnOnce(&Head) -> Result<i32, Invalid>,
) -> Result<Option<usize>, Invalid> {
    let head = Head::read(element)?;
    let members: Vec<_> = members.collect();
    if head.deletes() {
        // A wrong type is one even where nothing comes of it.
        overlay(&T::default(), &members)?;
        list.retain(|known| Some(id_of(known)) != head.id.0);
        return Ok(None);
    }
    let id = check(&head)?;
    let Some(at) = list.iter().position(|known| id_of(known) == id) else {
        list.push(overlay(&T::default(), &members)?);
        return Ok(Some(list.len() - 1));
    };
    if let Some(known) = list.get_mut(at) {
        *known = overlay(known, &members)?;
    }
    Ok(Some(at))
}

/// A value with some of its members replaced: through its own JSON, so that every member has the one rule of reading
/// that its declaration gives it.
fn overlay<T: Member + DeserializeOwned>(
    known: &T,
    members: &[(&'static str, &Json<'_>)],
) -> Result<T, Invalid> {
    let mut writer = Writer::default();
    known.write(&mut writer);
    let text = writer.into_text();
    let stored = lenient::parse(&text).map_err(|_| Invalid)?;
    let kept =
        stored.members().iter().filter(|(name, _)| !members.iter().any(|(new, _)| name == new));
    let new = members.iter().map(|(name, value)| ((*name).into(), (*value).clone()));
    let all = Json::Object(kept.cloned().chain(new).collect());
    Ok(lenient::from_json(&all)?)
}
