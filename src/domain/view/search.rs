//! `Search` (05 §11).

use crate::db::records::{ITEM, RECORD};
use crate::db::sql::{Ident, Pattern, Predicate};
use crate::domain::Error;
use crate::domain::settings::document::View;
use crate::domain::settings::enums::SearchMethod;

use super::Compiler;
use super::filters::Filters;

/// The condition of the search text; none when it is empty.
pub(super) fn condition(
    compiler: &Compiler<'_>,
    filters: &Filters<'_>,
    view: &View,
) -> Result<Option<Predicate>, Error> {
    let text = view.search.replace('\u{3000}', " ").replace(" or ", "\n");
    let negative = filters.is_negative("ViewFilters_Search");
    let mut terms = Vec::new();
    for part in text.split('\n').filter(|part| !part.is_empty()) {
        let words: Vec<&str> = part.split(' ').filter(|word| !word.is_empty()).collect();
        if words.is_empty() {
            // The reference fails on a part of blanks; dropping it would find more than was asked for.
            return Err(Error::BadRequest);
        }
        filters.spend(words.len())?;
        terms.push(term(compiler, &words, negative));
    }
    Ok(match (terms.is_empty(), negative) {
        (true, _) => None,
        (false, true) => Some(Predicate::All(terms)),
        (false, false) => Some(Predicate::Any(terms)),
    })
}

/// One term; a method without meaning is the default one.
fn term(compiler: &Compiler<'_>, words: &[&str], negative: bool) -> Predicate {
    let pattern = |name, pattern: fn(String) -> Pattern| {
        let column = Ident::new(name).of(&ITEM);
        all_words(words, negative, |word| Predicate::Like(column.clone(), pattern(word.to_owned())))
    };
    match compiler.table.search_type {
        SearchMethod::FullText => {
            let similar = similar(compiler, words);
            if negative { similar.negated() } else { similar }
        }
        SearchMethod::MatchInFrontOfTitle => pattern("Title", Pattern::StartsWith),
        SearchMethod::BroadMatchOfTitle => pattern("Title", Pattern::Contains),
        SearchMethod::PartialMatch | SearchMethod::Other(_) => {
            pattern("FullText", Pattern::Contains)
        }
    }
}

/// Negated, no word may match.
fn all_words(words: &[&str], negative: bool, like: impl Fn(&str) -> Predicate) -> Predicate {
    let words = words.iter().map(|word| like(word));
    Predicate::All(if negative { words.map(Predicate::negated).collect() } else { words.collect() })
}

fn similar(compiler: &Compiler<'_>, words: &[&str]) -> Predicate {
    let mut distinct: Vec<&str> = Vec::with_capacity(words.len());
    for word in words {
        if !distinct.contains(word) {
            distinct.push(word);
        }
    }
    let words = distinct.join(" ");
    let text = Predicate::Similar(Ident::new("FullText").of(&ITEM), words.clone());
    if !compiler.reader.search_documents {
        return text;
    }
    let id = Ident::id_of(compiler.table.kind).of(&RECORD);
    Predicate::Any(vec![text, Predicate::FileSimilar(id, words)])
}
