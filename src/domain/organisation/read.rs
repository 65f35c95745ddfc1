//! `get` of users, departments and groups (08 §2.7, §3, §8.1, §9.2).

use std::collections::HashMap;
use std::sync::Arc;

use rust_decimal::Decimal;
use serde::Deserialize;

use super::fields::{ColumnUse, Field, FieldKind, fields};
use super::groups::{child_text, member_text};
use super::{filter, key_values, site};
use crate::db;
use crate::db::organisation::{Member, OrganisationRow, Select};
use crate::domain::items::read::Moment;
use crate::domain::items::shown_comments;
use crate::domain::settings::enums::ApiDataType;
use crate::domain::tenants::Users;
use crate::domain::{Call, Common, Error, TableType, auth};
use crate::json::{self, Object, Raw};
use crate::lenient::{self, Json};
use crate::model::{OrganisationTable, Value};

/// A page of rows that is ready to be written.
pub struct Page<'a> {
    call: &'a Call,
    table: OrganisationTable,
    offset: i64,
    size: i32,
    total: i64,
    rows: Vec<OrganisationRow>,
    mails: Option<HashMap<i64, Vec<String>>>,
    members: HashMap<i32, Vec<Member>>,
    children: HashMap<i32, Vec<i32>>,
    rows_of_keys: Option<key_values::Rows<'a>>,
    /// Among whom managers are looked up, if rows have any.
    users: Option<Arc<Users>>,
}

/// Reads a page. Every user of the tenant may: only columns are withheld (08 §2.3).
pub async fn get<'a>(
    call: &'a Call,
    table: OrganisationTable,
    body: &Json<'_>,
) -> Result<Page<'a>, Error> {
    auth::check_api_open(call)?;
    let common = Common::read(body).map_err(|_| Error::BadRequest)?.unwrap_or_default();
    let view = common.view.clone().unwrap_or_default();
    if common.offset < 0 {
        return Err(Error::BadRequest);
    }
    let info = call.services.catalogue.table(table.name());
    let info = info.ok_or(Error::Corrupt("a table of the organisation is missing"))?;
    let columns: Vec<_> =
        fields(table).iter().filter_map(|field| info.column(field.name)).collect();
    let largest = call.services.parameters.api.page_size;
    let asked = common.page_size;
    let size = if (1..=largest).contains(&asked) { asked } else { largest };
    let as_rows = view.api_data_type == ApiDataType::KeyValues;
    let compiled = filter::compile(call, table, info, &view)?;
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    let named = site::asked(call, &mut conn, table, &view).await?;
    let select = Select {
        table,
        sources: &sources(table, common.table_type),
        tenant: call.caller.tenant.id,
        columns: &columns,
        extras: &compiled.extensions,
        looks_at_dept_code: compiled.looks_at_dept_code,
        condition: compiled.condition,
        order: &compiled.order,
        offset: common.offset.into(),
        limit: size.into(),
    };
    let mut listed = db::organisation::select(&mut conn, &select).await?;
    if let Some(site) = named.filter(|_| !as_rows) {
        // QUIRK(08 §2.7): only the page shrinks, not the total.
        let ids: Vec<i32> = listed.rows.iter().map(|row| row.id).collect();
        let permitted = db::organisation::permitted(&mut conn, table, site, &ids).await?;
        listed.rows.retain(|row| permitted.contains(&row.id));
    }
    let ids: Vec<i32> = listed.rows.iter().map(|row| row.id).collect();
    let mut page = Page {
        call,
        table,
        offset: common.offset.into(),
        size,
        total: listed.total,
        rows: listed.rows,
        mails: None,
        members: HashMap::new(),
        children: HashMap::new(),
        rows_of_keys: None,
        users: None,
    };
    if as_rows {
        drop(conn);
        page.rows_of_keys = Some(key_values::Rows::plan(call, table, &view).await?);
        return Ok(page);
    }
    if table == OrganisationTable::Groups {
        page.members = db::organisation::members(&mut conn, &ids).await?;
        page.children = db::organisation::children(&mut conn, &ids).await?;
    }
    if table == OrganisationTable::Users && view.api_get_mail_addresses == Some(true) {
        let owners: Vec<i64> = ids.into_iter().map(i64::from).collect();
        page.mails = Some(db::organisation::mail_addresses(&mut conn, &owners).await?);
    }
    drop(conn);
    if page.rows.iter().any(|row| row.int("Manager") != 0) {
        page.users = Some(call.users().await?);
    }
    Ok(page)
}

