//! `upsert` (03 §6): one record found by keys is updated, none is created, several are refused.

use sha2::{Digest, Sha256};

use crate::domain::ahead::Ahead;
use crate::domain::zones::Zones;
use crate::domain::{Call, Error, Services};
use crate::lenient::Json;

use super::create::create_unless;
use super::keys::{self, Keys};
use super::request::RecordRequest;
use super::update::update_loaded;
use super::{Table, Written, load};

/// How often an upsert looks again after somebody else got ahead of it.
const ATTEMPTS: usize = 20;

/// Updates the record that the body's keys match, or creates it.
///
/// The reference looks and writes without a lock, so that upserts of one new key at the same time make several
/// records. Here whoever creates holds a lock of tenant, site and keys while looking once more (BUG(03 §6.1)), and
/// whoever loses the race begins anew.
pub async fn upsert(call: &Call, table: &Table<'_>, body: &Json<'_>) -> Result<Written, Error> {
    RecordRequest::read(body, table.settings.kind, call.services.parameters.api.version)?;
    let keys = Keys {
        zones: &call.zones,
        now: call.user_now(),
        services: &call.services,
        table: table.settings,
        columns: table.columns,
    };
    let condition = keys.condition(body)?;
    let lock = lock_key(call, table, body);
    for _ in 0..ATTEMPTS {
        let mut found = load::matching(call, table, condition.clone()).await?;
        let written = match (found.pop(), found.is_empty()) {
            (None, _) => create_unless(call, table, body, Some((&condition, lock))).await,
            (Some(record), true) => update_loaded(call, table, record, body).await.map(Some),
            (Some(_), false) => return Err(Error::Overlap),
        };
        match written {
            Ok(Some(written)) => return Ok(written),
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
fn lock_key(call: &Call, table: &Table<'_>, body: &Json<'_>) -> i64 {
    let name =
        format!("{} {} {}", call.caller.tenant.id, table.target.site.id, keys::fingerprint(body));
    let digest = Sha256::digest(name.as_bytes());
    digest.first_chunk().map_or(0, |bytes| i64::from_be_bytes(*bytes))
}
