//! The grammar of `ChoicesText` (06 §1.7, §1.8).

use std::collections::HashMap;

use super::document::Link;
use crate::model::SiteId;

/// What a column lets its values be chosen from.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Choices {
    /// The lines in their order, without repeated literals.
    pub lines: Vec<ChoiceLine>,
    by_value: HashMap<String, usize>,
}

/// A line of a column's choices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChoiceLine {
    /// One choice.
    Literal(Literal),
    /// Users; the value is the id.
    Users {
        /// All users of the tenant, not only those with rights on the site.
        all: bool,
        /// Whether the department's name is put before the user's.
        show_dept: bool,
        /// Whether the caller is left out.
        exclude_me: bool,
    },
    /// Departments of the tenant; the value is the id.
    Depts {
        /// Only departments with rights on the site.
        members_only: bool,
        /// Whether the caller's is left out.
        exclude_me: bool,
    },
    /// Groups; the value is the id.
    Groups {
        /// All groups of the tenant, not only those with rights on the site.
        all: bool,
    },
    /// The server's time zones.
    TimeZones,
    /// The records of a linked site; its conditions stand in the table's links.
    Site(SiteId),
    /// The choices of the same column in integrated sites.
    Integration,
}

/// One choice.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Literal {
    /// What is stored.
    pub value: String,
    /// What is displayed.
    pub text: String,
    /// What is displayed where there is little room.
    pub abbreviation: String,
    /// The class of its style.
    pub css: String,
}

/// Whose ids a column's values are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Subject {
    /// Nobody's.
    #[default]
    None,
    /// Users'.
    User,
    /// Departments'.
    Dept,
    /// Groups'.
    Group,
}

impl Choices {
    /// The choices of a column's text; `links` are the entries of the table for that column.
    pub fn parse(text: &str, links: &[&Link]) -> Self {
        let linked = links.iter().any(|link| link.site_id > 0);
        let mut choices = Self::default();
        if is_json_links(text) {
            links.iter().filter_map(|link| link_line(link)).for_each(|line| choices.push(line));
            return choices;
        }
        let mut links_due = linked;
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            match keyword(line) {
                Some(keyword) => choices.push(keyword),
                None if linked => {
                    // QUIRK(06 B10): a linked column loses its literal lines.
                    if std::mem::take(&mut links_due) {
                        links
                            .iter()
                            .filter_map(|link| link_line(link))
                            .for_each(|line| choices.push(line));
                    }
                }
                None if line == "[[Integration]]" => choices.push(ChoiceLine::Integration),
                None => choices.push(ChoiceLine::Literal(Literal::parse(line))),
            }
        }
        choices
    }

    /// Whether there is no line.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The literal choice of a value.
    pub fn literal(&self, value: &str) -> Option<&Literal> {
        match self.lines.get(*self.by_value.get(value)?)? {
            ChoiceLine::Literal(literal) => Some(literal),
            _ => None,
        }
    }

    /// The literal choices in their order.
    pub fn literals(&self) -> impl Iterator<Item = &Literal> {
        self.lines.iter().filter_map(|line| match line {
            ChoiceLine::Literal(literal) => Some(literal),
            _ => None,
        })
    }

    /// The linked sites in their order.
    pub fn sites(&self) -> impl Iterator<Item = SiteId> {
        self.lines.iter().filter_map(|line| match line {
            ChoiceLine::Site(site) => Some(*site),
            _ => None,
        })
    }

    /// Whose ids the values are.
    pub fn subject(&self) -> Subject {
        let subjects = self.lines.iter().filter_map(|line| match line {
            ChoiceLine::Users { .. } => Some(Subject::User),
            ChoiceLine::Depts { .. } => Some(Subject::Dept),
            ChoiceLine::Groups { .. } => Some(Subject::Group),
            _ => None,
        });
        // When a column mixes them, users come before departments and those before groups.
        subjects.min_by_key(|subject| *subject as u8).unwrap_or_default()
    }

    /// Whether users stand behind the name of their department.
    pub fn shows_dept(&self) -> bool {
        self.lines.iter().any(|line| matches!(line, ChoiceLine::Users { show_dept: true, .. }))
    }

    fn push(&mut self, line: ChoiceLine) {
        if let ChoiceLine::Literal(literal) = &line {
            if self.by_value.contains_key(&literal.value) {
                return;
            }
            self.by_value.insert(literal.value.clone(), self.lines.len());
        }
        self.lines.push(line);
    }
}

impl Literal {
    /// `value,text,abbreviation,css,style`, where `\,` is a comma; missing parts follow from those before.
    fn parse(line: &str) -> Self {
        let mut parts = split(line).into_iter();
        let value = parts.next().unwrap_or_default();
        let mut part = |default: &str| match parts.next() {
            Some(part) if !part.is_empty() => part,
            _ => default.to_owned(),
        };
        let text = part(&value);
        let abbreviation = part(&text);
        let css = part("");
        Self { value, text, abbreviation, css }
    }
}

