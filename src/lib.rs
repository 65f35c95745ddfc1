//! Kokochi: a server that takes over the HTTP API of Pleasanter.
//!
//! Four layers, each of which may name only those to its right: [`http`] → [`domain`] → [`db`] → [`model`].
//! [`config`], [`parameters`], [`messages`], [`lenient`], [`json`], [`script_engine`] and [`telemetry`] serve them and
//! use none of the four; [`app`] puts
//! all together.
//! `docs/ARCHITECTURE.md` follows one call through all of them.

pub mod app;
pub mod cli;
pub mod config;
pub mod db;
pub mod domain;
pub mod http;
pub mod json;
pub mod lenient;
pub mod messages;
pub mod model;
pub mod parameters;
pub mod script_engine;
pub mod telemetry;
