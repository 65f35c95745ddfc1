//! `items`: the server's own operations, run for a script as calls of the same user (07 §4.5).

use chrono::NaiveDateTime;
use serde_json::{Map, Value as Json, json};

use crate::db::script_lookups::{self, SiteNaming};
use crate::db::summaries::Aggregate;
use crate::domain::items::{self, Opened, read};
use crate::domain::{Call, Common, Error, auth, sites};
use crate::json;
use crate::lenient;
use crate::model::{ColumnClass, ReferenceType};

use super::host::Arguments;

/// What the bodies of scripts are.
const JSON: Option<&str> = Some("application/json");

/// Runs an operation. What is refused is no exception but a false, 0 or empty result.
pub(super) async fn run(call: &Call, method: &str, arguments: &Arguments) -> Result<Json, String> {
    let Arguments { id, body, .. } = arguments;
    let text = body.as_deref().unwrap_or("{}");
    let nothing = match method {
        "Get" | "GetSite" => json!([]),
        "MaxDate" | "MinDate" => super::time(call, None),
        _ => json!(0),
    };
    let Some(nested) = nested(call, *id, method, text).await? else { return Ok(nothing) };
    let wish =
        Wish { method: method.to_owned(), text: text.to_owned(), name: arguments.name.clone() };
    let work = Box::pin(operate(nested, wish));
    match apart(work).await? {
        // Failures, and scripts that failed in turn, are thrown.
        Err(error) if error.is_failure() => Err(error.to_string()),
        Err(Error::NotBuilt(what)) => Err(format!("{what} is not supported by this server")),
        Err(_) => Ok(nothing),
        Ok(value) => Ok(value),
    }
}

/// Does the work in a task of its own, whose stack does not lie on that of all the scripts that wait for it. Nobody ends
/// it before its time, as no call's.
pub(super) async fn apart(
    work: impl Future<Output = Result<Json, Error>> + Send + 'static,
) -> Result<Result<Json, Error>, String> {
    tokio::spawn(work).await.map_err(|error| error.to_string())
}

/// What a script asks for.
struct Wish {
    method: String,
    /// The body.
    text: String,
    /// A column, or a site.
    name: String,
}

async fn operate(call: Call, Wish { method, text, name }: Wish) -> Result<Json, Error> {
    let (call, text) = (&call, text.as_str());
    match method.as_str() {
        "Sum" => aggregate(call, text, &name, Aggregate::Total).await,
        "Average" => aggregate(call, text, &name, Aggregate::Average).await,
        "Max" => aggregate(call, text, &name, Aggregate::Max).await,
        "Min" => aggregate(call, text, &name, Aggregate::Min).await,
        "MaxDate" => extreme_time(call, text, &name, true).await,
        "MinDate" => extreme_time(call, text, &name, false).await,
        "GetClosestSite" => closest_site(call, name).await,
        "Get" => get(call, text).await.map(|(rows, _)| Json::Array(rows)),
        "Count" => get(call, text).await.map(|(_, total)| json!(total)),
        "GetSite" => site(call).await,
        "Create" => Box::pin(create(call, text)).await,
        "Update" => Box::pin(update(call, text)).await,
        "UpdateSite" => Box::pin(update_site(call, text)).await,
        "Upsert" => Box::pin(upsert(call, text)).await,
        "Delete" => delete(call).await,
        "DeleteSite" => Ok(json!(sites::delete(call, JSON).await?.id)),
        "BulkDelete" => Box::pin(bulk_delete(call, text)).await,
        _ => Err(Error::NotBuilt("this method of items")),
    }
}

