//! Rows of `Permissions` of one record (02 §14).

use crate::db::sites::PermissionRow;
use crate::db::sql::{Bind, Statement};
use crate::model::UserId;

/// Writes `permitted as (insert …)` for a record that is new.
pub(super) fn insert(sql: &mut Statement, user: UserId, rows: &[PermissionRow]) {
    if rows.is_empty() {
        return;
    }
    columns(sql.syntax(", permitted as ("), user);
    sql.syntax(" from new, ");
    given(sql, rows);
    sql.syntax(")");
}

/// Writes the steps that leave a changed record with exactly these rows: those for other subjects go, the others
/// come or get new rights. One statement may not touch a row twice, so nothing is deleted and inserted again.
pub(super) fn replace(sql: &mut Statement, user: UserId, id: i64, rows: &[PermissionRow]) {
    sql.syntax(", unpermitted as (delete from \"Permissions\" where \"ReferenceId\" = ")
        .bind(Bind::Long(Some(id)));
    if !rows.is_empty() {
        sql.syntax(" and (\"DeptId\", \"GroupId\", \"UserId\") not in (select dept, \"group\", \"user\" from ");
        given(sql, rows);
        sql.syntax(")");
    }
    sql.syntax(" and exists (select from changed))");
    if rows.is_empty() {
        return;
    }
    columns(sql.syntax(", permitted as ("), user);
    sql.syntax(" from (select ")
        .bind(Bind::Long(Some(id)))
        .syntax(" as id where exists (select from changed)) as own, ");
    given(sql, rows);
    sql.syntax(
        " on conflict (\"ReferenceId\", \"DeptId\", \"GroupId\", \"UserId\") do update \
         set \"PermissionType\" = excluded.\"PermissionType\", \"Creator\" = excluded.\"Creator\", \
         \"Updator\" = excluded.\"Updator\", \"CreatedTime\" = current_timestamp, \
         \"UpdatedTime\" = current_timestamp)",
    );
}

fn columns(sql: &mut Statement, user: UserId) {
    sql.syntax(
        "insert into \"Permissions\" (\"ReferenceId\", \"DeptId\", \"GroupId\", \"UserId\", \"PermissionType\", \
         \"Creator\", \"Updator\") select id, dept, \"group\", \"user\", rights, ",
    );
    sql.bind(Bind::Int(Some(user.0))).syntax(", ").bind(Bind::Int(Some(user.0)));
}

fn given(sql: &mut Statement, rows: &[PermissionRow]) {
    let ints =
        |of: fn(&PermissionRow) -> i32| Bind::Ints(rows.iter().map(|row| Some(of(row))).collect());
    sql.syntax("unnest(");
    sql.binds([
        ints(|row| row.dept),
        ints(|row| row.group),
        ints(|row| row.user),
        Bind::Longs(rows.iter().map(|row| Some(row.rights)).collect()),
    ]);
    sql.syntax(") as given (dept, \"group\", \"user\", rights)");
}
