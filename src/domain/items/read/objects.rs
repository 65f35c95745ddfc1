//! Default record objects (05 §4): what members a record has, and their forms.

use std::borrow::Cow;

use rust_decimal::Decimal;

use crate::db::records::ListRow;
use crate::domain::display::Labels;
use crate::domain::items::labels::Wanted;
use crate::domain::items::{Table, comments, text};
use crate::domain::settings::{Column, ColumnRight, TableSettings};
use crate::domain::{Call, columns};
use crate::json::{Array, Object, Raw};
use crate::messages;
use crate::model::{ColumnClass, ReferenceType};

use super::source::{Row, Selection, Source};
use super::time::Moment;
use super::{attachments, number};

/// The members of the objects of a page, decided once for all its rows.
#[derive(Debug)]
pub(super) struct Objects<'c> {
    table: &'c TableSettings,
    members: Vec<Member<'c>>,
    title: Vec<Source>,
    api_version: Decimal,
    /// Per class the extension columns with their places; in the order of the flat members below version 1.1.
    classes: [Vec<Extension<'c>>; 6],
}

#[derive(Debug)]
struct Member<'c> {
    name: &'static str,
    form: Form<'c>,
}

/// A fixed member's source and form.
#[derive(Debug)]
enum Form<'c> {
    Int(Source),
    User(Source),
    Text(Source),
    /// The title of a table whose display titles do without it: such a title is never stored (03 §9.1), and what is
    /// not there is left out (observed).
    UnusedTitle(Source),
    Bool(Source),
    Stamp(Source),
    Completion(Source, &'c Column),
    Number(Source),
    Remaining(Source, Source),
    Comments(Source),
    ItemTitle,
}

#[derive(Debug)]
struct Extension<'c> {
    column: &'c Column,
    source: Source,
}

/// The name of each class's hash.
const HASHES: [&str; 6] =
    ["ClassHash", "NumHash", "DateHash", "DescriptionHash", "CheckHash", "AttachmentsHash"];

/// From this version on extension columns are in hashes.
const WITH_HASHES: Decimal = Decimal::from_parts(11, 0, 0, false, 1);

/// The fixed members in their order.
const fn names(kind: ReferenceType) -> &'static [&'static str] {
    match kind {
        ReferenceType::Issues => &[
            "SiteId",
            "UpdatedTime",
            "IssueId",
            "Ver",
            "Title",
            "Body",
            "StartTime",
            "CompletionTime",
            "WorkValue",
            "ProgressRate",
            "RemainingWorkValue",
            "Status",
            "Manager",
            "Owner",
            "Locked",
            "Comments",
            "Creator",
            "Updator",
            "CreatedTime",
            "ItemTitle",
        ],
        ReferenceType::Wikis => &[
            "SiteId",
            "UpdatedTime",
            "WikiId",
            "Ver",
            "Title",
            "Body",
            "Locked",
            "Comments",
            "Creator",
            "Updator",
            "CreatedTime",
            "ItemTitle",
        ],
        _ => &[
            "SiteId",
            "UpdatedTime",
            "ResultId",
            "Ver",
            "Title",
            "Body",
            "Status",
            "Manager",
            "Owner",
            "Locked",
            "Comments",
            "Creator",
            "Updator",
            "CreatedTime",
            "ItemTitle",
        ],
    }
}

impl<'c> Objects<'c> {
    /// The members that the caller sees (05 §4.4.1, §15).
    pub(super) fn plan(call: &Call, table: &Table<'c>, selection: &mut Selection<'c>) -> Self {
        let settings: &'c TableSettings = table.settings;
        let readable = |column: &Column| {
            columns::allows(call, &table.access, column.access(ColumnRight::Read), None)
        };
        let seen = |name: &&&'static str| settings.column(name).is_none_or(readable);
        let members = names(settings.kind).iter().filter(seen);
        let members = members.map(|name| member(settings, name, selection)).collect();
        let title = settings.title_columns.iter().map(|name| selection.add(settings.kind, name));
        let title = title.collect();
        let in_hashes = call.api_version >= WITH_HASHES;
        let classes = ColumnClass::ALL.map(|class| {
            let shown = settings.shown_of(class).filter(|column| readable(column));
            let mut columns: Vec<Extension<'c>> = shown
                .map(|column| Extension { column, source: selection.select(&column.name) })
                .collect();
            if !in_hashes {
                // `A` to `Z`, then numbers.
                columns.sort_by_key(|extension| {
                    (extension.column.name.len(), extension.column.name.as_str())
                });
            }
            columns
        });
        Self { table: settings, members, title, api_version: call.api_version, classes }
    }

    /// What titles of rows need to have looked up.
    pub(super) fn want(&self, wanted: &mut Wanted, rows: &[ListRow]) {
        for (column, source) in self.title_columns() {
            wanted.column(self.table, column);
            if column.link {
                for row in rows {
                    wanted.text(column, row.got(source).text());
                }
            }
        }
    }

    /// The object of a row.
    pub(super) fn write(&self, data: &mut Array<'_>, row: &ListRow, labels: &Labels) {
        data.object(|o| {
            for member in &self.members {
                self.write_member(o, member, row, labels);
            }
            o.field("ApiVersion", &self.api_version);
            if self.api_version >= WITH_HASHES {
                for (hash, columns) in HASHES.iter().zip(&self.classes) {
                    o.object(hash, |o| write_all(o, columns, row, labels, true));
                }
            } else {
                for columns in &self.classes {
                    write_all(o, columns, row, labels, false);
                }
            }
        });
    }