/// A call of the same user, or of whose key the text brings; nobody's is none.
pub(super) async fn nested(
    call: &Call,
    id: i64,
    method: &str,
    text: &str,
) -> Result<Option<Call>, String> {
    let api_key = match common(text) {
        Some(Common { api_key: Some(own), .. }) => own,
        _ => call.scripts.api_key().to_owned(),
    };
    let mut common = Common::default();
    common.api_key = Some(api_key);
    let found = auth::identify(&call.services, &common, id, None).await;
    let action = match method {
        "Create" => "create",
        "Update" | "UpdateSite" => "update",
        "Upsert" => "upsert",
        "Delete" | "DeleteSite" => "delete",
        "BulkDelete" => "bulkdelete",
        _ => "get",
    };
    Ok(found.map_err(|error| error.to_string())?.map(|nested| Call {
        base_path: call.base_path.clone(),
        trail: call.trail.clone(),
        scripts: call.scripts.nested(text),
        now: call.now,
        ..nested.routed(call.controller, action)
    }))
}

/// QUIRK(07 §4.5): a view that cannot be read is none, and every record is returned.
fn common(text: &str) -> Option<Common> {
    lenient::parse(text).ok().and_then(|json| Common::read(&json).ok().flatten())
}

async fn create(call: &Call, text: &str) -> Result<Json, Error> {
    let body = lenient::parse(text).map_err(|_| Error::InvalidJsonData)?;
    if call.target.is_none() {
        return Err(Error::NotFound);
    }
    let written = match items::open(call).await? {
        Opened::Table(table) => items::create(call, &table, &body).await?,
        Opened::Other(Some(ReferenceType::Wikis), limit) => {
            let wiki = items::wikis::open(call, limit)?;
            Box::pin(items::wikis::create(call, &wiki, &body)).await?
        }
        Opened::Other(Some(ReferenceType::Sites), limit) => {
            sites::create(call, &body, JSON, limit).await?
        }
        Opened::Other(..) => return Err(Error::NotFound),
    };
    Ok(json!(written.id))
}

async fn update(call: &Call, text: &str) -> Result<Json, Error> {
    let body = lenient::parse(text).map_err(|_| Error::InvalidJsonData)?;
    let written = match items::open(call).await? {
        Opened::Table(table) => items::update(call, &table, &body).await?,
        Opened::Other(Some(ReferenceType::Wikis), limit) => {
            let wiki = items::wikis::open(call, limit)?;
            Box::pin(items::wikis::update(call, &wiki, &body)).await?
        }
        Opened::Other(Some(ReferenceType::Sites), _) => {
            Box::pin(sites::update(call, &body, JSON)).await?
        }
        Opened::Other(..) => return Err(Error::NotFound),
    };
    Ok(json!(written.id))
}

/// Whatever it holds, a site object is a site, and never the table that a client's update of that id would address.
async fn update_site(call: &Call, text: &str) -> Result<Json, Error> {
    let body = lenient::parse(text).map_err(|_| Error::InvalidJsonData)?;
    Ok(json!(sites::update(call, &body, JSON).await?.id))
}

async fn upsert(call: &Call, text: &str) -> Result<Json, Error> {
    let body = lenient::parse(text).map_err(|_| Error::InvalidJsonData)?;
    let Opened::Table(table) = items::open(call).await? else { return Err(Error::NotFound) };
    Ok(json!(items::upsert(call, &table, &body).await?.id))
}

async fn delete(call: &Call) -> Result<Json, Error> {
    let written = match items::open(call).await? {
        Opened::Table(table) => items::delete(call, &table).await?,
        Opened::Other(Some(ReferenceType::Wikis), limit) => {
            items::delete(call, &items::wikis::open(call, limit)?).await?
        }
        Opened::Other(Some(ReferenceType::Sites), _) => sites::delete(call, JSON).await?,
        Opened::Other(..) => return Err(Error::NotFound),
    };
    Ok(json!(written.id))
}

async fn bulk_delete(call: &Call, text: &str) -> Result<Json, Error> {
    let body = lenient::parse(text).map_err(|_| Error::InvalidJsonData)?;
    let Opened::Table(table) = items::open(call).await? else { return Err(Error::NotFound) };
    Ok(json!(items::bulk_delete_count(call, &table, &body).await?))
}

