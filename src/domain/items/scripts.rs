//! Server scripts around records (07 §4.3, §4.4): what they see of one, and what they change.

use chrono::DateTime;
use rust_decimal::Decimal;
use serde_json::{Map, Value as Json, json};

use crate::db::ColumnInfo;
use crate::db::records::ListRow;
use crate::db::sql::Predicate;
use crate::domain::columns;
use crate::domain::scripts::{self, Assigned, Moment, Outcome, Program, ViewChanges, World};
use crate::domain::settings::document::View;
use crate::domain::settings::enums::{Order, SearchType};
use crate::domain::settings::{Column, ColumnRight};
use crate::domain::view::{self, Compiler, Reader};
use crate::domain::{Call, Error};
use crate::model::{ColumnClass, DataType, Rights, Value};

use super::logic::Hand;
use super::posted::{self, Posting};
use super::record::Record;
use super::{Table, load, roles};

/// Runs what a table has for a moment, on a record. The future is boxed, so that calls without scripts stay small.
pub(super) async fn run(
    call: &Call,
    table: &Table<'_>,
    moment: Moment,
    record: &mut Record,
) -> Result<(), Error> {
    match scripts::find(call, table.settings, moment) {
        Some(program) => Box::pin(run_program(call, table, (moment, &program), record)).await,
        None => Ok(()),
    }
}

async fn run_program(
    call: &Call,
    table: &Table<'_>,
    (moment, program): (Moment, &Program),
    record: &mut Record,
) -> Result<(), Error> {
    let sight = Sight { call, table, record };
    let world = World {
        model: sight.values(Record::get),
        saved: sight.values(Record::saved),
        types: types(table),
        labels: labels(call, table),
        view: None,
    };
    let outcome = scripts::run(call, program, moment, world).await?;
    assign(call, table, record, &outcome).await
}

/// As [`run`], and refuses to go on when a script has called `context.Error`, now or earlier in the request.
pub(super) async fn run_before(
    call: &Call,
    table: &Table<'_>,
    moment: Moment,
    record: &mut Record,
) -> Result<(), Error> {
    run(call, table, moment, record).await?;
    call.scripts.check()
}

/// Loads the record once more and runs what comes after a write; its changes of the record are not kept (07 §4.4).
pub(super) async fn run_after(
    call: &Call,
    table: &Table<'_>,
    moment: Moment,
    id: i64,
) -> Result<(), Error> {
    let settings = table.settings;
    let due = [moment, Moment::WhenloadingRecord, Moment::WhenViewProcessing];
    if due.iter().all(|moment| scripts::find(call, settings, *moment).is_none()) {
        return Ok(());
    }
    let loading = Box::pin(load::by_id(call, table, id));
    let Some(mut record) = loading.await? else { return Ok(()) };
    run(call, table, moment, &mut record).await
}

/// Runs what comes once the addressed table is known. What it sets of columns is for screens.
pub(super) async fn run_at_opening(call: &Call, table: &Table<'_>) -> Result<(), Error> {
    run_without_record(call, table, Moment::WhenloadingSiteSettings).await
}

/// Whether scripts look at each row that is read, and with it at every column.
pub(super) fn sees_rows(call: &Call, table: &Table<'_>) -> bool {
    scripts::find(call, table.settings, Moment::WhenloadingRecord).is_some()
}

/// Refuses exports of tables whose scripts look at each record: that is not built.
pub(super) fn check_exportable(call: &Call, table: &Table<'_>) -> Result<(), Error> {
    let looks = table.settings.server_scripts.iter().any(|script| script.before_opening_row);
    if looks || sees_rows(call, table) {
        return Err(Error::NotBuilt("server scripts in exports"));
    }
    Ok(())
}

/// Runs what comes after loading on each row of a page; answers have the values as scripts leave them.
pub(super) async fn run_on_rows(
    call: &Call,
    table: &Table<'_>,
    columns: &[&ColumnInfo],
    rows: &mut [ListRow],
) -> Result<(), Error> {
    if !sees_rows(call, table) {
        return Ok(());
    }
    // Rows of integrated sites have scripts of their own.
    for row in rows.iter_mut().filter(|row| row.site == table.target.site.id) {
        let mut record = load::record(table, columns, row.record.clone());
        run(call, table, Moment::WhenloadingRecord, &mut record).await?;
        for (column, value) in columns.iter().zip(&mut row.record.values) {
            if let Some(changed) = record.get(&column.name) {
                value.clone_from(changed);
            }
        }
    }
    Ok(())
}

