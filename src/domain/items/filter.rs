//! The filters that an upsert adds to its keys (03 §6.3).

use crate::db::sql::Predicate;
use crate::domain::settings::document::View;
use crate::domain::view::{Compiler, Links, Reader};
use crate::domain::{Call, Error};
use crate::lenient::{self, Json};
use crate::model::Rights;

use super::Table;
use super::keys::Key;

/// The condition of a body's `View`, of which only `ColumnFilterHash` and what belongs to it counts.
///
/// The look-up of an upsert asks for no right (04 §2.5). A key replaces a filter of its name.
pub(super) fn condition(
    call: &Call,
    table: &Table<'_>,
    body: &Json<'_>,
    keys: &[Key],
) -> Result<Option<Predicate>, Error> {
    let Some(json) = body.member("View") else { return Ok(None) };
    let view: Option<View> = lenient::from_json(json).map_err(|_| Error::InvalidJsonData)?;
    let mut view = view.unwrap_or_default();
    view.column_filter_hash.retain(|name, _| !keys.iter().any(|key| key.text() == name));
    if view.column_filter_hash.is_empty() {
        return Ok(None);
    }
    let view = View {
        column_filter_hash: view.column_filter_hash,
        column_filter_search_types: view.column_filter_search_types,
        column_filter_expressions: view.column_filter_expressions,
        column_filter_negatives: view.column_filter_negatives,
        ..View::default()
    };
    let compiler = Compiler {
        reader: Reader::of(call),
        table: table.settings,
        columns: table.columns,
        site: &table.target.site,
        access: table.access,
        needed: Rights::NONE,
        record: None,
        links: &Links::default(),
        joins: false,
    };
    let query = compiler.compile(Some(&view))?;
    Ok(Some(Predicate::Listed(table.settings.kind, Box::new(query.predicate))))
}
