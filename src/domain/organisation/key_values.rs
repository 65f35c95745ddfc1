//! Key-value rows of users, departments and groups (08 §2.7, 05 §5).

use std::collections::HashSet;
use std::sync::Arc;

use chrono::NaiveDateTime;

use super::fields::{ColumnUse, Field, FieldKind, find};
use crate::db::organisation::OrganisationRow;
use crate::domain::culture;
use crate::domain::display::{Breadcrumbs, Labels, LinkedTexts, is_user};
use crate::domain::items::comment_lines;
use crate::domain::items::read::Moment;
use crate::domain::settings::document::View;
use crate::domain::settings::enums::{ApiColumnKeyDisplayType, ApiColumnValueDisplayType};
use crate::domain::tenants::{Names, Users};
use crate::domain::{Call, Error};
use crate::json::{Object, Raw};
use crate::lenient::{self, Json};
use crate::messages;
use crate::model::{OrganisationTable, Value};

/// The members that the rows of a page have.
pub(super) struct Rows<'c> {
    call: &'c Call,
    cells: Vec<Cell>,
    users: Arc<Users>,
    depts: Arc<Names>,
}

struct Cell {
    key: String,
    field: &'static Field,
    form: ApiColumnValueDisplayType,
    /// The department's name in place of its id.
    names_dept: bool,
}

impl<'c> Rows<'c> {
    /// The columns of the view, else those of the table's list: readable ones, each key once.
    pub(super) async fn plan(
        call: &'c Call,
        table: OrganisationTable,
        view: &View,
    ) -> Result<Self, Error> {
        let names = match &view.grid_columns {
            Some(names) => names.iter().map(String::as_str).collect(),
            None => grid_columns(table).to_vec(),
        };
        let mut keys = HashSet::new();
        let cells = names.into_iter().filter_map(|name| cell(call, table, view, name));
        Ok(Self {
            call,
            cells: cells.filter(|cell| keys.insert(cell.key.clone())).collect(),
            users: call.users().await?,
            depts: call.depts().await?,
        })
    }

    /// The members of a row.
    pub(super) fn write(&self, o: &mut Object<'_>, row: &OrganisationRow) {
        for cell in &self.cells {
            self.cell(o, cell, row);
        }
    }

    fn cell(&self, o: &mut Object<'_>, cell: &Cell, row: &OrganisationRow) {
        let (key, field) = (cell.key.as_str(), cell.field);
        let as_text = cell.form == ApiColumnValueDisplayType::Text;
        let as_value = cell.form == ApiColumnValueDisplayType::Value;
        if field.name == "DeptCode" && row.value("DeptCode").is_none() {
            o.field(key, row.dept_code.as_str());
            return;
        }
        let not_set = messages::not_set(self.call.language());
        match row.value(field.name) {
            Some(Value::Int(id)) if is_user(field.name) && as_value => {
                // QUIRK(05 §4.10): an id that is no user of the tenant is 0.
                o.field(key, &self.users.find(*id).map_or(0, |_| *id))
            }
            Some(Value::Int(id)) if is_user(field.name) => {
                o.field(key, self.users.name(*id).unwrap_or(not_set))
            }
            Some(Value::Int(id)) if cell.names_dept && !as_value => {
                o.field(key, self.depts.name(*id).unwrap_or_default())
            }
            Some(Value::Int(number)) if as_text => o.field(key, &number.to_string()),
            Some(Value::Int(number)) => o.field(key, number),
            Some(Value::Bool(flag)) if as_text => {
                o.field(key, if *flag { "True" } else { "False" })
            }
            Some(Value::Bool(flag)) => o.field(key, flag),
            Some(Value::Text(text)) if field.kind == FieldKind::Comments && as_text => {
                o.field(key, &comment_lines(text, &self.labels()))
            }
            Some(Value::Text(text)) if field.kind == FieldKind::Comments => {
                o.nullable(key, stored_comments(text))
            }
            Some(Value::Text(text)) => o.field(key, text),
            Some(Value::Time(Some(time))) if is_stamp(field.name) => self.stamp(o, cell, *time),
            Some(Value::Time(Some(time))) => {
                o.field(key, &Moment::marked(Some(*time), &self.call.zones))
            }
            _ => o.field(key, &Raw("null")),
        };
    }

