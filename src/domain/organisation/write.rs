//! `create`, `update` and `delete` of users, departments and groups (08 §4–§6, §8.2, §9.3–§9.5).

use sqlx::PgConnection;

use super::fields::{ColumnUse, fields, find};
use super::posted::{Posted, initial, is_changed};
use super::{graph, groups, rights, users};
use crate::db;
use crate::db::locks::{self, Lock};
use crate::db::organisation::{Member, OrganisationRow, Select, Update};
use crate::db::records::{OrderBy, SortKey};
use crate::db::sql::{Bind, Ident, Predicate};
use crate::db::{ColumnInfo, TableInfo, Transaction};
use crate::domain::{Call, Error, auth};
use crate::lenient::Json;
use crate::messages::{self, MessageId};
use crate::model::OrganisationTable::{self, Groups, Users};
use crate::model::Value;

/// The upper half of the keys of the locks of groups; the lower one is the tenant.
const GROUPS_LOCK: i64 = 0x4772_6f75 << 32;

/// What was written, for the answer.
#[derive(Debug, Clone)]
pub struct Written {
    /// Its id.
    pub id: i64,
    /// The message's text.
    pub message: String,
}

/// Adds a row, with the checks in the reference's order.
pub async fn create(
    call: &Call,
    table: OrganisationTable,
    body: &Json<'_>,
) -> Result<Written, Error> {
    check_users_limit(call, table).await?;
    let info = info(call, table)?;
    let mut posted = open(call, table, info, body)?;
    check_profiles(call, table, false)?;
    rights::check_create(call, table)?;
    if table == Groups {
        let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
        check_children(call, &mut conn, 0, &posted, false).await?;
    }
    check_columns(call, table, &posted, None)?;
    if table == Users {
        let login_id = posted.text("LoginId").unwrap_or_default().to_owned();
        let known = users::known_to(call, &posted).await?;
        let password = users::take_secrets(&mut posted, known.as_deref());
        users::check_joe(call, &password, &login_id)?;
        users::check_policies(call, &password)?;
        if let Some(addresses) = addresses(&posted) {
            users::check_addresses(&addresses)?;
        }
    }
    let id = add(call, table, &posted).await?;
    let name = posted.text(table.name_column()).unwrap_or_default();
    Ok(written(call, id, MessageId::Created, name))
}

/// Refuses more users than the contract allows, before anything else is looked at.
async fn check_users_limit(call: &Call, table: OrganisationTable) -> Result<(), Error> {
    let Some(limit) = call.contract.users().filter(|_| table == Users) else { return Ok(()) };
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    let count = db::users::count(&mut conn, call.caller.tenant.id).await?;
    if count + 1 > limit { Err(Error::UsersLimit) } else { Ok(()) }
}

/// Adds a row that nothing speaks against; its id.
pub(super) async fn add(
    call: &Call,
    table: OrganisationTable,
    posted: &Posted,
) -> Result<i32, Error> {
    let (tenant, by) = (call.caller.tenant.id, call.caller.user);
    let mut values = Vec::new();
    if table == Users {
        users::defaults(call, posted, &mut values);
    }
    let given: Vec<String> = values.iter().map(|(name, _)| name.as_str().to_owned()).collect();
    let own = posted.inserts(call, info(call, table)?).into_iter();
    values.extend(own.filter(|(name, _)| {
        let is_given = given.iter().any(|given| given == name.as_str());
        let has_default = table == Users && name.as_str() == "TimeZone";
        !(is_given || has_default)
    }));
    let mut transaction = begin(call, table).await?;
    check_children_alone(call, &mut transaction, table, 0, posted, false).await?;
    let id = db::organisation::insert(&mut transaction, table, tenant, by, &values).await;
    let id = id.map_err(taken)?;
    if table == Groups && posted.members.group_members.is_none() {
        let creator = Member { dept: 0, user: by.0, admin: true };
        db::organisation::replace_members(&mut transaction, id, by, &[creator]).await?;
    }
    write_members(call, &mut transaction, table, id, posted).await?;
    transaction.commit().await.map_err(db::Error::from)?;
    Ok(id)
}

