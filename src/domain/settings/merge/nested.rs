//! The lists inside of a process: given elements replace those of their id, or come before all that are not named.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Invalid;
use crate::domain::settings::document::{DataChange, Notification, ValidateInput};
use crate::domain::settings::enums::{DataChangeType, NotificationType};
use crate::domain::settings::object::Member;
use crate::lenient::{self, Json, Nullable};

/// What an element has to have.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Head {
    id: Nullable<i32>,
    #[serde(rename = "Type")]
    kind: Option<String>,
    column_name: Option<String>,
    subject: Option<String>,
    address: Option<String>,
    body: Option<String>,
    delete: Nullable<i32>,
}

/// The input checks.
pub(super) fn validate_inputs(
    list: &mut Vec<ValidateInput>,
    posted: &[Json<'_>],
) -> Result<(), Invalid> {
    merge(
        list,
        posted,
        |input| input.id,
        |head, _| {
            is_given(head.column_name.as_ref()) && head.delete.0.is_none_or(|delete| delete == 1)
        },
    )
}

/// The values that are assigned.
pub(super) fn data_changes(list: &mut Vec<DataChange>, posted: &[Json<'_>]) -> Result<(), Invalid> {
    merge(
        list,
        posted,
        |change| change.id,
        |head, change| {
            let moves = matches!(
                change.change_type,
                DataChangeType::InputDate | DataChangeType::InputDateTime
            );
            is_given(head.kind.as_ref())
                && is_given(head.column_name.as_ref())
                && (!moves || is_period(&change.value))
        },
    )
}

/// The messages.
pub(super) fn notifications(
    list: &mut Vec<Notification>,
    posted: &[Json<'_>],
) -> Result<(), Invalid> {
    merge(
        list,
        posted,
        |notification| notification.id,
        |head, notification| {
            let known = !matches!(notification.notification_type, NotificationType::Other(_));
            let texts = [&head.kind, &head.subject, &head.address, &head.body].map(Option::as_ref);
            known && texts.into_iter().all(is_given)
        },
    )
}

fn merge<T: Member + DeserializeOwned + Default>(
    list: &mut Vec<T>,
    posted: &[Json<'_>],
    id_of: impl Fn(&T) -> i32,
    is_valid: impl Fn(&Head, &T) -> bool,
) -> Result<(), Invalid> {
    let mut merged = Vec::new();
    let mut named = Vec::new();
    for element in posted {
        let head: Head = lenient::from_json(element)?;
        let mut value: T = lenient::from_json(element)?;
        // Members that only a request has, `Delete` above all.
        value.forget_unknown();
        let id = head.id.0.filter(|id| *id != 0).ok_or(Invalid)?;
        named.push(id);
        if head.delete.0 == Some(1) {
            continue;
        }
        if !is_valid(&head, &value) {
            return Err(Invalid);
        }
        merged.push(value);
    }
    merged.extend(list.drain(..).filter(|known| !named.contains(&id_of(known))));
    *list = merged;
    Ok(())
}

fn is_given(text: Option<&String>) -> bool {
    text.is_some_and(|text| !text.is_empty())
}

/// `<number>,<period>`: how far a date is moved.
fn is_period(value: &str) -> bool {
    const PERIODS: [&str; 6] = ["Days", "Months", "Years", "Hours", "Minutes", "Seconds"];
    value.split_once(',').is_some_and(|(number, period)| {
        number.trim().parse::<i64>().is_ok() && PERIODS.contains(&period.trim())
    })
}
