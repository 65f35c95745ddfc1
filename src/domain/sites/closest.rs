//! `getclosestsiteid` (06 §3.8): the nearest site of a name, seen from another site.

use std::collections::{HashMap, HashSet};

use crate::db::{self, sites::Node};
use crate::domain::permissions::Scope;
use crate::domain::{Call, Error};
use crate::model::{Rights, SiteId};

/// A wanted name and the site found; −1 stands for none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closest {
    /// The name as it was asked for; none for a null.
    pub name: Option<String>,
    /// The site.
    pub site: i64,
}

/// For every name the nearest site that has it, if the caller may read or add records both here and there.
pub async fn closest(call: &Call, names: Vec<Option<String>>) -> Result<Vec<Closest>, Error> {
    let mut wanted: Vec<String> = names.iter().flatten().cloned().collect();
    wanted.retain(|name| !name.is_empty());
    wanted.sort_unstable();
    wanted.dedup();
    let nodes = if may_start(call) && !wanted.is_empty() {
        let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
        db::sites::nodes(&mut conn, &call.caller, &wanted).await?
    } else {
        Vec::new()
    };
    let found = Tree::new(&nodes).find_all(SiteId(call.id), wanted.len());
    let site = |name: &Option<String>| {
        let at = wanted.binary_search(name.as_ref()?).ok()?;
        let node = found.get(&at).filter(|node| node.open || call.caller.privileged)?;
        Some(node.id.0)
    };
    let found = |name: &Option<String>| site(name).unwrap_or(-1);
    Ok(names.into_iter().map(|name| Closest { site: found(&name), name }).collect())
}

/// Whether the caller sees the site to start from at all.
fn may_start(call: &Call) -> bool {
    if call.caller.privileged {
        return true;
    }
    let Some(target) = call.target.as_ref().filter(|target| target.is_site()) else { return false };
    let access = call.access(target);
    [Rights::READ, Rights::CREATE].into_iter().any(|right| access.can(right, Scope::Site))
}

/// The sites of a tenant by id and by parent; children are in the order of their ids.
struct Tree<'n> {
    by_id: HashMap<SiteId, &'n Node>,
    children: HashMap<SiteId, Vec<&'n Node>>,
}

impl<'n> Tree<'n> {
    /// Of nodes in the order of their ids.
    fn new(nodes: &'n [Node]) -> Self {
        let mut children: HashMap<SiteId, Vec<&Node>> = HashMap::new();
        for node in nodes {
            children.entry(node.parent).or_default().push(node);
        }
        Self { by_id: nodes.iter().map(|node| (node.id, node)).collect(), children }
    }

    /// The nearest site of each wanted name.
    fn find_all(&self, start: SiteId, names: usize) -> HashMap<usize, &'n Node> {
        (0..names).filter_map(|name| Some((name, self.find(start, name)?))).collect()
    }

    fn find(&self, start: SiteId, name: usize) -> Option<&'n Node> {
        let mut named = self.by_id.values().filter(|node| node.name == Some(name));
        match (named.next(), named.next()) {
            (None, _) => return None,
            // The only one is found wherever it is, even from nowhere.
            (Some(only), None) => return Some(only),
            _ => {}
        }
        let mut seen = HashSet::new();
        let mut first = *self.by_id.get(&start)?;
        let mut is_start = true;
        loop {
            let level = self.level(first);
            let on_level = level.iter().find(|node| node.name == Some(name));
            let below = || {
                let entered = level.iter().filter(|node| is_start || node.id != first.id);
                entered.filter(|node| node.is_folder).find_map(|node| self.below(node, name))
            };
            if let Some(found) = on_level.copied().or_else(below) {
                return Some(found);
            }
            // A parent that was left already would be a circle.
            first = self.by_id.get(&first.parent).filter(|parent| seen.insert(parent.id))?;
            is_start = false;
        }
    }

    /// A site and its siblings, itself in front.
    fn level(&self, first: &'n Node) -> Vec<&'n Node> {
        let siblings = self.children.get(&first.parent).into_iter().flatten();
        let others = siblings.filter(|node| node.id != first.id).copied();
        std::iter::once(first).chain(others).collect()
    }

    /// Below a folder: its children as a whole, then below each folder among them. Without recursion, which a tree that
    /// is a circle, or too deep, would make endless.
    fn below(&self, folder: &'n Node, name: usize) -> Option<&'n Node> {
        let mut seen = HashSet::from([folder.id]);
        let mut waiting = vec![folder];
        while let Some(folder) = waiting.pop() {
            let Some(children) = self.children.get(&folder.id) else { continue };
            if let Some(found) = children.iter().find(|node| node.name == Some(name)) {
                return Some(found);
            }
            let folders = children.iter().rev().filter(|node| node.is_folder);
            waiting.extend(folders.copied().filter(|node| seen.insert(node.id)));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `(id, parent, folder, named)`.
    fn nodes(rows: &[(i64, i64, bool, bool)]) -> Vec<Node> {
        let node = |&(id, parent, is_folder, named): &(i64, i64, bool, bool)| Node {
            id: SiteId(id),
            parent: SiteId(parent),
            is_folder,
            name: named.then_some(0),
            open: true,
        };
        rows.iter().map(node).collect()
    }

    fn find(rows: &[(i64, i64, bool, bool)], start: i64) -> Option<i64> {
        let nodes = nodes(rows);
        Tree::new(&nodes).find(SiteId(start), 0).map(|node| node.id.0)
    }

    /// The worked example of 06 §3.8.
    const EXAMPLE: [(i64, i64, bool, bool); 8] = [
        (10, 0, true, false),
        (11, 10, false, false),
        (12, 10, true, false),
        (13, 10, false, true),
        (14, 12, false, true),
        (20, 0, true, false),
        (21, 20, false, false),
        (30, 0, false, true),
    ];

    #[test]
    fn the_worked_example_finds_what_it_says() {
        for (start, found) in [(11, 13), (12, 13), (14, 14), (21, 30)] {
            assert_eq!(find(&EXAMPLE, start), Some(found), "from {start}");
        }
    }

    #[test]
    fn a_name_that_only_one_site_has_is_found_from_anywhere() {
        let rows = [(1, 0, true, false), (2, 1, false, true), (3, 0, false, false)];
        assert_eq!(find(&rows, 3), Some(2));
        assert_eq!(find(&rows, 999), Some(2));
    }

    #[test]
    fn of_several_none_is_found_from_a_site_that_is_not_there() {
        assert_eq!(find(&EXAMPLE, 999), None);
    }

    #[test]
    fn below_a_folder_its_children_come_before_their_children() {
        let rows = [
            (1, 0, false, false),
            (2, 0, true, false),
            (3, 2, true, false),
            (4, 3, false, true),
            (5, 2, false, true),
        ];
        assert_eq!(find(&rows, 1), Some(5));
    }

    #[test]
    fn circles_come_to_an_end() {
        let rows =
            [(1, 2, true, false), (2, 1, true, false), (3, 0, false, true), (4, 0, false, true)];
        assert_eq!(find(&rows, 1), None);
    }
}
