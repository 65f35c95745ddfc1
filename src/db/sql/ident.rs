//! Names of tables and columns.

use std::sync::Arc;

use crate::model::ReferenceType;

/// A table's or column's name that may stand in a statement.
///
/// Made only from names of our own source or from the database's catalogue, so an unknown column of a request is a
/// failed look-up and never a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ident {
    /// The source of the statement that has the column, where several have one of that name.
    source: Option<Name>,
    name: Name,
}

/// A name; clones cost next to nothing, since statements name hundreds of columns.
#[derive(Debug, Clone)]
enum Name {
    Ours(&'static str),
    Shared(Arc<str>),
}

impl Ident {
    /// A name written in our own source.
    pub const fn new(name: &'static str) -> Self {
        Self { source: None, name: Name::Ours(name) }
    }

    /// A name that the database's catalogue listed.
    pub(in crate::db) fn catalogued(name: &str) -> Self {
        Self { source: None, name: Name::Shared(name.into()) }
    }

    /// A name made of our own text and a number, for sources and results that come in any number.
    pub(in crate::db) fn numbered(name: &'static str, number: usize) -> Self {
        Self { source: None, name: Name::Shared(format!("{name}{number}").into()) }
    }

    /// The same column, of one source of the statement.
    #[must_use]
    pub fn of(self, source: &Self) -> Self {
        Self { source: Some(source.name.clone()), name: self.name }
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
        self.name.as_str()
    }

    /// The source that was named with it.
    pub(in crate::db) fn source(&self) -> Option<&str> {
        self.source.as_ref().map(Name::as_str)
    }
}

impl Name {
    fn as_str(&self) -> &str {
        match self {
            Self::Ours(name) => name,
            Self::Shared(name) => name,
        }
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Name {}
