//! Names of tables and columns.

use std::borrow::Cow;

use crate::model::ReferenceType;

/// A table's or column's name that may stand in a statement.
///
/// Made only from names of our own source or from the database's catalogue, so an unknown column of a request is a
/// failed look-up and never a statement.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Ident(Cow<'static, str>);

impl Ident {
    /// A name written in our own source.
    pub const fn new(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// A name that the database's catalogue listed.
    pub(in crate::db) fn catalogued(name: &str) -> Self {
        Self(Cow::Owned(name.to_owned()))
    }

    /// The live table of a kind.
    pub const fn table(kind: ReferenceType) -> Self {
        Self::new(kind.name())
    }

    /// The history table of a kind (02 §2).
    pub const fn history(kind: ReferenceType) -> Self {
        Self::new(match kind {
            ReferenceType::Sites => "Sites_history",
            ReferenceType::Dashboards => "Dashboards_history",
            ReferenceType::Issues => "Issues_history",
            ReferenceType::Results => "Results_history",
            ReferenceType::Wikis => "Wikis_history",
        })
    }

    /// The table of logically deleted rows of a kind (02 §2).
    pub const fn deleted(kind: ReferenceType) -> Self {
        Self::new(match kind {
            ReferenceType::Sites => "Sites_deleted",
            ReferenceType::Dashboards => "Dashboards_deleted",
            ReferenceType::Issues => "Issues_deleted",
            ReferenceType::Results => "Results_deleted",
            ReferenceType::Wikis => "Wikis_deleted",
        })
    }

    /// The id column of a kind's tables.
    pub const fn id_of(kind: ReferenceType) -> Self {
        Self::new(kind.id_column())
    }

    /// The bare name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
