//! A file of users, departments or groups: labels, and cells as the API would be posted them.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::domain::organisation::fields::{FieldKind, fields, find};
use crate::domain::organisation::posted::Posted;
use crate::domain::organisation::{users, write};
use crate::domain::settings::{Column, definitions};
use crate::domain::{Call, Error, Unimportable, items};
use crate::json::{self, Object};
use crate::lenient::{self, PostedTime};
use crate::messages::Language;
use crate::model::OrganisationTable::{self, Depts, Groups, Users};
use crate::model::{ColumnClass, Value};

/// Columns that only files have, with their labels.
const FURTHER: [(OrganisationTable, &str, [&str; 2]); 6] = [
    (Users, "ApiKey", ["APIキー", "API key"]),
    (Users, "MailAddresses", ["メールアドレス", "Mail addresses"]),
    (Groups, "MemberType", ["メンバー種別", "Member type"]),
    (Groups, "MemberKey", ["メンバーキー", "Member key"]),
    (Groups, "MemberName", ["メンバー名", "Member name"]),
    (Groups, "MemberIsAdmin", ["メンバーは管理者", "Members are administrators"]),
];

/// Columns of users that files do not set, whatever their labels (08 §7).
const NOT_IN_FILES: [&str; 13] = [
    "FirstAndLastNameOrder",
    "LastLoginTime",
    "PasswordChangeTime",
    "NumberOfLogins",
    "NumberOfDenial",
    "AllowMovingFromTopSite",
    "LockoutCounter",
    "SecondaryAuthenticationCode",
    "SecondaryAuthenticationCodeExpirationTime",
    "SecretKey",
    "LoginExpirationLimit",
    "LoginExpirationPeriod",
    "UserSettings",
];

/// Whether files set a column.
fn is_in_files(table: OrganisationTable, name: &str) -> bool {
    match table {
        Users => !NOT_IN_FILES.contains(&name),
        Depts => true,
        Groups => matches!(name, "GroupId" | "GroupName" | "Body" | "Comments" | "Disabled"),
    }
}

/// What languages are called where a file says so.
const LANGUAGES: [(&str, &str); 7] = [
    ("English", "en"),
    ("Chinese", "zh"),
    ("Japanese", "ja"),
    ("German", "de"),
    ("Korean", "ko"),
    ("Spanish", "es"),
    ("Vietnamese", "vn"),
];

/// The rows, and where they have what.
pub(super) struct Sheet<'t> {
    table: OrganisationTable,
    cells: HashMap<&'static str, usize>,
    /// Extension columns, and where they are.
    extensions: Vec<(Column, usize)>,
    pub(super) rows: Vec<Vec<Cow<'t, str>>>,
    /// Ids of users and departments by the names that files show of them.
    users: HashMap<String, i64>,
    depts: HashMap<String, i64>,
}

