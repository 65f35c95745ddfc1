//! What a request wants of a row (08 §2.1, §2.4).

use chrono::{NaiveDateTime, Timelike};
use rust_decimal::Decimal;
use serde::Deserialize;

use super::fields::{Field, FieldKind, fields};
use crate::db::organisation::OrganisationRow;
use crate::db::sql::{Bind, Ident};
use crate::db::{ColumnInfo, TableInfo};
use crate::domain::items::{comment_text, cut, is_comment};
use crate::domain::zones::empty_date;
use crate::domain::{Call, Error};
use crate::lenient::{self, Json, Nullable, Number, PostedTime};
use crate::model::{ColumnClass, DataType, OrganisationTable, Value};

/// The version from which on extension columns stand in hashes only (01 §8).
const HASHES_ONLY_FROM: Decimal = Decimal::from_parts(11, 0, 0, false, 1);

/// A request to create or change a row.
#[derive(Debug, Default)]
pub(super) struct Posted {
    /// The columns it sets, with values as they are stored.
    pub(super) values: Vec<(&'static Field, Value)>,
    /// Extension columns it sets, and others that records do not show.
    extensions: Vec<(Ident, DataType, Bind)>,
    /// A comment to add.
    comment: Option<String>,
    /// The members that are no columns.
    pub(super) members: Others,
}

/// The members that are no columns.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Others {
    /// Whether a version is made.
    pub(super) ver_up: Nullable<bool>,
    /// `TenantId`, which groups compare.
    pub(super) tenant_id: Nullable<i32>,
    /// Addresses of a user.
    pub(super) mail_addresses: Option<Vec<Option<String>>>,
    /// Direct members of a group.
    pub(super) group_members: Option<Vec<Option<String>>>,
    /// Children of a group.
    pub(super) group_children: Option<Vec<Option<String>>>,
}

impl Posted {
    /// Reads a body; one that is no object wants nothing.
    pub(super) fn read(
        call: &Call,
        table: OrganisationTable,
        info: &TableInfo,
        body: &Json<'_>,
    ) -> Result<Self, Error> {
        if !matches!(body, Json::Object(_)) {
            return Ok(Self::default());
        }
        let mut posted = Self { members: convert(body)?, ..Self::default() };
        for field in fields(table) {
            let Some(json) = body.member(field.name) else { continue };
            if field.kind == FieldKind::Comments {
                posted.comment = convert::<Option<String>>(json)?.filter(|text| is_comment(text));
            } else if let Some(value) = value(call, field.kind, json)?.filter(|_| field.settable) {
                // A wrong type is refused in the others too, though nothing comes of them (08 §2.1).
                posted.values.push((field, value));
            }
        }
        for class in ColumnClass::ALL {
            let Some(hash) = body.member(&format!("{}Hash", class.prefix())) else { continue };
            posted.extend(call, info, class, hash)?;
        }
        if call.api_version < HASHES_ONLY_FROM {
            posted.take_flat_members(call, info, body)?;
        }
        Ok(posted)
    }

    /// The entries of a hash that name columns of the table; attachments are not for these tables.
    fn extend(
        &mut self,
        call: &Call,
        info: &TableInfo,
        class: ColumnClass,
        hash: &Json<'_>,
    ) -> Result<(), Error> {
        check_hash(class, hash)?;
        for (name, json) in hash.members() {
            let column = info.column(name).filter(|_| ColumnClass::of(name) == Some(class));
            let Some(column) = column.filter(|_| class != ColumnClass::Attachments) else {
                continue;
            };
            self.set_extension(call, column, json)?;
        }
        Ok(())
    }

    /// Flat members such as `ClassA`, of versions below 1.1: one that is not null wins over its hash (01 §8).
    fn take_flat_members(
        &mut self,
        call: &Call,
        info: &TableInfo,
        body: &Json<'_>,
    ) -> Result<(), Error> {
        for column in &info.columns {
            let class = ColumnClass::of(&column.name);
            if class.is_none_or(|class| class == ColumnClass::Attachments) {
                continue;
            }
            match body.member(&column.name) {
                None | Some(Json::Null) => {}
                Some(json) => self.set_extension(call, column, json)?,
            }
        }
        Ok(())
    }