/// Changes a row that is there, by the automatic rule for versions; whether anything was to be changed (08 §7).
pub(super) async fn change(
    call: &Call,
    table: OrganisationTable,
    row: &OrganisationRow,
    posted: &Posted,
) -> Result<bool, Error> {
    let values = posted.changes(call, row);
    let mut transaction = call.services.db.begin().await.map_err(db::Error::from)?;
    let by = call.caller.user;
    let mut changed = false;
    if let Some(addresses) = addresses(posted).filter(|_| table == Users) {
        changed =
            db::organisation::replace_mail_addresses(&mut transaction, row.id, by, &addresses)
                .await?;
    }
    if !values.is_empty() {
        let ver = i32::try_from(row.int("Ver")).unwrap_or_default();
        let change = Update {
            table,
            tenant: call.caller.tenant.id,
            id: row.id,
            token: row.token,
            by,
            version: is_of_another_day(call, row).then_some(ver.saturating_add(1)),
            values: &values,
        };
        let catalogue = &call.services.catalogue;
        let done = db::organisation::update(&mut transaction, catalogue, &change).await;
        if !done.map_err(taken)? {
            return Err(Error::UpdateConflicts);
        }
        changed = true;
    }
    transaction.commit().await.map_err(db::Error::from)?;
    Ok(changed)
}

/// Changes a row, with the checks in the reference's order.
pub async fn update(
    call: &Call,
    table: OrganisationTable,
    body: &Json<'_>,
) -> Result<Written, Error> {
    let opened = open(call, table, info(call, table)?, body);
    let known = match &opened {
        Ok(posted) if table == Users => users::known_to(call, posted).await?,
        _ => None,
    };
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    let mut row = load(call, &mut conn, table).await?;
    let mut posted = opened?;
    check_profiles(call, table, true)?;
    rights::check_change(call, &mut conn, table, row.id, false).await?;
    if table == Groups {
        check_children(call, &mut conn, row.id, &posted, is_disabled(&row, &posted)).await?;
    }
    let password = if table == Users {
        users::take_secrets(&mut posted, known.as_deref())
    } else {
        String::new()
    };
    check_columns(call, table, &posted, Some(&row))?;
    if table == Users {
        row = change_password(call, &mut conn, &posted, row, &password).await?;
        if let Some(addresses) = addresses(&posted) {
            if auth::flags(&call.caller.settings).enable_manage_tenant {
                return Err(Error::HasNotPermission);
            }
            users::check_addresses(&addresses)?;
        }
    }
    if posted.members.tenant_id.0.is_some_and(|tenant| tenant != call.caller.tenant.id.0)
        && table == Groups
    {
        return Err(Error::UpdateConflicts);
    }
    drop(conn);
    save(call, table, &row, &posted).await?;
    let name = posted.text(table.name_column()).unwrap_or_else(|| row.text(table.name_column()));
    Ok(written(call, row.id, MessageId::Updated, name))
}

async fn save(
    call: &Call,
    table: OrganisationTable,
    row: &OrganisationRow,
    posted: &Posted,
) -> Result<(), Error> {
    let makes_version = if table == Users {
        is_of_another_day(call, row)
    } else {
        posted.members.ver_up.0 == Some(true)
    };
    let ver = i32::try_from(row.int("Ver")).unwrap_or_default();
    let change = Update {
        table,
        tenant: call.caller.tenant.id,
        id: row.id,
        token: row.token,
        by: call.caller.user,
        version: makes_version.then_some(ver.saturating_add(1)),
        values: &posted.changes(call, row),
    };
    let mut transaction = begin(call, table).await?;
    let disabled = is_disabled(row, posted);
    check_children_alone(call, &mut transaction, table, row.id, posted, disabled).await?;
    let changed =
        db::organisation::update(&mut transaction, &call.services.catalogue, &change).await;
    if !changed.map_err(taken)? {
        return Err(Error::UpdateConflicts);
    }
    write_members(call, &mut transaction, table, row.id, posted).await?;
    transaction.commit().await.map_err(db::Error::from)?;
    Ok(())
}

/// Users get versions by the automatic rule: another writer, or another day (08 §5, step 9).
fn is_of_another_day(call: &Call, row: &OrganisationRow) -> bool {
    let updated = row.value("UpdatedTime").and_then(Value::time);
    row.int("Updator") != i64::from(call.caller.user.0)
        || updated.is_none_or(|time| call.to_user(time).date() != call.user_now().date())
}

/// QUIRK(08 §5): a password is changed at once, even if the rest of the call is refused later. The row afterwards.
async fn change_password(
    call: &Call,
    conn: &mut PgConnection,
    posted: &Posted,
    row: OrganisationRow,
    password: &str,
) -> Result<OrganisationRow, Error> {
    let login_id = posted.text("LoginId").unwrap_or_else(|| row.text("LoginId"));
    users::check_joe(call, password, login_id)?;
    let Some(hashed) = posted.text("Password") else { return Ok(row) };
    if hashed != row.text("Password") {
        users::check_policies(call, password)?;
    }
    if password.is_empty() {
        return Ok(row);
    }
    let change = Update {
        table: Users,
        tenant: call.caller.tenant.id,
        id: row.id,
        token: row.token,
        by: call.caller.user,
        version: None,
        values: &users::password_change(call, &row, hashed)?,
    };
    if !db::organisation::update(conn, &call.services.catalogue, &change).await? {
        return Err(Error::UpdateConflicts);
    }
    load(call, conn, Users).await
}

