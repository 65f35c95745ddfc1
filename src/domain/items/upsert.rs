//! `upsert` (03 §6): one record found by keys is updated, none is created, several are refused.

use sha2::{Digest, Sha256};

use crate::db::sql::Predicate;
use crate::domain::ahead::Ahead;
use crate::domain::scripts::Moment;
use crate::domain::zones::Zones;
use crate::domain::{Call, Error, Services};
use crate::lenient::Json;

use super::create::create_posted;
use super::keys::{self, Key, Keys};
use super::request::RecordRequest;
use super::update::update_posted;
use super::{Table, Written, files, filter, hooks, load, scripts};

/// How often an upsert looks again after somebody else got ahead of it.
const ATTEMPTS: usize = 20;

/// Updates the record that the body's keys match, or creates it.
///
/// The reference looks and writes without a lock, so that upserts of one new key at the same time make several
/// records. Here whoever creates holds a lock of tenant, site and keys while looking once more (BUG(03 §6.1)), and
/// whoever loses the race begins anew.
pub async fn upsert(call: &Call, table: &Table<'_>, body: &Json<'_>) -> Result<Written, Error> {
    let request =
        RecordRequest::read(body, table.settings.kind, call.services.parameters.api.version)?;
    let keys = Keys {
        zones: &call.zones,
        now: call.user_now(),
        services: &call.services,
        table: table.settings,
        columns: table.columns,
    };
    let names = keys::names(body).unwrap_or_default();
    let mut condition = keys.condition(body)?;
    if let Some(filter) = filter::condition(call, table, body, &names)? {
        condition = Predicate::All(vec![condition, filter]);
    }
    let lock = lock_key(call, table, &names, body);
    let wanted = Wanted {
        condition: &condition,
        lock,
        for_create: complete(&request, files::check_shape_for_create),
        for_update: complete(&request, files::check_shape_for_update),
        creates: true,
    };
    match find_and_write(call, table, &wanted).await? {
        Upserted::Created(written) | Upserted::Updated(written) => Ok(written),
        Upserted::Skipped => Err(Error::Corrupt("an upsert that does nothing")),
    }
}

fn complete(
    request: &RecordRequest,
    check: fn(&RecordRequest) -> Result<(), Error>,
) -> Option<&RecordRequest> {
    check(request).is_ok().then_some(request)
}

/// A record to find, and what to make of it.
pub(super) struct Wanted<'a> {
    /// What its keys compare.
    pub(super) condition: &'a Predicate,
    /// The lock of its keys.
    pub(super) lock: i64,
    /// What is posted, if it can be created.
    pub(super) for_create: Option<&'a RecordRequest>,
    /// What is posted, if it can be updated.
    pub(super) for_update: Option<&'a RecordRequest>,
    /// Whether it is created when it is not there.
    pub(super) creates: bool,
}

/// What became of it.
pub(super) enum Upserted {
    Created(Written),
    Updated(Written),
    Skipped,
}

/// Looks, then updates or creates, and begins anew where somebody else got ahead.
pub(super) async fn find_and_write(
    call: &Call,
    table: &Table<'_>,
    wanted: &Wanted<'_>,
) -> Result<Upserted, Error> {
    let condition = hooks::seen(call, table, None, wanted.condition.clone());
    let condition = &scripts::narrowed(call, table, condition).await?;
    for _ in 0..ATTEMPTS {
        let mut found = load::matching(call, table, condition.clone()).await?;
        let written = match (found.pop(), found.is_empty()) {
            (None, _) if !wanted.creates => return Ok(Upserted::Skipped),
            (None, _) => {
                create_posted(call, table, wanted.for_create, Some((condition, wanted.lock)))
                    .await
                    .map(|written| written.map(Upserted::Created))
            }
            (Some(mut record), true) => {
                scripts::run(call, table, Moment::WhenloadingRecord, &mut record).await?;
                update_posted(call, table, record, wanted.for_update)
                    .await
                    .map(|written| Some(Upserted::Updated(written)))
            }
            (Some(_), false) => return Err(Error::Overlap),
        };
        match written {
            Ok(Some(upserted)) => return Ok(upserted),
            // Somebody else created or changed the record between our look and our write.
            Ok(None) | Err(Error::UpdateConflicts) => {}
            Err(error) => return Err(error),
        }
    }
    Err(Error::UpdateConflicts)
}

/// What an upsert will look for, as far as the settings in memory tell; the caller's zone is not known yet.
pub fn ahead(services: &Services, body: &Json<'_>, id: i64) -> Option<Ahead> {
    Ahead::with(services, id, |settings, columns| {
        let zones = Zones::new(services.server_zone, "");
        let now = zones.server_time(services.clock.now());
        Keys { zones: &zones, now, services, table: settings, columns }.condition(body).ok()
    })
}

/// A number for tenant, site and key values; different keys may share one, which only makes them wait.
///
/// Made by a hash that every version of the server computes alike, since several may share a database.
pub(super) fn lock_key(call: &Call, table: &Table<'_>, keys: &[Key], body: &Json<'_>) -> i64 {
    lock_of(call, table, &keys::fingerprint(keys, body))
}

/// The lock of the whole site: shared by upserts of one record that create it, alone for bulk upserts while they do.
pub(super) fn site_lock(call: &Call, table: &Table<'_>) -> i64 {
    lock_of(call, table, "")
}

fn lock_of(call: &Call, table: &Table<'_>, keys: &str) -> i64 {
    let name = format!("{} {} {keys}", call.caller.tenant.id, table.target.site.id);
    let digest = Sha256::digest(name.as_bytes());
    digest.first_chunk().map_or(0, |bytes| i64::from_be_bytes(*bytes))
}
