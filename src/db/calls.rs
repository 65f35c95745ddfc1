//! Who calls and what is addressed: the first round trip of every call.

use chrono::NaiveDateTime;
use sqlx::postgres::PgRow;
use sqlx::{Row, ValueRef};

use super::gather::Question;
use super::records::{self, RecordRow, Select};
use super::sql::{Bind, Frame, Statement};
use super::{Columns, Error, Pool};
use crate::messages::Language;
use crate::model::{
    Caller, DeptId, GroupId, ItemId, Lock, ReferenceType, Rights, Site, SiteId, SiteVersion,
    Target, Tenant, TenantId, UserId,
};

/// What the rules ask of every call, in one row per asker. It runs before everything else, so joins by key stand where
/// sub-queries and windows would read nicer. Of each an array: $1 ApiKey, $2 the id in the URL, $3..$5 id, Ver and
/// `UpdatedTime` of a site whose settings this process knows already.
macro_rules! find_call {
    () => {
        concat!(
            include_str!("queries/call/caller.sql"),
            ",\n",
            include_str!("queries/call/target.sql"),
            include_str!("queries/call/asked.sql"),
            include_str!("queries/call/caller_from.sql"),
            include_str!("queries/call/target_from.sql"),
        )
    };
}

/// What is asked of a call with an id.
const FIND_CALL: &str = find_call!();
/// The same as the first part of a larger statement.
const FIND_CALL_FIRST: &str = concat!("with call as materialized (", find_call!(), ") ");
/// What is asked of a call that addresses nothing: half the tables, so it starts in half the time.
const FIND_CALLER: &str = concat!(
    include_str!("queries/call/caller.sql"),
    include_str!("queries/call/asked_key.sql"),
    include_str!("queries/call/caller_from.sql"),
);

/// Where the row has `Users.UserId`.
const USER_COLUMN: usize = 2;

/// The version of a site's settings that this process holds already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SettingsVersion {
    /// The site.
    pub site: SiteId,
    /// `Sites.Ver`.
    pub ver: i32,
    /// `Sites.UpdatedTime`.
    pub updated_time: NaiveDateTime,
}

/// What is known about a call before its own work begins.
#[derive(Debug, Clone)]
pub struct Found {
    /// The user whose key it is.
    pub caller: Caller,
    /// What the id in the URL addresses, if it exists in the caller's tenant.
    pub target: Option<Target>,
    /// `Sites.SiteSettings`; none when the caller of this function knows that version already.
    pub settings: Option<String>,
    /// Versions of the tenant's users, departments and groups: equal times, equal content. None before the tenant's
    /// first call or sign-in.
    pub versions: Option<TenantVersions>,
    /// What the query for records found, if it was made.
    pub looked_up: Option<Vec<RecordRow>>,
}

/// When the reference or we last signalled a change to what is cached per tenant (02 §18).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TenantVersions {
    /// Of `Depts`.
    pub depts: NaiveDateTime,
    /// Of `Groups`.
    pub groups: NaiveDateTime,
    /// Of `Users`.
    pub users: NaiveDateTime,
}

impl TenantVersions {
    /// From the times in the order of `StatusId`; none while a signal is missing.
    fn read(times: &[NaiveDateTime]) -> Option<Self> {
        let [depts, groups, users] = *times else { return None };
        Some(Self { depts, groups, users })
    }
}

/// The user an API key belongs to and what the call addresses; nobody when no key matches or two do (01 §5.1).
///
/// A query for records, if given, runs in the same round trip, unless it compares with arrays; it is bound to its own
/// site, whatever is addressed.
#[tracing::instrument(name = "db.calls.find", skip_all)]
pub async fn find(
    pool: &Pool,
    api_key: &str,
    id: i64,
    known: Option<SettingsVersion>,
    ahead: Option<&Select<'_>>,
) -> Result<Option<Found>, Error> {
    if id == 0 {
        return find_caller(pool, api_key).await;
    }
    let values = || {
        vec![
            Bind::text(api_key),
            Bind::Long(Some(id)),
            Bind::Long(known.map(|known| known.site.0)),
            Bind::Int(known.map(|known| known.ver)),
            Bind::Time(known.map(|known| known.updated_time)),
        ]
    };
    let with_records =
        ahead.and_then(|ahead| Some((ahead, question_with_records(values(), ahead)?)));
    let (ahead, question) = match with_records {
        Some((ahead, question)) => (Some(ahead), question),
        None => (None, question(FIND_CALL, values())),
    };
    let rows = pool.ask(question).await?;
    let Some(first) = rows.first() else { return Ok(None) };
    let columns = &mut Columns::from(first, 1);
    let mut found = read(columns)?;
    if !all_of(&rows, found.caller.user)? {
        return Ok(None);
    }
    if let Some(ahead) = ahead {
        let from = columns.position();
        let records = rows.iter().filter_map(|row| read_record(row, from, ahead).transpose());
        found.looked_up = Some(records.collect::<Result<_, _>>()?);
    }
    Ok(Some(found))
}

async fn find_caller(pool: &Pool, api_key: &str) -> Result<Option<Found>, Error> {
    let rows = pool.ask(question(FIND_CALLER, vec![Bind::text(api_key)])).await?;
    let Some(first) = rows.first() else { return Ok(None) };
    let columns = &mut Columns::from(first, 1);
    let caller = read_caller(columns)?;
    let versions = TenantVersions::read(&columns.next::<Vec<_>>()?);
    let found = Found { caller, target: None, settings: None, versions, looked_up: None };
    Ok(all_of(&rows, found.caller.user)?.then_some(found))
}

