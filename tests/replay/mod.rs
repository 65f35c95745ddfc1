//! Replays recorded exchanges and compares, exactly as `conform.py check` does, which stays the authority.
//!
//! `run` decides what is played on which database, `play` plays one suite, `compare` and `normal` judge an answer.

#![allow(dead_code, reason = "the tests of these rules use a part of them")]

pub(crate) mod compare;
pub(crate) mod known;
pub(crate) mod normal;
pub(crate) mod play;
pub(crate) mod python;
pub(crate) mod report;
pub(crate) mod request;
pub(crate) mod run;
pub(crate) mod suite;
