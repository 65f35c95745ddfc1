//! Sorting (05 §12).

use crate::db::records::{OrderBy, SortKey};
use crate::db::sql::{Bind, Ident};
use crate::domain::Error;
use crate::domain::settings::document::View;
use crate::domain::settings::enums::Order;
use crate::model::DataType;

use super::filters::{Field, Names};

/// The sorters of a view, then those that make the order of every list certain.
pub(super) fn order(
    names: Names<'_>,
    id_name: &'static str,
    source: &Ident,
    view: &View,
) -> Result<Vec<OrderBy>, Error> {
    let descending = |name| descending(source, name);
    let mut order = Vec::new();
    let mut sorts_updated_time = false;
    let mut sorts_id = false;
    if view.show_history == Some(true) {
        order.push(descending(id_name));
        order.push(descending("Ver"));
        sorts_id = true;
    } else {
        for (name, direction) in &view.column_sorter_hash {
            let Some(field) = names.field(name)? else { continue };
            let sorted = sorters(&field, *direction, &mut order)?;
            sorts_updated_time |= sorted && field.column.name == "UpdatedTime";
            sorts_id |= sorted && field.column.name == id_name;
        }
    }
    if !sorts_updated_time {
        order.push(descending("UpdatedTime"));
    }
    if !sorts_id {
        order.push(descending(id_name));
    }
    Ok(order)
}

fn descending(source: &Ident, name: &'static str) -> OrderBy {
    OrderBy { key: SortKey::Column(Ident::new(name).of(source)), descending: true }
}

/// Whether a sorter sorts by its column; most can be released from doing so.
fn sorters(field: &Field<'_>, direction: Order, order: &mut Vec<OrderBy>) -> Result<bool, Error> {
    let keys = keys(field)?;
    let descending = match direction {
        Order::Asc => false,
        Order::Desc => true,
        // The reference fails where it would have to release an expression of its own.
        Order::Release if is_expression(field) => return Err(Error::BadRequest),
        Order::Release | Order::Other(_) => return Ok(false),
    };
    order.extend(keys.into_iter().map(|key| OrderBy { key, descending }));
    Ok(true)
}

fn is_expression(field: &Field<'_>) -> bool {
    field.column.link || matches!(field.column.name.as_str(), "Title" | "TitleBody")
}

fn keys(field: &Field<'_>) -> Result<Vec<SortKey>, Error> {
    let text = |column: Ident| SortKey::Coalesced(column, Bind::text(""));
    let title = || text(Ident::new("Title").of(&field.item));
    Ok(match field.column.name.as_str() {
        "Title" => vec![title()],
        "TitleBody" => vec![title(), text(Ident::new("Body").of(&field.source))],
        "RemainingWorkValue" => vec![SortKey::RemainingWork(field.source.clone())],
        _ => vec![column_key(field)?],
    })
}

fn column_key(field: &Field<'_>) -> Result<SortKey, Error> {
    let column = field.stored()?;
    let default = match field.column.data_type() {
        DataType::Text if field.column.link => {
            return Ok(SortKey::LinkedTitle(column, field.link_sites.clone()));
        }
        DataType::Text => Bind::text(""),
        DataType::Bool => Bind::Bool(Some(false)),
        DataType::Time => return Ok(SortKey::Column(column)),
        DataType::Int | DataType::Long | DataType::Decimal
            if field.column.nullable || !field.may_be_null() =>
        {
            return Ok(SortKey::Column(column));
        }
        DataType::Int | DataType::Long | DataType::Decimal => Bind::Int(Some(0)),
    };
    Ok(SortKey::Coalesced(column, default))
}
