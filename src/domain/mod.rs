//! The rules of the reference: who may do what, and what a call means. Knows nothing of HTTP.

pub mod settings;
