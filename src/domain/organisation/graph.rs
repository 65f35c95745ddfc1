//! Whether groups may be nested as asked (08 §9.3).

use std::collections::{HashMap, HashSet};

use crate::domain::Error;

/// Refuses children that would close a circle, or nest too deeply. `edges` are the stored ones, parent and child.
pub(super) fn check(
    group: i32,
    children: &[i32],
    edges: &[(i32, i32)],
    depth_max: usize,
) -> Result<(), Error> {
    let mut below: HashMap<i32, Vec<i32>> = HashMap::new();
    let mut above: HashMap<i32, Vec<i32>> = HashMap::new();
    let given = children.iter().map(|child| (group, *child));
    for (parent, child) in edges.iter().copied().filter(|(parent, _)| *parent != group).chain(given)
    {
        below.entry(parent).or_default().push(child);
        above.entry(child).or_default().push(parent);
    }
    let mut walk = Walk { below: &below, depth_max, path: HashSet::new(), known: HashMap::new() };
    for top in reachable(group, &above) {
        walk.depth(top, 0)?;
    }
    Ok(())
}

fn reachable(from: i32, edges: &HashMap<i32, Vec<i32>>) -> HashSet<i32> {
    let mut found = HashSet::from([from]);
    let mut open = vec![from];
    while let Some(node) = open.pop() {
        for next in edges.get(&node).map(Vec::as_slice).unwrap_or_default() {
            if found.insert(*next) {
                open.push(*next);
            }
        }
    }
    found
}

struct Walk<'a> {
    below: &'a HashMap<i32, Vec<i32>>,
    depth_max: usize,
    path: HashSet<i32>,
    known: HashMap<i32, usize>,
}

impl Walk<'_> {
    /// How many levels are below a node; `level` bounds the recursion.
    fn depth(&mut self, node: i32, level: usize) -> Result<usize, Error> {
        if self.path.contains(&node) {
            return Err(Error::CircularGroupChild);
        }
        if level > self.depth_max {
            return Err(Error::GroupDepthMax);
        }
        if let Some(known) = self.known.get(&node) {
            return if level + known > self.depth_max {
                Err(Error::GroupDepthMax)
            } else {
                Ok(*known)
            };
        }
        self.path.insert(node);
        let mut deepest = 0;
        for child in self.below.get(&node).map(Vec::as_slice).unwrap_or_default() {
            deepest = deepest.max(self.depth(*child, level + 1)? + 1);
        }
        self.path.remove(&node);
        self.known.insert(node, deepest);
        Ok(deepest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_cannot_be_below_itself() {
        let edges = [(8, 7), (7, 3)];
        assert!(matches!(check(3, &[8], &edges, 30), Err(Error::CircularGroupChild)));
        assert!(matches!(check(3, &[3], &edges, 30), Err(Error::CircularGroupChild)));
        assert!(check(9, &[8, 7], &edges, 30).is_ok());
        assert!(check(8, &[3], &edges, 30).is_ok());
    }

    #[test]
    fn nesting_has_an_end() {
        let edges: Vec<(i32, i32)> = (1..40).map(|id| (id, id + 1)).collect();
        assert!(matches!(check(50, &[1], &edges, 30), Err(Error::GroupDepthMax)));
        assert!(check(50, &[20], &edges, 30).is_ok());
    }
}
