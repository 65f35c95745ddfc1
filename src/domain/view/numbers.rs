//! Filters of numbers, ids and statuses (05 §9.3).

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::db::sql::{Bind, Comparison, Ident, Predicate};
use crate::domain::Error;
use crate::model::DataType;

use super::filters::Filter;

/// The condition of a value: an integer, or a list of numbers and ranges.
pub(super) fn condition(filter: &Filter<'_, '_>) -> Result<Option<Predicate>, Error> {
    let value = if filter.field.is_user() {
        filter.own(filter.value.to_owned())
    } else {
        filter.value.to_owned()
    };
    if let Ok(number) = value.trim().parse::<i64>() {
        if filter.negative {
            // The reference fails on it, so nobody's list depends on what it would mean (05 §9.9).
            return Err(Error::BadRequest);
        }
        let column = filter.field.ident()?;
        return Ok(Some(Predicate::Equal(column, bind(filter, Decimal::from(number)))));
    }
    let Some(elements) = filter.list()?.filter(|elements| !elements.is_empty()) else {
        return Ok(None);
    };
    let elements = Elements::read(&elements);
    let column = filter.field.ident()?;
    Ok(Some(if filter.negative {
        negative(filter, &column, &elements)
    } else {
        positive(filter, &column, &elements)
    }))
}

/// A list by what its elements are.
#[derive(Default)]
struct Elements {
    unset: bool,
    ranges: Vec<Range>,
    numbers: Vec<Decimal>,
}

/// A range; an absent end is open, but one end is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Range {
    Between(Decimal, Decimal),
    From(Decimal),
    To(Decimal),
}

impl Elements {
    fn read(texts: &[String]) -> Self {
        let mut elements = Self::default();
        for text in texts {
            match text.as_str() {
                "\t" => elements.unset = true,
                text => match Range::read(text) {
                    Some(range) => elements.ranges.push(range),
                    None => elements.numbers.push(number(text)),
                },
            }
        }
        elements
    }
}

impl Range {
    /// `a,b`, `a,` or `,b`; the ends are made of digits, points and minus signs only.
    fn read(text: &str) -> Option<Self> {
        let (from, to) = text.split_once(',')?;
        let is_end = |end: &str| end.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '-'));
        if !is_end(from) || !is_end(to) {
            return None;
        }
        Some(match (from.is_empty(), to.is_empty()) {
            (true, _) => Self::To(number(to)),
            (false, true) => Self::From(number(from)),
            (false, false) => Self::Between(number(from), number(to)),
        })
    }

    fn has_zero(self) -> bool {
        match self {
            Self::Between(from, to) => from <= Decimal::ZERO && Decimal::ZERO <= to,
            Self::From(from) => from <= Decimal::ZERO,
            Self::To(to) => to >= Decimal::ZERO,
        }
    }
}

fn positive(filter: &Filter<'_, '_>, column: &Ident, elements: &Elements) -> Predicate {
    let nullable = filter.field.column.nullable;
    let mut parts = Vec::new();
    for range in &elements.ranges {
        parts.push(in_range(filter, column, *range));
        if range.has_zero() && !nullable {
            parts.push(Predicate::IsNull(column.clone()));
        }
    }
    if elements.unset {
        parts.push(unset(filter, column));
    }
    if !elements.numbers.is_empty() {
        parts.push(among(filter, column, &elements.numbers));
    }
    Predicate::Any(parts)
}

/// Every element negated; rows without value count unless an element means them too (05 §9.9).
fn negative(filter: &Filter<'_, '_>, column: &Ident, elements: &Elements) -> Predicate {
    let mut parts = Vec::new();
    for range in &elements.ranges {
        parts.push(match range {
            Range::Between(..) => in_range(filter, column, *range).negated(),
            Range::From(from) => {
                Predicate::Compare(column.clone(), Comparison::Less, bind(filter, *from))
            }
            Range::To(to) => {
                Predicate::Compare(column.clone(), Comparison::Greater, bind(filter, *to))
            }
        });
    }
    if !elements.numbers.is_empty() {
        parts.push(among(filter, column, &elements.numbers).negated());
    }
    if elements.unset {
        parts.push(Predicate::is_set(column.clone()));
        parts.push(unset(filter, column).negated());
    }
    let means_null = elements.unset
        || (!filter.field.column.nullable
            && (elements.numbers.iter().any(|number| *number <= Decimal::ZERO)
                || elements.ranges.iter().any(|range| range.has_zero())));
    if means_null {
        Predicate::All(parts)
    } else {
        Predicate::Any(vec![Predicate::All(parts), Predicate::IsNull(column.clone())])
    }
}

