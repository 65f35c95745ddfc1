//! `users`, `depts` and `groups`: members of one row of the caller's tenant (07 §4.5).

use serde_json::{Map, Value as Json};

use crate::db;
use crate::db::sql::Ident;
use crate::domain::Call;
use crate::model::{OrganisationTable, Value};

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
