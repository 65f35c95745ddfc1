//! Records that come in a file of sites: as the JSON form of an export has them (04 §5.5), or with their values as
//! members of their own.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use crate::db::TableInfo;
use crate::db::records::Added;
use crate::domain::display::{self, Labels, LinkedTexts};
use crate::domain::settings::{Column, Subject, TableSettings};
use crate::domain::{Call, Error};
use crate::json;
use crate::lenient::{self, ConversionError, Json, Nullable, Number, PostedTime};
use crate::model::{ColumnClass, DataType, ReferenceType, Site, Value};

use super::record::Record;
use super::request::wall_clock;
use super::stored::TimeRange;
use super::{labels, links, load, stored, text};

/// Which ids stand for those of the file; none has nobody who does.
pub trait Translation: Sync {
    /// A record's.
    fn record(&self, id: i64) -> Option<i64>;
    /// A user's, group's or department's.
    fn subject(&self, subject: Subject, id: i64) -> Option<i64>;
}

/// A table that records of a file go to.
pub struct Packaged<'a> {
    call: &'a Call,
    site: &'a Site,
    settings: Arc<TableSettings>,
    columns: &'a TableInfo,
    labels: Labels,
}

/// A value that does not fit its column.
#[derive(Debug)]
pub struct Misfit {
    /// The member.
    pub member: String,
    /// What is wrong with it.
    pub problem: ConversionError,
}

impl<'a> Packaged<'a> {
    /// A table that is not there yet; `titles` are those of records that others link to.
    pub async fn new(
        call: &'a Call,
        site: &'a Site,
        settings: TableSettings,
        titles: HashMap<i64, String>,
    ) -> Result<Self, Error> {
        let columns = call.services.catalogue.table(site.kind.name());
        let columns = columns.ok_or(Error::Corrupt("a missing table"))?;
        let links = LinkedTexts { titles, ..LinkedTexts::default() };
        let labels = Labels { links, ..labels::load(call, &settings, &[]).await? };
        Ok(Self { call, site, settings: Arc::new(settings), columns, labels })
    }

    /// The ids of records that a record names.
    pub fn linked<'j>(settings: &TableSettings, body: &'j Json<'j>) -> Vec<i64> {
        let columns = settings.columns.iter().filter(|column| is_link(settings, column));
        let texts = columns.filter_map(|column| {
            let text: String = convert(find(body, column)?).ok()?;
            Some((column, text))
        });
        texts.flat_map(|(column, text)| ids(column, &text)).collect()
    }

    /// A record as it will be added.
    pub fn added<'j>(
        &self,
        body: &'j Json<'j>,
        translation: &dyn Translation,
    ) -> Result<Added, Misfit> {
        let mut record = Record::new(&self.settings);
        for column in self.settings.columns.iter().filter(|column| is_taken(column)) {
            let Some(json) = find(body, column) else { continue };
            let value = self.value(column, json, translation);
            let misfit = |problem| Misfit { member: column.name.clone(), problem };
            record.set(&column.name, value.map_err(misfit)?);
        }
        // The database wants one, and whoever reads the file may have been allowed to see none.
        if self.site.kind == ReferenceType::Issues
            && record.get("CompletionTime").and_then(Value::time).is_none()
        {
            record.set("CompletionTime", Value::Time(Some(self.call.server_now())));
        }
        Ok(Added {
            item: text::item_text(self.call, self.site, &record, &self.labels),
            values: stored::for_insert(&record, self.columns, TimeRange::of(self.call)),
            links: links::destinations(self.site, &record),
            milliseconds: 0,
        })
    }

    fn value<'j>(
        &self,
        column: &Column,
        json: &'j Json<'j>,
        translation: &dyn Translation,
    ) -> Result<Value, ConversionError> {
        Ok(match column.data_type() {
            DataType::Text if column.name == "Comments" => Value::Text(comments(json, translation)),
            DataType::Text => {
                let text: Nullable<String> = convert(json)?;
                Value::Text(self.translated(column, text.0.unwrap_or_default(), translation))
            }
            DataType::Int | DataType::Long => {
                let number = convert::<Nullable<i64>>(json)?.0.unwrap_or_default();
                let is_user = display::is_user(&column.name);
                Value::Int(if is_user {
                    translation.subject(Subject::User, number).unwrap_or_default()
                } else {
                    number
                })
            }
            DataType::Decimal => {
                Value::Decimal(convert::<Nullable<Number>>(json)?.0.map(|number| number.0))
            }
            DataType::Time => {
                let zone = self.call.services.server_zone;
                let time = convert::<Nullable<PostedTime>>(json)?.0;
                Value::Time(time.map(|time| wall_clock(time, zone, self.call.server_now())))
            }
            DataType::Bool => Value::Bool(convert::<Nullable<bool>>(json)?.0.unwrap_or_default()),
        })
    }

    /// A text with its ids translated, where it holds ids; those that nothing stands for are left out.
    fn translated(&self, column: &Column, text: String, translation: &dyn Translation) -> String {
        let translate: &dyn Fn(i64) -> Option<i64> = if is_link(&self.settings, column) {
            &|id| translation.record(id)
        } else if column.subject == Subject::None {
            return text;
        } else {
            &|id| translation.subject(column.subject, id)
        };
        let values = display::values(column, &text).into_iter().filter_map(|value| {
            match value.trim().parse::<i64>() {
                Ok(id) => translate(id).map(|id| id.to_string()),
                Err(_) => Some(value),
            }
        });
        if column.multiple_selections && !text.is_empty() {
            return json::array(|array| {
                for value in values {
                    array.element(&value);
                }
            });
        }
        values.last().unwrap_or_default()
    }
}

