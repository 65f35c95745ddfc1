//! The bits of `Permissions.PermissionType` (06 §2.1).

use std::ops::{BitAnd, BitOr};

/// A set of rights on a site or a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Rights(pub i64);

impl Rights {
    /// None at all.
    pub const NONE: Self = Self(0);
    /// See records and settings.
    pub const READ: Self = Self(1);
    /// Add records.
    pub const CREATE: Self = Self(2);
    /// Change records.
    pub const UPDATE: Self = Self(4);
    /// Delete records.
    pub const DELETE: Self = Self(8);
    /// Send mails about records.
    pub const SEND_MAIL: Self = Self(16);
    /// Export records.
    pub const EXPORT: Self = Self(32);
    /// Import records.
    pub const IMPORT: Self = Self(64);
    /// Change the site's settings.
    pub const MANAGE_SITE: Self = Self(128);
    /// Change the site's permissions.
    pub const MANAGE_PERMISSION: Self = Self(256);
    /// What is left of everybody's rights while a table is locked (06 §2.4).
    pub const WHILE_LOCKED: Self = Self(1 | 32 | 16);

    /// Whether every one of `needed` is here.
    pub const fn contains(self, needed: Self) -> bool {
        self.0 & needed.0 == needed.0
    }

    /// Whether at least one of `any` is here.
    pub const fn intersects(self, any: Self) -> bool {
        self.0 & any.0 != 0
    }
}

impl BitOr for Rights {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitAnd for Rights {
    type Output = Self;
    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}
