//! Numbers as people write them (03 §9.10): in default inputs, data changes, looked-up values.

use rust_decimal::Decimal;

use crate::messages::Language;

/// The number of a text: signs, groups, exponents, parentheses and the language's currency symbol are understood.
///
/// BUG(03 §9.10): the reference also reads numbers that it wrote with a point itself as if the language's people had
/// written them; here a lone point is a decimal point in every language.
pub(super) fn parse(text: &str, language: Language) -> Option<Decimal> {
    let text = text.trim();
    let (text, negative) = match text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        Some(inner) => (inner.trim(), true),
        None => (text, false),
    };
    let (text, minus) = sign(without_currency(text, language));
    let (text, minus_behind) = sign(without_currency(text, language));
    if minus && minus_behind {
        return None;
    }
    let digits = plain(text, language);
    let number = if digits.contains(['e', 'E']) {
        Decimal::from_scientific(&digits).ok()?
    } else if digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        digits.parse().ok()?
    } else {
        return None;
    };
    Some(if negative ^ minus ^ minus_behind { -number } else { number })
}

/// Takes a sign off either end.
fn sign(text: &str) -> (&str, bool) {
    let text = text.trim();
    if let Some(rest) = text.strip_prefix('-').or_else(|| text.strip_suffix('-')) {
        return (rest.trim(), true);
    }
    (text.strip_prefix('+').unwrap_or(text).trim(), false)
}

fn without_currency(text: &str, language: Language) -> &str {
    let symbols: &[char] = match language {
        Language::Ja | Language::Zh => &['\\', '¥', '￥'],
        Language::Ko => &['₩'],
        Language::De | Language::Es => &['€'],
        Language::Vn => &['₫'],
        Language::En => &['$'],
    };
    text.trim().trim_start_matches(symbols).trim_end_matches(symbols).trim()
}

/// Digits with a point: where the language separates decimals by a comma, one that is there does.
fn plain(text: &str, language: Language) -> String {
    let comma = matches!(language, Language::De | Language::Es | Language::Vn);
    if comma && text.contains(',') {
        text.replace('.', "").replace(',', ".")
    } else {
        text.replace(',', "")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, language: Language) -> Option<String> {
        parse(text, language).map(|number| number.normalize().to_string())
    }

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for (text, expected) in [
            ("1,234.567", "1234.567"),
            (" 12 ", "12"),
            ("-1", "-1"),
            ("1-", "-1"),
            ("(5)", "-5"),
            ("1e3", "1000"),
            ("¥1,200", "1200"),
            ("-￥5", "-5"),
            ("\\7", "7"),
            ("+.5", "0.5"),
            ("1234.5000", "1234.5"),
        ] {
            assert_eq!(read(text, Language::Ja).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn other_texts_are_no_numbers() {
        for text in ["", "abc", "1a", "--1", "$1", "1.2.3"] {
            assert_eq!(read(text, Language::Ja), None, "{text}");
        }
    }

    #[test]
    fn a_comma_separates_decimals_where_people_write_so() {
        assert_eq!(read("1.234,5 €", Language::De).as_deref(), Some("1234.5"));
        assert_eq!(read("1234.5000", Language::De).as_deref(), Some("1234.5"));
        assert_eq!(read("$1,234.5", Language::En).as_deref(), Some("1234.5"));
    }
}
