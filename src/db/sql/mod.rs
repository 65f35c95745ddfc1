//! Statements made at run time: text that only our source writes, names from the catalogue, values as parameters.

mod bind;
mod ident;
mod predicate;
mod statement;

pub use bind::Bind;
pub use ident::Ident;
pub use predicate::Predicate;
pub use statement::Statement;
