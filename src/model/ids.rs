//! Newtypes for the ids of the database, so that one cannot stand for another.

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident($inner:ty);)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $inner);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

ids! {
    /// `Tenants.TenantId`.
    TenantId(i32);
    /// `Sites.SiteId`: a folder, table, wiki or dashboard. Shares one sequence with [`ItemId`].
    SiteId(i64);
    /// `Items.ReferenceId`: a record or a site.
    ItemId(i64);
    /// `Users.UserId`; 0 is nobody, -1 stands for all users of the tenant.
    UserId(i32);
    /// `Depts.DeptId`; 0 is none.
    DeptId(i32);
    /// `Groups.GroupId`.
    GroupId(i32);
}

impl From<SiteId> for ItemId {
    fn from(site: SiteId) -> Self {
        Self(site.0)
    }
}
