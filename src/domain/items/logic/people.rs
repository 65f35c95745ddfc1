//! Looked-up values of users, departments and groups (03 §12.3): they need no right to read.

use std::collections::HashMap;

use crate::db;
use crate::db::sql::Ident;
use crate::domain::items::record::Record;
use crate::domain::settings::document::{Link, Lookup};
use crate::domain::{Call, Error};
use crate::model::{ColumnClass, Value};

/// Values by table, id and column.
#[derive(Debug, Default)]
pub(super) struct Rows(HashMap<(String, i64), HashMap<String, Value>>);

impl Rows {
    /// One round trip for every link with lookups that leads to people and has a value; mostly there is none.
    pub(super) async fn load(
        call: &Call,
        record: &Record,
        due: &[(&Link, &[Lookup])],
    ) -> Result<Self, Error> {
        let mut rows = HashMap::new();
        for (link, lookups) in due {
            let Some((table, id_column)) = table(&link.table_name) else { continue };
            let Ok(id) = record.text(&link.column_name).trim().parse::<i32>() else { continue };
            let Some(info) = call.services.catalogue.table(table) else { continue };
            let names = lookups.iter().map(|lookup| lookup.from.as_str());
            let columns: Vec<_> =
                names.filter(|name| is_open(name)).filter_map(|name| info.column(name)).collect();
            if columns.is_empty() {
                continue;
            }
            let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
            let tenant = call.caller.tenant.id;
            let source = (Ident::new(table), Ident::new(id_column));
            let found = db::people::values(&mut conn, tenant, source, id, &columns).await?;
            if let Some(values) = found {
                let names = columns.iter().map(|column| column.name.clone());
                rows.insert((link.table_name.clone(), id.into()), names.zip(values).collect());
            }
        }
        Ok(Self(rows))
    }

    /// The value, if there is one.
    pub(super) fn value(&self, table: &str, id: i64, column: &str) -> Option<&Value> {
        self.0.get(&(table.to_owned(), id))?.get(column)
    }
}

/// The table that a link names, and its id column.
fn table(name: &str) -> Option<(&'static str, &'static str)> {
    Some(match name {
        "Users" => ("Users", "UserId"),
        "Depts" => ("Depts", "DeptId"),
        "Groups" => ("Groups", "GroupId"),
        _ => return None,
    })
}

/// Columns that may be copied into records; keys, secrets and everything about signing in never are.
fn is_open(name: &str) -> bool {
    ColumnClass::of(name).is_some_and(|class| class != ColumnClass::Attachments)
        || matches!(
            name,
            "UserId"
                | "LoginId"
                | "Name"
                | "UserCode"
                | "LastName"
                | "FirstName"
                | "Birthday"
                | "Gender"
                | "Language"
                | "TimeZone"
                | "DeptId"
                | "DeptCode"
                | "DeptName"
                | "Body"
                | "Manager"
                | "GroupId"
                | "GroupName"
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_never_copied() {
        for name in ["Password", "ApiKey", "SecretKey", "SecondaryAuthenticationCode"] {
            assert!(!is_open(name), "{name}");
        }
        assert!(is_open("Name") && is_open("ClassA"));
    }
}
