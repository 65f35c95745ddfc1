//! The limits of a tenant's contract: `Tenants.ContractSettings` (01 §5.2, 08 §2.6a).

use rust_decimal::Decimal;
use serde::Deserialize;

use crate::lenient::{self, Nullable, Number};
use crate::model::Rights;

/// What the contract says; whatever it does not say is unlimited or allowed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Contract {
    users: Nullable<i32>,
    sites: Nullable<i64>,
    items: Nullable<i64>,
    storage_size: Nullable<Number>,
    import: Nullable<bool>,
    export: Nullable<bool>,
    mail: Nullable<bool>,
    notice: Nullable<bool>,
    api: Nullable<bool>,
    server_script: Nullable<bool>,
    allow_ip_addresses: Option<Vec<String>>,
    api_limit_per_site: Nullable<i32>,
}

impl Contract {
    /// The stored JSON; an empty or unreadable one says nothing (01 §5.2).
    pub fn read(text: &str) -> Self {
        if text.trim().is_empty() {
            return Self::default();
        }
        lenient::from_str(text).unwrap_or_else(|error| {
            tracing::warn!(%error, "a tenant's ContractSettings cannot be read and count as empty");
            Self::default()
        })
    }

    /// The most users, if limited.
    pub fn users(&self) -> Option<i64> {
        self.users.0.filter(|limit| *limit > 0).map(i64::from)
    }

    /// The most sites, if limited.
    pub fn sites(&self) -> Option<i64> {
        self.sites.0.filter(|limit| *limit > 0)
    }

    /// The most records of a site, if limited.
    pub fn items(&self) -> Option<i64> {
        self.items.0.filter(|limit| *limit > 0)
    }

    /// Gigabytes of files, if limited; 0 switches files off.
    pub fn storage_size(&self) -> Option<Decimal> {
        self.storage_size.0.as_ref().map(|size| size.0)
    }

    /// Rights that the contract takes from everybody (06 §2.4).
    pub fn forbidden(&self) -> Rights {
        let taken = |allowed: &Nullable<bool>, right| {
            if allowed.0 == Some(false) { right } else { Rights::NONE }
        };
        taken(&self.import, Rights::IMPORT)
            | taken(&self.export, Rights::EXPORT)
            | taken(&self.mail, Rights::SEND_MAIL)
    }

    /// Whether single writes may be told of (08 §16.1).
    pub fn allows_notices(&self) -> bool {
        self.notice.0 != Some(false)
    }

    /// Whether the API is part of the contract.
    pub fn allows_api(&self) -> bool {
        self.api.0 != Some(false)
    }

    /// Whether server scripts are part of the contract.
    pub fn allows_server_scripts(&self) -> bool {
        self.server_script.0 != Some(false)
    }

    /// Calls per site and day, where the contract sets them, even to 0.
    pub fn api_limit_per_site(&self) -> Option<i64> {
        self.api_limit_per_site.0.map(i64::from)
    }

    /// The addresses calls may come from; empty is everywhere.
    pub fn allowed_addresses(&self) -> &[String] {
        self.allow_ip_addresses.as_deref().unwrap_or_default()
    }
}
