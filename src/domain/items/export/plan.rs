//! The columns of an export for a caller, and what they ask of the rows.

use crate::db::ColumnInfo;
use crate::db::records::{Linked, ListRow};
use crate::domain::columns::{self, Roles};
use crate::domain::items::Table;
use crate::domain::items::labels::Wanted;
use crate::domain::items::read::source::{Got, Row as _, Selection, Source};
use crate::domain::settings::document::ExportColumn;
use crate::domain::settings::enums::ExportType;
use crate::domain::settings::{Column, ColumnRight, TableSettings};
use crate::domain::view::Links;
use crate::domain::{Call, Error};
use crate::model::{ColumnClass, ReferenceType};

use super::cell::Cell;

/// What is asked of the rows, decided once for all of them.
#[derive(Debug)]
pub(super) struct Plan<'c> {
    pub(super) entries: Vec<Entry<'c>>,
    own: Selection<'c>,
    joined: Vec<Joined<'c>>,
    /// Where rows have the users that make roles: manager and owner.
    roles: [Source; 2],
}

/// A column.
#[derive(Debug)]
pub(super) struct Entry<'c> {
    /// What stands in the file's first line.
    pub(super) label: String,
    pub(super) cell: Cell<'c>,
    /// The settings of the column's table.
    table: &'c TableSettings,
    /// The place of the joined table; none for the record's own columns.
    pub(super) joined: Option<usize>,
    /// Whether the caller's role in the record decides about the value.
    by_role: bool,
}

/// What the rows ask of a joined table.
#[derive(Debug)]
struct Joined<'c> {
    join: usize,
    kind: ReferenceType,
    selection: Selection<'c>,
}

impl<'c> Plan<'c> {
    /// Columns that the caller may not read, files, and names that mean nothing are left out; the last are refused in
    /// JSON, where the reference crashes on them (BUG(04 §5.2)).
    pub(super) fn new(
        call: &'c Call,
        table: &Table<'c>,
        links: &'c Links<'c>,
        wanted: &[ExportColumn],
        kind: ExportType,
    ) -> Result<Self, Error> {
        let settings: &'c TableSettings = table.settings;
        let mut own = Selection::new(table.columns);
        let roles = ["Manager", "Owner"].map(|role| own.select(role));
        if kind == ExportType::Json {
            own.select("Locked");
        }
        let mut plan = Self { entries: Vec::new(), own, joined: Vec::new(), roles };
        for wanted in wanted {
            plan.add(call, table, settings, links, wanted, kind)?;
        }
        Ok(plan)
    }

    fn add(
        &mut self,
        call: &'c Call,
        table: &Table<'c>,
        settings: &'c TableSettings,
        links: &'c Links<'c>,
        wanted: &ExportColumn,
        kind: ExportType,
    ) -> Result<(), Error> {
        let linked = links.column(&wanted.column_name);
        let (column, home) = match &linked {
            Some(_) if kind == ExportType::Json => {
                return Err(Error::NotBuilt("joined columns in JSON exports"));
            }
            Some(linked) => (linked.column, linked.table),
            None => match settings.column(&wanted.column_name) {
                Some(column) => (column, settings),
                None if kind == ExportType::Json => return Err(Error::BadRequest),
                None => return Ok(()),
            },
        };
        let Some(by_role) = readable(call, table, column, linked.is_some()) else { return Ok(()) };
        let joined = match &linked {
            Some(linked) => Some(self.joined(call, linked.join, home.kind)?),
            None => None,
        };
        let planned = match joined.and_then(|at| self.joined.get_mut(at)) {
            Some(joined) => Cell::plan(column, home, wanted, |name| joined.selection.select(name)),
            None => Cell::plan(column, home, wanted, |name| self.own.add(settings.kind, name)),
        };
        let label = match wanted.label_text.as_str() {
            "" => column.label(call.language().code()).to_owned(),
            own => own.to_owned(),
        };
        self.entries.push(Entry { label, cell: planned, table: home, joined, by_role });
        Ok(())
    }