/// Rows as a script's records have them, and how many there are in all.
async fn get(call: &Call, text: &str) -> Result<(Vec<Json>, i64), Error> {
    let read::Opened::Records(table) = read::open(call).await? else { return Err(Error::NotFound) };
    let common = common(text).unwrap_or_default();
    let page = read::page(call, &table, Some(&common), |page| json::object(|o| page.write(o)));
    let text = page.await?;
    let page: Json = serde_json::from_str(&text).map_err(|_| Error::Corrupt("a page of rows"))?;
    let total = page.get("TotalCount").and_then(Json::as_i64).unwrap_or_default();
    let rows = page.get("Data").and_then(Json::as_array).cloned().unwrap_or_default();
    let rows = rows.into_iter().filter_map(|row| match row {
        Json::Object(row) => Some(Json::Object(record(call, row))),
        _ => None,
    });
    Ok((rows.collect(), total))
}

async fn aggregate(
    call: &Call,
    text: &str,
    column: &str,
    aggregate: Aggregate,
) -> Result<Json, Error> {
    let read::Opened::Records(table) = read::open(call).await? else { return Err(Error::NotFound) };
    let view = common(text).and_then(|common| common.view);
    let number = read::aggregate(call, &table, view.as_ref(), column, aggregate).await?;
    Ok(super::number(Some(number)))
}

async fn extreme_time(call: &Call, text: &str, column: &str, last: bool) -> Result<Json, Error> {
    let read::Opened::Records(table) = read::open(call).await? else { return Err(Error::NotFound) };
    let view = common(text).and_then(|common| common.view);
    let time = read::extreme_time(call, &table, view.as_ref(), column, last).await?;
    Ok(super::time(call, time))
}

/// The ids of the tenant's sites of a name: [title, name or name of a group].
pub(super) async fn sites_of_name(call: &Call, by: &str, name: &str) -> Result<Json, String> {
    let naming = match by {
        "Title" => SiteNaming::Title,
        "SiteName" => SiteNaming::Name,
        "SiteGroupName" => SiteNaming::GroupName,
        _ => return Err(format!("sites have no {by}")),
    };
    let mut conn = call.services.db.acquire().await.map_err(|error| error.to_string())?;
    let tenant = call.caller.tenant.id;
    let ids = script_lookups::sites(&mut conn, tenant, naming, name).await;
    Ok(json!(ids.map_err(|error| error.to_string())?))
}

/// The id of the nearest site of that name; 0 where there is none.
async fn closest_site(call: &Call, name: String) -> Result<Json, Error> {
    let found = sites::closest(call, vec![Some(name)]).await?;
    Ok(json!(found.first().map_or(0, |closest| closest.site.max(0))))
}

async fn site(call: &Call) -> Result<Json, Error> {
    let site = sites::read(call, true).await?;
    let text = json::object(|o| site.write(o));
    match serde_json::from_str(&text) {
        Ok(Json::Object(row)) => Ok(json!([record(call, row)])),
        _ => Err(Error::Corrupt("a site")),
    }
}

/// A row of an answer with its hashes spread out and its times as times.
fn record(call: &Call, row: Map<String, Json>) -> Map<String, Json> {
    let mut record = Map::new();
    for (name, value) in row {
        match value {
            Json::Object(hash) if name.ends_with("Hash") => {
                for (name, value) in hash {
                    let value = converted(call, &name, value);
                    record.insert(name, value);
                }
            }
            // Not available to scripts (07 §4.5).
            _ if name == "Comments" || name == "ApiVersion" => {}
            value => {
                let value = converted(call, &name, value);
                record.insert(name, value);
            }
        }
    }
    record
}

fn converted(call: &Call, name: &str, value: Json) -> Json {
    let is_time = ColumnClass::of(name) == Some(ColumnClass::Date) || name.ends_with("Time");
    match value {
        Json::String(text) if is_time => {
            let local =
                NaiveDateTime::parse_from_str(text.trim_end_matches('Z'), "%Y-%m-%dT%H:%M:%S%.f");
            let stored = local.ok().map(|local| call.zones.to_server(local));
            let is_empty = |time: &NaiveDateTime| *time == crate::domain::zones::empty_date();
            super::time(call, stored.filter(|time| !is_empty(time)))
        }
        value => value,
    }
}
