//! `users`, `depts` and `groups`: members of one row of the caller's tenant (07 §4.5).

use serde_json::{Map, Value as Json, json};

use crate::db;
use crate::db::script_lookups;
use crate::db::sql::Ident;
use crate::domain::{Call, Error, organisation};
use crate::lenient;
use crate::model::{OrganisationTable, Value};

use super::host::Arguments;
use super::items::{apart, nested};

/// A user; null where the tenant has none of that id.
pub(super) async fn user(call: &Call, id: i64) -> Result<Json, String> {
    let names = [
        "UserId",
        "DeptId",
        "LoginId",
        "Name",
        "UserCode",
        "TenantManager",
        "ServiceManager",
        "Disabled",
    ];
    row(call, OrganisationTable::Users, id, &names).await
}

/// A department.
pub(super) async fn dept(call: &Call, id: i64) -> Result<Json, String> {
    row(call, OrganisationTable::Depts, id, &["DeptId", "DeptCode", "DeptName"]).await
}

/// A group.
pub(super) async fn group(call: &Call, id: i64) -> Result<Json, String> {
    row(call, OrganisationTable::Groups, id, &["GroupId", "GroupName", "Body", "Disabled"]).await
}

/// The users of a department.
pub(super) async fn dept_members(call: &Call, id: i64) -> Result<Json, String> {
    let Ok(id) = i32::try_from(id) else { return Ok(json!([])) };
    let mut conn = call.services.db.acquire().await.map_err(|error| error.to_string())?;
    let members = script_lookups::dept_members(&mut conn, call.caller.tenant.id, id).await;
    members.map(Json::Array).map_err(|error| error.to_string())
}

/// The members of a group.
pub(super) async fn group_members(call: &Call, id: i64) -> Result<Json, String> {
    let Ok(id) = i32::try_from(id) else { return Ok(json!([])) };
    let mut conn = call.services.db.acquire().await.map_err(|error| error.to_string())?;
    let members = script_lookups::group_members(&mut conn, call.caller.tenant.id, id).await;
    members.map(Json::Array).map_err(|error| error.to_string())
}

/// The groups that are members of a group.
pub(super) async fn group_children(call: &Call, id: i64) -> Result<Json, String> {
    let Ok(id) = i32::try_from(id) else { return Ok(json!([])) };
    let mut conn = call.services.db.acquire().await.map_err(|error| error.to_string())?;
    let children = script_lookups::group_children(&mut conn, call.caller.tenant.id, id).await;
    children.map(Json::Array).map_err(|error| error.to_string())
}

/// Whether somebody, or a department, is in a group.
pub(super) async fn group_contains(call: &Call, wanted: &Arguments) -> Result<Json, String> {
    let Ok(id) = i32::try_from(wanted.id) else { return Ok(json!(false)) };
    let mut conn = call.services.db.acquire().await.map_err(|error| error.to_string())?;
    let (tenant, who) = (call.caller.tenant.id, (wanted.user, wanted.dept));
    let contains = script_lookups::group_contains(&mut conn, tenant, id, who).await;
    contains.map(Json::Bool).map_err(|error| error.to_string())
}

/// Changes a group as `groups/{id}/update` does; whatever it refuses is false.
pub(super) async fn update_group(call: &Call, wanted: &Arguments) -> Result<Json, String> {
    let text = wanted.body.as_deref().unwrap_or("{}");
    let Some(nested) = nested(call, wanted.id, "Update", text).await? else {
        return Ok(json!(false));
    };
    let text = text.to_owned();
    let work = async move {
        let body = lenient::parse(&text).map_err(|_| Error::InvalidJsonData)?;
        Box::pin(organisation::update(&nested, OrganisationTable::Groups, &body)).await?;
        Ok(json!(true))
    };
    match apart(Box::pin(work)).await? {
        Err(error) if error.is_failure() => Err(error.to_string()),
        done => Ok(done.unwrap_or(json!(false))),
    }
}

async fn row(
    call: &Call,
    table: OrganisationTable,
    id: i64,
    names: &[&str],
) -> Result<Json, String> {
    let Ok(id) = i32::try_from(id) else { return Ok(Json::Null) };
    let info = call.services.catalogue.table(table.name()).ok_or("a table is missing")?;
    let columns: Vec<_> = names.iter().filter_map(|name| info.column(name)).collect();
    let Some(id_column) = columns.first().map(|column| column.ident()) else {
        return Ok(Json::Null);
    };
    let mut conn = call.services.db.acquire().await.map_err(|error| error.to_string())?;
    let from = (Ident::new(table.name()), id_column);
    let tenant = call.caller.tenant.id;
    let values = db::people::values(&mut conn, tenant, from, id, &columns)
        .await
        .map_err(|error| error.to_string())?;
    let Some(values) = values else { return Ok(Json::Null) };
    let members = columns.iter().zip(values);
    Ok(Json::Object(
        members
            .map(|(column, value)| (column.name.clone(), json_of(call, &value)))
            .collect::<Map<_, _>>(),
    ))
}

fn json_of(call: &Call, value: &Value) -> Json {
    match value {
        Value::Text(text) => text.as_str().into(),
        Value::Int(number) => (*number).into(),
        Value::Decimal(number) => super::number(*number),
        Value::Time(time) => super::time(call, *time),
        Value::Bool(check) => (*check).into(),
    }
}
