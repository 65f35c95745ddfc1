//! Statements made at run time: text that only our source writes, names from the catalogue, values as parameters.

mod belongs;
mod bind;
mod ident;
mod pattern;
mod permission;
mod predicate;
mod statement;

pub use belongs::Belongs;
pub use bind::Bind;
pub use ident::Ident;
pub use pattern::Pattern;
pub use permission::{Holder, SiteSet};
pub use predicate::{Comparison, Predicate};
pub(super) use statement::Frame;
pub use statement::Statement;