    /// When a row was made or changed. QUIRK(05 §5.3): as a value it stays in the server's zone.
    fn stamp<'o, 't>(
        &self,
        o: &'o mut Object<'t>,
        cell: &Cell,
        time: NaiveDateTime,
    ) -> &'o mut Object<'t> {
        let (key, zones) = (cell.key.as_str(), &self.call.zones);
        match cell.form {
            ApiColumnValueDisplayType::Value => o.field(key, &Moment::unconverted(Some(time))),
            ApiColumnValueDisplayType::Text => {
                let local = zones.to_user(time);
                o.field(key, &culture::formatted(local, STAMP_FORMAT, self.call.language()))
            }
            _ => o.field(key, &Moment::marked(Some(time), zones)),
        }
    }

    fn labels(&self) -> Labels {
        Labels {
            language: self.call.language(),
            zones: self.call.zones.clone(),
            users: Arc::clone(&self.users),
            depts: Arc::clone(&self.depts),
            groups: Arc::default(),
            links: LinkedTexts::default(),
            sites: Breadcrumbs::default(),
        }
    }
}

/// The editor's format of the times that every table has (06 §1.6).
const STAMP_FORMAT: &str = "Ymdahms";

fn is_stamp(name: &str) -> bool {
    matches!(name, "CreatedTime" | "UpdatedTime")
}

/// The stored comments, times as they are; none without a comment.
fn stored_comments(stored: &str) -> Option<&str> {
    let any = lenient::parse(stored)
        .is_ok_and(|json| matches!(json, Json::Array(comments) if !comments.is_empty()));
    any.then_some(stored)
}

fn cell(call: &Call, table: OrganisationTable, view: &View, name: &str) -> Option<Cell> {
    // Two columns of lists have no column of their own in the table.
    let (stored, labels) = match (table, name) {
        (OrganisationTable::Users, "Dept") => ("DeptId", Some(["組織", "Department"])),
        (OrganisationTable::Users, "TimeZoneInfo") => {
            ("TimeZone", Some(["タイムゾーン", "Time zone info"]))
        }
        _ => (name, None),
    };
    let field = find(table, stored).filter(|field| field.allows(call, ColumnUse::Read))?;
    let own = view.api_column_hash.get(name);
    let key = own.and_then(|own| own.key_display_type).unwrap_or(view.api_column_key_display_type);
    let form = own.and_then(|own| own.value_display_type);
    let [ja, en] = labels.unwrap_or_else(|| field.labels());
    let japanese = call.language() == messages::Language::Ja;
    Some(Cell {
        key: match key {
            ApiColumnKeyDisplayType::ColumnName => name,
            _ if japanese => ja,
            _ => en,
        }
        .to_owned(),
        field,
        form: form.unwrap_or(view.api_column_value_display_type),
        names_dept: name == "Dept",
    })
}

/// The columns of a table's list.
const fn grid_columns(table: OrganisationTable) -> &'static [&'static str] {
    match table {
        OrganisationTable::Users => &[
            "UserId",
            "LoginId",
            "Name",
            "Comments",
            "UserCode",
            "Birthday",
            "Gender",
            "Language",
            "TimeZoneInfo",
            "DeptCode",
            "Dept",
            "Manager",
            "Theme",
            "Body",
            "LastLoginTime",
            "PasswordExpirationTime",
            "PasswordChangeTime",
            "NumberOfLogins",
            "NumberOfDenial",
            "TenantManager",
            "AllowCreationAtTopSite",
            "AllowGroupAdministration",
            "AllowGroupCreation",
            "AllowApi",
            "AllowMovingFromTopSite",
            "EnableSecondaryAuthentication",
            "DisableSecondaryAuthentication",
            "Disabled",
            "Lockout",
            "LockoutCounter",
            "EnableSecretKey",
            "LoginExpirationLimit",
            "LoginExpirationPeriod",
            "Updator",
            "UpdatedTime",
        ],
        OrganisationTable::Depts => &[
            "DeptId",
            "DeptCode",
            "DeptName",
            "Body",
            "Comments",
            "Disabled",
            "Updator",
            "UpdatedTime",
        ],
        OrganisationTable::Groups => {
            &["GroupId", "GroupName", "Body", "Comments", "Disabled", "Updator", "UpdatedTime"]
        }
    }
}
