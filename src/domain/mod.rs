//! The rules of the reference: who may do what, and what a call means. Knows nothing of HTTP.

pub mod culture;
mod error;
pub mod permissions;
pub mod settings;
pub mod zones;

pub use error::Error;
