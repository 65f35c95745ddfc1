//! Groups with their members: a row is a group and one member (08 §9.7).

use std::collections::{BTreeSet, HashMap};

use super::rows::Known;
use super::sheet::{Sheet, is_on};
use crate::db;
use crate::db::organisation::{Entry, Member};
use crate::db::statuses::Signal;
use crate::domain::organisation::write;
use crate::domain::{Call, Error, Unimportable};
use crate::model::OrganisationTable::{Depts, Groups, Users};

/// Writes the rows; how many groups were added and changed, and how many members.
pub(super) async fn run(
    call: &Call,
    sheet: &Sheet<'_>,
    replaces: bool,
) -> Result<[usize; 4], Error> {
    let members = read_members(call, sheet).await?;
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    let there = write::load_all(call, &mut conn, Groups, &sheet.extensions()).await?;
    let mut known = Known::of(there);
    let listed = |row: &Vec<_>| sheet.text(row, "GroupId").trim().parse::<i32>().ok();
    if replaces {
        let mentioned: BTreeSet<i32> =
            sheet.rows.iter().filter_map(listed).filter(|id| known.has(*id)).collect();
        let mentioned: Vec<i32> = mentioned.into_iter().collect();
        db::organisation::clear_members(&mut conn, &mentioned).await?;
    }
    drop(conn);
    let (mut added, mut changed) = (0, 0);
    let mut by_name: HashMap<String, i32> = HashMap::new();
    let mut entries: HashMap<(i32, i32, i32), Entry> = HashMap::new();
    let mut touched = BTreeSet::new();
    for (row, member) in sheet.rows.iter().zip(members) {
        let name = sheet.text(row, "GroupName");
        let there = listed(row).filter(|id| known.has(*id));
        let group = if let Some(id) = there.or_else(|| by_name.get(name).copied()) {
            let posted = sheet.posted(call, row, false)?;
            let before = known.take(call, Groups, id).await?;
            changed += usize::from(write::change(call, Groups, &before, &posted).await?);
            id
        } else {
            added += 1;
            let id = write::add(call, Groups, &sheet.posted(call, row, true)?).await?;
            by_name.insert(name.to_owned(), id);
            id
        };
        touched.insert(group);
        if let Some(member) = member {
            entries.insert((group, member.dept, member.user), Entry { group, member });
        }
    }
    let entries: Vec<Entry> = entries.into_values().collect();
    let [members_added, members_changed] = write_members(call, sheet, &entries, &touched).await?;
    Ok([added, changed, members_added, members_changed])
}

/// Adds the members that are not there, and changes the others where the file says whether they administer; then
/// derives inherited ones anew, which the reference forgets (BUG(08 §9.7)).
async fn write_members(
    call: &Call,
    sheet: &Sheet<'_>,
    entries: &[Entry],
    touched: &BTreeSet<i32>,
) -> Result<[usize; 2], Error> {
    let by = call.caller.user;
    let groups: Vec<i32> = touched.iter().copied().collect();
    let mut transaction = call.services.db.begin().await.map_err(db::Error::from)?;
    let there = db::organisation::members(&mut transaction, &groups).await?;
    let is_there = |entry: &&Entry| {
        let members = there.get(&entry.group);
        let same =
            |known: &Member| known.dept == entry.member.dept && known.user == entry.member.user;
        members.is_some_and(|members| members.iter().any(same))
    };
    let (old, new): (Vec<&Entry>, Vec<&Entry>) = entries.iter().partition(is_there);
    let new: Vec<Entry> = new.into_iter().copied().collect();
    let old: Vec<Entry> = old.into_iter().copied().filter(|_| sheet.has("MemberIsAdmin")).collect();
    db::organisation::put_members(&mut transaction, by, &new, true).await?;
    db::organisation::put_members(&mut transaction, by, &old, false).await?;
    let (depth, tenant) =
        (call.services.parameters.general.groups_depth_max, call.caller.tenant.id);
    // Other processes keep lists of who belongs to what (06 §4.2).
    db::statuses::send(&mut transaction, tenant, by, Signal::Groups).await?;
    db::organisation::synchronize(&mut transaction, tenant, &groups, by, depth).await?;
    transaction.commit().await.map_err(db::Error::from)?;
    Ok([new.len(), old.len()])
}

/// The member of each row; none where a row has none, or a group, which the reference passes over.
async fn read_members(call: &Call, sheet: &Sheet<'_>) -> Result<Vec<Option<Member>>, Error> {
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    let mut ids = HashMap::new();
    for (table, key) in [(Users, "LoginId"), (Depts, "DeptCode")] {
        for row in write::load_all(call, &mut conn, table, &[]).await? {
            ids.entry((key, row.text(key).to_owned())).or_insert(row.id);
        }
    }
    let mut members = Vec::with_capacity(sheet.rows.len());
    for (at, row) in sheet.rows.iter().enumerate() {
        let line = at + 2;
        let (key, admin) = (sheet.text(row, "MemberKey"), is_on(sheet.text(row, "MemberIsAdmin")));
        let find = |column| {
            let id = ids.get(&(column, key.to_owned())).copied();
            id.ok_or(Unimportable::InvalidMemberKey { line })
        };
        members.push(match sheet.text(row, "MemberType") {
            "" | "Group" => None,
            "User" => Some(Member { dept: 0, user: find("LoginId")?, admin }),
            "Dept" => Some(Member { dept: find("DeptCode")?, user: 0, admin }),
            _ => return Err(Unimportable::InvalidMemberType { line }.into()),
        });
    }
    Ok(members)
}
