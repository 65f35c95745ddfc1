//! Key-value rows (05 §5): which columns a row has, under which keys, in which forms.

use std::collections::HashSet;

use crate::db::records::{Linked, ListRow};
use crate::domain::columns::{self, Roles};
use crate::domain::items::Table;
use crate::domain::items::labels::Wanted;
use crate::domain::settings::document::View;
use crate::domain::settings::enums::{ApiColumnKeyDisplayType, ApiColumnValueDisplayType};
use crate::domain::settings::{Column, ColumnRight, TableSettings};
use crate::domain::view::Links;
use crate::domain::{Call, Error};
use crate::json::Array;
use crate::model::{ColumnClass, ReferenceType};

use super::cell::{Cell, Texts};
use super::source::{Row, Selection, Source};

/// The members of the rows of a page, decided once for all of them.
#[derive(Debug)]
pub(super) struct Rows<'c> {
    entries: Vec<Entry<'c>>,
    joined: Vec<Joined<'c>>,
    /// Where rows have the users that make roles, in the order of [`ROLES`]; only columns of the rows count.
    roles: [Option<Source>; 4],
}

/// A member.
#[derive(Debug)]
struct Entry<'c> {
    key: String,
    cell: Cell<'c>,
    /// The settings of the column's table.
    table: &'c TableSettings,
    /// The place of the joined table in [`Rows::joined`]; none for the record's own columns.
    joined: Option<usize>,
    /// Whether the caller's role in the record decides about the value.
    by_role: bool,
    /// Entries of joined tables with the same key before this one.
    earlier: Vec<usize>,
}

/// What the rows ask of a joined table.
#[derive(Debug)]
struct Joined<'c> {
    join: usize,
    kind: ReferenceType,
    selection: Selection<'c>,
}

/// Who reads rows, and what is known for it.
pub(super) struct Reader<'a> {
    /// The call.
    pub call: &'a Call,
    /// The table.
    pub table: &'a Table<'a>,
    /// Names and titles.
    pub texts: Texts<'a>,
}

impl Reader<'_> {
    /// Whether the caller's roles in a record let the column be read there (05 §15).
    fn may_read(&self, column: &Column, roles: Roles) -> bool {
        let control = column.access(ColumnRight::Read);
        columns::allows(self.call, &self.table.access, control, Some(roles))
    }
}

/// The user columns whose values make roles.
const ROLES: [&str; 4] = ["Manager", "Owner", "Creator", "Updator"];

/// The names of the columns of rows: the view's, else the table's (05 §5.1).
pub(super) fn names(table: &TableSettings, view: &View) -> Vec<String> {
    let mut names = view.grid_columns.clone().unwrap_or_else(|| table.grid_columns.clone());
    if view.show_history == Some(true) && !names.iter().any(|name| name == "Ver") {
        names.push("Ver".to_owned());
    }
    names
}

/// What decides about the members of rows.
pub(super) struct Planner<'a, 'c> {
    /// Whose rows.
    pub call: &'c Call,
    /// The table.
    pub table: &'a Table<'c>,
    /// The view.
    pub view: &'a View,
    /// The tables that it joins.
    pub links: &'c Links<'c>,
}

impl<'c> Planner<'_, 'c> {
    /// The members that rows have for the caller.
    pub(super) fn plan(&self, selection: &mut Selection<'c>) -> Result<Rows<'c>, Error> {
        let mut rows = Rows { entries: Vec::new(), joined: Vec::new(), roles: [None; 4] };
        // No form for rows of wikis exists (05 §5.1).
        if self.table.settings.kind == ReferenceType::Wikis {
            return Ok(rows);
        }
        let names = names(self.table.settings, self.view);
        let mut seen = HashSet::new();
        for name in names.iter().filter(|name| seen.insert(name.as_str())) {
            self.add(&mut rows, selection, name)?;
        }
        // A column that the caller may not read at all is none of the rows'.
        let is_readable = |column| self.readable(column, false).is_some();
        let has = |role: &str| {
            names.iter().any(|name| name == role)
                && self.table.settings.column(role).is_some_and(is_readable)
        };
        rows.roles =
            ROLES.map(|role| has(role).then(|| selection.add(self.table.settings.kind, role)));
        Ok(rows)
    }

    fn add(
        &self,
        rows: &mut Rows<'c>,
        selection: &mut Selection<'c>,
        name: &str,
    ) -> Result<(), Error> {
        let settings: &'c TableSettings = self.table.settings;
        let linked = self.links.column(name);
        let (column, home) = match &linked {
            Some(linked) => (linked.column, linked.table),
            None => match settings.column(name) {
                Some(column) => (column, settings),
                None => return Ok(()),
            },
        };
        let Some(by_role) = self.readable(column, linked.is_some()) else { return Ok(()) };
        if home.kind == ReferenceType::Wikis {
            return Ok(());
        }
        let joined = match &linked {
            Some(linked) => Some(rows.joined(self.call, linked.join, home.kind)?),
            None => None,
        };
        let form = self.form(name);
        let cell = match joined.and_then(|at| rows.joined.get_mut(at)) {
            Some(joined) => Cell::plan(column, home, form, |name| joined.selection.select(name)),
            None => Cell::plan(column, home, form, |name| selection.add(settings.kind, name)),
        };
        let key = self.key(name, column);
        rows.push(Entry { key, cell, table: home, joined, by_role, earlier: Vec::new() });
        Ok(())
    }

    /// Whether the caller may read the column in some record (none if not), and whether that depends on the record.
    ///
    /// QUIRK(05 §5.5): of a joined column the control of this table's column of the same name counts.
    fn readable(&self, column: &Column, joined: bool) -> Option<bool> {
        let call = self.call;
        let files = call.services.parameters.binary_storage.attachments
            && call.contract.storage_size().is_none_or(|size| !size.is_zero());
        if column.class() == Some(ColumnClass::Attachments) && !files {
            return None;
        }
        let Some(own) = self.table.settings.column(&column.name) else { return Some(false) };
        let allows =
            |roles| columns::allows(call, &self.table.access, own.access(ColumnRight::Read), roles);
        allows(None).then(|| !joined && !allows(Some(Roles::default())))
    }

    fn form(&self, name: &str) -> ApiColumnValueDisplayType {
        let own = self.view.api_column_hash.get(name).and_then(|own| own.value_display_type);
        own.unwrap_or(self.view.api_column_value_display_type)
    }

    fn key(&self, name: &str, column: &Column) -> String {
        let own = self.view.api_column_hash.get(name).and_then(|own| own.key_display_type);
        match own.unwrap_or(self.view.api_column_key_display_type) {
            ApiColumnKeyDisplayType::ColumnName => name.to_owned(),
            _ => column.label(self.call.language().code()).to_owned(),
        }
    }
}

