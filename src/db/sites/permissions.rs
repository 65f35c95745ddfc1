//! Permission rows of a site.

use crate::db::sql::{Bind, Statement};

/// A row of `Permissions`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PermissionRow {
    /// `DeptId`, 0 when the row is not for a department.
    pub dept: i32,
    /// `GroupId`, 0 when the row is not for a group.
    pub group: i32,
    /// `UserId`, 0 when the row is not for a user; −1 is all users.
    pub user: i32,
    /// `PermissionType`.
    pub rights: i64,
}

impl PermissionRow {
    /// A line such as `User,5,31`; none without exactly three parts. QUIRK(02 §14): another first word than `Dept`,
    /// `Group` and `User` makes a row for nobody.
    pub fn parse(line: &str) -> Option<Self> {
        let mut parts = line.split(',');
        let (subject, id, rights) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        let id = id.trim().parse().unwrap_or_default();
        let of = |name: &str| if subject == name { id } else { 0 };
        let rights = rights.trim().parse().unwrap_or_default();
        Some(Self { dept: of("Dept"), group: of("Group"), user: of("User"), rights })
    }

    /// Whether both are for one subject, which the key of the table forbids.
    pub const fn is_same_subject(&self, other: &Self) -> bool {
        self.dept == other.dept && self.group == other.group && self.user == other.user
    }
}

/// The rows as a table `given (dept, "group", "user", rights)` to select from: one array per column.
pub(super) fn given(sql: &mut Statement, rows: &[PermissionRow]) {
    let ints =
        |of: fn(&PermissionRow) -> i32| Bind::Ints(rows.iter().map(|row| Some(of(row))).collect());
    sql.syntax("unnest(").bind(ints(|row| row.dept)).syntax(", ");
    sql.bind(ints(|row| row.group)).syntax(", ").bind(ints(|row| row.user)).syntax(", ");
    sql.bind(Bind::Longs(rows.iter().map(|row| Some(row.rights)).collect()));
    sql.syntax(") as given (dept, \"group\", \"user\", rights)");
}
