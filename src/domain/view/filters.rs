//! `ColumnFilterHash`: names, groups, comparisons of columns (05 §9.1, §9.2, §9.7).

use std::cell::Cell;
use std::collections::HashSet;

use indexmap::IndexMap;

use crate::db::ColumnInfo;
use crate::db::records::{ITEM, Join, RECORD};
use crate::db::sql::{Bind, Ident, Predicate};
use crate::domain::Error;
use crate::domain::display;
use crate::domain::settings::document::View;
use crate::domain::settings::enums::SearchType;
use crate::domain::settings::{Column, Subject};
use crate::lenient;
use crate::model::DataType;

use super::{Compiler, Reader, Rows, dates, numbers, texts};

/// The most values and words of a view: each is a parameter or two of a statement that has room for 65535, and states
/// its conditions twice.
const MAX_VALUES: usize = 10_000;
/// The deepest nesting of groups. Every level is text inside text, whose escapes double, so that no body gets there.
pub(super) const MAX_DEPTH: usize = 64;

/// The filters of a view while they are compiled.
pub(super) struct Filters<'c> {
    pub(super) reader: Reader<'c>,
    names: Names<'c>,
    hash: &'c IndexMap<String, String>,
    search_types: &'c IndexMap<String, SearchType>,
    negatives: HashSet<&'c str>,
    spent: Cell<usize>,
}

/// A column that a name of a view means, and where its values are.
pub(super) struct Field<'c> {
    pub(super) column: &'c Column,
    pub(super) info: Option<&'c ColumnInfo>,
    /// The source with the record's columns.
    pub(super) source: Ident,
    /// The source with its item.
    pub(super) item: Ident,
    /// The sites that the column links to.
    pub(super) link_sites: Vec<i64>,
}

/// One filter: a column, its value, whether it is negated.
pub(super) struct Filter<'c, 'f> {
    pub(super) filters: &'f Filters<'c>,
    pub(super) field: &'f Field<'c>,
    pub(super) name: &'f str,
    pub(super) value: &'f str,
    pub(super) negative: bool,
}

/// What the names of a view mean.
#[derive(Clone, Copy)]
pub(super) enum Names<'c> {
    /// Columns of a table of records, and of those joined to it.
    Records(&'c Compiler<'c>),
    /// Columns of another list.
    Rows(&'c Rows<'c>),
}

impl<'c> Names<'c> {
    /// The column that a name means.
    pub(super) fn field(self, name: &str) -> Result<Option<Field<'c>>, Error> {
        match self {
            Self::Records(compiler) => field(compiler, name),
            Self::Rows(rows) => Ok(rows.field(name)),
        }
    }
}

impl<'c> Filters<'c> {
    pub(super) fn new(compiler: &'c Compiler<'c>, view: &'c View) -> Self {
        let negatives = compiler.table.use_negative_filters;
        Self::of(compiler.reader, Names::Records(compiler), negatives, view)
    }

    /// The same, of any list.
    pub(super) fn of(
        reader: Reader<'c>,
        names: Names<'c>,
        use_negatives: bool,
        view: &'c View,
    ) -> Self {
        // Without the table's consent negatives are ignored (05 §9.9).
        let negatives = if use_negatives {
            view.column_filter_negatives.iter().map(String::as_str).collect()
        } else {
            HashSet::new()
        };
        Self {
            reader,
            names,
            hash: &view.column_filter_hash,
            search_types: &view.column_filter_search_types,
            negatives,
            spent: Cell::new(0),
        }
    }

    /// The conditions of all entries that make one.
    pub(super) fn conditions(&self) -> Result<Vec<Predicate>, Error> {
        let mut conditions = Vec::new();
        for (name, value) in self.hash {
            conditions.extend(self.entry(name, value, "", 0)?);
        }
        Ok(conditions)
    }

    /// Whether the condition of that path is negated.
    pub(super) fn is_negative(&self, path: &str) -> bool {
        self.negatives.contains(path)
    }

