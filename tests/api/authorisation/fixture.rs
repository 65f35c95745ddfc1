//! Callers who have a right in every way there is, and a table with a record for each cell.

use super::Cell;
use super::cases::Target;

/// The site that tables are made to inherit from.
pub(crate) const OTHER_SITE: i64 = 900_000;
/// Where the ids of the cells' sites begin.
const FIRST: i64 = 1_000_000;

/// The id of a cell's site.
pub(crate) fn site(number: usize) -> i64 {
    FIRST + 2 * i64::try_from(number).expect("few cells")
}

/// The name of a site, which no other has.
pub(crate) fn site_name(site: i64) -> String {
    format!("site{site}")
}

/// The handle of a record's file.
pub(crate) fn guid(record: i64) -> String {
    format!("{record:032X}")
}

/// How a caller has a right, or does not have it although it looks so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    User,
    Dept,
    Group,
    /// The group has the caller's department as a member.
    DeptInGroup,
    /// The group has a group with the caller as a member; the row that `08` keeps for that.
    NestedGroup,
    Everyone,
    /// The row is the record's, not the site's.
    Record,
    /// `Security.PrivilegedUsers` lists the caller; there is no row.
    Privileged,
    /// The row is the user's, but the API is closed to the user.
    ApiClosed,
    DisabledDept,
    DisabledGroup,
    DisabledDeptInGroup,
    /// The rows are for a user, a group and a department that the caller is not or has not.
    Stranger,
    /// The row is for everyone, and the caller belongs to another tenant.
    OtherTenant,
    /// No key at all.
    Anonymous,
}

impl Way {
    /// The ways that give what the row says.
    pub(crate) const GIVING: [Self; 7] = [
        Self::User,
        Self::Dept,
        Self::Group,
        Self::DeptInGroup,
        Self::NestedGroup,
        Self::Everyone,
        Self::Record,
    ];
    /// Those with a meaning of their own.
    pub(crate) const SPECIAL: [Self; 8] = [
        Self::Privileged,
        Self::ApiClosed,
        Self::DisabledDept,
        Self::DisabledGroup,
        Self::DisabledDeptInGroup,
        Self::Stranger,
        Self::OtherTenant,
        Self::Anonymous,
    ];

    /// Its caller's key, which is the login id too.
    pub(crate) fn key(self) -> String {
        format!("matrix{self:?}")
    }

    fn user(self) -> i64 {
        9_000 + self as i64
    }

    /// `DeptId, GroupId, UserId` of the row that grants.
    fn subject(self) -> (i64, i64, i64) {
        match self {
            Self::User | Self::Record | Self::ApiClosed => (0, 0, self.user()),
            Self::Dept | Self::DisabledDept => (self.user(), 0, 0),
            Self::Group
            | Self::DeptInGroup
            | Self::NestedGroup
            | Self::DisabledGroup
            | Self::DisabledDeptInGroup => (0, self.user(), 0),
            Self::Everyone | Self::OtherTenant => (0, 0, -1),
            Self::Privileged | Self::Stranger | Self::Anonymous => (0, 0, 8_999),
        }
    }

    fn dept(self) -> i64 {
        match self {
            Self::Dept | Self::DeptInGroup | Self::DisabledDept | Self::DisabledDeptInGroup => {
                self.user()
            }
            _ => 0,
        }
    }

    fn dept_is_disabled(self) -> bool {
        matches!(self, Self::DisabledDept | Self::DisabledDeptInGroup)
    }
}

