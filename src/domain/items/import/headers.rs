//! The labels of a file's first line, and the columns that they mean (04 §4.3).

use std::borrow::Cow;

use indexmap::IndexMap;

use crate::domain::Call;
use crate::domain::settings::definitions::definitions;
use crate::domain::settings::{Column, TableSettings};
use crate::model::ColumnClass;

use super::Row;

/// The columns of a file, each once.
#[derive(Debug)]
pub(super) struct Headers<'c> {
    columns: IndexMap<&'c str, (&'c Column, Place)>,
}

/// Where the rows have a column's value.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Cell(usize),
    /// A cell for each choice, as exports write them.
    Choices(Vec<(usize, String)>),
}

impl<'c> Headers<'c> {
    /// A label means the first column that has it; the later of two labels of one column counts. Others mean nothing.
    pub(super) fn of(call: &Call, table: &'c TableSettings, labels: &[Cow<'_, str>]) -> Self {
        let language = call.language().code();
        let mut columns = IndexMap::new();
        for (cell, label) in labels.iter().enumerate() {
            if let Some(column) = named(table, language, label) {
                columns.insert(column.name.as_str(), (column, Place::Cell(cell)));
            } else if let Some((column, value)) = chosen(table, language, label) {
                let entry = columns.entry(column.name.as_str());
                let (_, place) = entry.or_insert((column, Place::Choices(Vec::new())));
                match place {
                    Place::Choices(choices) => choices.push((cell, value)),
                    Place::Cell(_) => *place = Place::Choices(vec![(cell, value)]),
                }
            }
        }
        Self { columns }
    }

    /// The columns, in the order in which the file names them first.
    pub(super) fn columns(&self) -> impl Iterator<Item = &'c Column> {
        self.columns.values().map(|(column, _)| *column)
    }

    /// The place of a column's cell.
    pub(super) fn cell_of(&self, name: &str) -> Option<usize> {
        match self.columns.get(name)?.1 {
            Place::Cell(cell) => Some(cell),
            Place::Choices(_) => None,
        }
    }

    /// What a row has of a column; empty where it is too short. None for what is no column of the file.
    pub(super) fn text<'r>(&self, name: &str, row: &'r Row<'_>) -> Option<Cow<'r, str>> {
        let (column, place) = self.columns.get(name)?;
        match place {
            Place::Cell(cell) => Some(row.get(*cell).map_or("", |text| text.as_ref()).into()),
            Place::Choices(choices) => {
                let is_on =
                    |cell: usize| row.get(cell).is_some_and(|text| super::cells::is_on(text));
                let mut on =
                    choices.iter().filter(|(cell, _)| is_on(*cell)).map(|(_, value)| value);
                Some(if column.multiple_selections {
                    crate::json::array(|array| {
                        on.for_each(|value| {
                            array.element(value);
                        });
                    })
                    .into()
                } else {
                    on.next().cloned().unwrap_or_default().into()
                })
            }
        }
    }
}

/// The first column with that label, in the order of the definitions; files are never imported.
fn named<'c>(table: &'c TableSettings, language: &str, label: &str) -> Option<&'c Column> {
    let order = |column: &&Column| {
        let place = definitions(table.kind).iter().position(|known| known.name == column.name);
        place.unwrap_or(usize::MAX)
    };
    let mut labelled = table.columns.iter().filter(|column| {
        column.label(language) == label && column.class() != Some(ColumnClass::Attachments)
    });
    let first = labelled.next()?;
    std::iter::once(first).chain(labelled).min_by_key(order)
}

/// `Label[Choice]`: the column and the value that is chosen.
fn chosen<'c>(
    table: &'c TableSettings,
    language: &str,
    label: &str,
) -> Option<(&'c Column, String)> {
    let (name, choice) = label.strip_suffix(']')?.split_once('[')?;
    table.columns.iter().filter(|column| column.label(language) == name).find_map(|column| {
        let mut literals = column.choices.literals();
        let literal = literals.find(|known| known.value == choice || known.text == choice)?;
        Some((column, literal.value.clone()))
    })
}
