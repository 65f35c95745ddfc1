//! The records that the keys of rows find (04 §4.5).

use std::collections::HashMap;

use crate::db::records::{self, Find};
use crate::db::sql::{Bind, Predicate};
use crate::db::{self, ColumnInfo};
use crate::domain::items::bulk::{Key, Parts, of_item};
use crate::domain::items::keys::{equal_number, equal_text};
use crate::domain::items::record::Record;
use crate::domain::items::{Table, hooks, load};
use crate::domain::settings::Column;
use crate::domain::{Call, Error, Unimportable};
use crate::model::{DataType, Value};

use super::Row;
use super::cells::Cells;

/// The key column of a file, and where rows have it.
#[derive(Debug, Clone, Copy)]
pub(super) struct KeyColumn<'c> {
    pub(super) column: &'c Column,
    pub(super) cell: usize,
}

/// A row's key.
struct Wanted {
    /// As messages show it.
    text: String,
    condition: Predicate,
}

impl Cells<'_> {
    /// Per row the record that its key finds; rows without a key make records. `first` is the number of the first row;
    /// unless `whole`, the ids of the records are enough.
    ///
    /// One look-up serves all rows whose conditions are plain equations; others are looked up one by one.
    pub(super) async fn find(
        &self,
        rows: &[Row<'_>],
        first: usize,
        whole: bool,
    ) -> Result<Vec<Option<Record>>, Error> {
        let Some(key) = self.key else { return Ok(rows.iter().map(|_| None).collect()) };
        let mut wanted = Vec::with_capacity(rows.len());
        for row in rows {
            wanted.push(self.wanted(key, row)?);
        }
        let sees_all = !hooks::narrows(self.call, self.table);
        let parts = wanted
            .iter()
            .flatten()
            .filter(|_| sees_all)
            .find_map(|wanted| Parts::of(self.table, &wanted.condition));
        let keys: Vec<Option<Key>> =
            wanted.iter().map(|wanted| parts.as_ref()?.key(&wanted.as_ref()?.condition)).collect();
        let found = match &parts {
            Some(parts) => self.find_all(parts, &keys, whole).await?,
            None => HashMap::new(),
        };
        let mut records = Vec::with_capacity(rows.len());
        for (at, (wanted, key_of_row)) in wanted.iter().zip(&keys).enumerate() {
            let Some(wanted) = wanted else {
                records.push(None);
                continue;
            };
            let mut matches = if let Some(key) = key_of_row {
                found.get(key.text()).cloned().unwrap_or_default()
            } else {
                let condition = hooks::seen(self.call, self.table, None, wanted.condition.clone());
                load::matching(self.call, self.table, condition).await?
            };
            if matches.len() > 1 {
                let label = key.column.label(self.call.language().code()).to_owned();
                let (row, value) = (first + at, wanted.text.clone());
                return Err(Unimportable::OverlapCsvImport { row, label, value }.into());
            }
            records.push(matches.pop());
        }
        Ok(records)
    }

    /// The records of keys, by the keys' texts.
    async fn find_all(
        &self,
        parts: &Parts,
        keys: &[Option<Key>],
        whole: bool,
    ) -> Result<HashMap<String, Vec<Record>>, Error> {
        let mut distinct: HashMap<&str, &Key> = HashMap::new();
        for key in keys.iter().flatten() {
            distinct.insert(key.text(), key);
        }
        let wanted: Vec<&Key> = distinct.into_values().collect();
        let rows = find(self.call, self.table, &parts.set(&wanted), whole).await?;
        let mut found: HashMap<String, Vec<Record>> = HashMap::new();
        for (place, record) in rows {
            if let Some(key) = wanted.get(place) {
                found.entry(key.text().to_owned()).or_default().push(record);
            }
        }
        Ok(found)
    }

    /// What a row looks for; nothing with an empty cell.
    fn wanted(&self, key: KeyColumn<'_>, row: &Row<'_>) -> Result<Option<Wanted>, Error> {
        // BUG(04 §4.3): the reference crashes on a row that ends before its key.
        let cell = row.get(key.cell).ok_or(Error::BadRequest)?;
        if cell.is_empty() {
            return Ok(None);
        }
        let text = self.texts.value(key.column, cell);
        let part = self.part(key.column, cell, &text);
        // QUIRK(04 §4.5): what cannot be compared is no condition, and finds every record of the table.
        Ok(Some(Wanted { condition: Predicate::All(part.into_iter().collect()), text }))
    }

    fn part(&self, column: &Column, cell: &str, text: &str) -> Option<Predicate> {
        let info = self.table.columns.column(&column.name)?;
        let ident = info.ident();
        if let Some(id) = (!load::is_value(column)).then(|| text.trim().parse::<i64>()) {
            return Some(Predicate::Equal(
                ident,
                Bind::column(info.data_type, &Value::Int(id.ok()?)),
            ));
        }
        match self.value(column, cell)? {
            Value::Text(text) if column.name == "Title" => {
                let title = equal_text(column, ident, &text)?;
                Some(of_item(self.table.settings.kind, self.table.target.site.id, title))
            }
            Value::Text(text) => equal_text(column, ident, &text),
            Value::Bool(check) => check.then_some(Predicate::Equal(ident, Bind::Bool(Some(true)))),
            Value::Decimal(number) => number.map(|number| equal_number(column, ident, number)),
            Value::Time(time) => time.map(|time| Predicate::Equal(ident, Bind::Time(Some(time)))),
            value @ Value::Int(_) if column.data_type() != DataType::Text => {
                Some(Predicate::Equal(ident, Bind::column(info.data_type, &value)))
            }
            Value::Int(_) => None,
        }
    }
}

/// The records of a set of keys, with the places of their keys: whole, or no more than their ids.
pub(super) async fn find(
    call: &Call,
    table: &Table<'_>,
    keys: &records::KeySet,
    whole: bool,
) -> Result<Vec<(usize, Record)>, Error> {
    let columns = if whole { load::columns(table.settings, table.columns) } else { Vec::new() };
    find_with(call, table, keys, &columns).await
}

/// As [`find`], with these columns.
pub(super) async fn find_with(
    call: &Call,
    table: &Table<'_>,
    keys: &records::KeySet,
    columns: &[&ColumnInfo],
) -> Result<Vec<(usize, Record)>, Error> {
    let find = Find {
        kind: table.settings.kind,
        site: table.target.site.id,
        columns,
        mails: table.settings.full_text_number_of_mails,
        keys,
    };
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    let rows = records::find(&mut conn, &find).await?;
    let record = |(place, row)| (place, load::record(table, columns, row));
    Ok(rows.into_iter().map(record).collect())
}