/// The parts between commas that no backslash precedes.
fn split(line: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        let escaped = character == '\\' && characters.peek() == Some(&',');
        if character == ',' {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(if escaped { ',' } else { character });
        }
        if escaped {
            characters.next();
        }
    }
    parts
}

/// The lines that mean the same in every column.
fn keyword(line: &str) -> Option<ChoiceLine> {
    let users = |all, show_dept| ChoiceLine::Users { all, show_dept, exclude_me: false };
    Some(match line {
        "[[Users]]" => users(false, false),
        "[[Users*]]" => users(true, false),
        "[[Users,ShowDeptName]]" => users(false, true),
        "[[Users*,ShowDeptName]]" => users(true, true),
        "[[Depts]]" => ChoiceLine::Depts { members_only: false, exclude_me: false },
        "[[Groups]]" => ChoiceLine::Groups { all: false },
        "[[Groups*]]" => ChoiceLine::Groups { all: true },
        "[[TimeZones]]" => ChoiceLine::TimeZones,
        _ => return None,
    })
}

/// What a link offers.
fn link_line(link: &Link) -> Option<ChoiceLine> {
    match link.table_name.as_str() {
        "Users" => Some(ChoiceLine::Users {
            all: !link.members_only,
            show_dept: false,
            exclude_me: link.exclude_me,
        }),
        "Depts" => {
            Some(ChoiceLine::Depts { members_only: link.members_only, exclude_me: link.exclude_me })
        }
        "Groups" => Some(ChoiceLine::Groups { all: !link.members_only }),
        _ => (link.site_id > 0).then_some(ChoiceLine::Site(SiteId(link.site_id))),
    }
}

/// Whether a text is a JSON array of link objects instead of lines.
fn is_json_links(text: &str) -> bool {
    let text = text.trim();
    text.starts_with('[')
        && !text.starts_with("[[")
        && crate::lenient::from_str::<Vec<Link>>(text).is_ok_and(|links| !links.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(site_id: i64) -> Link {
        Link { column_name: "ClassA".to_owned(), site_id, ..Link::default() }
    }

    #[test]
    fn missing_parts_follow_from_those_before() {
        let choices = Choices::parse("100,東京,東,tokyo\r\n200,大阪\n\n  300 \nA\\,B,,ab", &[]);
        let parts: Vec<_> = choices
            .literals()
            .map(|literal| {
                [&literal.value, &literal.text, &literal.abbreviation, &literal.css]
                    .map(String::as_str)
            })
            .collect();
        assert_eq!(
            parts,
            [
                ["100", "東京", "東", "tokyo"],
                ["200", "大阪", "大阪", ""],
                ["300", "300", "300", ""],
                ["A,B", "A,B", "ab", ""],
            ]
        );
        assert!(choices.literal("A,B").is_some());
        assert_eq!(choices.literal("400"), None);
    }

    #[test]
    fn the_first_of_equal_values_wins() {
        let choices = Choices::parse("1,一\n1,壱", &[]);
        assert_eq!(choices.lines.len(), 1);
        assert_eq!(choices.literal("1").unwrap().text, "一");
    }

    #[test]
    fn keywords_name_subjects() {
        for (text, subject) in [
            ("[[Users]]", Subject::User),
            ("[[Users*,ShowDeptName]]", Subject::User),
            ("[[Depts]]", Subject::Dept),
            ("[[Groups*]]\n1,他", Subject::Group),
            ("[[TimeZones]]", Subject::None),
            ("1,一", Subject::None),
        ] {
            assert_eq!(Choices::parse(text, &[]).subject(), subject, "{text}");
        }
    }

    #[test]
    fn a_link_line_needs_an_entry_of_the_table() {
        assert_eq!(Choices::parse("[[123]]", &[]).literal("[[123]]").unwrap().text, "[[123]]");
        let linked = Choices::parse("[[123]]\n1,一\n[[Users]]", &[&link(123)]);
        assert_eq!(linked.sites().collect::<Vec<_>>(), [SiteId(123)]);
        assert_eq!(linked.literals().count(), 0);
        assert_eq!(linked.subject(), Subject::User);
    }

    #[test]
    fn json_links_come_from_the_entries_of_the_table() {
        let members = Link { table_name: "Users".to_owned(), members_only: true, ..link(0) };
        let text = r#"[{"TableName":"Users","MembersOnly":true}]"#;
        assert_eq!(
            Choices::parse(text, &[&members]).lines,
            [ChoiceLine::Users { all: false, show_dept: false, exclude_me: false }]
        );
        assert!(Choices::parse(r#"[{"SiteId":5}]"#, &[]).is_empty());
    }
}
