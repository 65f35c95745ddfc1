//! Permission rows of records (03 §19, 06 §2.7).

use indexmap::IndexMap;

use crate::db::sites::PermissionRow;
use crate::domain::display;
use crate::domain::settings::{Column, Subject};
use crate::domain::{Call, Error};

use super::record::Record;
use super::request::RecordRequest;

/// The rows that a new record gets from its table's settings.
pub(crate) async fn for_creating(
    call: &Call,
    record: &Record,
) -> Result<Vec<PermissionRow>, Error> {
    // Wikis do not know the setting (03 §23).
    if !record.kind().is_table() {
        return Ok(Vec::new());
    }
    by_settings(call, record, &record.table().permission_for_creating).await
}

/// The rows that an updated record has from now on: those of its table's settings, else those of the body; none
/// leaves it as it is.
pub(crate) async fn for_updating(
    call: &Call,
    record: &Record,
    request: &RecordRequest,
) -> Result<Option<Vec<PermissionRow>>, Error> {
    let settings = &record.table().permission_for_updating;
    if !settings.is_empty() {
        return by_settings(call, record, settings).await.map(Some);
    }
    request.record_permissions.as_deref().map(posted).transpose()
}

/// Lines such as `User,5,31`. Two for one subject are refused, where the reference crashes (BUG(03 §19)).
fn posted(lines: &[String]) -> Result<Vec<PermissionRow>, Error> {
    let mut rows: Vec<PermissionRow> = Vec::new();
    for row in lines.iter().filter_map(|line| PermissionRow::parse(line)) {
        if rows.iter().any(|known| known.is_same_subject(&row)) {
            return Err(Error::BadRequest);
        }
        rows.push(row);
    }
    Ok(rows)
}

/// `Dept`, `Group` and `User` are the caller's own; other keys are columns that hold subjects. Of several rights of
/// one subject the highest count.
async fn by_settings(
    call: &Call,
    record: &Record,
    settings: &IndexMap<String, i64>,
) -> Result<Vec<PermissionRow>, Error> {
    let mut rows: Vec<PermissionRow> = Vec::new();
    for (key, rights) in settings.iter().filter(|(_, rights)| **rights > 0) {
        for subject in subjects(call, record, key).await? {
            let row = PermissionRow { rights: *rights, ..subject };
            match rows.iter_mut().find(|known| known.is_same_subject(&row)) {
                Some(known) => known.rights = known.rights.max(row.rights),
                None => rows.push(row),
            }
        }
    }
    Ok(rows)
}

const NOBODY: PermissionRow = PermissionRow { dept: 0, group: 0, user: 0, rights: 0 };

async fn subjects(call: &Call, record: &Record, key: &str) -> Result<Vec<PermissionRow>, Error> {
    let caller = &call.caller;
    match key {
        // QUIRK(06 §2.7): a caller without a department makes a row for nobody.
        "Dept" => return Ok(vec![PermissionRow { dept: caller.dept.0, ..NOBODY }]),
        "Group" => {
            let groups = caller.groups.iter();
            return Ok(groups.map(|group| PermissionRow { group: group.0, ..NOBODY }).collect());
        }
        "User" => return Ok(vec![PermissionRow { user: caller.user.0, ..NOBODY }]),
        _ => {}
    }
    let Some(column) = record.table().column(key) else { return Ok(Vec::new()) };
    let ids = ids(call, record, column);
    match subject(column) {
        Subject::User => {
            let users = call.users().await?;
            Ok(rows(&ids, |id| users.find(id).is_some(), |user| PermissionRow { user, ..NOBODY }))
        }
        Subject::Dept => {
            let depts = call.depts().await?;
            Ok(rows(&ids, |id| depts.name(id).is_some(), |dept| PermissionRow { dept, ..NOBODY }))
        }
        Subject::Group => {
            let groups = call.groups().await?;
            Ok(rows(
                &ids,
                |id| groups.name(id).is_some(),
                |group| PermissionRow { group, ..NOBODY },
            ))
        }
        Subject::None => Ok(Vec::new()),
    }
}

fn rows(
    ids: &[i64],
    exists: impl Fn(i64) -> bool,
    row: impl Fn(i32) -> PermissionRow,
) -> Vec<PermissionRow> {
    let known = ids.iter().filter(|id| **id > 0 && exists(**id));
    known.filter_map(|id| i32::try_from(*id).ok()).map(row).collect()
}

fn subject(column: &Column) -> Subject {
    if display::is_user(&column.name) { Subject::User } else { column.subject }
}

/// The ids that a column of the record holds.
fn ids(call: &Call, record: &Record, column: &Column) -> Vec<i64> {
    match column.name.as_str() {
        "Creator" => {
            let own = call.caller.user.0;
            vec![record.stored.as_ref().map_or(own, |stored| stored.creator.0).into()]
        }
        "Updator" => vec![call.caller.user.0.into()],
        "Manager" | "Owner" => vec![record.int(&column.name)],
        name => {
            let values = display::values(column, record.text(name));
            values.iter().filter_map(|value| value.trim().parse().ok()).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_without_three_parts_are_skipped_and_twins_refused() {
        let lines = |lines: &[&str]| {
            posted(&lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>())
        };
        let rows = lines(&["User,5,31", "x", "User,5", "Nobody,1,1", "Dept,2,0"]).unwrap();
        assert_eq!(rows.len(), 3);
        assert_eq!(rows.get(1), Some(&PermissionRow { rights: 1, ..NOBODY }));
        assert!(lines(&["User,5,31", "User,5,1"]).is_err());
        assert!(lines(&[]).unwrap().is_empty());
    }
}
