//! Joined columns: `ClassA~200,Title` (05 §9.8).

use std::collections::HashMap;
use std::sync::Arc;

use crate::db::records::Join;
use crate::db::sites::{self, LinkedSite};
use crate::db::sql::{Holder, Ident, Predicate};
use crate::db::{self, ColumnInfo, TableInfo};
use crate::domain::settings::document::View;
use crate::domain::settings::{Column, TableSettings};
use crate::domain::{Call, Error};
use crate::model::{Caller, ReferenceType, Rights, Site, SiteId};

use super::filters::{self, MAX_DEPTH};

/// The tables that the names of a view join, and their settings.
#[derive(Debug, Clone, Default)]
pub struct Links<'a> {
    joins: Vec<Join>,
    tables: Vec<LinkedTable<'a>>,
    /// The join of every path that was asked for, and of its beginnings.
    paths: HashMap<String, usize>,
}

#[derive(Debug, Clone)]
struct LinkedTable<'a> {
    settings: Arc<TableSettings>,
    columns: &'a TableInfo,
    /// The sites of the path so far.
    visited: Vec<SiteId>,
}

/// A column of a joined table.
#[derive(Debug, Clone, Copy)]
pub struct LinkedColumn<'l> {
    /// The place of the join.
    pub join: usize,
    /// The column.
    pub column: &'l Column,
    /// The column of the database, where it has it.
    pub info: Option<&'l ColumnInfo>,
    /// The settings of the joined table.
    pub table: &'l TableSettings,
}

impl Links<'_> {
    /// The column that a joined name means; none when it does not resolve.
    pub fn column(&self, name: &str) -> Option<LinkedColumn<'_>> {
        let (path, column) = name.split_once(',')?;
        let join = *self.paths.get(path)?;
        let table = self.tables.get(join)?;
        Some(LinkedColumn {
            join,
            column: table.settings.column(column)?,
            info: table.columns.column(column),
            table: &table.settings,
        })
    }

    /// The joins, in the order in which they build on each other.
    pub fn joins(&self) -> &[Join] {
        &self.joins
    }

    /// Whether the caller may read the record of a join (05 §5.5); the privileged read all of their tenant.
    pub fn readable(caller: &Caller, join: usize, kind: ReferenceType) -> Predicate {
        if caller.privileged {
            return Predicate::All(Vec::new());
        }
        let table = Join::table(join);
        let holder = || Box::new(Holder::from(caller));
        let site = Ident::new("SiteId").of(&table);
        Predicate::Any(vec![
            Predicate::SiteGranted(site, caller.tenant.id, Rights::READ, holder()),
            Predicate::Granted(Ident::id_of(kind).of(&table), Rights::READ, holder()),
        ])
    }
}

/// Looks up the tables that the filters and sorters of a view, and further names, join: one query, none without joins.
pub async fn load<'a>(
    call: &'a Call,
    site: &Site,
    table: &TableSettings,
    view: Option<&View>,
    further: &[String],
) -> Result<Links<'a>, Error> {
    let names = joined_names(view, further);
    let ids: Vec<i64> =
        names.iter().flat_map(|name| steps(path_of(name))).map(|step| step.site.0).collect();
    if ids.is_empty() {
        return Ok(Links::default());
    }
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    let found = sites::linked(&mut conn, call.caller.tenant.id, &ids).await?;
    let mut builder = Builder {
        call,
        site,
        table,
        found: found.into_iter().map(|site| (site.version.site, site)).collect(),
        links: Links::default(),
    };
    for name in &names {
        builder.add(name);
    }
    Ok(builder.links)
}

/// One step of a path: `ClassA~200` to the record that the column names, `ClassA~~300` to the records that name this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Step<'p> {
    column: &'p str,
    site: SiteId,
    child: bool,
}

/// The steps of a path; none when one of them is no step, or both directions are mixed.
fn steps(path: &str) -> Vec<Step<'_>> {
    let steps: Option<Vec<Step<'_>>> = path.split('-').map(step).collect();
    let steps = steps.unwrap_or_default();
    let mixed = steps.windows(2).any(|pair| matches!(pair, [a, b] if a.child != b.child));
    if mixed { Vec::new() } else { steps }
}

fn step(text: &str) -> Option<Step<'_>> {
    let (column, site) = text.split_once('~')?;
    let (child, site) = site.strip_prefix('~').map_or((false, site), |site| (true, site));
    let digits = site.bytes().all(|byte| byte.is_ascii_digit());
    Some(Step { column, site: SiteId(site.parse().ok().filter(|_| digits)?), child })
}

/// The joined names in filters, their groups, sorters, and further names; each once.
fn joined_names(view: Option<&View>, further: &[String]) -> Vec<String> {
    let mut names = Vec::new();
    if let Some(view) = view {
        for (name, value) in &view.column_filter_hash {
            filter_names(name, value, 0, &mut names);
        }
        view.column_sorter_hash.keys().for_each(|name| add_name(name, &mut names));
    }
    for name in further {
        add_name(name, &mut names);
    }
    names
}