/// Deletes a row. The message names it as the request does, if it does (08 §6).
pub async fn delete(
    call: &Call,
    table: OrganisationTable,
    body: &Json<'_>,
) -> Result<Written, Error> {
    let (tenant, by) = (call.caller.tenant.id, call.caller.user);
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    let info = info(call, table)?;
    let row = load(call, &mut conn, table).await?;
    let posted = open(call, table, info, body)?;
    check_profiles(call, table, false)?;
    rights::check_change(call, &mut conn, table, row.id, true).await?;
    drop(conn);
    let catalogue = &call.services.catalogue;
    let mut transaction = begin(call, table).await?;
    if !db::organisation::delete(&mut transaction, catalogue, table, tenant, row.id, by).await? {
        return Err(Error::NotFound);
    }
    if table == Groups {
        let depth = call.services.parameters.general.groups_depth_max;
        db::organisation::synchronize(&mut transaction, tenant, &[row.id], by, depth).await?;
    }
    transaction.commit().await.map_err(db::Error::from)?;
    let name = posted.text(table.name_column()).unwrap_or_else(|| row.text(table.name_column()));
    Ok(written(call, row.id, MessageId::Deleted, name))
}

pub(super) fn info(call: &Call, table: OrganisationTable) -> Result<&TableInfo, Error> {
    let info = call.services.catalogue.table(table.name());
    info.ok_or(Error::Corrupt("a table of the organisation is missing"))
}

/// The API gate (08 §2.1).
fn open(
    call: &Call,
    table: OrganisationTable,
    info: &TableInfo,
    body: &Json<'_>,
) -> Result<Posted, Error> {
    auth::check_api_open(call)?;
    Posted::read(call, table, info, body)
}

/// Where profiles are hidden, only privileged callers import.
pub(super) fn check_profiles_shown(call: &Call) -> Result<(), Error> {
    check_profiles(call, Users, false)
}

/// Where profiles are hidden, only privileged callers write users, and delegated managers change them.
fn check_profiles(call: &Call, table: OrganisationTable, updates: bool) -> Result<(), Error> {
    let shown = call.services.parameters.service.show_profiles || call.caller.privileged;
    let delegated = updates && auth::flags(&call.caller.settings).enable_manage_tenant;
    if table == Users && !shown && !delegated { Err(Error::InvalidRequest) } else { Ok(()) }
}

async fn load(
    call: &Call,
    conn: &mut PgConnection,
    table: OrganisationTable,
) -> Result<OrganisationRow, Error> {
    let id = i32::try_from(call.id).map_err(|_| Error::NotFound)?;
    load_one(call, conn, table, id).await
}

/// The row of an id.
pub(super) async fn load_one(
    call: &Call,
    conn: &mut PgConnection,
    table: OrganisationTable,
    id: i32,
) -> Result<OrganisationRow, Error> {
    let own_id = Ident::new(table.id_column()).of(&db::organisation::ENTRY);
    let condition = Predicate::Equal(own_id, Bind::Int(Some(id)));
    let rows = load_where(call, conn, table, condition, &[]).await?;
    rows.into_iter().next().ok_or(Error::NotFound)
}

/// Every row of the tenant, by id, with some extension columns.
pub(super) async fn load_all(
    call: &Call,
    conn: &mut PgConnection,
    table: OrganisationTable,
    extensions: &[&str],
) -> Result<Vec<OrganisationRow>, Error> {
    load_where(call, conn, table, Predicate::All(Vec::new()), extensions).await
}

async fn load_where(
    call: &Call,
    conn: &mut PgConnection,
    table: OrganisationTable,
    condition: Predicate,
    extensions: &[&str],
) -> Result<Vec<OrganisationRow>, Error> {
    let info = info(call, table)?;
    let columns: Vec<&ColumnInfo> = fields(table)
        .iter()
        .filter_map(|field| info.column(field.name))
        .chain(info.column("ApiKey"))
        .chain(extensions.iter().filter_map(|name| info.column(name)))
        .collect();
    let own_id = Ident::new(table.id_column()).of(&db::organisation::ENTRY);
    let select = Select {
        table,
        sources: &[table.name()],
        tenant: call.caller.tenant.id,
        columns: &columns,
        extras: &[],
        looks_at_dept_code: false,
        condition,
        order: &[OrderBy { key: SortKey::Column(own_id), descending: false }],
        offset: 0,
        limit: i64::MAX,
    };
    Ok(db::organisation::select(conn, &select).await?.rows)
}

