//! Permission rows of sites and records.

use sqlx::PgConnection;

use crate::db::Error;
use crate::db::sql::{Bind, Statement};
use crate::model::UserId;

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

/// Which rows of an original its copy gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OriginalRows {
    /// All.
    All,
    /// Those that are not for all users.
    Named,
    /// None.
    None,
}

/// The condition on a row `p` of `Permissions` that it is among them.
pub(super) fn is_among(sql: &mut Statement, rows: OriginalRows) {
    sql.bind(Bind::Bool(Some(rows != OriginalRows::None))).syntax(" and (p.\"UserId\" <> -1 or ");
    sql.bind(Bind::Bool(Some(rows == OriginalRows::All))).syntax(")");
}

/// The rows as a table `given (dept, "group", "user", rights)` to select from: one array per column.
pub(super) fn given(sql: &mut Statement, rows: &[PermissionRow]) {
    sql.syntax("unnest(");
    arrays(sql, || rows.iter().copied());
    sql.syntax(") as given (dept, \"group\", \"user\", rights)");
}

/// The same with whose rows they are and their places: `given (dept, "group", "user", rights, owner, place)`.
pub(super) fn given_to(sql: &mut Statement, rows: &[(i64, PermissionRow)]) {
    sql.syntax("unnest(");
    arrays(sql, || rows.iter().map(|(_, row)| *row));
    sql.syntax(", ").bind(Bind::Longs(rows.iter().map(|(owner, _)| Some(*owner)).collect()));
    sql.syntax(") with ordinality as given (dept, \"group\", \"user\", rights, owner, place)");
}

fn arrays<I: Iterator<Item = PermissionRow>>(sql: &mut Statement, rows: impl Fn() -> I) {
    let ints = |of: fn(PermissionRow) -> i32| Bind::Ints(rows().map(|row| Some(of(row))).collect());
    sql.bind(ints(|row| row.dept)).syntax(", ").bind(ints(|row| row.group)).syntax(", ");
    sql.bind(ints(|row| row.user)).syntax(", ");
    sql.bind(Bind::Longs(rows().map(|row| Some(row.rights)).collect()));
}

/// Gives records rows; of two of one record for one subject the first counts.
#[tracing::instrument(name = "db.sites.insert_permissions", skip_all)]
pub async fn insert_permissions(
    conn: &mut PgConnection,
    user: UserId,
    rows: &[(i64, PermissionRow)],
) -> Result<(), Error> {
    let mut sql = Statement::new();
    sql.syntax(
        "insert into \"Permissions\" (\"ReferenceId\", \"DeptId\", \"GroupId\", \"UserId\", \"PermissionType\", \
         \"Creator\", \"Updator\") select distinct on (1, 2, 3, 4) owner, dept, \"group\", \"user\", rights, ",
    );
    sql.bind(Bind::Int(Some(user.0))).syntax(", ").bind(Bind::Int(Some(user.0))).syntax(" from ");
    given_to(&mut sql, rows);
    sql.syntax(" order by 1, 2, 3, 4, place");
    sql.into_query()?.execute(conn).await?;
    Ok(())
}
