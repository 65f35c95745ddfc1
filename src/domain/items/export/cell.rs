//! One column of a CSV text: what of a row it shows (04 §5.4).

use chrono::{NaiveDateTime, TimeDelta};
use rust_decimal::Decimal;

use crate::domain::culture;
use crate::domain::display::{self, Labels};
use crate::domain::items::comments;
use crate::domain::items::read::number;
use crate::domain::items::read::source::{Row, Source};
use crate::domain::settings::document::ExportColumn;
use crate::domain::settings::enums::ExportColumnType;
use crate::domain::settings::{Column, Literal, TableSettings};
use crate::json;
use crate::messages;
use crate::model::ColumnClass;

use super::Texts;

/// A column in the form that is wanted.
#[derive(Debug)]
pub(super) struct Cell<'c> {
    column: &'c Column,
    form: ExportColumnType,
    /// The format of dates.
    format: String,
    kind: Kind,
    /// Whether every choice is to have a column of its own.
    pub(super) by_choice: bool,
    /// Whether comments are JSON.
    as_json: bool,
}

/// What columns show, with the places of their values.
#[derive(Debug, Clone, Copy)]
enum Kind {
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
    Comments(Source),
}

impl<'c> Cell<'c> {
    /// Asks for what the column shows; `select` has the place of a column in rows.
    pub(super) fn plan(
        column: &'c Column,
        table: &TableSettings,
        wanted: &ExportColumn,
        mut select: impl FnMut(&str) -> Source,
    ) -> Self {
        let name = column.name.as_str();
        let kind = match (name, column.class()) {
            (_, Some(ColumnClass::Class)) if column.has_choices() => Kind::Chosen(select(name)),
            (_, Some(ColumnClass::Num)) => Kind::Number(select(name)),
            (_, Some(ColumnClass::Date)) => Kind::Date(select(name)),
            (_, Some(ColumnClass::Check)) | ("Locked", _) => Kind::Check(select(name)),
            ("SiteTitle", _) => Kind::SiteTitle(select("SiteId")),
            ("Title", _) => Kind::Title(select(name)),
            ("TitleBody", _) => Kind::TitleBody(select("Title"), select("Body")),
            ("Status", _) => Kind::Status(select(name)),
            ("Manager" | "Owner" | "Creator" | "Updator", _) => Kind::User(select(name)),
            ("WorkValue" | "ProgressRate", _) => Kind::Work(select(name)),
            ("RemainingWorkValue", _) => {
                Kind::Remaining(select("WorkValue"), select("ProgressRate"))
            }
            ("StartTime" | "CompletionTime" | "UpdatedTime" | "CreatedTime", _) => {
                Kind::Date(select(name))
            }
            ("Comments", _) => Kind::Comments(select(name)),
            ("SiteId" | "Ver", _) => Kind::Int(select(name)),
            (name, _) if name == table.kind.id_column() => Kind::Int(select(name)),
            _ => Kind::Text(select(name)),
        };
        let format = match wanted.format.as_str() {
            "" => column.editor_format.clone(),
            own => own.to_owned(),
        };
        Self {
            column,
            form: wanted.column_type.unwrap_or(ExportColumnType::Text),
            format,
            kind,
            by_choice: wanted.output_class_column,
            as_json: wanted.export_json_format,
        }
    }