/// Runs what comes without a record: `model` is an empty one.
pub(super) async fn run_without_record(
    call: &Call,
    table: &Table<'_>,
    moment: Moment,
) -> Result<(), Error> {
    let mut record = Record::new(table.settings);
    run(call, table, moment, &mut record).await
}

/// The view as scripts change it before records are looked for; none where nothing is there to change it.
pub(super) async fn viewed(
    call: &Call,
    table: &Table<'_>,
    view: Option<&View>,
) -> Result<Option<View>, Error> {
    let moment = Moment::WhenViewProcessing;
    let Some(program) = scripts::find(call, table.settings, moment) else { return Ok(None) };
    let view = view.cloned().unwrap_or_default();
    let outcome = Box::pin(look(call, table, &program, &view)).await?;
    let changes = outcome.view.unwrap_or_default();
    apply(view, changes).map(Some)
}

/// The condition of one record, narrowed by the filters that scripts set: what is outside is not there for the caller.
pub(super) async fn narrowed(
    call: &Call,
    table: &Table<'_>,
    condition: Predicate,
) -> Result<Predicate, Error> {
    match viewed(call, table, None).await? {
        Some(view) => Box::pin(narrowed_to(call, table, &view, condition)).await,
        None => Ok(condition),
    }
}

async fn narrowed_to(
    call: &Call,
    table: &Table<'_>,
    view: &View,
    condition: Predicate,
) -> Result<Predicate, Error> {
    let site = &table.target.site;
    let links = view::load_links(call, site, table.settings, Some(view), &[]).await?;
    let compiler = Compiler {
        reader: Reader::of(call),
        table: table.settings,
        columns: table.columns,
        site,
        access: table.access,
        needed: Rights::NONE,
        record: None,
        links: &links,
        joins: true,
    };
    let query = compiler.compile(Some(view))?;
    let listed = Predicate::Listed(table.settings.kind, Box::new(query.predicate));
    Ok(Predicate::All(vec![condition, listed]))
}

async fn look(
    call: &Call,
    table: &Table<'_>,
    program: &Program,
    view: &View,
) -> Result<Outcome, Error> {
    let sorters = view.column_sorter_hash.iter().map(|(name, order)| {
        let order = if matches!(order, Order::Desc) { "desc" } else { "asc" };
        (name.clone(), Json::from(order))
    });
    let types = view.column_filter_search_types.iter();
    let world = World {
        types: self::types(table),
        labels: labels(call, table),
        view: Some(json!({
            "Id": view.id,
            "Filters": view.column_filter_hash,
            "SearchTypes": types.map(|(k, v)| (k.clone(), Json::from(v.name()))).collect::<Map<_, _>>(),
            "Sorters": sorters.collect::<Map<_, _>>(),
        })),
        ..World::default()
    };
    scripts::run(call, program, Moment::WhenViewProcessing, world).await
}