fn filter_names(name: &str, value: &str, depth: usize, names: &mut Vec<String>) {
    if name.starts_with("or_") || name.starts_with("and_") {
        if depth < MAX_DEPTH && value.contains('~') {
            for (name, value) in filters::read_group(value) {
                filter_names(&name, value.as_deref().unwrap_or_default(), depth + 1, names);
            }
        }
    } else if name.starts_with("eq_") || name.starts_with("notEq_") {
        value.split('|').for_each(|name| add_name(name, names));
    } else {
        add_name(name, names);
    }
}

fn add_name(name: &str, names: &mut Vec<String>) {
    if path_of(name).contains('~') && !names.iter().any(|known| known == name) {
        names.push(name.to_owned());
    }
}

/// The path of a joined name; empty where it is none.
fn path_of(name: &str) -> &str {
    name.split_once(',').map_or("", |(path, _)| path)
}

/// Walks paths over the sites that were found.
struct Builder<'a, 'b> {
    call: &'a Call,
    site: &'b Site,
    table: &'b TableSettings,
    found: HashMap<SiteId, LinkedSite>,
    links: Links<'a>,
}

impl Builder<'_, '_> {
    /// Adds the path of a name, if each of its steps follows a link that the settings have and the database registers.
    ///
    /// A name whose column the last table has not does not resolve either, and what does not resolve joins nothing:
    /// a join of children would list a record several times (05 §9.8).
    fn add(&mut self, name: &str) {
        let known = (self.links.joins.len(), self.links.paths.clone());
        self.walk(path_of(name));
        if self.links.column(name).is_none() {
            let (joins, paths) = known;
            self.links.joins.truncate(joins);
            self.links.tables.truncate(joins);
            self.links.paths = paths;
        }
    }

    fn walk(&mut self, path: &str) {
        let mut from = None;
        let mut walked = String::new();
        for (text, step) in path.split('-').zip(steps(path)) {
            if !walked.is_empty() {
                walked.push('-');
            }
            walked.push_str(text);
            let known = self.links.paths.get(&walked).copied();
            let Some(join) = known.or_else(|| self.step(from, step)) else { return };
            self.links.paths.insert(walked.clone(), join);
            from = Some(join);
        }
    }

    fn step(&mut self, from: Option<usize>, step: Step<'_>) -> Option<usize> {
        // Only tables of records are joined, wikis on neither side (06 §4.1).
        let site = self.found.get(&step.site).filter(|site| site.kind.is_table())?;
        let settings = self.call.services.settings(
            step.site.0,
            site.version,
            site.kind,
            Some(&site.settings),
            None,
        )?;
        let columns = self.call.services.catalogue.table(site.kind.name())?;
        let from_table = match from {
            Some(join) => Some(self.links.tables.get(join)?),
            None => None,
        };
        let (here, here_settings) = match from_table {
            Some(table) => (*table.visited.last()?, table.settings.as_ref()),
            None => (self.site.id, self.table),
        };
        if !here_settings.kind.is_table() {
            return None;
        }
        let mut visited =
            from_table.map_or_else(|| vec![self.site.id], |table| table.visited.clone());
        if visited.contains(&step.site) && !self.table.enable_expand_link_path {
            return None;
        }
        let registered = if step.child {
            site.destinations.contains(&here)
        } else if from.is_none() {
            self.site.destinations.contains(&step.site)
        } else {
            self.found.get(&here)?.destinations.contains(&step.site)
        };
        let (owner, target) =
            if step.child { (settings.as_ref(), here) } else { (here_settings, step.site) };
        let linked = owner.links_of(step.column).any(|link| link.site_id == target.0);
        if !registered || !linked {
            return None;
        }
        let from_kind = here_settings.kind;
        let owner_columns = self.call.services.catalogue.table(owner.kind.name())?;
        let column = owner_columns.column(step.column)?.ident();
        visited.push(step.site);
        let join =
            Join { from, child: step.child, column, site: step.site, kind: site.kind, from_kind };
        self.links.joins.push(join);
        self.links.tables.push(LinkedTable { settings, columns, visited });
        Some(self.links.joins.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_go_one_way_over_sites() {
        let parent = |column, site| Step { column, site: SiteId(site), child: false };
        assert_eq!(steps("ClassA~200"), [parent("ClassA", 200)]);
        assert_eq!(steps("ClassA~200-ClassB~7"), [parent("ClassA", 200), parent("ClassB", 7)]);
        assert_eq!(
            steps("ClassA~~300"),
            [Step { column: "ClassA", site: SiteId(300), child: true }]
        );
        for path in ["ClassA", "ClassA~x", "ClassA~200-ClassB~~7", "ClassA~+1", "ClassA~~~1", ""] {
            assert!(steps(path).is_empty(), "{path}");
        }
    }

    #[test]
    fn joined_names_are_found_in_groups_too() {
        let view = View {
            column_filter_hash: [
                ("or_1", r#"{"A~1,Title":"x","and_2":"{\"B~2,Status\":\"1\"}"}"#),
                ("eq_1", "NumA|C~3,NumA"),
                ("Status", "1"),
            ]
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
            ..View::default()
        };
        let names = joined_names(Some(&view), &["A~1,Body".to_owned(), "A~1,Title".to_owned()]);
        assert_eq!(names, ["A~1,Title", "B~2,Status", "C~3,NumA", "A~1,Body"]);
    }
}