/// Refuses the first column, by name, that changes and that the caller may not set (08 §2.4).
fn check_columns(
    call: &Call,
    table: OrganisationTable,
    posted: &Posted,
    row: Option<&OrganisationRow>,
) -> Result<(), Error> {
    let column_use = if row.is_some() { ColumnUse::Update } else { ColumnUse::Create };
    let is_refused = |(field, value): &&(&'static super::fields::Field, Value)| {
        let changed = match row {
            Some(row) => is_changed(row, field, value),
            None => *value != initial(field),
        };
        changed && !field.allows(call, column_use)
    };
    let refused = posted.values.iter().filter(is_refused).map(|(field, _)| field.name).min();
    match refused.and_then(|name| find(table, name)) {
        Some(field) => {
            Err(Error::HasNotChangeColumnPermission { label: field.label_in(call.language()) })
        }
        None => Ok(()),
    }
}

/// A transaction. Writers of a tenant's groups wait for each other: what follows from nesting depends on all groups, and
/// two changes that are right alone may make a cycle together.
async fn begin(call: &Call, table: OrganisationTable) -> Result<Transaction, Error> {
    let pool = &call.services.db;
    if table != Groups {
        return Ok(pool.begin().await.map_err(db::Error::from)?);
    }
    let key = GROUPS_LOCK | i64::from(call.caller.tenant.id.0);
    Ok(locks::begin(pool, &[Lock::Exclusive(key)]).await?)
}

/// As [`check_children`], of the groups as nobody else can change them any more.
async fn check_children_alone(
    call: &Call,
    transaction: &mut Transaction,
    table: OrganisationTable,
    group: i32,
    posted: &Posted,
    disabled: bool,
) -> Result<(), Error> {
    if table != Groups {
        return Ok(());
    }
    check_children(call, transaction, group, posted, disabled).await
}

/// Whether a group is disabled once the request is through.
fn is_disabled(row: &OrganisationRow, posted: &Posted) -> bool {
    posted.value("Disabled").or_else(|| row.value("Disabled")).is_some_and(Value::bool)
}

async fn check_children(
    call: &Call,
    conn: &mut PgConnection,
    group: i32,
    posted: &Posted,
    disabled: bool,
) -> Result<(), Error> {
    let disabled = disabled || posted.value("Disabled").is_some_and(Value::bool);
    let Some(children) = &posted.members.group_children else { return Ok(()) };
    if disabled || children.is_empty() {
        return Ok(());
    }
    let edges = db::organisation::edges(conn, call.caller.tenant.id).await?;
    let depth = call.services.parameters.general.groups_depth_max;
    let depth = usize::try_from(depth).unwrap_or_default();
    graph::check(group, &groups::read_children(children), &edges, depth)
}

/// Mail addresses of a user; members, children and what follows from them of a group.
async fn write_members(
    call: &Call,
    conn: &mut PgConnection,
    table: OrganisationTable,
    id: i32,
    posted: &Posted,
) -> Result<(), Error> {
    let (tenant, by) = (call.caller.tenant.id, call.caller.user);
    if let Some(addresses) = addresses(posted).filter(|_| table == Users) {
        db::organisation::replace_mail_addresses(conn, id, by, &addresses).await?;
    }
    if table != Groups {
        return Ok(());
    }
    if let Some(members) = &posted.members.group_members {
        let members = groups::read_members(members);
        db::organisation::replace_members(conn, id, by, &members).await?;
    }
    if let Some(children) = &posted.members.group_children {
        let children = groups::read_children(children);
        db::organisation::replace_children(conn, id, by, &children).await?;
    }
    let depth = call.services.parameters.general.groups_depth_max;
    Ok(db::organisation::synchronize(conn, tenant, &[id], by, depth).await?)
}

/// The mail addresses that are posted.
pub(super) fn addresses(posted: &Posted) -> Option<Vec<String>> {
    let given = posted.members.mail_addresses.as_ref()?;
    Some(given.iter().map(|address| address.clone().unwrap_or_default()).collect())
}

/// The login id is the only value that has to be unique.
fn taken(error: db::Error) -> Error {
    match error {
        db::Error::DuplicateKey { .. } => Error::LoginIdAlreadyUse,
        other => other.into(),
    }
}

fn written(call: &Call, id: i32, message: MessageId, name: &str) -> Written {
    let message = messages::text(message, call.language(), &[name.to_owned()]);
    Written { id: id.into(), message }
}