/// Whether every row is of that user: a key that two users share is nobody's.
fn all_of(rows: &[PgRow], user: UserId) -> Result<bool, Error> {
    for row in rows {
        if row.try_get::<i32, _>(USER_COLUMN)? != user.0 {
            return Ok(false);
        }
    }
    Ok(true)
}

fn question(text: &'static str, values: Vec<Bind>) -> Question {
    Question { statement: Statement::beginning(text, Vec::new()), values }
}

fn question_with_records(values: Vec<Bind>, ahead: &Select<'_>) -> Option<Question> {
    let mut records = Statement::for_askers();
    records::write(&mut records, ahead);
    records.into_question(Frame {
        before: FIND_CALL_FIRST,
        select: "call.*",
        join: "join call on call.at = asked.at left join",
        on: " on true",
        values,
    })
}

/// One row of the query for records, behind the columns of the call; none when it found nothing.
fn read_record(row: &PgRow, from: usize, ahead: &Select<'_>) -> Result<Option<RecordRow>, Error> {
    if row.try_get_raw(from)?.is_null() {
        return Ok(None);
    }
    records::read(&mut Columns::from(row, from), ahead.columns).map(Some)
}

fn read(columns: &mut Columns<'_>) -> Result<Found, Error> {
    let caller = read_caller(columns)?;
    let versions = TenantVersions::read(&columns.next::<Vec<_>>()?);
    let (target, settings) = read_target(columns)?;
    Ok(Found { caller, target, settings, versions, looked_up: None })
}

fn read_caller(columns: &mut Columns<'_>) -> Result<Caller, Error> {
    let tenant_id = TenantId(columns.next()?);
    Ok(Caller {
        user: UserId(columns.next()?),
        dept: DeptId(columns.next()?),
        dept_enabled: columns.next()?,
        login_id: columns.next()?,
        name: columns.next()?,
        language: Language::from_code(columns.next()?).unwrap_or(Language::En),
        time_zone: columns.next()?,
        groups: groups(columns.next()?),
        enabled_groups: groups(columns.next()?),
        tenant_manager: columns.next()?,
        service_manager: columns.next()?,
        allow_api: columns.next()?,
        allow_creation_at_top_site: columns.next()?,
        allow_group_administration: columns.next()?,
        allow_group_creation: columns.next()?,
        settings: columns.next()?,
        // A parameter lists the privileged; `domain::auth` looks it up.
        privileged: false,
        tenant: Tenant {
            id: tenant_id,
            contract: columns.next()?,
            disable_api: columns.next()?,
            allow_extensions_api: columns.next()?,
            language: columns.next()?,
            time_zone: columns.next()?,
            title: columns.next()?,
        },
    })
}

/// Groups that a query named once per way into them.
fn groups(ids: Option<Vec<i32>>) -> Vec<GroupId> {
    let mut ids = ids.unwrap_or_default();
    ids.sort_unstable();
    ids.dedup();
    ids.into_iter().map(GroupId).collect()
}

/// How many columns tell of the target behind its site's id.
const TARGET_COLUMNS: usize = 19;

fn read_target(columns: &mut Columns<'_>) -> Result<(Option<Target>, Option<String>), Error> {
    let Some(id) = columns.next::<Option<i64>>()?.map(SiteId) else {
        columns.skip(TARGET_COLUMNS);
        return Ok((None, None));
    };
    let item = columns.next()?;
    let item_title = columns.next::<Option<String>>()?.unwrap_or_default();
    let title = columns.next()?;
    let kind = ReferenceType::from_name(columns.next()?).unwrap_or(ReferenceType::Dashboards);
    let (parent, inherit_permission) = (SiteId(columns.next()?), SiteId(columns.next()?));
    let (ver, updated_time) = (columns.next()?, columns.next()?);
    let settings = columns.next()?;
    // Locked means: a time, and a user who exists (06 §2.4).
    let (time, user) = (columns.next::<Option<_>>()?, columns.next::<Option<_>>()?);
    let lock = time.zip(user).map(|(time, user)| Lock { user, time });
    let (api_count, api_count_date) = (columns.next()?, columns.next()?);
    let (site_rights, item_rights) =
        (columns.next::<Option<i64>>()?, columns.next::<Option<i64>>()?);
    let site = Site {
        id,
        title,
        kind,
        parent,
        inherit_permission,
        ver,
        updated_time,
        lock,
        api_count,
        api_count_date,
        destinations: columns.next::<Vec<i64>>()?.into_iter().map(SiteId).collect(),
        sources: sources(columns.next()?, columns.next()?, columns.next()?),
    };
    let target = Target {
        item: ItemId(item),
        item_title,
        site,
        site_rights: site_rights.map(Rights),
        item_rights: item_rights.map(Rights),
    };
    Ok((Some(target), settings))
}

/// The sites that link to one, from an array for each of their members.
fn sources(
    ids: Option<Vec<i64>>,
    vers: Option<Vec<i32>>,
    times: Option<Vec<NaiveDateTime>>,
) -> Vec<SiteVersion> {
    let rest = vers.unwrap_or_default().into_iter().zip(times.unwrap_or_default());
    let all = ids.unwrap_or_default().into_iter().zip(rest);
    all.map(|(id, (ver, updated_time))| SiteVersion { id: SiteId(id), ver, updated_time }).collect()
}