impl<'c> Rows<'c> {
    /// What the page asks of joined tables.
    pub(super) fn linked(&self, call: &Call) -> Vec<Linked<'_>> {
        let mut linked = Vec::with_capacity(self.joined.len());
        for joined in &self.joined {
            linked.push(Linked {
                join: joined.join,
                columns: joined.selection.columns(),
                readable: Links::readable(&call.caller, joined.join, joined.kind),
            });
        }
        linked
    }

    /// What the values of rows need to have looked up.
    pub(super) fn want(&self, wanted: &mut Wanted, rows: &[ListRow]) {
        for entry in &self.entries {
            let Some(source) = entry.cell.chosen() else { continue };
            wanted.column(entry.table, entry.cell.column());
            if !entry.cell.column().link {
                continue;
            }
            for row in rows {
                let text = match entry.joined {
                    Some(at) => row.linked.get(at).map(|linked| linked.got(source).text()),
                    None => Some(row.got(source).text()),
                };
                wanted.text(entry.cell.column(), text.unwrap_or_default());
            }
        }
    }

    /// The sites whose titles rows show.
    pub(super) fn titled_sites(&self, rows: &[ListRow]) -> Vec<i64> {
        let mut sites = Vec::new();
        for (entry, source) in
            self.entries.iter().filter_map(|entry| Some((entry, entry.cell.titled()?)))
        {
            sites.extend(rows.iter().filter_map(|row| match entry.joined {
                Some(at) => Some(row.linked.get(at)?.got(source).int()),
                None => Some(row.got(source).int()),
            }));
        }
        sites.sort_unstable();
        sites.dedup();
        sites
    }

    /// The object of a row.
    pub(super) fn write(&self, data: &mut Array<'_>, row: &ListRow, reader: &Reader<'_>) {
        let roles = self.roles(row, reader.call);
        data.object(|o| {
            for entry in &self.entries {
                if entry.earlier.iter().any(|at| self.is_present(*at, row, reader.call)) {
                    continue;
                }
                if entry.by_role && !reader.may_read(entry.cell.column(), roles) {
                    o.field(&entry.key, "");
                    continue;
                }
                let Some(at) = entry.joined else {
                    entry.cell.write(o, &entry.key, row, &reader.texts);
                    continue;
                };
                if let Some(linked) = row.linked.get(at).filter(|_| is_joined(row, at, reader.call))
                {
                    entry.cell.write(o, &entry.key, linked, &reader.texts);
                }
            }
        });
    }

    fn is_present(&self, at: usize, row: &ListRow, call: &Call) -> bool {
        let joined = self.entries.get(at).and_then(|entry| entry.joined);
        joined.is_none_or(|joined| is_joined(row, joined, call))
    }

    fn roles(&self, row: &ListRow, call: &Call) -> Roles {
        let own = i64::from(call.caller.user.0);
        let [manager, owner, creator, updator] =
            self.roles.map(|source| source.is_some_and(|source| row.got(source).int() == own));
        Roles { manager, owner, creator, updator }
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

    /// QUIRK(05 §5.2): the first of two columns with one key wins, unless it is joined and missing in a row.
    fn push(&mut self, mut entry: Entry<'c>) {
        let same = self.entries.iter().enumerate().filter(|(_, known)| known.key == entry.key);
        let earlier: Vec<(usize, bool)> =
            same.map(|(at, known)| (at, known.joined.is_some())).collect();
        if earlier.iter().all(|(_, joined)| *joined) {
            entry.earlier = earlier.into_iter().map(|(at, _)| at).collect();
            self.entries.push(entry);
        }
    }
}

/// Whether a row has something of a joined table: a record that the caller may read. The privileged see empty values
/// where there is none (05 §5.5).
fn is_joined(row: &ListRow, at: usize, call: &Call) -> bool {
    let linked = row.linked.get(at);
    call.caller.privileged || linked.is_some_and(|linked| linked.id.is_some() && linked.readable)
}
