//! What each route needs and answers otherwise: 06 §2.5 and §3, 04 §3.7, 08 §10 and §12, and 01 §1 for its gates and
//! for ids that are not the caller's. Written from those tables, never from the server.

use serde_json::{Value, json};

use super::Answer;

/// A body, with everything but the key.
pub(crate) enum Body {
    Json(Value),
    /// A CSV file and fields, as a form.
    Csv(&'static str),
    /// An empty file, as a form.
    File,
}

/// The ids that a cell works on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ids {
    pub(crate) site: i64,
    pub(crate) record: i64,
}

/// What the id in the URL addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    Table,
    Record,
    Folder,
    /// The route has no item.
    Nothing,
}

pub(crate) const READ: i64 = 1;
pub(crate) const CREATE: i64 = 2;
pub(crate) const UPDATE: i64 = 4;
pub(crate) const DELETE: i64 = 8;
pub(crate) const SEND_MAIL: i64 = 16;
pub(crate) const EXPORT: i64 = 32;
pub(crate) const IMPORT: i64 = 64;
pub(crate) const MANAGE_SITE: i64 = 128;
pub(crate) const MANAGE_PERMISSION: i64 = 256;

/// A check, and what who fails it is answered.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Check {
    /// Any row at all, be it without bits.
    AnyRow(u16),
    /// The bits on site or record; 403 to who may read, else 404.
    Hides(i64),
    /// The bits on site or record; 403.
    Forbids(i64),
    /// The bits on the site alone; 403.
    ForbidsBySite(i64),
}

/// How the answer depends on rights.
#[derive(Clone, Copy)]
pub(crate) enum Rule {
    /// These checks in this order; 200 when all pass.
    Checks(&'static [Check]),
    /// The same, where what follows the checks may fail for other reasons.
    ChecksOnly(&'static [Check]),
    /// Always 200, and the text tells whether one of the bits on the site was there.
    Tells(i64, fn(&Answer, Ids) -> bool),
    /// Rights on items change nothing.
    Independent,
}

/// A way to call a route.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// As the router has it.
    pub(crate) path: &'static str,
    pub(crate) target: Target,
    pub(crate) body: fn(Ids) -> Body,
    pub(crate) rule: Rule,
    /// Whether the route is closed to those to whom the API is closed (01 §1, "Gate").
    pub(crate) gate: bool,
    /// The answer to an id of another tenant (01 §1.5); 0 where that is no refusal.
    pub(crate) foreign: u16,
    /// The answer without a key.
    pub(crate) anonymous: u16,
}

const fn case(
    name: &'static str,
    path: &'static str,
    target: Target,
    rule: Rule,
    body: fn(Ids) -> Body,
) -> Case {
    Case { name, path, target, body, rule, gate: false, foreign: 404, anonymous: 401 }
}

impl Case {
    const fn gated(mut self) -> Self {
        self.gate = true;
        self
    }

    const fn foreign(mut self, status: u16) -> Self {
        self.foreign = status;
        self
    }