    /// The column.
    pub(super) const fn column(&self) -> &'c Column {
        self.column
    }

    /// Where rows have the choice whose text is shown.
    pub(super) const fn chosen(&self) -> Option<Source> {
        match self.kind {
            Kind::Chosen(source) => Some(source),
            _ => None,
        }
    }

    /// Where rows have the site whose title is shown.
    pub(super) const fn titled(&self) -> Option<Source> {
        match self.kind {
            Kind::SiteTitle(source) => Some(source),
            _ => None,
        }
    }

    /// The choices that have columns of their own, up to a number.
    pub(super) fn own_columns(&self, most: usize) -> Option<Vec<&'c Literal>> {
        let choices: Vec<&Literal> = self.column.choices.literals().collect();
        (self.by_choice && !choices.is_empty() && choices.len() <= most).then_some(choices)
    }

    /// Whether a row has a choice.
    pub(super) fn has_choice(&self, row: &impl Row, choice: &Literal) -> bool {
        match self.kind {
            Kind::Chosen(source) => {
                display::values(self.column, row.got(source).text()).contains(&choice.value)
            }
            Kind::Status(source) => row.got(source).int().to_string() == choice.value,
            _ => false,
        }
    }

    /// What a row shows.
    pub(super) fn text(&self, row: &impl Row, texts: &Texts) -> String {
        let labels = &texts.labels;
        let text = |source: Source| row.got(source).text();
        match self.kind {
            Kind::Int(source) => row.got(source).int().to_string(),
            Kind::Title(source) if self.form == ExportColumnType::Value => text(source).to_owned(),
            Kind::Title(_) => match row.item_title() {
                "" => messages::no_title(labels.language).to_owned(),
                title => title.to_owned(),
            },
            Kind::TitleBody(title, body) => format!("{}\r\n{}", text(title), text(body)),
            Kind::Text(source) => text(source).to_owned(),
            Kind::Status(source) => match row.got(source).int() {
                0 => String::new(),
                status => self.choice(&status.to_string(), labels),
            },
            Kind::User(source) => self.user(row.got(source).int(), labels),
            Kind::Check(source) => if row.got(source).bool() { "1" } else { "" }.to_owned(),
            Kind::SiteTitle(source) => {
                texts.sites.get(&row.got(source).int()).cloned().unwrap_or_default()
            }
            Kind::Chosen(source) => self.chosen_text(text(source), labels),
            Kind::Number(source) => match row.got(source).decimal() {
                None if self.column.nullable => String::new(),
                number => self.rounded(number),
            },
            Kind::Work(source) => row.got(source).decimal().unwrap_or_default().to_string(),
            Kind::Remaining(work, progress) => {
                let (work, progress) = (row.got(work).decimal(), row.got(progress).decimal());
                self.rounded(number::remaining(work, progress))
            }
            Kind::Date(source) => {
                let time = row.got(source).time().filter(|time| texts.range.contains(*time));
                time.map(|time| self.date(time, labels)).unwrap_or_default()
            }
            Kind::Comments(source) if self.as_json => comments::oldest_first(text(source)),
            Kind::Comments(source) => {
                let by_id = self.form == ExportColumnType::Value;
                comments::lines_by(text(source), labels, |creator| {
                    if by_id { creator.to_string() } else { labels.user(creator) }
                })
            }
        }
    }

    fn chosen_text(&self, stored: &str, labels: &Labels) -> String {
        if !self.column.multiple_selections {
            return if stored.is_empty() { String::new() } else { self.choice(stored, labels) };
        }
        json::array(|array| {
            for value in display::values(self.column, stored) {
                array.element(&self.choice(&value, labels));
            }
        })
    }

    /// A value that is no choice stands for itself.
    fn choice(&self, value: &str, labels: &Labels) -> String {
        let literal = self.column.choices.literal(value);
        let text = match (self.form, literal) {
            (ExportColumnType::Value, _) => value.to_owned(),
            (ExportColumnType::TextMini, Some(literal)) => literal.abbreviation.clone(),
            _ => labels.choice(self.column, value),
        };
        if text.is_empty() { value.to_owned() } else { text }
    }

    fn user(&self, id: i64, labels: &Labels) -> String {
        match (id, self.form) {
            (0, _) => String::new(),
            (_, ExportColumnType::Value) => id.to_string(),
            _ => labels.users.name(id).map_or_else(|| id.to_string(), str::to_owned),
        }
    }

    fn rounded(&self, number: Option<Decimal>) -> String {
        self.column.round(number.unwrap_or_default()).normalize().to_string()
    }

    /// QUIRK(04 §5.4): a completion is the day before wherever the format has no time of day.
    fn date(&self, time: NaiveDateTime, labels: &Labels) -> String {
        let local = labels.zones.to_user(time);
        let ends = self.column.name == "CompletionTime" && !self.format.contains('h');
        let shown = if ends { local - TimeDelta::days(1) } else { local };
        culture::formatted(shown, &self.format, labels.language)
    }
}
