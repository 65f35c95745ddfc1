//! What the test binaries share: a private PostgreSQL, databases copied from one template, parameter folders, the
//! server itself, and an HTTP client.
//!
//! Callers start at [`database::Database::copy`], [`parameters::ParameterFolder`] and [`server::Server`]. Nothing here
//! knows what a test is about.

#![allow(dead_code, reason = "each test binary uses a part of this")]

pub(crate) mod cli;
pub(crate) mod database;
pub(crate) mod deadline;
pub(crate) mod http;
pub(crate) mod parameters;
pub(crate) mod ports;
pub(crate) mod postgres;
pub(crate) mod scratch;
pub(crate) mod server;
pub(crate) mod sql;

use std::path::PathBuf;

/// A path in the repository.
pub(crate) fn repository(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}