    fn set_extension(
        &mut self,
        call: &Call,
        column: &ColumnInfo,
        json: &Json<'_>,
    ) -> Result<(), Error> {
        let bind = match column.data_type {
            DataType::Decimal => {
                Bind::Decimal(convert::<Nullable<Number>>(json)?.0.map(|number| number.0))
            }
            DataType::Time => Bind::Time(stored(call, convert(json)?)),
            DataType::Bool => Bind::Bool(Some(convert(json)?)),
            _ => match convert::<Option<String>>(json)? {
                Some(text) => Bind::text(cut(&text, column.max_length)),
                None => return Ok(()),
            },
        };
        let name = column.ident();
        self.extensions.retain(|(known, ..)| *known != name);
        self.extensions.push((name, column.data_type, bind));
        Ok(())
    }

    /// The value of a column, if it is posted.
    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        self.values.iter().find(|(field, _)| field.name == name).map(|(_, value)| value)
    }

    /// The text of a column, if it is posted.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.value(name).map(Value::text)
    }

    /// Replaces the value of a posted column.
    pub(super) fn replace(&mut self, name: &str, new: &Value) {
        for (field, value) in &mut self.values {
            if field.name == name {
                *value = new.clone();
            }
        }
    }

    /// Sets a column, whether requests may or not.
    pub(super) fn put(&mut self, field: Option<&'static Field>, value: Value) {
        let Some(field) = field else { return };
        self.values.retain(|(known, _)| known.name != field.name);
        self.values.push((field, value));
    }

    /// Sets a text column that records do not show.
    pub(super) fn extend_with(&mut self, name: Ident, text: &str) {
        self.extensions.push((name, DataType::Text, Bind::text(text)));
    }

    /// The columns that a change of a row sets.
    pub(super) fn changes(&self, call: &Call, row: &OrganisationRow) -> Vec<(Ident, Bind)> {
        let posted = self.values.iter().filter(|(field, value)| is_changed(row, field, value));
        let mut changes: Vec<_> =
            posted.map(|(field, value)| (Ident::new(field.name), bind(field, value))).collect();
        // Rows that were read without their extension columns are taken to differ.
        let differs = |name: &Ident, data_type: DataType, new: &Bind| {
            row.value(name.as_str()).is_none_or(|value| Bind::column(data_type, value) != *new)
        };
        let extensions = self.extensions.iter();
        let extensions = extensions.filter(|(name, kind, new)| differs(name, *kind, new));
        changes.extend(extensions.map(|(name, _, new)| (name.clone(), new.clone())));
        if let Some(comment) = &self.comment {
            let comments = comment_text(call, row.text("Comments"), comment);
            changes.push((Ident::new("Comments"), Bind::text(comments)));
        }
        changes
    }

    /// The columns that a new row sets: texts that must not be NULL, and whatever is not its type's initial value.
    pub(super) fn inserts(&self, call: &Call, info: &TableInfo) -> Vec<(Ident, Bind)> {
        let is_needed = |field: &Field| {
            matches!(field.kind, FieldKind::Text(_))
                && info.column(field.name).is_some_and(|column| !column.nullable)
        };
        let mut inserts: Vec<_> = self
            .values
            .iter()
            .filter(|(field, value)| *value != initial(field) || is_needed(field))
            .map(|(field, value)| (Ident::new(field.name), bind(field, value)))
            .collect();
        let table = fields_of(info);
        for field in table.iter().filter(|field| field.settable && is_needed(field)) {
            if self.value(field.name).is_none() {
                inserts.push((Ident::new(field.name), Bind::text("")));
            }
        }
        inserts.extend(self.extensions.iter().map(|(name, _, new)| (name.clone(), new.clone())));
        if let Some(comment) = &self.comment {
            inserts.push((Ident::new("Comments"), Bind::text(comment_text(call, "", comment))));
        }
        inserts
    }
}

