//! Looking for records in the round trip that finds the caller.
//!
//! What a call will look for depends on settings that this process mostly has in memory already. So the look-up is
//! made before anybody knows whether those settings still stand; it counts only if it turns out to be the very one
//! that is asked for, on the very same settings, and is forgotten otherwise.

use std::sync::{Arc, Mutex};

use crate::db::TableInfo;
use crate::db::records::RecordRow;
use crate::db::sql::Predicate;
use crate::model::SiteId;

use super::Services;
use super::services::Known;
use super::settings::TableSettings;

/// A look-up to be made ahead of its time.
pub struct Ahead {
    /// The settings it is made on.
    pub(super) settings: Arc<TableSettings>,
    /// The site they belong to.
    pub(super) site: SiteId,
    /// What is looked for.
    pub(super) condition: Predicate,
}

impl Ahead {
    /// The look-up of a condition on the table that an id led to last time; none when that is forgotten.
    pub fn with(
        services: &Services,
        id: i64,
        condition: impl FnOnce(&TableSettings, &TableInfo) -> Option<Predicate>,
    ) -> Option<Self> {
        let Known { version, settings } = services.known(id)?;
        if !settings.kind.is_table() {
            return None;
        }
        let columns = services.catalogue.table(settings.kind.name())?;
        let condition = condition(&settings, columns)?;
        Some(Self { settings, site: version.site, condition })
    }
}

/// A look-up that has been made, with what it found: to be taken once.
#[derive(Default)]
pub struct LookedUp(Mutex<Option<(Ahead, Vec<RecordRow>)>>);

impl LookedUp {
    /// The rows of a look-up.
    pub fn new(ahead: Ahead, rows: Vec<RecordRow>) -> Self {
        Self(Mutex::new(Some((ahead, rows))))
    }

    /// The rows, if they are those of this condition on these settings. A second look gets none: it wants fresh rows.
    pub fn take(
        &self,
        settings: &Arc<TableSettings>,
        condition: &Predicate,
    ) -> Option<Vec<RecordRow>> {
        let mut kept = self.0.lock().ok()?;
        let (ahead, rows) = kept.take()?;
        (Arc::ptr_eq(&ahead.settings, settings) && ahead.condition == *condition).then_some(rows)
    }
}
