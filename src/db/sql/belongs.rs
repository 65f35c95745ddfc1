//! Conditions on who belongs to what (08 §2.7).

use super::{Bind, Ident, Pattern, Statement};
use crate::model::TenantId;

/// How a user, department or group of a list belongs to others. The column beside it has the id.
#[derive(Debug, Clone, PartialEq)]
pub enum Belongs {
    /// The department is the one of this user.
    DeptOf(TenantId, i32),
    /// The group has this user as a direct member.
    DirectMember(i32),
    /// The user is in one of these enabled groups, itself or by an enabled department.
    UserInGroups(TenantId, Vec<i32>),
    /// The department is in one of these enabled groups.
    DeptInGroups(TenantId, Vec<i32>),
    /// The enabled group has one of these users, directly or by an enabled department.
    GroupOfUsers(TenantId, Vec<i32>),
    /// Code, name or text of the department have the pattern.
    DeptLike(Pattern),
    /// The id as text has the pattern.
    IdLike(Pattern),
}

impl Belongs {
    pub(super) fn render(&self, sql: &mut Statement, id: &Ident) {
        match self {
            Self::DeptOf(tenant, user) => {
                sql.ident(id).syntax(" in (select \"DeptId\" from \"Users\" where \"TenantId\" = ");
                sql.bind(Bind::Int(Some(tenant.0))).syntax(" and \"UserId\" = ");
                sql.bind(Bind::Int(Some(*user))).syntax(")");
            }
            Self::DirectMember(user) => {
                sql.ident(id).syntax(
                    " in (select \"GroupId\" from \"GroupMembers\" where not \"ChildGroup\" and \"UserId\" = ",
                );
                sql.bind(Bind::Int(Some(*user))).syntax(")");
            }
            Self::UserInGroups(tenant, groups) => {
                sql.syntax("(").ident(id);
                members_of(sql, "UserId", *tenant, groups);
                sql.syntax(" or ").ident(id);
                sql.syntax(
                    " in (select person.\"UserId\" from \"Users\" as person join \"Depts\" as dept \
                     on dept.\"DeptId\" = person.\"DeptId\" and not dept.\"Disabled\" where dept.\"DeptId\"",
                );
                members_of(sql, "DeptId", *tenant, groups);
                sql.syntax("))");
            }
            Self::DeptInGroups(tenant, groups) => {
                sql.ident(id);
                members_of(sql, "DeptId", *tenant, groups);
            }
            Self::GroupOfUsers(tenant, users) => {
                sql.ident(id).syntax(
                    " in (select crowd.\"GroupId\" from \"GroupMembers\" as member join \"Groups\" as crowd \
                     on crowd.\"GroupId\" = member.\"GroupId\" and not crowd.\"Disabled\" where crowd.\"TenantId\" = ",
                );
                sql.bind(Bind::Int(Some(tenant.0))).syntax(" and (member.\"UserId\" = any(");
                sql.bind(ids(users)).syntax(
                    ") or member.\"DeptId\" in (select dept.\"DeptId\" from \"Depts\" as dept join \"Users\" as person \
                     on person.\"DeptId\" = dept.\"DeptId\" where not dept.\"Disabled\" and person.\"UserId\" = any(",
                );
                sql.bind(ids(users)).syntax("))))");
            }
            Self::DeptLike(pattern) => {
                sql.ident(id).syntax(" in (select \"DeptId\" from \"Depts\" where concat_ws(chr(10), \"DeptCode\", \"DeptName\", \"Body\") ilike ");
                sql.bind(pattern.bind()).syntax(" escape '|')");
            }
            Self::IdLike(pattern) => {
                sql.ident(id).syntax("::text like ").bind(pattern.bind()).syntax(" escape '|'");
            }
        }
    }
}

/// ` in (…)`: the members of enabled groups, by one of the two columns that name them.
fn members_of(sql: &mut Statement, by: &'static str, tenant: TenantId, groups: &[i32]) {
    let member = Ident::new("member");
    sql.syntax(" in (select ").ident(&Ident::new(by).of(&member));
    sql.syntax(
        " from \"GroupMembers\" as member join \"Groups\" as crowd on crowd.\"GroupId\" = member.\"GroupId\" \
         and not crowd.\"Disabled\" where crowd.\"TenantId\" = ",
    );
    sql.bind(Bind::Int(Some(tenant.0))).syntax(" and crowd.\"GroupId\" = any(");
    sql.bind(ids(groups)).syntax("))");
}

fn ids(values: &[i32]) -> Bind {
    Bind::Ints(values.iter().copied().map(Some).collect())
}
