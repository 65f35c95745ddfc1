//! Views of lists of users, departments and groups (08 §2.7): what they have beside those of records.

use super::columns::{columns, extensions, with_dept_code};
use crate::db::organisation::ENTRY;
use crate::db::records::OrderBy;
use crate::db::sql::{Belongs, Bind, Ident, Pattern, Predicate};
use crate::db::{ColumnInfo, TableInfo};
use crate::domain::settings::document::View;
use crate::domain::settings::enums::ApiDataType;
use crate::domain::view::{Reader, Rows};
use crate::domain::{Call, Error};
use crate::lenient;
use crate::model::OrganisationTable::{self, Depts, Groups, Users};

/// The most words of a search; each is some parameters.
const MAX_WORDS: usize = 1_000;

/// What a view makes of a list.
pub(super) struct Compiled<'i> {
    /// The rows of the tenant that are listed.
    pub(super) condition: Predicate,
    /// Their order.
    pub(super) order: Vec<OrderBy>,
    /// The extension columns that either looks at.
    pub(super) extensions: Vec<&'i ColumnInfo>,
    /// Whether either looks at the code of a user's department.
    pub(super) looks_at_dept_code: bool,
}

/// Compiles a view; keys that name nothing are skipped.
pub(super) fn compile<'i>(
    call: &Call,
    table: OrganisationTable,
    info: &'i TableInfo,
    view: &View,
) -> Result<Compiled<'i>, Error> {
    let own_id = table.id_column();
    let extensions = extensions(info, view);
    let with_dept_code = with_dept_code(table, info, view);
    let rows = Rows {
        reader: Reader::of(call),
        columns: columns(table)
            .iter()
            .chain(extensions.iter().map(|(_, column)| column))
            .map(|column| (column.name.as_str(), column))
            .collect(),
        info: with_dept_code.as_ref().unwrap_or(info),
        source: ENTRY,
        id_column: own_id,
        use_negative_filters: call.services.settings_defaults().use_negative_filters,
    };
    let mut parts = Vec::new();
    if call.id > 0 {
        // The reference fails when a view filters by the id of the route too.
        if view.column_filter_hash.contains_key(own_id) {
            return Err(Error::BadRequest);
        }
        parts.push(Predicate::Equal(column(own_id), Bind::Long(Some(call.id))));
    }
    for (name, value) in &view.column_filter_hash {
        parts.extend(special(call, table, view, name, value)?);
    }
    parts.extend(rows.conditions(view)?);
    Ok(Compiled {
        condition: Predicate::All(parts),
        order: rows.order(view)?,
        extensions: extensions.iter().map(|(info, _)| *info).collect(),
        looks_at_dept_code: with_dept_code.is_some(),
    })
}

fn column(name: &'static str) -> Ident {
    Ident::new(name).of(&ENTRY)
}

/// The keys that are no columns of the table.
fn special(
    call: &Call,
    table: OrganisationTable,
    view: &View,
    name: &str,
    value: &str,
) -> Result<Option<Predicate>, Error> {
    // QUIRK(08 §2.7): key-value rows ignore these.
    if view.api_data_type == ApiDataType::KeyValues && matches!(name, "SearchText" | "UserId") {
        return Ok(None);
    }
    let tenant = call.caller.tenant.id;
    let user = || value.trim().parse::<i32>().ok();
    let belongs = match (name, table) {
        ("SearchText", _) => return search_text(table, value).map(Some),
        ("UserId", Depts) => user().map(|user| Belongs::DeptOf(tenant, user)),
        ("UserId", Groups) => user().map(Belongs::DirectMember),
        ("Groups", Users) => ids(value).map(|groups| Belongs::UserInGroups(tenant, groups)),
        ("Groups", Depts) => ids(value).map(|groups| Belongs::DeptInGroups(tenant, groups)),
        ("GroupMembers", Groups) => ids(value).map(|users| Belongs::GroupOfUsers(tenant, users)),
        _ => None,
    };
    let id = column(table.id_column());
    Ok(belongs.map(|belongs| Predicate::Belongs(id, Box::new(belongs))))
}

/// Every word in any of the columns. QUIRK(08 §2.7): what is a wildcard in a word stays one.
fn search_text(table: OrganisationTable, value: &str) -> Result<Predicate, Error> {
    let columns: &[&'static str] = match table {
        Users => &["LoginId", "Name", "UserCode", "Body"],
        Depts => &["DeptName", "Body"],
        Groups => &["GroupName", "Body"],
    };
    let words: Vec<&str> = value.split([' ', '\u{3000}']).filter(|word| !word.is_empty()).collect();
    if words.len() > MAX_WORDS {
        return Err(Error::BadRequest);
    }
    let word = |word: &&str| {
        let contains = || Pattern::Wild((*word).to_owned());
        let mut parts: Vec<_> =
            columns.iter().map(|name| Predicate::Like(column(name), contains())).collect();
        if table == Users {
            let dept = Belongs::DeptLike(contains());
            parts.push(Predicate::Belongs(column("DeptId"), Box::new(dept)));
        } else {
            let id = Belongs::IdLike(contains());
            parts.push(Predicate::Belongs(column(table.id_column()), Box::new(id)));
        }
        Predicate::Any(parts)
    };
    Ok(Predicate::All(words.iter().map(word).collect()))
}

fn ids(value: &str) -> Option<Vec<i32>> {
    let ids = lenient::from_str::<Vec<i32>>(value).ok()?;
    (!ids.is_empty()).then_some(ids)
}
