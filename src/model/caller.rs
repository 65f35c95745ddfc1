//! Who makes a call (01 §5.2).

use crate::messages::Language;

use super::{DeptId, GroupId, TenantId, UserId};

/// An authenticated user, as far as rules ask for it.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Caller {
    /// The caller's tenant and its switches.
    pub tenant: Tenant,
    /// `Users.UserId`.
    pub user: UserId,
    /// `Users.DeptId`; 0 is none.
    pub dept: DeptId,
    /// Whether that department exists and is not disabled.
    pub dept_enabled: bool,
    /// `Users.LoginId`, which `Security.PrivilegedUsers` lists.
    pub login_id: String,
    /// `Users.Name`.
    pub name: String,
    /// The language of every text the caller gets.
    pub language: Language,
    /// `Users.TimeZone`: the id of the caller's zone; empty when unset.
    pub time_zone: String,
    /// Every group the caller or the caller's department is a member of, disabled ones included.
    pub groups: Vec<GroupId>,
    /// Those of them that are enabled and count for permissions (06 §2.3).
    pub enabled_groups: Vec<GroupId>,
    /// Listed in `Security.PrivilegedUsers`: passes every check of rights, not those of locks and columns.
    pub privileged: bool,
    /// `Users.TenantManager`, or privileged.
    pub tenant_manager: bool,
    /// `Users.ServiceManager`.
    pub service_manager: bool,
    /// `Users.AllowApi`: counts where the API is switched off for others.
    pub allow_api: bool,
    /// `Users.AllowCreationAtTopSite`: counts where that is switched off for others.
    pub allow_creation_at_top_site: bool,
    /// `Users.AllowGroupAdministration`: counts where that is switched off for others.
    pub allow_group_administration: bool,
    /// `Users.AllowGroupCreation`: counts where that is switched off for others.
    pub allow_group_creation: bool,
    /// `Users.UserSettings`: a JSON object of flags; empty when unset.
    pub settings: String,
}

/// The tenant of a caller (01 §5.2).
#[derive(Debug, Clone)]
pub struct Tenant {
    /// `Tenants.TenantId`.
    pub id: TenantId,
    /// `Tenants.ContractSettings`: a JSON object of limits; empty when unset.
    pub contract: String,
    /// `Tenants.DisableApi`.
    pub disable_api: bool,
    /// `Tenants.AllowExtensionsApi`.
    pub allow_extensions_api: bool,
    /// `Tenants.Language`, the default of new users; empty when unset.
    pub language: String,
    /// `Tenants.TimeZone`, the default of new users; empty when unset.
    pub time_zone: String,
    /// `Tenants.Title`; empty when unset.
    pub title: String,
}
