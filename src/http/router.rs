//! Every route on one page, in the order of 01 §1.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::http::header::ALLOW;
use axum::middleware;
use axum::response::Response;
use axum::routing::{MethodRouter, any, post};

use crate::domain::items::{update_ahead, upsert_ahead};
use crate::domain::{Call, Error, Services};
use crate::messages::{self, MessageId};
use crate::model::OrganisationTable;

use super::body::Body;
use super::headers::Rules;
use super::pipeline::{self, Endpoint, IdWidth, nothing_ahead};
use super::routes::Routes;
use super::sessions::Action;
use super::wire::{self, Answer};
use super::{
    background_tasks, binaries, bulk_delete, bulk_upsert, export, extended_sql, extensions,
    failure, headers, health, import, items, mails, organisation, respond, sessions, sites,
    utility,
};

/// What every handler gets from the router.
type App = Arc<Services>;

/// The service that answers every request.
pub fn router(services: Arc<Services>) -> Router {
    let security = &services.parameters.security;
    let rules = Arc::new(Rules::of(security));
    let mut router = routes().merge(legacy_routes()).into_router();
    if security.health_check.enabled {
        router = router.route("/healthz", any(health::check));
    }
    router
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(rules, headers::around))
        .with_state(services)
}

/// The path of every route of the API: what a test of all routes walks.
pub fn paths() -> Vec<&'static str> {
    routes().paths()
}

fn routes() -> Routes<App> {
    Routes::new()
        .merge(item_routes())
        .merge(organisation_routes())
        .merge(other_routes())
        .merge(binary_routes())
}

/// 01 §1.1.
fn item_routes() -> Routes<App> {
    let item =
        |method| Endpoint { class: "items", method, id: IdWidth::Long, ahead: nothing_ahead };
    let ahead = |method, ahead| Endpoint { ahead, ..item(method) };
    Routes::new()
        .route("/api/items/{id}/get", api(item("get"), items::get))
        .route("/api/items/{id}/create", api(item("create"), items::create))
        .route("/api/items/{id}/update", api(ahead("update", update_ahead), items::update))
        .route("/api/items/{id}/upsert", api(ahead("upsert", upsert_ahead), items::upsert))
        .route("/api/items/{id}/delete", api(ahead("delete", update_ahead), items::delete))
        .route("/api/items/{id}/bulkdelete", api(item("bulkdelete"), bulk_delete::bulk_delete))
        .route("/api/items/{id}/bulkupsert", api(item("bulkupsert"), bulk_upsert::bulk_upsert))
        .route("/api/items/{id}/import", api(item("import"), import::import))
        .route("/api/items/{id}/export", api(item("export"), export::export))
        .route("/api/items/{id}/getsite", api(item("getsite"), items::get_site))
        .route("/api/items/{id}/createsite", api(item("createsite"), items::create_site))
        .route("/api/items/{id}/updatesite", api(item("updatesite"), sites::update))
        .route("/api/items/{id}/deletesite", api(item("deletesite"), sites::delete))
        .route("/api/items/{id}/copysitepackage", api(item("copysitepackage"), sites::copy))
        .route(
            "/api/items/{id}/synchronizesummaries",
            api(item("synchronizesummaries"), sites::synchronize_summaries),
        )
        .route(
            "/api/items/{id}/updatesitesettings",
            api(item("updatesitesettings"), sites::update_settings),
        )
        .route("/api/items/{id}/getclosestsiteid", api(item("getclosestsiteid"), sites::closest))
}