fn apply(mut view: View, changes: ViewChanges) -> Result<View, Error> {
    if changes.cleared {
        view.incomplete = None;
        view.own = None;
        view.near_completion_time = None;
        view.delay = None;
        view.overdue = None;
        view.search = String::new();
        view.column_filter_negatives.clear();
    }
    view.column_filter_hash = changes.filters;
    let search_type =
        |(name, value): (String, String)| Some((name, SearchType::from_name(&value)?));
    view.column_filter_search_types = changes.types.into_iter().filter_map(search_type).collect();
    let order = |(name, value): (String, String)| match value.as_str() {
        "asc" => Some((name, Order::Asc)),
        "desc" => Some((name, Order::Desc)),
        _ => None,
    };
    view.column_sorter_hash = changes.sorters.into_iter().filter_map(order).collect();
    for (name, negative) in changes.negatives {
        view.column_filter_negatives.retain(|known| *known != name);
        if negative {
            view.column_filter_negatives.push(name);
        }
    }
    match changes.selecting_where {
        Some(_) => Err(Error::NotBuilt("view.OnSelectingWhere of server scripts")),
        None => Ok(view),
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
fn types(table: &Table<'_>) -> Map<String, Json> {
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

fn labels(call: &Call, table: &Table<'_>) -> Map<String, Json> {
    let language = call.language().code();
    let columns = table.settings.columns.iter();
    columns.map(|column| (column.name.clone(), column.label(language).into())).collect()
}

/// Puts what a script assigned into the record. Columns that the caller may not update stay as they are.
///
/// QUIRK(07 §4.4): the right to update decides on create too.
async fn assign(
    call: &Call,
    table: &Table<'_>,
    record: &mut Record,
    outcome: &Outcome,
) -> Result<(), Error> {
    if outcome.changed.is_empty() {
        return Ok(());
    }
    let users = call.users().await?;
    let hand = Hand::of(call, &users);
    for (name, assigned) in &outcome.changed {
        let Some(column) = table.settings.column(name).filter(|column| is_writable(column)) else {
            continue;
        };
        let control = column.access(ColumnRight::Update);
        if !columns::allows(call, &table.access, control, Some(roles(call, record))) {
            continue;
        }
        if name == "Comments" {
            let text = text(assigned);
            if super::is_comment(&text) {
                Posting { call, users: &users }.add_comment(record, text);
            }
            continue;
        }
        record.set(name, value(call, &hand, column, assigned));
    }
    Ok(())
}

fn is_writable(column: &Column) -> bool {
    match column.class() {
        Some(class) => class != ColumnClass::Attachments,
        None => matches!(
            column.name.as_str(),
            "Title"
                | "Body"
                | "Status"
                | "Manager"
                | "Owner"
                | "Locked"
                | "Comments"
                | "StartTime"
                | "CompletionTime"
                | "WorkValue"
                | "ProgressRate"
        ),
    }
}

/// The value that an assignment gives a column (07 §4.4).
fn value(call: &Call, hand: &Hand<'_>, column: &Column, assigned: &Assigned) -> Value {
    match column.data_type() {
        DataType::Text => Value::Text(text(assigned)),
        DataType::Decimal => Value::Decimal(number(hand, column, assigned)),
        DataType::Int | DataType::Long => {
            hand.value(column, &whole(assigned)).unwrap_or(Value::Int(0))
        }
        DataType::Bool => Value::Bool(is_on(assigned)),
        // QUIRK(07 §4.4): only a date is one; a text clears the column.
        DataType::Time => Value::Time(match assigned {
            Assigned::Date(milliseconds) => milliseconds
                .parse()
                .ok()
                .and_then(DateTime::from_timestamp_millis)
                .map(|instant| call.zones.server_time(instant)),
            _ => None,
        }),
    }
}

fn text(assigned: &Assigned) -> String {
    match assigned {
        Assigned::Null => String::new(),
        Assigned::Undefined => "[undefined]".to_owned(),
        Assigned::Boolean(value) => if value == "true" { "True" } else { "False" }.to_owned(),
        Assigned::String(text)
        | Assigned::Number(text)
        | Assigned::Date(text)
        | Assigned::Object(text) => text.clone(),
    }
}

/// A script's own numbers have a point; texts are read as the caller writes them.
fn number(hand: &Hand<'_>, column: &Column, assigned: &Assigned) -> Option<Decimal> {
    let number = match assigned {
        Assigned::Number(text) => text.parse().ok().or_else(|| Decimal::from_scientific(text).ok()),
        Assigned::String(text) => match hand.value(column, text) {
            Some(Value::Decimal(number)) => number,
            _ => None,
        },
        _ => None,
    };
    posted::num(column, number)
}

fn whole(assigned: &Assigned) -> String {
    match assigned {
        Assigned::Number(text) => {
            let number: f64 = text.parse().unwrap_or_default();
            format!("{:.0}", number.trunc())
        }
        Assigned::String(text) => text.clone(),
        _ => String::new(),
    }
}

fn is_on(assigned: &Assigned) -> bool {
    match assigned {
        Assigned::Boolean(value) => value == "true",
        Assigned::Number(number) => number == "1" || number == "-1",
        Assigned::String(text) => {
            ["1", "true", "on"].iter().any(|on| text.trim().eq_ignore_ascii_case(on))
        }
        _ => false,
    }
}
