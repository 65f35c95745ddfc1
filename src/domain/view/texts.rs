//! Filters of texts, choices and links (05 §9.6).

use crate::db::sql::{Bind, Ident, Pattern, Predicate};
use crate::domain::Error;
use crate::domain::settings::enums::SearchType;
use crate::json;

use super::filters::Filter;

/// The condition of a value, by what the column is and how it is searched.
pub(super) fn condition(filter: &Filter<'_, '_>) -> Result<Option<Predicate>, Error> {
    if filter.value.is_empty() {
        return Ok(None);
    }
    let own = filter.filters.search_type(filter.name);
    let column = filter.field.column;
    let text = Text {
        filter,
        column: filter.field.ident()?,
        multiple: column.has_choices() && column.multiple_selections,
    };
    let search_type = own.unwrap_or(column.search_type);
    if text.multiple {
        text.selections(search_type)
    } else if column.has_choices() {
        text.choices(search_type)
    } else {
        text.plain(search_type)
    }
}

/// A filter of a text column.
struct Text<'c, 'f> {
    filter: &'f Filter<'c, 'f>,
    column: Ident,
    /// Whether values are JSON arrays of choices.
    multiple: bool,
}

/// The condition that a text makes of a column.
type Condition<'a> = &'a dyn Fn(Ident, &str) -> Predicate;

fn equal(column: Ident, text: &str) -> Predicate {
    Predicate::Equal(column, Bind::text(text))
}

fn contains(column: Ident, text: &str) -> Predicate {
    Predicate::Like(column, Pattern::Contains(text.to_owned()))
}

fn starts(column: Ident, text: &str) -> Predicate {
    Predicate::Like(column, Pattern::StartsWith(text.to_owned()))
}

/// A stored selection has the choice as a JSON text, quotes included.
fn has_choice(column: Ident, text: &str) -> Predicate {
    contains(column, &json_text(text))
}

impl Text<'_, '_> {
    /// A column without choices.
    fn plain(&self, search_type: SearchType) -> Result<Option<Predicate>, Error> {
        let value = self.filter.value;
        if matches!(value, " " | "\u{3000}") {
            return Ok(Some(self.unset()));
        }
        match search_type {
            SearchType::PartialMatch => self.words(value, &contains),
            SearchType::ForwardMatch => self.words(value, &starts),
            SearchType::ExactMatch => {
                self.filter.filters.spend(1)?;
                Ok(Some(self.any(&[value.to_owned()], &equal, false)))
            }
            SearchType::ExactMatchMultiple => self.list(&equal),
            SearchType::ForwardMatchMultiple => self.list(&starts),
            SearchType::PartialMatchMultiple => self.list(&contains),
            SearchType::Other(_) => Ok(None),
        }
    }

    /// A column with one choice: what is stored is compared, never what it is called.
    fn choices(&self, search_type: SearchType) -> Result<Option<Predicate>, Error> {
        match search_type {
            SearchType::ExactMatch | SearchType::ExactMatchMultiple => self.list(&equal),
            SearchType::ForwardMatch | SearchType::ForwardMatchMultiple => self.list(&starts),
            SearchType::PartialMatch | SearchType::PartialMatchMultiple => self.list(&contains),
            SearchType::Other(_) => Ok(None),
        }
    }

    /// A column with any number of choices.
    fn selections(&self, search_type: SearchType) -> Result<Option<Predicate>, Error> {
        match search_type {
            SearchType::PartialMatch | SearchType::PartialMatchMultiple => self.list(&has_choice),
            SearchType::ExactMatch | SearchType::ExactMatchMultiple => {
                Ok(self.filter.list()?.map(|elements| self.exact_selection(&elements)))
            }
            SearchType::ForwardMatch | SearchType::ForwardMatchMultiple => self.forward_selection(),
            SearchType::Other(_) => Ok(None),
        }
    }

    /// Any of a list's elements; `\t` is a row without value.
    fn list(&self, condition: Condition<'_>) -> Result<Option<Predicate>, Error> {
        let Some(mut elements) = self.filter.list()?.filter(|elements| !elements.is_empty()) else {
            return Ok(None);
        };
        let before = elements.len();
        elements.retain(|element| element != "\t");
        let unset = elements.len() < before;
        Ok(Some(self.any(&elements, condition, unset)))
    }

    /// Any of the texts, or no value; negated, all of them differ (05 §9.9).
    fn any(&self, texts: &[String], condition: Condition<'_>, unset: bool) -> Predicate {
        let texts: Vec<Predicate> =
            texts.iter().map(|text| condition(self.column.clone(), text)).collect();
        let has_texts = !texts.is_empty();
        if !self.filter.negative {
            return Predicate::Any(texts.into_iter().chain(unset.then(|| self.unset())).collect());
        }
        let differ = Predicate::All(texts.into_iter().map(Predicate::negated).collect());
        let differ = Predicate::Any(vec![differ, Predicate::IsNull(self.column.clone())]);
        let parts = has_texts.then_some(differ).into_iter();
        Predicate::All(parts.chain(unset.then(|| self.unset())).collect())
    }

    /// Every word of a text; none for a text of blanks. Negated, no word, or no value at all.
    fn words(&self, text: &str, condition: Condition<'_>) -> Result<Option<Predicate>, Error> {
        let words: Vec<&str> =
            text.split([' ', '\u{3000}']).filter(|word| !word.is_empty()).collect();
        self.filter.filters.spend(words.len())?;
        let like = |word: &str| {
            let like = condition(self.column.clone(), word);
            if self.filter.negative {
                Predicate::Any(vec![like.negated(), self.blank()])
            } else {
                like
            }
        };
        let words: Vec<Predicate> = words.into_iter().map(like).collect();
        Ok(Some(words).filter(|words| !words.is_empty()).map(Predicate::All))
    }

    /// Exactly these choices in this order; none, or only `\t`, is a row without selection.
    fn exact_selection(&self, elements: &[String]) -> Predicate {
        if elements.is_empty() {
            return self.unset();
        }
        let all_unset = elements.iter().all(|element| element == "\t");
        self.any(&[json_list(elements)], &equal, all_unset)
    }

    /// QUIRK(05 §9.6 c): rows without value always match.
    fn forward_selection(&self) -> Result<Option<Predicate>, Error> {
        let elements = self.filter.list()?;
        if elements.as_deref().is_some_and(|elements| matches!(elements, [one] if one == "\t")) {
            return Ok(Some(self.unset()));
        }
        let text = match elements {
            Some(elements) => {
                let mut text = json_list(&elements);
                text.pop();
                text
            }
            None => self.filter.value.to_owned(),
        };
        let words = self.words(&text, &starts)?;
        Ok(words.map(|words| {
            if self.filter.negative { words } else { Predicate::Any(vec![words, self.blank()]) }
        }))
    }

    /// A row without value; negated, one with a value.
    fn unset(&self) -> Predicate {
        let mut parts =
            vec![Predicate::IsNull(self.column.clone()), equal(self.column.clone(), "")];
        if self.multiple {
            parts.push(equal(self.column.clone(), "[]"));
        }
        let unset = Predicate::Any(parts);
        if self.filter.negative { unset.negated() } else { unset }
    }

    fn blank(&self) -> Predicate {
        Predicate::Any(vec![Predicate::IsNull(self.column.clone()), equal(self.column.clone(), "")])
    }
}

fn json_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    json::string(text, &mut out);
    out
}

fn json_list(elements: &[String]) -> String {
    json::array(|array| {
        for element in elements {
            array.element(element.as_str());
        }
    })
}
