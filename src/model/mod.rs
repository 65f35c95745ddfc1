//! Plain types without I/O: ids, kinds of tables and columns, values.

mod binary_type;
mod caller;
mod column;
mod ids;
mod reference_type;
mod rights;
mod target;
mod value;

pub use binary_type::BinaryType;
pub use caller::{Caller, Tenant};
pub use column::{ColumnClass, DataType};
pub use ids::{DeptId, GroupId, ItemId, SiteId, TenantId, UserId};
pub use reference_type::ReferenceType;
pub use rights::Rights;
pub use target::{Lock, Site, SiteVersion, Target};
pub use value::Value;