impl<'t> Sheet<'t> {
    /// Refuses a file without the columns that name a row, and rows that are too short (BUG(08 §7): the reference
    /// crashes on them).
    pub(super) async fn of(
        call: &Call,
        table: OrganisationTable,
        labels: &[Cow<'_, str>],
        rows: Vec<Vec<Cow<'t, str>>>,
    ) -> Result<Self, Error> {
        let language = call.language();
        let mut cells = HashMap::new();
        for (at, label) in labels.iter().enumerate() {
            if let Some(name) = named(table, language, label) {
                cells.insert(name, at);
            }
        }
        let required: &[&str] = match table {
            Users => &["LoginId", "Name"],
            Depts => &["DeptCode", "DeptName"],
            Groups => &["GroupName"],
        };
        if let Some(missing) = required.iter().find(|name| !cells.contains_key(**name)) {
            let field = fields(table).iter().find(|field| field.name == *missing);
            let label = field.map(|field| field.label_in(language)).unwrap_or_default();
            return Err(Unimportable::NotIncludedRequiredColumn(label).into());
        }
        if rows.iter().any(|row| row.len() < labels.len()) {
            return Err(Error::BadRequest);
        }
        let extensions = extensions(call, table, labels)?;
        let (users, depts) = (HashMap::new(), HashMap::new());
        let mut sheet = Self { table, cells, extensions, rows, users, depts };
        if sheet.has("Manager") {
            sheet.users = call.users().await?.by_name();
        }
        if sheet.has("DeptId") && table == Users {
            sheet.depts = call.depts().await?.by_name();
        }
        Ok(sheet)
    }

    /// The names of its extension columns.
    pub(super) fn extensions(&self) -> Vec<&str> {
        self.extensions.iter().map(|(column, _)| column.name.as_str()).collect()
    }

    /// Whether the file has a column.
    pub(super) fn has(&self, name: &str) -> bool {
        self.cells.contains_key(name)
    }

    /// A cell, empty where there is none.
    pub(super) fn text<'r>(&self, row: &'r [Cow<'t, str>], name: &str) -> &'r str {
        self.cells.get(name).and_then(|at| row.get(*at)).map_or("", |text| text.as_ref())
    }

    /// A number, or the id of the user or department with that name.
    fn number(&self, name: &str, text: &str) -> i64 {
        let named = match name {
            "Manager" => self.users.get(text),
            "DeptId" => self.depts.get(text),
            _ => None,
        };
        named
            .copied()
            .or_else(|| text.trim().parse::<i32>().ok().map(i64::from))
            .unwrap_or_default()
    }

    /// A row as a body would have it. An empty password is none, an empty language or zone that of the tenant; a
    /// comment is one on a new row only.
    pub(super) fn posted(
        &self,
        call: &Call,
        row: &[Cow<'t, str>],
        new: bool,
    ) -> Result<Posted, Error> {
        let body = json::object(|o| {
            for field in fields(self.table).iter().filter(|field| self.has(field.name)) {
                let text = match (field.name, self.text(row, field.name)) {
                    ("Language", "") => users::default_language(call),
                    ("TimeZone", "") => users::default_zone(call),
                    (_, text) => text,
                };
                let is_none = match field.kind {
                    FieldKind::Comments => {
                        !new || text.is_empty() || items::read_comments(call, text).is_some()
                    }
                    FieldKind::Text(_) => text.is_empty() && field.name == "Password",
                    FieldKind::Time => PostedTime::parse(text).is_none(),
                    FieldKind::Int | FieldKind::Bool => false,
                };
                if is_none {
                    continue;
                }
                match field.kind {
                    FieldKind::Text(_) if field.name == "Language" => {
                        o.field(field.name, language_code(text))
                    }
                    FieldKind::Int => o.field(field.name, &self.number(field.name, text)),
                    FieldKind::Bool => o.field(field.name, &is_on(text)),
                    FieldKind::Text(_) | FieldKind::Comments | FieldKind::Time => {
                        o.field(field.name, text)
                    }
                };
            }
            for class in ColumnClass::ALL {
                self.hash(o, call, row, class);
            }
            if self.has("MailAddresses") {
                o.array("MailAddresses", |array| {
                    let addresses = self.text(row, "MailAddresses").split(',').map(str::trim);
                    for address in addresses.filter(|address| !address.is_empty()) {
                        array.element(address);
                    }
                });
            }
        });
        let body = lenient::parse(&body).map_err(|_| Error::InvalidJsonData)?;
        let info = write::info(call, self.table)?;
        let mut posted = Posted::read(call, self.table, info, &body)?;
        // An array of comments, as exports write them, stands for all that are there (04 §4.4).
        if let Some(all) = items::read_comments(call, self.text(row, "Comments")) {
            posted.put(find(self.table, "Comments"), Value::Text(all));
        }
        Ok(posted)
    }

    /// The extension columns of a class, as a body has them.
    fn hash(&self, o: &mut Object<'_>, call: &Call, row: &[Cow<'t, str>], class: ColumnClass) {
        let own = || self.extensions.iter().filter(|(column, _)| column.class() == Some(class));
        if own().next().is_none() {
            return;
        }
        o.object(&format!("{}Hash", class.prefix()), |o| {
            for (column, at) in own() {
                let (name, text) = (&column.name, row.get(*at).map_or("", |text| text.as_ref()));
                match class {
                    ColumnClass::Num => {
                        let number = items::read_number(call, text).unwrap_or_default();
                        o.field(name, &column.round(number))
                    }
                    ColumnClass::Check => o.field(name, &is_on(text)),
                    // Null is refused in this hash; the empty date is none (03 §3.2).
                    ColumnClass::Date if PostedTime::parse(text).is_none() => {
                        o.field(name, "1899/12/30")
                    }
                    _ => o.field(name, text),
                };
            }
        });
    }
}

/// The extension columns of the labels; files are none of a table's columns.
fn extensions(
    call: &Call,
    table: OrganisationTable,
    labels: &[Cow<'_, str>],
) -> Result<Vec<(Column, usize)>, Error> {
    let columns = write::info(call, table)?.columns.iter();
    let columns = columns.filter_map(|column| definitions::extension(&column.name));
    let columns = columns.map(Column::of_row);
    let named = columns.filter(|column| column.class() != Some(ColumnClass::Attachments));
    let placed = named.filter_map(|column| {
        let label = column.label(call.language().code());
        let at = labels.iter().rposition(|known| *known == label)?;
        Some((column, at))
    });
    Ok(placed.collect())
}

/// The column of a label. QUIRK(08 §7): the Japanese label of a user's department means another column, which no file
/// sets.
fn named(table: OrganisationTable, language: Language, label: &str) -> Option<&'static str> {
    let of_further = |labels: &[&'static str; 2]| {
        let [ja, en] = labels;
        *(if language == Language::Ja { ja } else { en }) == label
    };
    let mut further = FURTHER.iter().filter(|(of, _, labels)| *of == table && of_further(labels));
    let own = fields(table).iter().find(|field| field.label_in(language) == label);
    match own {
        Some(field) if field.name == "DeptId" && label == "組織" => None,
        Some(field) if !is_in_files(table, field.name) => None,
        Some(field) => Some(field.name),
        None => further.next().map(|(_, name, _)| *name),
    }
}

fn language_code(text: &str) -> &str {
    LANGUAGES.iter().find(|(name, _)| *name == text).map_or(text, |(_, code)| code)
}

/// Texts that switch a check on.
pub(super) fn is_on(text: &str) -> bool {
    ["1", "-1", "true", "on"].iter().any(|on| text.trim().eq_ignore_ascii_case(on))
}