    /// How a column's texts are matched, unless its settings say.
    pub(super) fn search_type(&self, name: &str) -> Option<SearchType> {
        self.search_types.get(name).copied()
    }

    /// Takes values from what a view may have.
    pub(super) fn spend(&self, values: usize) -> Result<(), Error> {
        self.spent.set(self.spent.get().saturating_add(values));
        if self.spent.get() > MAX_VALUES { Err(Error::BadRequest) } else { Ok(()) }
    }

    fn entry(
        &self,
        name: &str,
        value: &str,
        path: &str,
        depth: usize,
    ) -> Result<Option<Predicate>, Error> {
        self.spend(1)?;
        let path = if path.is_empty() { name.to_owned() } else { format!("{path}\\{name}") };
        if name.starts_with("or_") {
            return Ok(self.group(value, &path, depth)?.map(Predicate::Any));
        }
        if name.starts_with("and_") {
            return Ok(self.group(value, &path, depth)?.map(Predicate::All));
        }
        if name.starts_with("eq_") {
            return self.same(value);
        }
        if name.starts_with("notEq_") {
            return Ok(self.same(value)?.map(Predicate::negated));
        }
        if name == "GroupMembers" && matches!(self.names, Names::Records(_)) {
            return group_members(value);
        }
        let Some(field) = self.names.field(name)? else { return Ok(None) };
        let negative = self.is_negative(&path);
        column(&Filter { filters: self, field: &field, name, value, negative })
    }

    /// The conditions of a group: a filter hash as JSON text. Unreadable text is none.
    fn group(&self, text: &str, path: &str, depth: usize) -> Result<Option<Vec<Predicate>>, Error> {
        if depth >= MAX_DEPTH {
            return Err(Error::BadRequest);
        }
        let mut conditions = Vec::new();
        for (name, value) in &read_group(text) {
            let value = value.as_deref().unwrap_or_default();
            conditions.extend(self.entry(name, value, path, depth + 1)?);
        }
        Ok(Some(conditions).filter(|conditions| !conditions.is_empty()))
    }

    /// Two columns of one class that hold the same (05 §9.7).
    fn same(&self, value: &str) -> Result<Option<Predicate>, Error> {
        let Some((first, second)) = value.split_once('|') else { return Ok(None) };
        let fields = (self.names.field(first)?, self.names.field(second)?);
        let (Some(first), Some(second)) = fields else { return Ok(None) };
        let class = first.class();
        if class.is_none() || class != second.class() {
            return Ok(None);
        }
        let default = match class {
            Some(Class::Date) | None => None,
            Some(Class::Number) if first.column.nullable => None,
            Some(Class::Number) => Some(Bind::Int(Some(0))),
            Some(Class::Check) => Some(Bind::Bool(Some(false))),
            Some(Class::Text) => Some(Bind::text("")),
        };
        Ok(Some(Predicate::Same(first.stored()?, second.stored()?, default)))
    }
}

/// The entries of a group; none where the text is no JSON object of texts.
pub(super) fn read_group(text: &str) -> IndexMap<String, Option<String>> {
    lenient::from_str(text).unwrap_or_default()
}

fn column(filter: &Filter<'_, '_>) -> Result<Option<Predicate>, Error> {
    match filter.field.class() {
        Some(Class::Number) => numbers::condition(filter),
        Some(Class::Date) => dates::condition(filter),
        Some(Class::Check) => check(filter),
        Some(Class::Text) => texts::condition(filter),
        None => Ok(None),
    }
}

/// The filter classes of columns (05 §9.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Number,
    Date,
    Check,
    Text,
}

