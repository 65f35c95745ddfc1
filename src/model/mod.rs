//! Plain types without I/O: ids, kinds of tables and columns, values.

mod column;
mod ids;
mod reference_type;

pub use column::{ColumnClass, DataType};
pub use ids::{DeptId, GroupId, ItemId, SiteId, TenantId, UserId};
pub use reference_type::ReferenceType;
