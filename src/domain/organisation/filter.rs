//! Views of lists of users, departments and groups (08 §2.7).

use super::fields::{Field, FieldKind, find};
use super::posted::stored;
use crate::db::TableInfo;
use crate::db::organisation::ENTRY;
use crate::db::sql::{Belongs, Bind, Comparison, Ident, Pattern, Predicate};
use crate::domain::settings::document::View;
use crate::domain::settings::enums::{Order, SearchType};
use crate::domain::{Call, Error};
use crate::lenient::{self, PostedTime};
use crate::model::OrganisationTable;

/// The most values of a view; each is a parameter.
const MAX_VALUES: usize = 10_000;

/// The condition of a view; keys that name nothing are skipped.
pub(super) fn condition(
    call: &Call,
    table: OrganisationTable,
    info: &TableInfo,
    view: &View,
) -> Result<Predicate, Error> {
    let mut parts = Vec::new();
    let own_id = table.id_column();
    if call.id > 0 {
        // The reference fails when a view filters by the id of the route too.
        if view.column_filter_hash.contains_key(own_id) {
            return Err(Error::BadRequest);
        }
        parts.push(Predicate::Equal(column(own_id), Bind::Long(Some(call.id))));
    }
    for (name, value) in &view.column_filter_hash {
        let negative = view.column_filter_negatives.contains(name);
        let search = view.column_filter_search_types.get(name).copied();
        let filter = Filter { call, value, negative, search };
        parts.extend(special(call, table, name, value)?);
        match find(table, name).filter(|field| info.column(field.name).is_some()) {
            Some(field) => parts.extend(filter.of(field)?),
            None => check_means_nothing(info, name)?,
        }
    }
    Ok(Predicate::All(parts))
}

/// A filter that would narrow the list, but is not built, is refused: to skip it would show more than was asked for.
fn check_means_nothing(info: &TableInfo, name: &str) -> Result<(), Error> {
    if name.starts_with("or_") || name.starts_with("and_") {
        return Err(Error::NotBuilt("groups of filters of users, departments and groups"));
    }
    if info.column(name).is_some() {
        return Err(Error::NotBuilt("this column as a filter of users, departments and groups"));
    }
    Ok(())
}

/// The sorters of a view, then those that make the order of every list certain.
pub(super) fn order(table: OrganisationTable, info: &TableInfo, view: &View) -> Vec<(Ident, bool)> {
    let mut order: Vec<(Ident, bool)> = Vec::new();
    for (name, direction) in &view.column_sorter_hash {
        let Some(column) = info.column(name) else { continue };
        match direction {
            Order::Asc => order.push((column.ident().of(&ENTRY), false)),
            Order::Desc => order.push((column.ident().of(&ENTRY), true)),
            Order::Release | Order::Other(_) => {}
        }
    }
    for name in ["UpdatedTime", table.id_column()] {
        if !order.iter().any(|(column, _)| column.as_str() == name) {
            order.push((column(name), true));
        }
    }
    order
}

fn column(name: &'static str) -> Ident {
    Ident::new(name).of(&ENTRY)
}

/// The keys that are no columns of the table.
fn special(
    call: &Call,
    table: OrganisationTable,
    name: &str,
    value: &str,
) -> Result<Option<Predicate>, Error> {
    use OrganisationTable::{Depts, Groups, Users};
    let tenant = call.caller.tenant.id;
    let user = || value.trim().parse::<i32>().ok();
    let belongs = match (name, table) {
        ("SearchText", _) => return search_text(table, value).map(Some),
        ("SiteId", _) => return Err(Error::NotBuilt("the filter SiteId")),
        ("UserId", Depts) => user().map(|user| Belongs::DeptOf(tenant, user)),
        ("UserId", Groups) => user().map(Belongs::DirectMember),
        ("Groups", Users) => ids(value).map(|groups| Belongs::UserInGroups(tenant, groups)),
        ("Groups", Depts) => ids(value).map(|groups| Belongs::DeptInGroups(tenant, groups)),
        ("GroupMembers", Groups) => ids(value).map(|users| Belongs::GroupOfUsers(tenant, users)),
        _ => None,
    };
    let id = column(table.id_column());
    Ok(belongs.map(|belongs| Predicate::Belongs(id, Box::new(belongs))))
}

