//! Server scripts (07 §4): which program runs when, what it sees and what it may change.
//!
//! The engine is [`crate::script_engine`]; a program's world is `prelude.js`, which knows only JSON. Records belong to
//! [`crate::domain::items`], which begins with [`find`] and [`run`]. A site without scripts pays for nothing but the
//! look whether it has any.

mod extended;
mod extended_sql;
pub mod formula;
mod host;
mod http;
mod items;
mod moment;
mod notifications;
mod organisation;
mod program;
mod state;
mod user_data;

use std::sync::Arc;

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use crate::model::SiteId;
use crate::script_engine::{Failure, Job};

use super::settings::TableSettings;
use super::{Call, Error};

pub use extended::ExtendedScripts;
pub use http::HttpClient;
pub use moment::Moment;
pub use program::{Program, Programs};
pub use state::State;

use self::host::CallHost;

/// What scripts call before anything else.
const PRELUDE: &str = include_str!("prelude.js");
/// The reference's "no time", 0001-01-01 in UTC, as scripts count.
const EMPTY_TIME: i64 = -62_135_596_800_000;
/// How deep scripts may run one another (07 §4.1).
const DEEPEST: u32 = 10;

/// What a program sees besides the call.
#[derive(Debug, Default)]
pub struct World {
    /// `model`.
    pub model: Map<String, Json>,
    /// `saved`.
    pub saved: Map<String, Json>,
    /// The types of columns, by which those that the record does not carry have a value.
    pub types: Map<String, Json>,
    /// The labels of columns.
    pub labels: Map<String, Json>,
    /// `view`, where it counts.
    pub view: Option<Json>,
}

/// What a program leaves behind.
#[derive(Debug, Default, Deserialize)]
pub struct Outcome {
    /// The columns that it assigned.
    pub changed: IndexMap<String, Assigned>,
    /// What `context.Error` was told.
    error: Option<String>,
    /// What became of the view.
    pub view: Option<ViewChanges>,
    /// What cells of an export are to show: `columns.X.RawText`.
    #[serde(rename = "rawTexts")]
    pub raw_texts: IndexMap<String, String>,
}

/// A value as a script assigned it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "k", content = "v", rename_all = "lowercase")]
pub enum Assigned {
    /// `undefined`.
    Undefined,
    /// `null`.
    Null,
    /// A text.
    String(String),
    /// A number, as scripts write it.
    Number(String),
    /// A boolean.
    Boolean(String),
    /// Milliseconds since 1970; empty for a date that is none.
    Date(String),
    /// Anything else, by its text.
    #[serde(alias = "function", alias = "symbol", alias = "bigint")]
    Object(String),
}

/// What a program made of a view.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
pub struct ViewChanges {
    /// Whether the filters that were there are gone, those of other kinds too.
    pub cleared: bool,
    /// Filters.
    pub filters: IndexMap<String, String>,
    /// How they compare.
    pub types: IndexMap<String, String>,
    /// The order.
    pub sorters: IndexMap<String, String>,
    /// Filters that are negated, or not any more.
    pub negatives: IndexMap<String, bool>,
    /// Named SQL.
    #[serde(rename = "where")]
    pub selecting_where: Option<String>,
}

/// Why a script, or a formula, did not run to its end.
#[derive(Debug, thiserror::Error)]
pub enum ScriptError {
    /// A server script threw, or cannot be read.
    #[error("ScriptEngineException: {0}")]
    Script(String),
    /// An extended formula failed.
    #[error("FormulaErrorException: {0}")]
    Formula(String),
    /// A script was interrupted, or had no place to run.
    #[error("Exception: {0}")]
    Stopped(String),
}

impl From<Failure> for ScriptError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Thrown(text) => Self::Script(text),
            failure => Self::Stopped(failure.to_string()),
        }
    }
}

/// The program of a moment on a site, where there is one and scripts may run: the operator's scripts, then the site's.
pub fn find(call: &Call, site: SiteId, table: &TableSettings, moment: Moment) -> Option<Program> {
    let extended = &call.services.extended_scripts;
    let own = || table.server_scripts.iter().any(|script| moment.has(script));
    if table.scripts_disabled || !(own() || extended.has(moment)) {
        return None;
    }
    let parameters = &call.services.parameters;
    let allowed = parameters.script.server_script
        && call.contract.allows_server_scripts()
        && call.scripts.depth() < DEEPEST;
    if !allowed {
        return None;
    }
    let mut scripts = extended.matching(call, site.0);
    if scripts.is_empty() {
        return table.programs.at(moment, &table.server_scripts, parameters);
    }
    scripts.extend(table.server_scripts.iter().cloned());
    Program::of(moment, &scripts, parameters)
}