/// 01 §1.2.
fn organisation_routes() -> Routes<App> {
    let of = |class, method| Endpoint { class, method, id: IdWidth::Int, ahead: nothing_ahead };
    Routes::new()
        .route(
            "/api/users/get",
            table_api(of("users", "get"), OrganisationTable::Users, organisation::get),
        )
        .route(
            "/api/users/{id}/get",
            table_api(of("users", "get"), OrganisationTable::Users, organisation::get),
        )
        .route(
            "/api/users/create",
            table_api(of("users", "create"), OrganisationTable::Users, organisation::create),
        )
        .route(
            "/api/users/{id}/update",
            table_api(of("users", "update"), OrganisationTable::Users, organisation::update),
        )
        .route(
            "/api/users/{id}/delete",
            table_api(of("users", "delete"), OrganisationTable::Users, organisation::delete),
        )
        .route(
            "/api/users/import",
            table_api(of("users", "import"), OrganisationTable::Users, organisation::import),
        )
        .route(
            "/api/depts/get",
            table_api(of("depts", "get"), OrganisationTable::Depts, organisation::get),
        )
        .route(
            "/api/depts/{id}/get",
            table_api(of("depts", "get"), OrganisationTable::Depts, organisation::get),
        )
        .route(
            "/api/depts/create",
            table_api(of("depts", "create"), OrganisationTable::Depts, organisation::create),
        )
        .route(
            "/api/depts/{id}/update",
            table_api(of("depts", "update"), OrganisationTable::Depts, organisation::update),
        )
        .route(
            "/api/depts/{id}/delete",
            table_api(of("depts", "delete"), OrganisationTable::Depts, organisation::delete),
        )
        .route(
            "/api/depts/import",
            table_api(of("depts", "import"), OrganisationTable::Depts, organisation::import),
        )
        .route(
            "/api/groups/get",
            table_api(of("groups", "get"), OrganisationTable::Groups, organisation::get),
        )
        .route(
            "/api/groups/{id}/get",
            table_api(of("groups", "get"), OrganisationTable::Groups, organisation::get),
        )
        .route(
            "/api/groups/create",
            table_api(of("groups", "create"), OrganisationTable::Groups, organisation::create),
        )
        .route(
            "/api/groups/{id}/update",
            table_api(of("groups", "update"), OrganisationTable::Groups, organisation::update),
        )
        .route(
            "/api/groups/{id}/delete",
            table_api(of("groups", "delete"), OrganisationTable::Groups, organisation::delete),
        )
        .route(
            "/api/groups/import",
            table_api(of("groups", "import"), OrganisationTable::Groups, organisation::import),
        )
}

/// 01 §1.3.
fn other_routes() -> Routes<App> {
    let of = |class, method| Endpoint { class, method, id: IdWidth::Int, ahead: nothing_ahead };
    let session = |method| of("sessions", method);
    let long = |class, method| Endpoint { id: IdWidth::Long, ..of(class, method) };
    Routes::new()
        .route("/api/sessions/get", sessions::route(session("get"), Action::Get))
        .route("/api/sessions/set", sessions::route(session("set"), Action::Set))
        .route("/api/sessions/delete", sessions::route(session("delete"), Action::Delete))
        .route("/api/extended/sql", api(of("extended", "sql"), extended_sql::run))
        .route("/api/extensions/get", api(of("extensions", "get"), extensions::get))
        .route("/api/extensions/{id}/get", api(of("extensions", "get"), extensions::get))
        .route("/api/extensions/create", api(of("extensions", "create"), extensions::create))
        .route("/api/extensions/{id}/update", api(of("extensions", "update"), extensions::update))
        .route("/api/extensions/{id}/delete", api(of("extensions", "delete"), extensions::delete))
        .route(
            "/api/{reference}/{id}/outgoingmails/send",
            api(long("outgoingmails", "send"), mails::send),
        )
        .route(
            "/api/backgroundtasks/rebuildsearchindexes",
            api(
                long("backgroundtasks", "rebuildsearchindexes"),
                background_tasks::rebuild_search_indexes,
            ),
        )
        .route(
            "/api/backgroundtasks/{id}/rebuildsearchindexes",
            api(
                long("backgroundtasks", "rebuildsearchindexes"),
                background_tasks::rebuild_search_indexes,
            ),
        )
        .route(
            "/api/utility/getlicenseinfo",
            api(of("utility", "getlicenseinfo"), utility::license_info),
        )
}