    fn write_member(
        &self,
        o: &mut Object<'_>,
        member: &Member<'_>,
        row: &ListRow,
        labels: &Labels,
    ) {
        let name = member.name;
        match &member.form {
            Form::Int(source) => o.field(name, &row.got(*source).int()),
            Form::User(source) => o.field(name, &known_user(row.got(*source).int(), labels)),
            Form::Text(source) => o.field(name, row.got(*source).text()),
            Form::UnusedTitle(source) => {
                o.optional(name, Some(row.got(*source).text()).filter(|title| !title.is_empty()))
            }
            Form::Bool(source) => o.field(name, &row.got(*source).bool()),
            Form::Stamp(source) => {
                o.field(name, &Moment::marked(row.got(*source).time(), &labels.zones))
            }
            Form::Completion(source, column) => {
                let time = row.got(*source).time();
                o.field(name, &Moment::completion(time, column, &labels.zones))
            }
            Form::Number(source) => o.field(name, &row.got(*source).decimal().unwrap_or_default()),
            Form::Remaining(work, progress) => {
                let rest =
                    number::remaining(row.got(*work).decimal(), row.got(*progress).decimal());
                o.optional(name, rest.as_ref())
            }
            Form::Comments(source) => {
                o.field(name, comments::shown(row.got(*source).text(), &labels.zones).as_ref())
            }
            Form::ItemTitle => o.field(name, self.item_title(row, labels).as_ref()),
        };
    }

    /// The title as it reads now, not as `Items` has it (05 §4.5).
    fn item_title<'r>(&self, row: &'r ListRow, labels: &Labels) -> Cow<'r, str> {
        // Nearly every table has the title alone, which then is neither composed nor copied.
        if let ([name], [source]) = (self.table.title_columns.as_slice(), self.title.as_slice())
            && name == "Title"
        {
            let title = row.got(*source).text();
            return match title.len() {
                0 => Cow::Borrowed(messages::no_title(labels.language)),
                length if length <= text::longest_title(self.table) as usize => title.into(),
                _ => super::cut(title, Some(text::longest_title(self.table))).into(),
            };
        }
        let part = |column: &Column| {
            let mut all = self.title_columns();
            let source = all.find(|(known, _)| known.name == column.name).map(|(_, source)| source);
            let value = source.and_then(|source| row.got(source).to_value());
            value.map(|value| text::part_text(column, &value, labels)).unwrap_or_default()
        };
        text::compose(self.table, labels, part).into()
    }

    fn title_columns(&self) -> impl Iterator<Item = (&'c Column, Source)> {
        let all = self.table.title_columns.iter().zip(&self.title);
        all.filter_map(|(name, source)| Some((self.table.column(name)?, *source)))
    }
}

fn member<'c>(
    settings: &'c TableSettings,
    name: &'static str,
    selection: &mut Selection<'c>,
) -> Member<'c> {
    let mut source = || selection.add(settings.kind, name);
    let form = match (name, settings.column(name)) {
        ("UpdatedTime" | "CreatedTime" | "StartTime", _) => Form::Stamp(source()),
        ("CompletionTime", Some(column)) => Form::Completion(source(), column),
        ("Title", _) if !settings.title_columns.iter().any(|title| title == "Title") => {
            Form::UnusedTitle(source())
        }
        ("Title" | "Body", _) => Form::Text(source()),
        ("Manager" | "Owner" | "Creator" | "Updator", _) => Form::User(source()),
        ("Locked", _) => Form::Bool(source()),
        ("WorkValue" | "ProgressRate", _) => Form::Number(source()),
        ("RemainingWorkValue", _) => {
            Form::Remaining(selection.select("WorkValue"), selection.select("ProgressRate"))
        }
        ("Comments", _) => Form::Comments(source()),
        ("ItemTitle", _) => Form::ItemTitle,
        _ => Form::Int(source()),
    };
    Member { name, form }
}

/// QUIRK(05 §4.10): an id that is no user of the tenant is 0.
pub(super) fn known_user(id: i64, labels: &Labels) -> i64 {
    labels.users.find(id).map_or(0, |_| id)
}

/// The members of a class: of its hash, or flat ones, where an unset number is left out and files are a text.
fn write_all(
    o: &mut Object<'_>,
    columns: &[Extension<'_>],
    row: &ListRow,
    labels: &Labels,
    in_hash: bool,
) {
    for Extension { column, source } in columns {
        let (name, got) = (column.name.as_str(), row.got(*source));
        match column.class() {
            Some(ColumnClass::Num) => {
                match number::in_hash(column, got.decimal()) {
                    Some(number) => o.field(name, &number),
                    None if in_hash => o.field(name, &Raw("null")),
                    None => o,
                };
            }
            Some(ColumnClass::Date) => {
                o.field(name, &Moment::plain(got.time(), &labels.zones));
            }
            Some(ColumnClass::Check) => {
                o.field(name, &got.bool());
            }
            Some(ColumnClass::Attachments) if in_hash => {
                o.with(name, |out| attachments::write(got.text(), out));
            }
            Some(ColumnClass::Attachments) => {
                o.with(name, |out| attachments::write_as_text(got.text(), out));
            }
            _ => {
                o.field(name, got.text());
            }
        }
    }
}
