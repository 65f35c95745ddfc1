//! What every call may use, built once at the start.

use std::ops::Deref;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use moka::sync::Cache;

use crate::db::calls::SettingsVersion;
use crate::db::syslogs::SysLogs;
use crate::db::{Catalogue, Pool, Whole};
use crate::messages::Language;
use crate::model::{ColumnClass, ReferenceType};
use crate::parameters::Parameters;
use crate::script_engine::Engine;
use crate::telemetry::Metrics;

use super::named_sql::NamedSqls;
use super::outbox::Outbox;
use super::scripts::{ExtendedScripts, HttpClient};
use super::sessions::BrowserSessions;
use super::settings::{self, Document, SettingsDefaults, TableSettings};
use super::tenants::Tenants;

/// The only source of "now"; tests may set it.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> DateTime<Utc>;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// Ways to the database and out of the server, and what all calls share behind them.
pub struct Services {
    /// The application role: every read, and every write that needs no new id.
    pub db: Pool,
    /// The owner role: only it may use the sequence of ids (02 §1.2), so what adds items runs here; and named SQL
    /// that asks for it.
    pub owner_db: Pool,
    /// Mails and web hooks on their way out.
    pub outbox: Outbox,
    shared: Arc<Shared>,
}

impl Deref for Services {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.shared
    }
}

/// What all calls share: parameters, clock and caches.
pub struct Shared {
    /// The reference's parameter files.
    pub parameters: Parameters,
    /// The columns that the database really has.
    pub catalogue: Catalogue,
    /// The zone of every stored wall-clock time (02 §7.4).
    pub server_zone: Tz,
    /// Now.
    pub clock: Box<dyn Clock>,
    /// Users, departments and groups of tenants.
    pub tenants: Tenants,
    /// The request log.
    pub syslogs: SysLogs,
    /// SQL that the operator gave names to.
    pub named_sqls: NamedSqls,
    /// Server scripts of the operator.
    pub extended_scripts: ExtendedScripts,
    /// What is counted.
    pub metrics: Metrics,
    /// What the cookies of this process stand for.
    pub browser_sessions: BrowserSessions,
    /// Runs server scripts and extended formulas.
    pub scripts: Engine,
    /// Calls other servers for them.
    pub script_http: HttpClient,
    settings_defaults: SettingsDefaults,
    settings: Cache<SettingsVersion, Arc<TableSettings>>,
    /// The settings version last seen under an id of a URL, be it of a site or of a record.
    versions: Cache<i64, SettingsVersion>,
}

/// How many versions of settings stay in memory; an installation rarely has more sites in use.
const SETTINGS_KEPT: u64 = 2_000;
/// How many ids of URLs are remembered with the settings they led to.
const IDS_KEPT: u64 = 100_000;

/// Settings that were in memory when the database was asked for others.
#[derive(Debug, Clone)]
pub struct Known {
    /// Their version.
    pub version: SettingsVersion,
    /// What they say.
    pub settings: Arc<TableSettings>,
}

impl Services {
    /// With empty caches. `script_hosts` are those that server scripts may call.
    pub fn new(
        db: Pool,
        owner_db: Pool,
        parameters: Parameters,
        catalogue: Catalogue,
        server_zone: Tz,
        syslogs: SysLogs,
        script_hosts: &[String],
    ) -> Self {
        let shared = Shared {
            settings_defaults: SettingsDefaults::of(&parameters),
            named_sqls: NamedSqls::new(&parameters),
            extended_scripts: ExtendedScripts::new(&parameters),
            metrics: Metrics::default(),
            browser_sessions: BrowserSessions::new(&parameters),
            scripts: Engine::default(),
            script_http: HttpClient::of(script_hosts),
            parameters,
            catalogue,
            server_zone,
            clock: Box::new(SystemClock),
            tenants: Tenants::default(),
            syslogs,
            settings: Cache::new(SETTINGS_KEPT),
            versions: Cache::new(IDS_KEPT),
        };
        Self { db, owner_db, outbox: Outbox::default(), shared: Arc::new(shared) }
    }

