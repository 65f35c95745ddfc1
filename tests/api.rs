//! Tests over HTTP, and of the command line, each on a database of its own. One binary, a tree like the routes.

#![expect(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

#[path = "api/app.rs"]
mod app;
#[path = "api/proxy.rs"]
mod proxy;
mod support;
#[path = "api/web_hook.rs"]
mod web_hook;

#[path = "api/admin.rs"]
mod admin;
#[path = "api/authorisation.rs"]
mod authorisation;
#[path = "api/bulk_delete.rs"]
mod bulk_delete;
#[path = "api/bulk_upsert.rs"]
mod bulk_upsert;
#[path = "api/connections.rs"]
mod connections;
#[path = "api/database_advise.rs"]
mod database_advise;
#[path = "api/extended_formulas.rs"]
mod extended_formulas;
#[path = "api/extensions.rs"]
mod extensions;
#[path = "api/gathering.rs"]
mod gathering;
#[path = "api/http_rules.rs"]
mod http_rules;
#[path = "api/idempotency.rs"]
mod idempotency;
#[path = "api/import_export.rs"]
mod import_export;
#[path = "api/legacy.rs"]
mod legacy;
#[path = "api/matching.rs"]
mod matching;
#[path = "api/nodes.rs"]
mod nodes;
#[path = "api/notifications.rs"]
mod notifications;
#[path = "api/organisation.rs"]
mod organisation;
#[path = "api/python_clients.rs"]
mod python_clients;
#[path = "api/reading.rs"]
mod reading;
#[path = "api/record_writes.rs"]
mod record_writes;
#[path = "api/round_trips.rs"]
mod round_trips;
#[path = "api/schema.rs"]
mod schema;
#[path = "api/script_objects.rs"]
mod script_objects;
#[path = "api/server_scripts.rs"]
mod server_scripts;
#[path = "api/set_api_key.rs"]
mod set_api_key;
#[path = "api/shutdown.rs"]
mod shutdown;
#[path = "api/sites.rs"]
mod sites;
#[path = "api/summaries.rs"]
mod summaries;
#[path = "api/uploads.rs"]
mod uploads;
#[path = "api/upsert_races.rs"]
mod upsert_races;