/// Whether a record keeps the column: files stay where they are.
fn is_taken(column: &Column) -> bool {
    load::is_value(column) && column.class() != Some(ColumnClass::Attachments)
}

fn is_link(settings: &TableSettings, column: &Column) -> bool {
    column.class() == Some(ColumnClass::Class)
        && settings.links_of(&column.name).any(|link| link.site_id > 0)
}

/// The ids in a text.
fn ids(column: &Column, text: &str) -> Vec<i64> {
    display::values(column, text).iter().filter_map(|id| id.trim().parse().ok()).collect()
}

/// The value of a column, wherever it stands in a record; of an object what it is about.
fn find<'j>(body: &'j Json<'j>, column: &Column) -> Option<&'j Json<'j>> {
    let in_hash = || {
        let hash = format!("{}Hash", column.class()?.prefix());
        body.member(&hash)?.member(&column.name)
    };
    let json = body.member(&column.name).or_else(in_hash)?;
    match json {
        Json::Object(_) => json.member("Value").or_else(|| json.member("Id")),
        Json::Null => None,
        _ => Some(json),
    }
}

fn convert<'j, T: DeserializeOwned>(json: &'j Json<'j>) -> Result<T, ConversionError> {
    lenient::from_json(json)
}

/// Stored comments, or the array that exports make of them, with their people translated.
fn comments(json: &Json<'_>, translation: &dyn Translation) -> String {
    let parsed;
    let comments = match json {
        Json::String(text) => {
            parsed = lenient::parse(text).unwrap_or(Json::Null);
            &parsed
        }
        other => other,
    };
    let Json::Array(comments) = comments else { return String::new() };
    let user = |id: &Json<'_>| {
        let id = id.as_i64().and_then(|id| translation.subject(Subject::User, id));
        Json::Integer(Cow::Owned(id.unwrap_or_default().to_string()))
    };
    let translated = comments.iter().map(|comment| {
        let members = comment.members().iter().map(|(name, value)| match name.as_ref() {
            "Creator" | "Updator" => (name.clone(), user(value)),
            _ => (name.clone(), value.clone()),
        });
        Json::Object(members.collect())
    });
    serde_json::Value::from(&Json::Array(translated.collect())).to_string()
}