    /// The same, with everything that goes to the database as a step of one transaction, and nothing going out.
    ///
    /// The owner's role does it all, since only it may use the sequence of ids.
    pub async fn begin_whole(&self) -> Result<(Whole, Self), sqlx::Error> {
        let (whole, steps) = self.owner_db.begin_whole().await?;
        let shared = Arc::clone(&self.shared);
        Ok((
            whole,
            Self { db: steps.clone(), owner_db: steps, outbox: self.outbox.aside(), shared },
        ))
    }

    /// Has connections tried out before they are used again, since something failed that may have broken them.
    pub fn doubt_connections(&self) {
        self.db.doubt();
        self.owner_db.doubt();
    }
}

impl Shared {
    /// What parameters give to settings that a document leaves open.
    pub const fn settings_defaults(&self) -> &SettingsDefaults {
        &self.settings_defaults
    }

    /// The language of callers that are not known, and of new users.
    pub fn default_language(&self) -> Language {
        Language::from_code(&self.parameters.service.default_language).unwrap_or(Language::En)
    }

    /// The settings that the id in a URL led to last, if they are still in memory.
    pub fn known(&self, id: i64) -> Option<Known> {
        let version = self.versions.get(&id)?;
        Some(Known { version, settings: self.known_settings(version)? })
    }

    /// Settings that are in memory.
    pub fn known_settings(&self, version: SettingsVersion) -> Option<Arc<TableSettings>> {
        self.settings.get(&version)
    }

    /// Remembers the settings that the id in a URL led to, reading them unless that version is in memory.
    ///
    /// There is no text where the database was told that the version is known; it may have left the memory since.
    pub fn settings(
        &self,
        id: i64,
        version: SettingsVersion,
        kind: ReferenceType,
        text: Option<&str>,
        told: Option<&Known>,
    ) -> Option<Arc<TableSettings>> {
        let told = told.filter(|known| known.version == version);
        let settings = match (self.settings.get(&version), text, told) {
            (Some(settings), ..) => settings,
            (None, Some(text), _) => {
                let read = Arc::new(self.read_settings(kind, text));
                self.settings.insert(version, Arc::clone(&read));
                read
            }
            (None, None, Some(known)) => {
                self.settings.insert(version, Arc::clone(&known.settings));
                Arc::clone(&known.settings)
            }
            (None, None, None) => return None,
        };
        self.versions.insert(id, version);
        Some(settings)
    }

    /// Settings built from their stored text.
    pub fn read_settings(&self, kind: ReferenceType, text: &str) -> TableSettings {
        self.complete_settings(kind, Document::read(Some(text), kind))
    }

    /// A document with every default filled in.
    pub fn complete_settings(&self, kind: ReferenceType, document: Document) -> TableSettings {
        TableSettings::build(document, kind, &self.extension_columns(kind), &self.settings_defaults)
    }

    /// The text that is stored of settings (06 §1.2).
    pub fn record_settings(
        &self,
        language: Language,
        kind: ReferenceType,
        document: &Document,
    ) -> String {
        let extension_columns = self.extension_columns(kind);
        let context = settings::Context {
            language: language.code(),
            defaults: &self.settings_defaults,
            extension_columns: &extension_columns,
        };
        document.record(kind, &context)
    }

    /// The extension columns beyond the letters that the database has for a kind.
    fn extension_columns(&self, kind: ReferenceType) -> Vec<String> {
        let columns = self
            .catalogue
            .table(kind.name())
            .map(|table| table.columns.as_slice())
            .unwrap_or_default();
        let numbered = |name: &str| {
            ColumnClass::of(name).is_some() && name.ends_with(|c: char| c.is_ascii_digit())
        };
        columns.iter().map(|column| column.name.clone()).filter(|name| numbered(name)).collect()
    }
}
