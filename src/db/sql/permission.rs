//! Conditions on permission rows (05 §14, 06 §2.8).

use super::{Bind, Ident, Statement};
use crate::model::{Caller, ReferenceType, Rights, SiteId, TenantId};

/// Whom permission rows have to name to count: a caller, the caller's department and groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    users: Vec<Option<i32>>,
    depts: Vec<Option<i32>>,
    groups: Vec<Option<i32>>,
}

/// Sites of a tenant by id or name (06 §2.9).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteSet {
    /// The tenant.
    pub tenant: TenantId,
    /// What they hold.
    pub kind: ReferenceType,
    /// Ids of sites.
    pub ids: Vec<i64>,
    /// Names of sites or of groups of sites.
    pub names: Vec<String>,
}

impl From<&Caller> for Holder {
    fn from(caller: &Caller) -> Self {
        let dept = (caller.dept_enabled && caller.dept.0 != 0).then_some(caller.dept.0);
        Self {
            // Rows of user -1 are for everybody.
            users: vec![Some(-1), Some(caller.user.0).filter(|id| *id != 0)],
            depts: dept.map(Some).into_iter().collect(),
            groups: caller.enabled_groups.iter().map(|group| Some(group.0)).collect(),
        }
    }
}

impl Holder {
    /// The id is one that a row with all of the rights names.
    ///
    /// Each row counts for itself, rows for everybody included: stricter than the reference's statement, where one row
    /// for everybody makes every row of a record count for all (BUG(06 §2.8)).
    pub(super) fn granted(&self, sql: &mut Statement, id: &Ident, rights: Rights) {
        sql.ident(id)
            .syntax(" in (select granted.\"ReferenceId\" from \"Permissions\" as granted where ");
        self.holds(sql, rights);
        sql.syntax(")");
    }

    /// The site inherits from one that a row with all of the rights names.
    pub(super) fn site_granted(
        &self,
        sql: &mut Statement,
        site: &Ident,
        tenant: TenantId,
        rights: Rights,
    ) {
        sql.ident(site).syntax(
            " in (select site.\"SiteId\" from \"Sites\" as site join \"Permissions\" as granted \
             on granted.\"ReferenceId\" = site.\"InheritPermission\" where site.\"TenantId\" = ",
        );
        sql.bind(Bind::Int(Some(tenant.0))).syntax(" and ");
        self.holds(sql, rights);
        sql.syntax(")");
    }

    fn holds(&self, sql: &mut Statement, rights: Rights) {
        sql.syntax("granted.\"PermissionType\" & ").bind(Bind::Long(Some(rights.0)));
        sql.syntax(" = ").bind(Bind::Long(Some(rights.0)));
        sql.syntax(" and (granted.\"UserId\" = any(").bind(Bind::Ints(self.users.clone()));
        sql.syntax(") or granted.\"GroupId\" = any(").bind(Bind::Ints(self.groups.clone()));
        sql.syntax(") or granted.\"DeptId\" = any(").bind(Bind::Ints(self.depts.clone()));
        sql.syntax("))");
    }
}

impl SiteSet {
    /// The site's own records and those of the sites that its settings list: ids, names, names of groups.
    pub fn integrated(
        tenant: TenantId,
        kind: ReferenceType,
        own: SiteId,
        listed: &[String],
    ) -> Self {
        let ids = listed.iter().filter_map(|name| name.trim().parse().ok());
        Self {
            tenant,
            kind,
            ids: std::iter::once(own.0).chain(ids).collect(),
            names: listed.to_vec(),
        }
    }

    pub(super) fn has(&self, sql: &mut Statement, site: &Ident) {
        let names = || Bind::Texts(self.names.iter().cloned().map(Some).collect());
        sql.ident(site).syntax(" in (select \"SiteId\" from \"Sites\" where \"TenantId\" = ");
        sql.bind(Bind::Int(Some(self.tenant.0))).syntax(" and \"ReferenceType\" = ");
        sql.bind(Bind::text(self.kind.name())).syntax(" and (\"SiteId\" = any(");
        sql.bind(Bind::Longs(self.ids.iter().copied().map(Some).collect()));
        sql.syntax(") or \"SiteName\" = any(").bind(names());
        sql.syntax(") or \"SiteGroupName\" = any(").bind(names()).syntax(")))");
    }
}
