//! Why a text could not be read.

use std::fmt::{self, Display};

use serde::de::{self, Expected, Unexpected};

use super::parse::SyntaxError;

/// Names come from the client: longer ones are cut before they reach a log.
const LONGEST_NAME: usize = 40;

/// A value that does not fit its type.
///
/// It is made for logs: it tells the place and never the value. Whoever implements `Deserialize` for a type
/// of their own has to keep to that in `Error::custom`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ConversionError {
    path: String,
    problem: String,
}

impl ConversionError {
    pub(super) fn new(problem: impl Into<String>) -> Self {
        Self { path: String::new(), problem: problem.into() }
    }

    /// The place, such as `NumHash.NumA` or `Keys[2]`; empty for the whole.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The same problem, seen from the object that has the member.
    pub(super) fn at_member(self, name: &str) -> Self {
        let end = name.char_indices().nth(LONGEST_NAME).map_or(name.len(), |(at, _)| at);
        let name = name.get(..end).unwrap_or_default();
        let dot = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        Self { path: format!("{name}{dot}{}", self.path), ..self }
    }

    /// The same problem, seen from the array that has the element.
    pub(super) fn at_index(self, index: usize) -> Self {
        let dot = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        Self { path: format!("[{index}]{dot}{}", self.path), ..self }
    }
}

impl Display for ConversionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            f.write_str(&self.problem)
        } else {
            write!(f, "{}: {}", self.path, self.problem)
        }
    }
}

/// Serde's own texts quote the value; these do not.
impl de::Error for ConversionError {
    fn custom<T: Display>(problem: T) -> Self {
        Self::new(problem.to_string())
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format!("expected {expected}"))
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format!("expected {expected}"))
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self::new("no name of the enum")
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self::new("unknown member")
    }
}

/// Why [`from_str`](super::from_str) failed. To a client both look alike.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The text is no JSON.
    #[error(transparent)]
    Syntax(#[from] SyntaxError),
    /// A value does not fit its type.
    #[error(transparent)]
    Conversion(#[from] ConversionError),
}