/// Every word in any of the columns (08 §2.7).
fn search_text(table: OrganisationTable, value: &str) -> Result<Predicate, Error> {
    let columns: &[&'static str] = match table {
        OrganisationTable::Users => &["LoginId", "Name", "UserCode", "Body"],
        OrganisationTable::Depts => &["DeptName", "Body"],
        OrganisationTable::Groups => &["GroupName", "Body"],
    };
    let words: Vec<&str> = value.split([' ', '\u{3000}']).filter(|word| !word.is_empty()).collect();
    if words.len() > MAX_VALUES / 8 {
        return Err(Error::BadRequest);
    }
    let word = |word: &&str| {
        let contains = || Pattern::Contains((*word).to_owned());
        let mut parts: Vec<_> =
            columns.iter().map(|name| Predicate::Like(column(name), contains())).collect();
        if table == OrganisationTable::Users {
            let dept = Belongs::DeptLike(contains());
            parts.push(Predicate::Belongs(column("DeptId"), Box::new(dept)));
        } else {
            let id = Belongs::IdLike(contains());
            parts.push(Predicate::Belongs(column(table.id_column()), Box::new(id)));
        }
        Predicate::Any(parts)
    };
    Ok(Predicate::All(words.iter().map(word).collect()))
}

fn ids(value: &str) -> Option<Vec<i32>> {
    let ids = lenient::from_str::<Vec<i32>>(value).ok()?;
    (!ids.is_empty()).then_some(ids)
}

struct Filter<'a> {
    call: &'a Call,
    value: &'a str,
    negative: bool,
    search: Option<SearchType>,
}

