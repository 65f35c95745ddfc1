//! One value of a key-value row: what is shown of a column in each of the three forms (05 §5.3).

use std::collections::HashMap;

use rust_decimal::Decimal;

use crate::domain::display::Labels;
use crate::domain::items::comments;
use crate::domain::items::stored::TimeRange;
use crate::domain::settings::enums::ApiColumnValueDisplayType::{self, Text, Value};
use crate::domain::settings::{Column, TableSettings};
use crate::json::{Object, Raw};
use crate::messages;
use crate::model::ColumnClass;

use super::objects::known_user;
use super::source::{Row, Source};
use super::time::Moment;
use super::{attachments, number};

/// A column in the form that a view wants.
#[derive(Debug)]
pub(super) struct Cell<'c> {
    column: &'c Column,
    form: ApiColumnValueDisplayType,
    kind: Kind,
}

/// What values need to be shown.
pub(super) struct Texts<'a> {
    /// Names and titles.
    pub labels: &'a Labels,
    /// Titles of sites.
    pub sites: &'a HashMap<i64, String>,
    /// The times that count as dates.
    pub range: TimeRange,
}

/// The rows of the table of forms, with the places of their values.
#[derive(Debug)]
enum Kind {
    Site(Source),
    Int(Source),
    Title(Source),
    TitleBody(Source, Source),
    Text(Source),
    Status(Source),
    User(Source),
    Check(Source),
    SiteTitle(Source),
    Chosen(Source),
    Number(Source),
    Work(Source),
    Remaining(Source, Source),
    Date(Source),
    Stamp(Source),
    Completion(Source),
    Comments(Source),
    Attachments(Source),
}

impl<'c> Cell<'c> {
    /// Asks for what the column shows; `select` has the place of a column in rows.
    pub(super) fn plan(
        column: &'c Column,
        table: &TableSettings,
        form: ApiColumnValueDisplayType,
        mut select: impl FnMut(&str) -> Source,
    ) -> Self {
        let name = column.name.as_str();
        let kind = match (name, column.class()) {
            (_, Some(ColumnClass::Class)) if column.has_choices() => Kind::Chosen(select(name)),
            (_, Some(ColumnClass::Class | ColumnClass::Description)) => Kind::Text(select(name)),
            (_, Some(ColumnClass::Num)) => Kind::Number(select(name)),
            (_, Some(ColumnClass::Date)) | ("StartTime", _) => Kind::Date(select(name)),
            (_, Some(ColumnClass::Check)) | ("Locked" | "VerUp", _) => Kind::Check(select(name)),
            (_, Some(ColumnClass::Attachments)) => Kind::Attachments(select(name)),
            ("SiteId", _) => Kind::Site(select(name)),
            ("SiteTitle", _) => Kind::SiteTitle(select("SiteId")),
            ("Title", _) => Kind::Title(select(name)),
            ("TitleBody", _) => Kind::TitleBody(select("Title"), select("Body")),
            ("Status", _) => Kind::Status(select(name)),
            ("Manager" | "Owner" | "Creator" | "Updator", _) => Kind::User(select(name)),
            ("WorkValue" | "ProgressRate", _) => Kind::Work(select(name)),
            ("RemainingWorkValue", _) => {
                Kind::Remaining(select("WorkValue"), select("ProgressRate"))
            }
            ("UpdatedTime" | "CreatedTime", _) => Kind::Stamp(select(name)),
            ("CompletionTime", _) => Kind::Completion(select(name)),
            ("Comments", _) => Kind::Comments(select(name)),
            ("Ver", _) => Kind::Int(select(name)),
            (name, _) if name == table.kind.id_column() => Kind::Int(select(name)),
            _ => Kind::Text(select(name)),
        };
        Self { column, form, kind }
    }