fn sources(table: OrganisationTable, table_type: TableType) -> Vec<&'static str> {
    let (live, history, deleted) = (table.name(), table.history(), table.deleted());
    match table_type {
        TableType::Normal => vec![live],
        TableType::History | TableType::HistoryWithoutFlag => vec![history],
        TableType::NormalAndDeleted => vec![live, deleted],
        TableType::NormalAndHistory => vec![live, history],
        TableType::Deleted => vec![deleted],
        TableType::All => vec![live, history, deleted],
    }
}

/// The switches of a user that records show (08 §3).
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[expect(clippy::struct_excessive_bools, reason = "the reference's own switches")]
struct ShownSettings {
    enable_manage_tenant: bool,
    disable_top_site_creation: bool,
    disable_group_admin: bool,
    disable_start_guide: bool,
    disable_moving_from_top_site: bool,
}

impl Page<'_> {
    /// Whether its rows are key-value rows, whose envelope has names of its own.
    pub const fn has_key_values(&self) -> bool {
        self.rows_of_keys.is_some()
    }

    /// The members of `Response`.
    pub fn write(&self, response: &mut Object<'_>) {
        response.field("Offset", &self.offset).field("PageSize", &self.size);
        response.field("TotalCount", &self.total);
        if let Some(rows) = &self.rows_of_keys {
            response.array("Data", |data| {
                for row in &self.rows {
                    data.object(|o| rows.write(o, row));
                }
            });
            return;
        }
        let readable: Vec<&Field> = fields(self.table)
            .iter()
            .filter(|field| field.allows(self.call, ColumnUse::Read))
            .collect();
        response.array("Data", |data| {
            for row in &self.rows {
                data.object(|o| self.record(o, &readable, row));
            }
        });
    }

    fn record(&self, o: &mut Object<'_>, readable: &[&Field], row: &OrganisationRow) {
        for field in readable {
            self.field(o, field, row);
        }
        if self.table == OrganisationTable::Groups {
            let members = self.members.get(&row.id).map(Vec::as_slice).unwrap_or_default();
            let members: Vec<String> = members.iter().map(member_text).collect();
            o.field("GroupMembers", members.as_slice());
            let children = self.children.get(&row.id).map(Vec::as_slice).unwrap_or_default();
            let children: Vec<String> = children.iter().copied().map(child_text).collect();
            o.field("GroupChildren", children.as_slice());
        }
        if let Some(mails) = &self.mails {
            let own = mails.get(&i64::from(row.id)).map(Vec::as_slice).unwrap_or_default();
            o.field("MailAddresses", own);
        }
        o.field("ApiVersion", &self.call.api_version);
        if self.call.api_version >= Decimal::new(11, 1) {
            for hash in [
                "ClassHash",
                "NumHash",
                "DateHash",
                "DescriptionHash",
                "CheckHash",
                "AttachmentsHash",
            ] {
                o.object(hash, |_| {});
            }
        }
    }

    fn field(&self, o: &mut Object<'_>, field: &Field, row: &OrganisationRow) {
        let zones = &self.call.zones;
        match field.name {
            "DeptCode" if self.table == OrganisationTable::Users => {
                o.field("DeptCode", row.dept_code.as_str());
                return;
            }
            "UserSettings" => {
                o.field("UserSettings", &settings(row.text("UserSettings")));
                return;
            }
            "Comments" => {
                o.field("Comments", shown_comments(row.text("Comments"), zones).as_ref());
                return;
            }
            "Manager" => {
                let id = row.int("Manager");
                let is_known = self.users.as_ref().is_some_and(|users| users.find(id).is_some());
                o.field("Manager", &if is_known { id } else { 0 });
                return;
            }
            _ => {}
        }
        match (field.kind, row.value(field.name)) {
            (_, Some(Value::Text(text))) => o.field(field.name, text),
            (_, Some(Value::Int(number))) => o.field(field.name, number),
            (_, Some(Value::Bool(flag))) => o.field(field.name, flag),
            (_, Some(Value::Time(time))) => o.field(field.name, &Moment::marked(*time, zones)),
            (FieldKind::Time, _) => o.field(field.name, &Moment::marked(None, zones)),
            _ => o.field(field.name, &Raw("null")),
        };
    }
}

fn settings(stored: &str) -> String {
    let known: ShownSettings = lenient::from_str(stored).unwrap_or_default();
    json::object(|o| {
        for (name, set) in [
            ("EnableManageTenant", known.enable_manage_tenant),
            ("DisableTopSiteCreation", known.disable_top_site_creation),
            ("DisableGroupAdmin", known.disable_group_admin),
            ("DisableStartGuide", known.disable_start_guide),
            ("DisableMovingFromTopSite", known.disable_moving_from_top_site),
        ] {
            if set {
                o.field(name, &true);
            }
        }
    })
}