impl Field<'_> {
    /// How the column is filtered; not at all if it is a composition of others.
    pub(super) fn class(&self) -> Option<Class> {
        if self.column.name == "TitleBody" {
            return None;
        }
        Some(match self.column.data_type() {
            DataType::Int | DataType::Long | DataType::Decimal => Class::Number,
            DataType::Time => Class::Date,
            DataType::Bool => Class::Check,
            DataType::Text => Class::Text,
        })
    }

    /// Where filters find the column: titles are those of items.
    pub(super) fn ident(&self) -> Result<Ident, Error> {
        if self.column.name == "Title" {
            return Ok(Ident::new("Title").of(&self.item));
        }
        self.stored()
    }

    /// The column of the table; a column that no table has is refused, since the reference fails on it.
    pub(super) fn stored(&self) -> Result<Ident, Error> {
        if self.column.name == "SiteTitle" {
            return Ok(Ident::new("SiteId").of(&self.source));
        }
        self.info.map(|info| info.ident().of(&self.source)).ok_or(Error::BadRequest)
    }

    pub(super) fn may_be_null(&self) -> bool {
        self.info.is_some_and(|info| info.nullable)
    }

    /// Whether values are ids of users.
    pub(super) fn is_user(&self) -> bool {
        display::is_user(&self.column.name)
            || (self.column.subject == Subject::User && self.column.data_type() == DataType::Int)
    }
}

impl Filter<'_, '_> {
    /// The elements of a value that is a list; none when it is no list.
    pub(super) fn list(&self) -> Result<Option<Vec<String>>, Error> {
        let Ok(elements) = lenient::from_str::<Vec<Option<String>>>(self.value) else {
            return Ok(None);
        };
        self.filters.spend(elements.len())?;
        Ok(Some(
            elements.into_iter().map(|element| self.own(element.unwrap_or_default())).collect(),
        ))
    }

    /// `Own` in columns of users and departments is the caller's (05 §9.10).
    pub(super) fn own(&self, element: String) -> String {
        let caller = self.filters.reader.caller;
        match (element.as_str(), self.field.column.subject) {
            ("Own", Subject::User) => caller.user.to_string(),
            ("Own", Subject::Dept) => caller.dept.to_string(),
            ("Own", _) if self.field.is_user() => caller.user.to_string(),
            _ => element,
        }
    }
}

/// Negated, the one is the other (05 §9.9).
fn check(filter: &Filter<'_, '_>) -> Result<Option<Predicate>, Error> {
    let value = filter.value.to_lowercase();
    let wanted = match value.as_str() {
        "1" | "true" => true,
        "2" | "false" => false,
        _ => return Ok(None),
    };
    let column = filter.field.ident()?;
    let equal = |value| Predicate::Equal(column.clone(), Bind::Bool(Some(value)));
    Ok(Some(if wanted == filter.negative {
        Predicate::Any(vec![Predicate::IsNull(column.clone()), equal(false)])
    } else {
        equal(true)
    }))
}

/// A key of lists of users: with ids the reference fails on it in lists of records (05 §9.11).
fn group_members(value: &str) -> Result<Option<Predicate>, Error> {
    match lenient::from_str::<Vec<Option<String>>>(value) {
        Ok(ids) if !ids.is_empty() => Err(Error::BadRequest),
        _ => Ok(None),
    }
}

/// The column that a name means: of the table, or of one joined to it.
fn field<'c>(compiler: &Compiler<'c>, name: &str) -> Result<Option<Field<'c>>, Error> {
    if let Some(joined) = compiler.links.column(name) {
        return if compiler.joins {
            Ok(Some(Field {
                column: joined.column,
                info: joined.info,
                source: Join::table(joined.join),
                item: Join::item(joined.join),
                link_sites: joined.table.links_of(&joined.column.name).map(|l| l.site_id).collect(),
            }))
        } else {
            Err(Error::BadRequest)
        };
    }
    let Some(column) = compiler.table.column(name) else { return Ok(None) };
    Ok(Some(Field {
        column,
        info: compiler.columns.column(name),
        source: RECORD,
        item: ITEM,
        link_sites: compiler.table.links_of(name).map(|link| link.site_id).collect(),
    }))
}