    /// The column.
    pub(super) const fn column(&self) -> &'c Column {
        self.column
    }

    /// Where rows have the choice whose text is shown.
    pub(super) fn chosen(&self) -> Option<Source> {
        match self.kind {
            Kind::Chosen(source) if self.form != Value => Some(source),
            _ => None,
        }
    }

    /// Where rows have the site whose title is shown.
    pub(super) fn titled(&self) -> Option<Source> {
        match self.kind {
            Kind::SiteTitle(source) if self.form != Text => Some(source),
            _ => None,
        }
    }

    /// The member of a row.
    pub(super) fn write(&self, o: &mut Object<'_>, key: &str, row: &impl Row, texts: &Texts<'_>) {
        match &self.kind {
            Kind::Site(_) | Kind::SiteTitle(_) if self.form == Text => o.field(key, ""),
            Kind::Site(source) => o.field(key, &row.got(*source).int()),
            Kind::SiteTitle(source) => {
                let title = texts.sites.get(&row.got(*source).int());
                o.field(key, title.map_or("", String::as_str))
            }
            Kind::Int(source) => {
                let number = row.got(*source).int();
                if self.form == Text {
                    o.field(key, &number.to_string())
                } else {
                    o.field(key, &number)
                }
            }
            Kind::Title(source) => o.field(key, self.title(row, *source, texts.labels)),
            Kind::TitleBody(title, body) => {
                let title = self.title(row, *title, texts.labels);
                o.field(key, &format!("{title}\n{}", row.got(*body).text()))
            }
            Kind::Text(source) => o.field(key, row.got(*source).text()),
            Kind::Status(source) => self.status(o, key, row.got(*source).int()),
            Kind::User(source) => {
                let (id, labels) = (row.got(*source).int(), texts.labels);
                if self.form == Value {
                    o.field(key, &known_user(id, labels))
                } else {
                    o.field(key, labels.user_name(id))
                }
            }
            Kind::Check(source) => {
                let check = row.got(*source).bool();
                match self.form {
                    Text => o.field(key, if check { "True" } else { "False" }),
                    _ => o.field(key, &check),
                }
            }
            Kind::Chosen(source) => {
                let stored = row.got(*source).text();
                match self.form {
                    Value => o.field(key, stored),
                    _ => o.nullable(key, texts.labels.chosen(self.column, stored).as_deref()),
                }
            }
            Kind::Number(_) | Kind::Work(_) | Kind::Remaining(..) => {
                self.number(o, key, row, texts.labels)
            }
            Kind::Date(_) | Kind::Stamp(_) | Kind::Completion(_) => self.time(o, key, row, texts),
            Kind::Comments(source) => {
                let stored = row.got(*source).text();
                match self.form {
                    Text => o.field(key, &comments::lines(stored, texts.labels)),
                    _ => o.nullable(key, comments::stored_json(stored)),
                }
            }
            Kind::Attachments(source) => {
                o.nullable(key, attachments::text(row.got(*source).text()).as_ref())
            }
        };
    }

    /// The title of the item, or the record's own where values are wanted.
    fn title<'r>(&self, row: &'r impl Row, own: Source, labels: &Labels) -> &'r str {
        match (self.form, row.item_title()) {
            (Value, _) => row.got(own).text(),
            (_, "") => messages::no_title(labels.language),
            (_, title) => title,
        }
    }

    fn status<'o, 't>(&self, o: &'o mut Object<'t>, key: &str, status: i64) -> &'o mut Object<'t> {
        if self.form == Value {
            return o.field(key, &status);
        }
        let choice = self.column.choices.literal(&status.to_string());
        o.nullable(key, choice.map(|choice| choice.text.as_str()))
    }

    /// Numbers keep their stored places here, unlike in hashes.
    fn number<'o, 't>(
        &self,
        o: &'o mut Object<'t>,
        key: &str,
        row: &impl Row,
        labels: &Labels,
    ) -> &'o mut Object<'t> {
        let decimal = |source: &Source| row.got(*source).decimal();
        match &self.kind {
            Kind::Remaining(..) if self.form == Text => o.field(key, ""),
            Kind::Remaining(work, progress) => {
                let rest = number::remaining(decimal(work), decimal(progress));
                o.nullable(key, rest.as_ref())
            }
            Kind::Work(source) => {
                let number = decimal(source).unwrap_or(Decimal::ZERO);
                match self.form {
                    Text => o.field(key, &labels.number(self.column, Some(number))),
                    _ => o.field(key, &number),
                }
            }
            Kind::Number(source) if self.form == Text => {
                o.field(key, &labels.number(self.column, decimal(source)))
            }
            Kind::Number(source) => o.nullable(key, decimal(source).as_ref()),
            _ => o.field(key, &Raw("null")),
        }
    }

    fn time<'o, 't>(
        &self,
        o: &'o mut Object<'t>,
        key: &str,
        row: &impl Row,
        texts: &Texts<'_>,
    ) -> &'o mut Object<'t> {
        let labels = texts.labels;
        let (Kind::Date(source) | Kind::Stamp(source) | Kind::Completion(source)) = &self.kind
        else {
            return o;
        };
        let stored = row.got(*source).time();
        let date = stored.filter(|time| texts.range.contains(*time));
        match (&self.kind, self.form) {
            (Kind::Date(_), Value) => o.field(key, &Moment::marked(stored, &labels.zones)),
            // QUIRK(05 §5.3): values of these stay in the server's zone.
            (_, Value) => o.field(key, &Moment::unconverted(stored)),
            (Kind::Date(_), _) | (_, Text) => {
                let text = date.map(|date| labels.time(self.column, date));
                o.field(key, &text.unwrap_or_default())
            }
            (Kind::Completion(_), _) => {
                let moment =
                    date.map(|date| Moment::completion(Some(date), self.column, &labels.zones));
                o.nullable(key, moment.as_ref())
            }
            (_, _) => o.field(key, &Moment::marked(stored, &labels.zones)),
        }
    }
}