fn fields_of(info: &TableInfo) -> &'static [Field] {
    let tables = [OrganisationTable::Users, OrganisationTable::Depts, OrganisationTable::Groups];
    let table = tables.into_iter().find(|table| table.name() == info.name);
    table.map(fields).unwrap_or_default()
}

/// Whether a value differs from the stored one. Times do when records show them differently, in whole seconds and with
/// one form for "no date": what was read may be sent back (08 §2.4).
pub(super) fn is_changed(row: &OrganisationRow, field: &Field, value: &Value) -> bool {
    match (row.value(field.name), value) {
        (Some(Value::Time(stored)), Value::Time(posted)) => shown(*stored) != shown(*posted),
        (stored, posted) => stored != Some(posted),
    }
}

fn shown(time: Option<NaiveDateTime>) -> Option<NaiveDateTime> {
    let whole = time.and_then(|time| time.with_nanosecond(0));
    whole.filter(|time| *time != empty_date())
}

/// What a column holds before anything is said.
pub(super) fn initial(field: &Field) -> Value {
    match field.kind {
        FieldKind::Text(_) | FieldKind::Comments => Value::Text(String::new()),
        FieldKind::Int => Value::Int(0),
        FieldKind::Bool => Value::Bool(false),
        FieldKind::Time => Value::Time(None),
    }
}

/// Refuses a hash with a value of another type than its class has, whatever the value is for (03 §3.2).
fn check_hash(class: ColumnClass, hash: &Json<'_>) -> Result<(), Error> {
    if !matches!(hash, Json::Object(_) | Json::Null) {
        return Err(Error::InvalidJsonData);
    }
    for (_, json) in hash.members() {
        match class {
            ColumnClass::Num => drop(convert::<Nullable<Number>>(json)?),
            ColumnClass::Date => drop(convert::<PostedTime>(json)?),
            ColumnClass::Check => drop(convert::<bool>(json)?),
            ColumnClass::Class | ColumnClass::Description => drop(convert::<Option<String>>(json)?),
            ColumnClass::Attachments => {}
        }
    }
    Ok(())
}

fn convert<'j, T: Deserialize<'j>>(json: &'j Json<'j>) -> Result<T, Error> {
    lenient::from_json(json).map_err(|_| Error::InvalidJsonData)
}

fn value(call: &Call, kind: FieldKind, json: &Json<'_>) -> Result<Option<Value>, Error> {
    Ok(match kind {
        FieldKind::Text(max) => {
            convert::<Option<String>>(json)?.map(|text| Value::Text(cut(&text, Some(max))))
        }
        FieldKind::Int => convert::<Nullable<i32>>(json)?.0.map(|number| Value::Int(number.into())),
        FieldKind::Bool => convert::<Nullable<bool>>(json)?.0.map(Value::Bool),
        FieldKind::Time => {
            convert::<Nullable<PostedTime>>(json)?.0.map(|time| Value::Time(stored(call, time)))
        }
        FieldKind::Comments => None,
    })
}

/// A posted time by the server's clock; what is out of range is the empty date (08 §4).
pub(super) fn stored(call: &Call, time: PostedTime) -> Option<NaiveDateTime> {
    let local = match time {
        PostedTime::Local(local) => local,
        // QUIRK(03 §3.3): the server's wall clock at that instant counts as the caller's.
        PostedTime::Offset(instant) => call.zones.server_time(instant.to_utc()),
        PostedTime::TimeOnly(time) => call.user_now().date().and_time(time),
    };
    let time = call.zones.to_server(local);
    let general = &call.services.parameters.general;
    Some(time).filter(|time| (general.min_time..=general.max_time).contains(time))
}

fn bind(field: &Field, value: &Value) -> Bind {
    let data_type = match field.kind {
        FieldKind::Text(_) | FieldKind::Comments => DataType::Text,
        FieldKind::Int => DataType::Int,
        FieldKind::Bool => DataType::Bool,
        FieldKind::Time => DataType::Time,
    };
    Bind::column(data_type, value)
}
