//! Members and children of groups as texts (08 §9.2, §9.3).

use std::collections::HashSet;

use crate::db::organisation::Member;

/// A direct member as records show it.
pub(super) fn member_text(member: &Member) -> String {
    let admin = if member.admin { "True" } else { "False" };
    if member.dept > 0 {
        format!("Dept,{},{admin}", member.dept)
    } else {
        format!("User,{},{admin}", member.user)
    }
}

/// A child as records show it. QUIRK(08 §9.2): the comma at the end.
pub(super) fn child_text(child: i32) -> String {
    format!("Group,{child},")
}

/// The members that texts name; others are ignored. BUG(08 §9.3): the reference fails on members named twice, after
/// having written others; here the first one counts.
pub(super) fn read_members(texts: &[Option<String>]) -> Vec<Member> {
    let mut known = HashSet::new();
    let members = texts.iter().flatten().filter_map(|text| read_member(text));
    members.filter(|member| known.insert((member.dept, member.user))).collect()
}

fn read_member(text: &str) -> Option<Member> {
    let mut parts = text.split(',');
    let (kind, id) = (parts.next()?, id(parts.next()?));
    let admin = parts.next().is_some_and(is_true);
    match kind {
        "Dept" => Some(Member { dept: id, user: 0, admin }),
        "User" => Some(Member { dept: 0, user: id, admin }),
        _ => None,
    }
}

/// The children that texts name; texts of another form count as id 0, except those without the prefix.
pub(super) fn read_children(texts: &[Option<String>]) -> Vec<i32> {
    let mut known = HashSet::new();
    let children = texts.iter().flatten().filter_map(|text| {
        let rest = text.strip_prefix("Group,")?;
        Some(id(rest.split(',').next().unwrap_or_default()))
    });
    children.filter(|child| known.insert(*child)).collect()
}

fn id(text: &str) -> i32 {
    text.trim().parse().unwrap_or_default()
}

fn is_true(text: &str) -> bool {
    matches!(text.trim().to_lowercase().as_str(), "1" | "-1" | "true" | "on")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_read_as_the_reference_does() {
        let texts = ["user,1", "User,abc", "User,5,yes", "Dept,3, ON", "Nope,1", "", "Dept"];
        let texts: Vec<_> = texts.iter().map(|text| Some((*text).to_owned())).collect();
        let member = |dept, user, admin| Member { dept, user, admin };
        assert_eq!(
            read_members(&texts),
            [member(0, 0, false), member(0, 5, false), member(3, 0, true)]
        );
        assert_eq!(member_text(&member(3, 0, true)), "Dept,3,True");
    }
}
