//! One number of the records of a view: what server scripts ask for by `items.Sum` and its like (07 §4.5).

use chrono::NaiveDateTime;
use rust_decimal::Decimal;

use crate::db::records::ListQuery;
use crate::db::sql::Ident;
use crate::db::summaries::{self, Aggregate, Children, Sum};
use crate::db::{self, ColumnInfo};
use crate::domain::items::{Table, hooks, scripts};
use crate::domain::settings::ColumnRight;
use crate::domain::settings::document::View;
use crate::domain::view::{self, Compiler, Reader};
use crate::domain::{Call, Error, auth, columns, named_sql};
use crate::model::{DataType, Rights};

/// The sum, mean, least or greatest number of a column; 0 where there is none, or none that the caller may read.
pub async fn aggregate(
    call: &Call,
    table: &Table<'_>,
    view: Option<&View>,
    column: &str,
    aggregate: Aggregate,
) -> Result<Decimal, Error> {
    let Some(column) = readable(call, table, column, DataType::Decimal)? else {
        return Ok(Decimal::ZERO);
    };
    let link = Ident::id_of(table.settings.kind);
    let view = Some(query(call, table, view).await?);
    let sum = Sum { aggregate, column: Some(column), link, view };
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    Ok(summaries::of_table(&mut conn, children(table), &sum).await?)
}

/// The first or last time of a column; none where there is none, or none that the caller may read.
pub async fn extreme_time(
    call: &Call,
    table: &Table<'_>,
    view: Option<&View>,
    column: &str,
    last: bool,
) -> Result<Option<NaiveDateTime>, Error> {
    let Some(column) = readable(call, table, column, DataType::Time)? else { return Ok(None) };
    let query = query(call, table, view).await?;
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    Ok(summaries::time_of_table(&mut conn, children(table), &query, &column, last).await?)
}

/// A column of that type, if the table has it and the caller may read it.
fn readable(
    call: &Call,
    table: &Table<'_>,
    column: &str,
    data_type: DataType,
) -> Result<Option<Ident>, Error> {
    auth::check_api_open(call)?;
    super::check_readable(table)?;
    let column = table.settings.column(column).filter(|column| column.data_type() == data_type);
    let Some(column) = column else { return Ok(None) };
    let known = table.columns.column(&column.name).map(ColumnInfo::ident);
    let readable = columns::allows(call, &table.access, column.access(ColumnRight::Read), None);
    Ok(known.filter(|_| readable))
}

/// The records of a view that the caller may read.
async fn query(call: &Call, table: &Table<'_>, view: Option<&View>) -> Result<ListQuery, Error> {
    let settings = table.settings;
    let changed = scripts::viewed(call, table, view).await?;
    let view = changed.as_deref().or(view);
    let (kind, site) = (settings.kind, &table.target.site);
    let links = view::load_links(call, site, settings, view, &[]).await?;
    let compiler = Compiler {
        reader: Reader::of(call),
        table: settings,
        columns: table.columns,
        site,
        access: table.access,
        needed: Rights::READ,
        record: None,
        links: &links,
        joins: true,
    };
    let mut query = compiler.compile(view)?;
    let own_id = Ident::id_of(kind).of(&db::records::RECORD);
    let subject = hooks::subject(table, None);
    query.predicate = named_sql::seen(call, kind, &own_id, subject, view, query.predicate);
    Ok(query)
}

fn children<'t>(table: &Table<'t>) -> Children<'t> {
    Children { kind: table.settings.kind, columns: table.columns, site: table.target.site.id }
}