fn in_range(filter: &Filter<'_, '_>, column: &Ident, range: Range) -> Predicate {
    let column = column.clone();
    match range {
        Range::Between(from, to) => {
            Predicate::Between(column, bind(filter, from), bind(filter, to))
        }
        Range::From(from) => Predicate::Compare(column, Comparison::AtLeast, bind(filter, from)),
        Range::To(to) => Predicate::Compare(column, Comparison::AtMost, bind(filter, to)),
    }
}

/// Not set: NULL, 0 where the column cannot be empty, and in user columns the user that stands for nobody.
fn unset(filter: &Filter<'_, '_>, column: &Ident) -> Predicate {
    let mut parts = vec![Predicate::IsNull(column.clone())];
    if !filter.field.column.nullable {
        parts.push(Predicate::Equal(column.clone(), Bind::Int(Some(0))));
    }
    if filter.field.is_user() {
        parts.push(Predicate::IsAnonymous(column.clone()));
    }
    Predicate::Any(parts)
}

fn among(filter: &Filter<'_, '_>, column: &Ident, numbers: &[Decimal]) -> Predicate {
    let whole: Option<Vec<i64>> = numbers.iter().map(|number| whole(*number)).collect();
    let values = match whole.filter(|_| filter.field.column.data_type() != DataType::Decimal) {
        Some(whole) => Bind::Longs(whole.into_iter().map(Some).collect()),
        None => Bind::Decimals(numbers.iter().copied().map(Some).collect()),
    };
    Predicate::In(column.clone(), values)
}

/// As the column compares best: integers with integers, which indexes serve.
fn bind(filter: &Filter<'_, '_>, number: Decimal) -> Bind {
    match whole(number).filter(|_| filter.field.column.data_type() != DataType::Decimal) {
        Some(whole) => Bind::Long(Some(whole)),
        None => Bind::Decimal(Some(number)),
    }
}

fn whole(number: Decimal) -> Option<i64> {
    number.is_integer().then(|| number.to_i64()).flatten()
}

/// A number as the reference reads it here: blanks around it, a sign on either side, commas anywhere before the point.
/// Text that is none counts as 0.
fn number(text: &str) -> Decimal {
    let text = text.trim();
    let (digits, negative) = match (text.strip_prefix('-'), text.strip_suffix('-')) {
        (Some(digits), _) | (None, Some(digits)) => (digits, true),
        _ => (text.strip_prefix('+').or_else(|| text.strip_suffix('+')).unwrap_or(text), false),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let whole = whole.replace(',', "");
    let is_digits = |part: &str| part.chars().all(|c| c.is_ascii_digit());
    if !is_digits(&whole) || !is_digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return Decimal::ZERO;
    }
    let number: Decimal = format!("0{whole}.{fraction}0").parse().unwrap_or_default();
    if negative { -number } else { number }.normalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_the_reference_does() {
        for (text, expected) in [
            ("10", "10"),
            (" +2.50 ", "2.5"),
            ("-5", "-5"),
            ("5-", "-5"),
            ("1,234,567.90", "1234567.9"),
            (".5", "0.5"),
            ("1e2", "0"),
            ("abc", "0"),
            ("1.2.3", "0"),
            ("--1", "0"),
            ("", "0"),
            ("99999999999999999999999999999999999999", "0"),
        ] {
            assert_eq!(number(text), expected.parse().unwrap(), "{text}");
        }
    }

    #[test]
    fn ranges_are_of_digits_points_and_minus_signs() {
        let n = Decimal::from;
        assert_eq!(Range::read("-10,99"), Some(Range::Between(n(-10), n(99))));
        assert_eq!(Range::read("10,"), Some(Range::From(n(10))));
        assert_eq!(Range::read(",10"), Some(Range::To(n(10))));
        assert_eq!(Range::read(","), Some(Range::To(n(0))));
        for text in ["1,234,567", "1", "a,b", "+1,2", "1, 2"] {
            assert_eq!(Range::read(text), None, "{text}");
        }
    }
}