impl Filter<'_> {
    fn of(&self, field: &'static Field) -> Result<Option<Predicate>, Error> {
        let column = column(field.name);
        let found = match field.kind {
            FieldKind::Bool => return Ok(self.check(&column)),
            FieldKind::Int => self.number(
                &column,
                matches!(field.name, "Manager" | "Creator" | "Updator" | "UserId"),
            ),
            FieldKind::Time => self.dates(&column)?,
            FieldKind::Text(_) | FieldKind::Comments => self
                .text(&column, matches!(field.name, "Language" | "TimeZone" | "Theme" | "Gender")),
        };
        Ok(found.map(|found| {
            if self.negative {
                Predicate::Any(vec![found.negated(), Predicate::IsNull(column)])
            } else {
                found
            }
        }))
    }

    fn check(&self, column: &Ident) -> Option<Predicate> {
        let wanted = match self.value.to_lowercase().as_str() {
            "1" | "true" => true,
            "2" | "false" => false,
            _ => return None,
        };
        let equal = |value| Predicate::Equal(column.clone(), Bind::Bool(Some(value)));
        Some(if wanted == self.negative {
            Predicate::Any(vec![Predicate::IsNull(column.clone()), equal(false)])
        } else {
            equal(true)
        })
    }

    fn number(&self, column: &Ident, is_user: bool) -> Option<Predicate> {
        let own = |text: &str| {
            if is_user && text == "Own" {
                self.call.caller.user.to_string()
            } else {
                text.trim().to_owned()
            }
        };
        let value = own(self.value);
        if let Ok(number) = value.parse::<i64>() {
            return Some(Predicate::Equal(column.clone(), Bind::Long(Some(number))));
        }
        let elements = self.list()?;
        let part = |text: &String| element(column, &own(text));
        Some(Predicate::Any(elements.iter().map(part).collect()))
    }

    fn dates(&self, column: &Ident) -> Result<Option<Predicate>, Error> {
        let Some(elements) = self.list() else { return Ok(None) };
        let mut parts = Vec::new();
        for text in &elements {
            if text == "\t" {
                parts.push(Predicate::IsNull(column.clone()));
                continue;
            }
            let Some((from, to)) = text.split_once(',') else {
                return Err(Error::NotBuilt("named ranges of days in lists of the organisation"));
            };
            let end = |text: &str| PostedTime::parse(text).and_then(|time| stored(self.call, time));
            let compare = |comparison, time| {
                Predicate::Compare(column.clone(), comparison, Bind::Time(Some(time)))
            };
            let ends = [
                end(from).map(|time| compare(Comparison::AtLeast, time)),
                end(to).map(|time| compare(Comparison::AtMost, time)),
            ];
            parts.push(Predicate::All(ends.into_iter().flatten().collect()));
        }
        Ok(Some(Predicate::Any(parts)))
    }

    fn text(&self, column: &Ident, has_choices: bool) -> Option<Predicate> {
        if self.value.is_empty() {
            return None;
        }
        let equal = |text: &str| Predicate::Equal(column.clone(), Bind::text(text));
        let contains =
            |text: &str| Predicate::Like(column.clone(), Pattern::Contains(text.to_owned()));
        let starts =
            |text: &str| Predicate::Like(column.clone(), Pattern::StartsWith(text.to_owned()));
        let unset = || Predicate::Any(vec![Predicate::IsNull(column.clone()), equal("")]);
        if !has_choices && matches!(self.value, " " | "\u{3000}") {
            return Some(unset());
        }
        let any = |condition: &dyn Fn(&str) -> Predicate| {
            self.list().map(|elements| {
                let part = |text: &String| {
                    if text == "\t" { unset() } else { condition(text) }
                };
                Predicate::Any(elements.iter().map(part).collect())
            })
        };
        let words = |condition: &dyn Fn(&str) -> Predicate| {
            let words = self.value.split([' ', '\u{3000}']).filter(|word| !word.is_empty());
            let words: Vec<_> = words.take(MAX_VALUES).map(condition).collect();
            (!words.is_empty()).then_some(Predicate::All(words))
        };
        let search = self.search.unwrap_or(if has_choices {
            SearchType::ExactMatch
        } else {
            SearchType::PartialMatch
        });
        match (search, has_choices) {
            (SearchType::ExactMatch, false) => Some(equal(self.value)),
            (SearchType::PartialMatch, false) => words(&contains),
            (SearchType::ForwardMatch, false) => words(&starts),
            (SearchType::ExactMatch, true) | (SearchType::ExactMatchMultiple, _) => any(&equal),
            (SearchType::ForwardMatch, true) | (SearchType::ForwardMatchMultiple, _) => {
                any(&starts)
            }
            (SearchType::PartialMatch, true) | (SearchType::PartialMatchMultiple, _) => {
                any(&contains)
            }
            (SearchType::Other(_), _) => None,
        }
    }

    fn list(&self) -> Option<Vec<String>> {
        let elements = lenient::from_str::<Vec<String>>(self.value).ok()?;
        (!elements.is_empty() && elements.len() <= MAX_VALUES).then_some(elements)
    }
}

fn element(column: &Ident, text: &str) -> Predicate {
    let number = |text: &str| Bind::Long(Some(text.trim().parse::<i64>().unwrap_or_default()));
    let compare =
        |comparison, end: &str| Predicate::Compare(column.clone(), comparison, number(end));
    match text.split_once(',') {
        Some((from, "")) => compare(Comparison::AtLeast, from),
        Some(("", to)) => compare(Comparison::AtMost, to),
        Some((from, to)) => Predicate::Between(column.clone(), number(from), number(to)),
        None if text.is_empty() => Predicate::Any(vec![
            Predicate::IsNull(column.clone()),
            Predicate::Equal(column.clone(), Bind::Long(Some(0))),
        ]),
        None => Predicate::Equal(column.clone(), number(text)),
    }
}
