//! A call: who makes it, what it addresses, what it may use.

use std::borrow::Cow;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, NaiveDateTime, Utc};
use rust_decimal::Decimal;

use crate::db::calls::TenantVersions;
use crate::db::records::RecordRow;
use crate::db::sql::Predicate;
use crate::messages::Language;
use crate::model::{Caller, Target};

use super::ahead::LookedUp;
use super::contract::Contract;
use super::permissions::Access;
use super::scripts;
use super::settings::TableSettings;
use super::tenants::{Names, Users};
use super::zones::Zones;
use super::{Error, Services};

/// An authenticated call; only [`super::auth`] makes one.
pub struct Call {
    /// What it may use.
    pub services: Arc<Services>,
    /// Who makes it.
    pub caller: Caller,
    /// The caller's contract.
    pub contract: Contract,
    /// The server's zone and the caller's.
    pub zones: Zones,
    /// When it began.
    pub now: DateTime<Utc>,
    /// The controller that is called, in lower case: `items`.
    pub controller: &'static str,
    /// Its action: `create`.
    pub action: &'static str,
    /// The address that the call came to, up to its path: `https://host`.
    pub origin: String,
    /// What stands before the paths of this server, such as `/fs`; empty for most.
    pub base_path: String,
    /// The number in the URL, 0 where there is none; errors carry it.
    pub id: i64,
    /// What that number addresses in the caller's tenant.
    pub target: Option<Target>,
    /// The settings of the addressed item's site.
    pub settings: Option<Arc<TableSettings>>,
    /// `ApiVersion` of the body, or the parameter (01 §8); echoed in records.
    pub api_version: Decimal,
    /// What happens on the way and belongs into the request log.
    pub trail: Trail,
    /// What its server scripts have in common.
    pub scripts: scripts::State,
    pub(super) versions: Option<TenantVersions>,
    pub(super) looked_up: LookedUp,
}

impl Call {
    /// The same, of an endpoint.
    #[must_use]
    pub fn routed(mut self, controller: &'static str, action: &'static str) -> Self {
        self.controller = controller;
        self.action = action;
        self
    }

    /// The same, of a request with that text and key, which server scripts may need: those of its site, of the parents
    /// that it is summed up in, and of tables whose records go along with its own.
    #[must_use]
    pub fn of_request(mut self, text: &str, api_key: Option<&str>) -> Self {
        let sums = self.settings.as_ref().is_some_and(|settings| !settings.summaries.is_empty());
        let is_linked = self.target.as_ref().is_some_and(|target| !target.site.sources.is_empty());
        if self.has_scripts() || sums || is_linked {
            self.scripts = scripts::State::of_request(text, api_key);
        }
        self
    }

    /// The language of every text of the answer.
    pub const fn language(&self) -> Language {
        self.caller.language
    }

    /// Whether scripts of the addressed table may run, with writes of their own.
    pub fn has_scripts(&self) -> bool {
        !self.services.extended_scripts.is_empty()
            || self.settings.as_ref().is_some_and(|settings| !settings.server_scripts.is_empty())
    }

    /// The caller's rights on a target.
    pub fn access(&self, target: &Target) -> Access {
        Access::new(target, self.caller.privileged, self.contract.forbidden())
    }

    /// Now, as the server's wall clock.
    pub fn server_now(&self) -> NaiveDateTime {
        self.zones.server_time(self.now)
    }

    /// Now, as the caller's wall clock.
    pub fn user_now(&self) -> NaiveDateTime {
        self.zones.user_time(self.now)
    }

    /// Rows that were looked up together with the caller, if they are the ones wanted now.
    pub fn take_looked_up(
        &self,
        settings: &Arc<TableSettings>,
        condition: &Predicate,
    ) -> Option<Vec<RecordRow>> {
        self.looked_up.take(settings, condition)
    }

    /// The users of the caller's tenant.
    pub async fn users(&self) -> Result<Arc<Users>, Error> {
        let services = &self.services;
        services
            .tenants
            .users(
                &services.db,
                self.caller.tenant.id,
                self.versions.map(|versions| versions.users),
            )
            .await
    }

    /// The departments of the caller's tenant.
    pub async fn depts(&self) -> Result<Arc<Names>, Error> {
        let services = &self.services;
        services
            .tenants
            .depts(
                &services.db,
                self.caller.tenant.id,
                self.versions.map(|versions| versions.depts),
            )
            .await
    }

    /// The groups of the caller's tenant.
    pub async fn groups(&self) -> Result<Arc<Names>, Error> {
        let services = &self.services;
        services
            .tenants
            .groups(
                &services.db,
                self.caller.tenant.id,
                self.versions.map(|versions| versions.groups),
            )
            .await
    }

    /// A stored time by the caller's clock.
    pub fn to_user(&self, stored: NaiveDateTime) -> NaiveDateTime {
        self.zones.to_user(stored)
    }
}

/// Extra rows of the request log that a call leaves behind (01 §12).
#[derive(Debug, Clone, Default)]
pub struct Trail(Arc<Mutex<Vec<Note>>>);

/// One such row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// `SysLogType`: 10 information, 50 warning, 60 error of the user, 80 error of the system, 90 exception.
    pub kind: i32,
    /// What the row's `Method` has behind the call's own.
    pub method_suffix: Cow<'static, str>,
    /// The row's `ErrMessage` from type 80 on, else its `Comments`.
    pub text: String,
}

impl Trail {
    /// Adds a row of information.
    pub fn note(&self, method_suffix: &'static str, comments: String) {
        self.add(Note { kind: 10, method_suffix: method_suffix.into(), text: comments });
    }

    /// Adds a row.
    pub fn add(&self, note: Note) {
        if let Ok(mut notes) = self.0.lock() {
            notes.push(note);
        }
    }

    /// How many rows there are.
    pub fn count(&self) -> usize {
        self.0.lock().map_or(0, |notes| notes.len())
    }

    /// The rows so far; they are gone from the trail.
    pub fn take(&self) -> Vec<Note> {
        self.0.lock().map(|mut notes| std::mem::take(&mut *notes)).unwrap_or_default()
    }
}
