//! The three tables that say who there is.

/// Users, departments, groups: tables of a tenant without site and item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrganisationTable {
    /// `Users`.
    Users,
    /// `Depts`.
    Depts,
    /// `Groups`.
    Groups,
}

impl OrganisationTable {
    /// The live table.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Users => "Users",
            Self::Depts => "Depts",
            Self::Groups => "Groups",
        }
    }

    /// The table of former versions.
    pub const fn history(self) -> &'static str {
        match self {
            Self::Users => "Users_history",
            Self::Depts => "Depts_history",
            Self::Groups => "Groups_history",
        }
    }

    /// The table of deleted rows.
    pub const fn deleted(self) -> &'static str {
        match self {
            Self::Users => "Users_deleted",
            Self::Depts => "Depts_deleted",
            Self::Groups => "Groups_deleted",
        }
    }

    /// The column with the id.
    pub const fn id_column(self) -> &'static str {
        match self {
            Self::Users => "UserId",
            Self::Depts => "DeptId",
            Self::Groups => "GroupId",
        }
    }

    /// The column that messages name a row by.
    pub const fn name_column(self) -> &'static str {
        match self {
            Self::Users => "Name",
            Self::Depts => "DeptName",
            Self::Groups => "GroupName",
        }
    }
}