/// 01 §1.3: twins of some routes for old scripts of pages, which take their JSON from a form.
fn legacy_routes() -> Routes<App> {
    let of = |class, id| move |method| Endpoint { class, method, id, ahead: nothing_ahead };
    let item = of("api_items", IdWidth::Long);
    let get = |class, table| table_api(of(class, IdWidth::Int)("get"), table, organisation::get);
    let (users, depts, groups) =
        (OrganisationTable::Users, OrganisationTable::Depts, OrganisationTable::Groups);
    Routes::new()
        .route("/api_items/{id}/get", api(item("get"), items::get))
        .route("/api_items/{id}/create", api(item("create"), items::create))
        .route("/api_items/{id}/update", api(item("update"), items::update))
        .route("/api_items/{id}/delete", api(item("delete"), items::delete))
        .route("/api_users/get", get("api_users", users))
        .route("/api_users/{id}/get", get("api_users", users))
        .route("/api_depts/get", get("api_depts", depts))
        .route("/api_depts/{id}/get", get("api_depts", depts))
        .route("/api_groups/get", get("api_groups", groups))
        .route("/api_groups/{id}/get", get("api_groups", groups))
        .route("/api/demo/register", post(register_demo))
}

/// 01 §1.3, stored files: their ids are handles.
fn binary_routes() -> Routes<App> {
    let of =
        |method| Endpoint { class: "binaries", method, id: IdWidth::Handle, ahead: nothing_ahead };
    Routes::new()
        .route("/api/binaries/{guid}/get", file(of("get"), binaries::get))
        .route("/api/binaries/{guid}/getstream", file(of("getstream"), binaries::get_stream))
        .route("/api/binaries/upload", file(of("upload"), binaries::upload))
        .route("/api/binaries/{guid}/upload", file(of("upload"), binaries::replace))
}

/// As [`api`], for a handler that wants the handle in the path, the query, or the body as it came.
fn file<F, Fut>(endpoint: Endpoint, handler: F) -> MethodRouter<App>
where
    F: FnOnce(Call, Body, binaries::Route) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Result<Answer, Error>> + Send,
{
    post(move |State(services): State<App>, request: Request| {
        let route = binaries::Route::of(&request);
        pipeline::run(services, endpoint, request, move |call, body| handler(call, body, route))
    })
}

/// An endpoint: every API route takes POST only.
fn api<F, Fut>(endpoint: Endpoint, handler: F) -> MethodRouter<App>
where
    F: FnOnce(Call, Body) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Result<Answer, Error>> + Send,
{
    post(move |State(services): State<App>, request: Request| {
        pipeline::run(services, endpoint, request, handler)
    })
}

/// As [`api`], for a handler that serves several tables.
fn table_api<F, Fut>(endpoint: Endpoint, table: OrganisationTable, handler: F) -> MethodRouter<App>
where
    F: FnOnce(Call, Body, OrganisationTable) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Result<Answer, Error>> + Send,
{
    api(endpoint, move |call, body| handler(call, body, table))
}

/// `POST /api/demo/register`: not there unless `Service.DemoApi` is on, and then refused. Anybody could make tenants by
/// it; the specification advises against it (08 §14).
async fn register_demo(State(services): State<App>) -> Response {
    if services.parameters.service.demo_api {
        let error = Error::HasNotPermission;
        return respond(failure::answer(&error, 0, services.default_language()));
    }
    unknown(State(services)).await
}

/// The reference redirects to an HTML page (01 §2); we owe a client JSON.
pub(super) async fn unknown(State(services): State<App>) -> Response {
    let text = messages::template(MessageId::NotFound, services.default_language());
    respond(wire::simple(0, 404, None, text))
}

/// As [`unknown`], for a route that exists and takes POST only.
async fn wrong_method(State(services): State<App>) -> Response {
    let text = messages::template(MessageId::BadRequest, services.default_language());
    let mut response = respond(wire::simple(0, 405, None, text));
    response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
    response
}