    /// The place of a joined table among those that are asked.
    fn joined(&mut self, call: &'c Call, join: usize, kind: ReferenceType) -> Result<usize, Error> {
        if let Some(at) = self.joined.iter().position(|known| known.join == join) {
            return Ok(at);
        }
        let table = call.services.catalogue.table(kind.name());
        let selection = Selection::new(table.ok_or(Error::Corrupt("a missing table"))?);
        self.joined.push(Joined { join, kind, selection });
        Ok(self.joined.len() - 1)
    }

    /// Asks for more of the record's own columns.
    pub(super) fn select(&mut self, columns: &[&ColumnInfo]) {
        for column in columns {
            self.own.select(&column.name);
        }
    }

    /// The record's own columns.
    pub(super) fn selection(&self) -> &[&'c ColumnInfo] {
        self.own.columns()
    }

    /// Where rows have one of the record's own columns, if it was asked for.
    pub(super) fn known(&self, name: &str) -> Option<Source> {
        self.own.known(name)
    }

    /// What is asked of joined tables.
    pub(super) fn linked(&self, call: &Call) -> Vec<Linked<'_>> {
        let linked = self.joined.iter().map(|joined| Linked {
            join: joined.join,
            columns: joined.selection.columns(),
            readable: Links::readable(&call.caller, joined.join, joined.kind),
        });
        linked.collect()
    }

    /// The names that values need.
    pub(super) fn want(&self, wanted: &mut Wanted) {
        for entry in self.entries.iter().filter(|entry| entry.cell.chosen().is_some()) {
            wanted.column(entry.table, entry.cell.column());
        }
    }

    /// The titles that the values of some rows need.
    pub(super) fn want_titles(&self, wanted: &mut Wanted, rows: &[ListRow]) {
        for entry in self.entries.iter().filter(|entry| entry.cell.column().link) {
            let Some(source) = entry.cell.chosen() else { continue };
            for row in rows {
                wanted.text(entry.cell.column(), entry.got(row, source).text());
            }
        }
    }

    /// The sites whose titles rows show.
    pub(super) fn titled_sites(&self, rows: &[ListRow]) -> Vec<i64> {
        let sources = self.entries.iter().filter_map(|entry| Some((entry, entry.cell.titled()?)));
        let mut sites: Vec<i64> = sources
            .flat_map(|(entry, source)| rows.iter().map(move |row| entry.got(row, source).int()))
            .collect();
        sites.sort_unstable();
        sites.dedup();
        sites
    }

    /// The caller's roles in a row's record.
    pub(super) fn roles(&self, row: &ListRow, call: &Call) -> Roles {
        let own = i64::from(call.caller.user.0);
        let [manager, owner] = self.roles.map(|source| row.got(source).int() == own);
        let (creator, updator) = (row.record.creator, row.record.updator);
        Roles {
            manager,
            owner,
            creator: i64::from(creator) == own,
            updator: i64::from(updator) == own,
        }
    }
}

impl Entry<'_> {
    /// Whether the caller may read the column in a record in which it has these roles, and the record itself.
    pub(super) fn is_shown(
        &self,
        call: &Call,
        table: &Table<'_>,
        row: &ListRow,
        roles: Roles,
    ) -> bool {
        if let Some(at) = self.joined
            && !call.caller.privileged
            && !row.linked.get(at).is_some_and(|linked| linked.id.is_some() && linked.readable)
        {
            return false;
        }
        let control = self.cell.column().access(ColumnRight::Read);
        !self.by_role || columns::allows(call, &table.access, control, Some(roles))
    }

    fn got<'r>(&self, row: &'r ListRow, source: Source) -> Got<'r> {
        match self.joined {
            None => row.got(source),
            Some(at) => row.linked.get(at).map_or(Got::Nothing, |linked| linked.got(source)),
        }
    }
}

/// Whether the caller may read the column in some record (none if not), and whether that depends on the record.
///
/// QUIRK(05 §5.5): of a joined column the control of this table's column of the same name counts.
fn readable(call: &Call, table: &Table<'_>, column: &Column, joined: bool) -> Option<bool> {
    if column.class() == Some(ColumnClass::Attachments) {
        return None;
    }
    let Some(own) = table.settings.column(&column.name) else { return Some(false) };
    let allows = |roles| columns::allows(call, &table.access, own.access(ColumnRight::Read), roles);
    allows(None).then(|| !joined && !allows(Some(Roles::default())))
}