/// Runs a program; what it says of errors stays with the call.
pub async fn run(
    call: &Call,
    program: &Program,
    moment: Moment,
    world: World,
) -> Result<Outcome, Error> {
    let user_data =
        if program.uses_user_data { Some(call.scripts.user_data(call).await?) } else { None };
    let parameters = &call.services.parameters.script;
    let input = json!({
        "http": !parameters.disable_server_script_http_client,
        "httpTimeOut": parameters.server_script_http_client_time_out,
        "model": world.model,
        "saved": world.saved,
        "types": world.types,
        "labels": world.labels,
        "view": world.view,
        "context": context(call, moment),
        "depth": call.scripts.depth(),
        "userData": user_data,
        "times": times(call),
    });
    let job = Job {
        prelude: PRELUDE,
        input: input.to_string(),
        source: Arc::clone(&program.source),
        limit: program.limit,
        key: call.scripts.takes_place().then(|| call.target.as_ref().map_or(0, |t| t.site.id.0)),
    };
    let host = CallHost { call };
    let result = call.services.scripts.run(job, &host).await.map_err(ScriptError::from)?;
    let outcome: Outcome = serde_json::from_str(&result)
        .map_err(|error| ScriptError::Script(format!("the result cannot be read: {error}")))?;
    if let Some(error) = &outcome.error {
        call.scripts.set_error(error);
    }
    Ok(outcome)
}

/// `context`, as far as it does not change (07 §4.5).
fn context(call: &Call, moment: Moment) -> Json {
    let caller = &call.caller;
    let target = call.target.as_ref();
    let record = target.filter(|target| !target.is_site());
    let path = if call.id == 0 {
        format!("{}/api/{}/{}", call.base_path, call.controller, call.action)
    } else {
        format!("{}/api/{}/{}/{}", call.base_path, call.controller, call.id, call.action)
    };
    let groups: Vec<i32> = caller.groups.iter().map(|group| group.0).collect();
    json!({
        "FormStringRaw": "", "FormString": "", "HttpMethod": "POST", "Ajax": false, "Mobile": false,
        "ApplicationPath": format!("{}/", call.base_path), "AbsolutePath": path, "AbsoluteUri": path,
        "Url": path, "UrlReferrer": "", "Query": "",
        "Controller": call.controller, "Action": call.action,
        "TenantId": caller.tenant.id.0, "SiteId": target.map_or(0, |target| target.site.id.0),
        "Id": call.id, "Groups": groups,
        "TenantTitle": caller.tenant.title,
        "SiteTitle": target.map_or("", |target| target.site.title.as_str()),
        "RecordTitle": record.map_or("", |target| target.item_title.as_str()),
        "DeptId": caller.dept.0, "UserId": caller.user.0,
        // It mirrors the sign-in of a browser, which a key is not (07 §4.5).
        "LoginId": null,
        "Language": call.language().code(), "TimeZoneInfo": caller.time_zone,
        "HasPrivilege": caller.privileged, "ApiVersion": call.api_version.to_string().parse::<f64>().ok(),
        "ApiRequestBody": call.scripts.request(), "RequestDataString": call.scripts.request(),
        "ContentType": "application/json", "ControlId": "", "Condition": moment.name(),
        "ReferenceType": target.map_or("", |target| target.site.kind.name()),
    })
}

/// What `utilities` answers with.
fn times(call: &Call) -> Json {
    let general = &call.services.parameters.general;
    let day = call.user_now().date().and_time(chrono::NaiveTime::MIN);
    json!({
        "today": instant(call, call.zones.to_server(day)),
        "min": instant(call, general.min_time),
        "max": instant(call, general.max_time),
    })
}

/// A stored time as scripts count: the exact instant (07 §4.4).
pub fn instant(call: &Call, stored: chrono::NaiveDateTime) -> i64 {
    call.zones.instant(stored).timestamp_millis()
}

/// A time as the prelude reads it; none is the reference's empty one.
pub fn time(call: &Call, stored: Option<chrono::NaiveDateTime>) -> Json {
    json!({ "$d": stored.map_or(EMPTY_TIME, |stored| instant(call, stored)) })
}

/// A number as scripts have them.
pub fn number(number: Option<rust_decimal::Decimal>) -> Json {
    number.and_then(|number| number.to_string().parse::<f64>().ok()).map_or(Json::Null, Json::from)
}
