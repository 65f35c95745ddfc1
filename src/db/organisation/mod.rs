//! Users, departments and groups as rows (08 §2–§9).

mod groups;
mod mails;
mod select;
mod site;
mod write;

pub use groups::{
    Entry, Member, Membership, children, clear_members, edges, members, membership, put_members,
    replace_children, replace_members, synchronize,
};
pub use mails::{mail_addresses, replace_mail_addresses};
pub use select::{Listed, OrganisationRow, Select, select};
pub use site::{permissions_of, permitted};
pub use write::{Update, delete, insert, update};

use super::sql::Ident;
use super::statuses::Signal;
use crate::model::OrganisationTable;

/// The source of lists: what conditions and sorters name the table by.
pub const ENTRY: Ident = Ident::new("entry");

const fn signal(table: OrganisationTable) -> Signal {
    match table {
        OrganisationTable::Users => Signal::Users,
        OrganisationTable::Depts => Signal::Depts,
        OrganisationTable::Groups => Signal::Groups,
    }
}
