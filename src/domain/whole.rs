//! Calls that are made or undone as a whole, which clients ask for by `Atomic` and `DryRun` (`docs/extensions.md`).

use std::sync::Arc;

use crate::db;

use super::ahead::LookedUp;
use super::{Call, Error, Services};

/// What a call has written so far in one transaction; undone unless it is committed.
pub struct Whole {
    transaction: db::Whole,
    inside: Arc<Services>,
    outside: Arc<Services>,
}

impl Call {
    /// The same call inside one transaction: what it writes is seen by itself only, and what it sends waits.
    pub async fn begin_whole(&self) -> Result<(Whole, Self), Error> {
        let (transaction, inside) = self.services.begin_whole().await.map_err(db::Error::from)?;
        let inside = Arc::new(inside);
        let call = Self {
            services: Arc::clone(&inside),
            caller: self.caller.clone(),
            contract: self.contract.clone(),
            zones: self.zones.clone(),
            now: self.now,
            controller: self.controller,
            action: self.action,
            origin: self.origin.clone(),
            base_path: self.base_path.clone(),
            id: self.id,
            target: self.target.clone(),
            settings: self.settings.clone(),
            api_version: self.api_version,
            trail: self.trail.clone(),
            scripts: self.scripts.clone(),
            versions: self.versions,
            looked_up: LookedUp::default(),
        };
        Ok((Whole { transaction, inside, outside: Arc::clone(&self.services) }, call))
    }
}

impl Whole {
    /// Makes it last and sends what it has to send, or undoes it: where it is not `kept`, and where it failed.
    pub async fn end<T>(self, done: Result<T, Error>, kept: bool) -> Result<T, Error> {
        if kept && done.is_ok() {
            self.transaction.commit().await.map_err(db::Error::from)?;
            self.outside.outbox.send(self.inside.outbox.waiting());
        } else {
            self.transaction.rollback().await.map_err(db::Error::from)?;
        }
        done
    }
}
