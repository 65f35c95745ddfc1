//! The kinds of sites (02 §11).

/// What a site holds: `Sites.ReferenceType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReferenceType {
    /// A folder.
    Sites,
    /// A table of records without a period (記録テーブル).
    Results,
    /// A table of records with a due date (期限付きテーブル).
    Issues,
    /// A wiki: a site with one record.
    Wikis,
    /// A dashboard; it has no records that the API reaches.
    Dashboards,
}

impl ReferenceType {
    /// Every kind, in the order of their tables.
    pub const ALL: [Self; 5] =
        [Self::Sites, Self::Dashboards, Self::Issues, Self::Results, Self::Wikis];

    /// The name stored in `ReferenceType` columns, which is the name of the table too.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sites => "Sites",
            Self::Results => "Results",
            Self::Issues => "Issues",
            Self::Wikis => "Wikis",
            Self::Dashboards => "Dashboards",
        }
    }

    /// The kind of that stored name, compared exactly.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The id column of the table of that name: `ResultId` for `Results`.
    pub const fn id_column(self) -> &'static str {
        match self {
            Self::Sites => "SiteId",
            Self::Results => "ResultId",
            Self::Issues => "IssueId",
            Self::Wikis => "WikiId",
            Self::Dashboards => "DashboardId",
        }
    }

    /// Whether it is a table whose records have the 156 extension columns (02 §3.8).
    pub const fn is_table(self) -> bool {
        matches!(self, Self::Results | Self::Issues)
    }
}
