//! A record as scripts see it (07 §4.4).

use rust_decimal::Decimal;
use serde_json::{Map, Value as Json};

use crate::domain::items::record::Record;
use crate::domain::items::{Table, load, roles};
use crate::domain::scripts::{self, World};
use crate::domain::settings::{Column, ColumnRight};
use crate::domain::{Call, columns};
use crate::model::{DataType, Value};

/// What a script sees of a record.
pub(super) fn world(call: &Call, table: &Table<'_>, record: &Record) -> World {
    let sight = Sight { call, table, record };
    World {
        model: sight.values(Record::get),
        saved: sight.values(Record::saved),
        types: types(table),
        labels: labels(call, table),
        view: None,
    }
}

/// A record as scripts see it.
struct Sight<'a> {
    call: &'a Call,
    table: &'a Table<'a>,
    record: &'a Record,
}

impl Sight<'_> {
    fn values<'r>(&'r self, get: fn(&'r Record, &str) -> Option<&'r Value>) -> Map<String, Json> {
        let Self { call, table, record } = self;
        let mut values = Map::new();
        let roles = roles(call, record);
        for column in &table.settings.columns {
            let name = column.name.as_str();
            let Some(value) = get(record, name).filter(|_| column.definition.physical) else {
                continue;
            };
            let control = column.access(ColumnRight::Read);
            if !columns::allows(call, &table.access, control, Some(roles)) {
                values.insert(name.to_owned(), Json::Null);
            } else if column.class().is_none()
                || load::is_loaded_by_reference(table.settings, column)
                || !is_initial(value)
            {
                values.insert(name.to_owned(), self.value(column, value));
            }
        }
        self.add_fixed(&mut values);
        values
    }

    fn value(&self, column: &Column, value: &Value) -> Json {
        match value {
            Value::Text(text) => text.as_str().into(),
            Value::Int(number) => (*number).into(),
            Value::Decimal(None) if !column.nullable => 0.into(),
            Value::Decimal(number) => scripts::number(*number),
            Value::Time(time) => scripts::time(self.call, *time),
            Value::Bool(check) => (*check).into(),
        }
    }

    /// What every record has besides its columns.
    fn add_fixed(&self, values: &mut Map<String, Json>) {
        let (call, record) = (self.call, self.record);
        let stored = record.stored.as_ref();
        let mut add = |name: &str, value: Json| values.insert(name.to_owned(), value);
        add("SiteId", self.table.target.site.id.0.into());
        add(record.kind().id_column(), record.id().into());
        add("Ver", stored.map_or(1, |stored| stored.ver).into());
        add("Creator", stored.map_or(0, |stored| stored.creator.0).into());
        add("Updator", stored.map_or(0, |stored| stored.updator.0).into());
        add("CreatedTime", scripts::time(call, stored.map(|stored| stored.created_time)));
        add("UpdatedTime", scripts::time(call, stored.map(|stored| stored.updated_time)));
        add("ReadOnly", false.into());
        let decimal = |name| record.get(name).and_then(Value::decimal).unwrap_or_default();
        let work = decimal("WorkValue");
        if record.get("WorkValue").is_some() {
            let rest = work - work * decimal("ProgressRate") * Decimal::new(1, 2);
            add("RemainingWorkValue", scripts::number(Some(rest)));
        }
    }
}

fn is_initial(value: &Value) -> bool {
    match value {
        Value::Text(text) => text.is_empty(),
        Value::Int(number) => *number == 0,
        Value::Decimal(number) => number.is_none(),
        Value::Time(time) => time.is_none(),
        Value::Bool(check) => !check,
    }
}

/// The types of columns, in the prelude's letters.
pub(super) fn types(table: &Table<'_>) -> Map<String, Json> {
    let letter = |column: &Column| match column.data_type() {
        DataType::Text => "T",
        DataType::Decimal if column.nullable => "Z",
        DataType::Int | DataType::Long | DataType::Decimal => "N",
        DataType::Time => "D",
        DataType::Bool => "B",
    };
    let classes = table.settings.columns.iter().filter(|column| column.class().is_some());
    classes.map(|column| (column.name.clone(), letter(column).into())).collect()
}

/// The labels of columns in the caller's language.
pub(super) fn labels(call: &Call, table: &Table<'_>) -> Map<String, Json> {
    let language = call.language().code();
    let columns = table.settings.columns.iter();
    columns.map(|column| (column.name.clone(), column.label(language).into())).collect()
}
