//! Users and departments.

use std::collections::{HashMap, HashSet};

use super::sheet::{Sheet, is_on};
use crate::db;
use crate::db::organisation::OrganisationRow;
use crate::db::sql::Ident;
use crate::domain::organisation::fields::find;
use crate::domain::organisation::posted::Posted;
use crate::domain::organisation::{users, write};
use crate::domain::{Call, Error, Unimportable};
use crate::model::OrganisationTable::{self, Depts, Users};
use crate::model::Value;

/// A row that nothing speaks against.
struct Ready {
    posted: Posted,
    /// The row that is there.
    id: Option<i32>,
    /// Whether the file names another row by its id, so that no row can be changed (08 §8.3).
    conflicts: bool,
}

/// Writes the rows; how many were added and changed.
pub(super) async fn run(
    call: &Call,
    table: OrganisationTable,
    sheet: &Sheet<'_>,
) -> Result<[usize; 2], Error> {
    let mut index = Index::load(call, table, sheet).await?;
    let mut ready = Vec::with_capacity(sheet.rows.len());
    for (at, row) in sheet.rows.iter().enumerate() {
        let id = index.ids.get(sheet.text(row, key(table))).copied().flatten();
        let mut posted = sheet.posted(call, row, id.is_none())?;
        if table == Users {
            complete(call, sheet, &index, row, (at, id), &mut posted).await?;
        }
        let own_id = sheet.text(row, "DeptId").trim().parse::<i32>().ok();
        let conflicts = table == Depts && own_id.is_some() && own_id != id;
        ready.push(Ready { posted, id, conflicts });
    }
    let (mut added, mut changed) = (0, 0);
    for Ready { posted, id, conflicts } in &ready {
        let Some(id) = id else {
            write::add(call, table, posted).await?;
            added += 1;
            continue;
        };
        let row = index.known.take(call, table, *id).await?;
        if *conflicts && !posted.changes(call, &row).is_empty() {
            return Err(Error::UpdateConflicts);
        }
        if write::change(call, table, &row, posted).await? {
            changed += 1;
        }
    }
    Ok([added, changed])
}

/// What only files of users say.
async fn complete(
    call: &Call,
    sheet: &Sheet<'_>,
    index: &Index,
    row: &[std::borrow::Cow<'_, str>],
    (at, id): (usize, Option<i32>),
    posted: &mut Posted,
) -> Result<(), Error> {
    if let Some(addresses) = write::addresses(posted) {
        users::check_addresses(&addresses)?;
    }
    let known = users::known_to(call, posted).await?;
    let password = users::take_secrets(posted, known.as_deref());
    if !password.is_empty()
        && let Some(text) = users::refused_policy(call, &password)
    {
        return Err(Unimportable::BadPasswordWhenImporting { row: at + 1, text }.into());
    }
    if sheet.has("DeptCode") {
        let dept = index.depts.get(sheet.text(row, "DeptCode")).copied().unwrap_or_default();
        posted.put(find(Users, "DeptId"), Value::Int(dept.into()));
    }
    if sheet.has("ServiceManager") {
        let on = is_on(sheet.text(row, "ServiceManager"));
        posted.put(find(Users, "ServiceManager"), Value::Bool(on));
    }
    if sheet.has("ApiKey") {
        let key = sheet.text(row, "ApiKey");
        let stored =
            id.and_then(|id| index.known.rows.get(&id)).map_or("", |row| row.text("ApiKey"));
        if key != stored {
            posted.extend_with(Ident::new("ApiKey"), key);
        }
    }
    Ok(())
}

/// The column that names a row.
const fn key(table: OrganisationTable) -> &'static str {
    match table {
        Users => "LoginId",
        _ => "DeptCode",
    }
}

/// The rows that are there, as they were read.
pub(super) struct Known {
    ids: HashSet<i32>,
    /// Those that have not been taken.
    rows: HashMap<i32, OrganisationRow>,
}

impl Known {
    /// Those rows.
    pub(super) fn of(rows: Vec<OrganisationRow>) -> Self {
        Self {
            ids: rows.iter().map(|row| row.id).collect(),
            rows: rows.into_iter().map(|row| (row.id, row)).collect(),
        }
    }

    /// Whether it is one of them.
    pub(super) fn has(&self, id: i32) -> bool {
        self.ids.contains(&id)
    }

    /// A row as it is now: a file may change one several times.
    pub(super) async fn take(
        &mut self,
        call: &Call,
        table: OrganisationTable,
        id: i32,
    ) -> Result<OrganisationRow, Error> {
        if let Some(row) = self.rows.remove(&id) {
            return Ok(row);
        }
        let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
        write::load_one(call, &mut conn, table, id).await
    }
}

/// Rows by what names them.
struct Index {
    /// By key; several rows of a key count as none.
    ids: HashMap<String, Option<i32>>,
    /// Departments by code, for users.
    depts: HashMap<String, i32>,
    known: Known,
}

impl Index {
    async fn load(call: &Call, table: OrganisationTable, sheet: &Sheet<'_>) -> Result<Self, Error> {
        let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
        let mut ids: HashMap<String, Option<i32>> = HashMap::new();
        let rows = write::load_all(call, &mut conn, table, &sheet.extensions()).await?;
        for row in &rows {
            let entry = ids.entry(row.text(key(table)).to_owned());
            entry.and_modify(|known| *known = None).or_insert(Some(row.id));
        }
        let mut depts = HashMap::new();
        if table == Users && sheet.has("DeptCode") {
            for dept in write::load_all(call, &mut conn, Depts, &[]).await? {
                depts.entry(dept.text("DeptCode").to_owned()).or_insert(dept.id);
            }
        }
        Ok(Self { ids, depts, known: Known::of(rows) })
    }
}