    const fn anonymous(mut self, status: u16) -> Self {
        self.anonymous = status;
        self
    }
}

fn empty(_: Ids) -> Body {
    Body::Json(json!({}))
}

fn record_of_title(_: Ids) -> Body {
    Body::Json(json!({ "Title": "新規" }))
}

fn new_site(_: Ids) -> Body {
    Body::Json(json!({
        "Title": "新規", "ReferenceType": "Results", "SiteSettings": { "Version": 1.017, "ReferenceType": "Results" }
    }))
}

/// `ClassA` of the record of each cell is `KEY`.
fn upsert_existing(_: Ids) -> Body {
    Body::Json(json!({ "Keys": ["ClassA"], "ClassHash": { "ClassA": "KEY" }, "Body": "変更" }))
}

fn upsert_new(_: Ids) -> Body {
    Body::Json(json!({ "Keys": ["ClassA"], "ClassHash": { "ClassA": "NEW" }, "Title": "新規" }))
}

fn csv(_: Ids) -> Body {
    Body::Csv("Title,ClassA\n新規,NEW\n")
}

fn file(_: Ids) -> Body {
    Body::File
}

fn package(answer: &Answer, _: Ids) -> bool {
    answer.text.contains("NewSiteId")
}

fn found_itself(answer: &Answer, ids: Ids) -> bool {
    answer.json()["Data"][0]["SiteId"] == ids.site
}

const ITEMS_GET: &str = "/api/items/{id}/get";
const ITEMS_CREATE: &str = "/api/items/{id}/create";
const ITEMS_UPDATE: &str = "/api/items/{id}/update";
const ITEMS_UPSERT: &str = "/api/items/{id}/upsert";
const ITEMS_DELETE: &str = "/api/items/{id}/delete";
const ITEMS_BULK_DELETE: &str = "/api/items/{id}/bulkdelete";
const ITEMS_BULK_UPSERT: &str = "/api/items/{id}/bulkupsert";
const CREATE_SITE: &str = "/api/items/{id}/createsite";
const UPDATE_SITE: &str = "/api/items/{id}/updatesite";
const MAIL: &str = "/api/{reference}/{id}/outgoingmails/send";

use Check::{AnyRow, Forbids, ForbidsBySite, Hides};
use Rule::{Checks, ChecksOnly, Independent, Tells};
use Target::{Folder, Nothing, Record, Table};

const MANAGES: Rule = Checks(&[ForbidsBySite(MANAGE_SITE)]);

/// Every route of items.
pub(crate) fn item_cases() -> Vec<Case> {
    vec![
        case("get table", ITEMS_GET, Table, Checks(&[AnyRow(404)]), empty).gated(),
        case("get record", ITEMS_GET, Record, Checks(&[Hides(READ)]), empty).gated(),
        case("get folder", ITEMS_GET, Folder, Checks(&[AnyRow(403)]), empty).gated(),
        case("create record", ITEMS_CREATE, Table, Checks(&[Hides(CREATE)]), record_of_title).gated(),
        case("create beside a record", ITEMS_CREATE, Record, Checks(&[Hides(CREATE)]), record_of_title)
            .gated(),
        case("create in a folder", ITEMS_CREATE, Folder, MANAGES, new_site),
        case("update record", ITEMS_UPDATE, Record, Checks(&[Hides(UPDATE)]), record_of_title)
            .gated()
            .foreign(403),
        case(
            "update permissions of a record",
            ITEMS_UPDATE,
            Record,
            Checks(&[Forbids(MANAGE_PERMISSION), Hides(UPDATE)]),
            |_| Body::Json(json!({ "RecordPermissions": ["User,1,31"] })),
        )
        .gated()
        .foreign(403),
        case("update folder", ITEMS_UPDATE, Folder, MANAGES, record_of_title).foreign(403),
        case("upsert existing", ITEMS_UPSERT, Table, Checks(&[Hides(UPDATE)]), upsert_existing).gated(),
        case("upsert new", ITEMS_UPSERT, Table, Checks(&[Hides(CREATE)]), upsert_new).gated(),
        case("delete record", ITEMS_DELETE, Record, Checks(&[Hides(DELETE)]), empty).gated().foreign(403),
        case("delete folder", ITEMS_DELETE, Folder, MANAGES, empty).gated().foreign(403),
        case("bulkdelete", ITEMS_BULK_DELETE, Table, Checks(&[ForbidsBySite(DELETE)]), |_| {
            Body::Json(json!({ "All": true }))
        })
        // BUG(04 §3.4): the reference has no gate here, for neither kind.
        .gated(),
        case("bulkdelete physical", ITEMS_BULK_DELETE, Table, MANAGES, |_| {
            Body::Json(json!({ "All": true, "PhysicalDelete": true }))
        })
        .gated(),
        case("bulkupsert existing", ITEMS_BULK_UPSERT, Table, Checks(&[Hides(UPDATE)]), |_| {
            Body::Json(json!({ "Keys": ["ClassA"], "Data": [{ "ClassHash": { "ClassA": "KEY" }, "Body": "変更" }] }))
        })
        .gated(),
        case("bulkupsert new", ITEMS_BULK_UPSERT, Table, Checks(&[Hides(CREATE)]), |_| {
            Body::Json(json!({ "Data": [{ "Title": "新規" }] }))
        })
        .gated(),
        case("import", "/api/items/{id}/import", Table, Checks(&[Hides(IMPORT)]), csv).gated().foreign(400),
        case("export", "/api/items/{id}/export", Table, Checks(&[Hides(EXPORT)]), |_| {
            Body::Json(json!({ "Export": { "Columns": [{ "ColumnName": "Title" }], "Header": true, "Type": "csv" } }))
        })
        .gated()
        .foreign(400),
        case("outgoing mail of a record", MAIL, Record, ChecksOnly(&[Forbids(SEND_MAIL)]), mail).foreign(403),
        case("outgoing mail of a table", MAIL, Table, ChecksOnly(&[ForbidsBySite(MANAGE_SITE)]), mail)
            .foreign(403),
    ]
}

fn mail(_: Ids) -> Body {
    Body::Json(json!({ "From": "a@example.com", "To": "b@example.com", "Title": "t", "Body": "b" }))
}

/// Every route of sites.
pub(crate) fn site_cases() -> Vec<Case> {
    vec![
        case("getsite", "/api/items/{id}/getsite", Table, Checks(&[AnyRow(403)]), empty).gated(),
        case(
            "getsite of a folder",
            "/api/items/{id}/getsite",
            Folder,
            Checks(&[AnyRow(403)]),
            empty,
        )
        .gated(),
        // An id of another tenant is the top level, where everybody may create as shipped (01 §1.5).
        case("createsite", CREATE_SITE, Folder, MANAGES, new_site).foreign(0),
        case(
            "createsite on a table",
            CREATE_SITE,
            Table,
            Checks(&[Hides(CREATE)]),
            record_of_title,
        )
        .gated()
        .foreign(400),
        case("updatesite", UPDATE_SITE, Table, MANAGES, record_of_title).foreign(403),
        case(
            "updatesite with permissions",
            UPDATE_SITE,
            Table,
            Checks(&[ForbidsBySite(MANAGE_SITE | MANAGE_PERMISSION)]),
            |_| Body::Json(json!({ "Permissions": ["User,1,511"] })),
        )
        .foreign(403),
        case(
            "updatesite that inherits",
            UPDATE_SITE,
            Table,
            Checks(&[ForbidsBySite(MANAGE_SITE | MANAGE_PERMISSION)]),
            |_| Body::Json(json!({ "InheritPermission": super::fixture::OTHER_SITE })),
        )
        .foreign(403),
        case("updatesite of a folder", UPDATE_SITE, Folder, MANAGES, record_of_title).foreign(403),
        case("updatesitesettings", "/api/items/{id}/updatesitesettings", Table, MANAGES, |_| {
            Body::Json(json!({ "Scripts": [{ "Id": 1, "Title": "s", "Body": "" }] }))
        }),
        case("deletesite", "/api/items/{id}/deletesite", Table, MANAGES, empty)
            .gated()
            .foreign(403),
        case("deletesite of a folder", "/api/items/{id}/deletesite", Folder, MANAGES, empty)
            .gated()
            .foreign(403),
        // Failures are 200 with a message inside (06 §3.7).
        case(
            "copysitepackage",
            "/api/items/{id}/copysitepackage",
            Table,
            Tells(MANAGE_SITE, package),
            |ids| {
                Body::Json(
                    json!({ "TargetSiteId": ids.site, "SelectedSites": [{ "SiteId": ids.site }] }),
                )
            },
        )
        .foreign(0),
        case(
            "synchronizesummaries",
            "/api/items/{id}/synchronizesummaries",
            Table,
            MANAGES,
            |_| Body::Json(json!({ "SummaryId": [1] })),
        )
        .foreign(403)
        .gated(),
        case(
            "getclosestsiteid",
            "/api/items/{id}/getclosestsiteid",
            Table,
            Tells(READ | CREATE, found_itself),
            |ids| Body::Json(json!({ "FindSiteNames": [super::fixture::site_name(ids.site)] })),
        )
        .foreign(0),
        // Files of the cell's record (08 §10).
        case("binary get", "/api/binaries/{guid}/get", Record, Checks(&[FILE]), empty),
        case("binary getstream", "/api/binaries/{guid}/getstream", Record, Checks(&[FILE]), empty),
        case("binary upload", "/api/binaries/upload", Nothing, Independent, file),
        case("binary upload to a file", "/api/binaries/{guid}/upload", Nothing, Independent, file),
    ]
}

/// A file that cannot be read is not found.
const FILE: Check = Hides(READ);

/// The routes without an item: rights on items change nothing of their answers.
pub(crate) fn other_cases() -> Vec<Case> {
    [
        "/api/users/get",
        "/api/users/{id}/get",
        "/api/users/create",
        "/api/users/{id}/update",
        "/api/users/{id}/delete",
        "/api/users/import",
        "/api/depts/get",
        "/api/depts/{id}/get",
        "/api/depts/create",
        "/api/depts/{id}/update",
        "/api/depts/{id}/delete",
        "/api/depts/import",
        "/api/groups/get",
        "/api/groups/{id}/get",
        "/api/groups/create",
        "/api/groups/{id}/update",
        "/api/groups/{id}/delete",
        "/api/groups/import",
        "/api/sessions/get",
        "/api/sessions/set",
        "/api/sessions/delete",
        "/api/extended/sql",
        "/api/utility/getlicenseinfo",
        "/api/backgroundtasks/rebuildsearchindexes",
        "/api/backgroundtasks/{id}/rebuildsearchindexes",
    ]
    .into_iter()
    .map(|path| case(path, path, Nothing, Independent, empty))
    // 403 before everything else, to anybody: no tenant is open as shipped (01 §6.3).
    .chain(
        [
            "/api/extensions/get",
            "/api/extensions/{id}/get",
            "/api/extensions/create",
            "/api/extensions/{id}/update",
            "/api/extensions/{id}/delete",
        ]
        .into_iter()
        .map(|path| case(path, path, Nothing, Independent, empty).anonymous(403)),
    )
    // Off as shipped; it has a gate of its own (01 §6.3).
    .chain([
        case("/api/demo/register", "/api/demo/register", Nothing, Independent, empty).anonymous(0)
    ])
    .collect()
}