/// Every caller with department, groups and an address to send mails from. Departments, groups and users of a way have
/// one number.
pub(crate) fn callers() -> String {
    let mut sql = String::from(
        r#"insert into "Tenants" ("TenantId", "TenantName", "Title", "Creator", "Updator") values (9000, 'other', 't', 1, 1);"#,
    );
    for way in Way::GIVING.into_iter().chain(Way::SPECIAL) {
        let (id, key, dept) = (way.user(), way.key(), way.dept());
        let tenant = if way == Way::OtherTenant { 9_000 } else { 1 };
        let settings = if way == Way::ApiClosed { r#"'{"DisableApi":true}'"# } else { "null" };
        let api_key = if way == Way::Anonymous { "null".to_owned() } else { format!("'{key}'") };
        sql += &format!(
            r#"insert into "Users" ("TenantId", "UserId", "LoginId", "Name", "Language", "TimeZone", "DeptId", "ApiKey",
            "UserSettings", "Creator", "Updator")
            values ({tenant}, {id}, '{key}', '{key}', 'ja', 'Asia/Tokyo', {dept}, {api_key}, {settings}, 1, 1);
            insert into "MailAddresses" ("OwnerId", "OwnerType", "MailAddress", "Creator", "Updator")
            values ({id}, 'Users', '{key}@example.com', 1, 1);"#
        );
        let disabled = way.dept_is_disabled();
        sql += &format!(
            r#"insert into "Depts" ("TenantId", "DeptId", "DeptCode", "DeptName", "Disabled", "Creator", "Updator")
            values ({tenant}, {id}, 'D{id}', 'D{id}', {disabled}, 1, 1);"#
        );
        let disabled = way == Way::DisabledGroup;
        sql += &format!(
            r#"insert into "Groups" ("TenantId", "GroupId", "GroupName", "Disabled", "Creator", "Updator")
            values ({tenant}, {id}, 'G{id}', {disabled}, 1, 1);"#
        );
        let (dept, user) = if dept > 0 { (id, 0) } else { (0, id) };
        let nested = way == Way::NestedGroup;
        if way.subject().1 == id {
            sql += &format!(
                r#"insert into "GroupMembers" ("GroupId", "DeptId", "UserId", "ChildGroup", "Admin", "Creator", "Updator")
                values ({id}, {dept}, {user}, {nested}, false, 1, 1);"#
            );
        }
    }
    sql
}

/// A site for every cell that has one, with a record, a file, and the row that grants.
pub(crate) fn sites(cells: &[Cell]) -> String {
    let (mut items, mut sites, mut results, mut binaries, mut rows) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let settings = |kind: &str| {
        format!(
            r#"{{"Version":1.017,"ReferenceType":"{kind}","EditorColumnHash":{{"General":["ResultId","Title","Body","ClassA"]}}}}"#
        )
    };
    items.push(format!("({OTHER_SITE}, 'Sites', {OTHER_SITE}, 'other', 1, 1)"));
    sites.push(format!("(1, {OTHER_SITE}, 'other', 'other', 'Sites', 0, {OTHER_SITE}, '', 1, 1)"));
    for cell in cells {
        let (site, record) = (cell.ids.site, cell.ids.record);
        let kind = if cell.case().target == Target::Folder { "Sites" } else { "Results" };
        items.push(format!("({site}, 'Sites', {site}, 'site', 1, 1)"));
        sites.push(format!(
            "(1, {site}, 'site', '{}', '{kind}', 0, {site}, '{}', 1, 1)",
            site_name(site),
            settings(kind)
        ));
        if kind == "Results" {
            items.push(format!("({record}, 'Results', {site}, 'record', 1, 1)"));
            results.push(format!("({site}, {record}, 'record', 'KEY', 1, 1)"));
            binaries.push(format!(
                "(1, {record}, '{}', 'Attachments', 'f.txt', '.txt', 1, '\\x61', 1, 1)",
                guid(record)
            ));
        }
        if let Some(bits) = cell.bits {
            let (dept, group, user) = cell.way.subject();
            let on = if cell.way == Way::Record { record } else { site };
            rows.push(format!("({on}, {dept}, {group}, {user}, {bits}, 1, 1)"));
        }
    }
    let insert = |table: &str, columns: &str, rows: &[String]| {
        format!("insert into \"{table}\" ({columns}) values {};", rows.join(","))
    };
    [
        insert("Items", r#""ReferenceId", "ReferenceType", "SiteId", "Title", "Creator", "Updator""#, &items),
        insert(
            "Sites",
            r#""TenantId", "SiteId", "Title", "SiteName", "ReferenceType", "ParentId", "InheritPermission",
            "SiteSettings", "Creator", "Updator""#,
            &sites,
        ),
        insert("Results", r#""SiteId", "ResultId", "Title", "ClassA", "Creator", "Updator""#, &results),
        insert(
            "Binaries",
            r#""TenantId", "ReferenceId", "Guid", "BinaryType", "FileName", "Extension", "Size", "Bin", "Creator",
            "Updator""#,
            &binaries,
        ),
        insert(
            "Permissions",
            r#""ReferenceId", "DeptId", "GroupId", "UserId", "PermissionType", "Creator", "Updator""#,
            &rows,
        ),
    ]
    .concat()
}
