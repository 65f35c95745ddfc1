//! Column values as people read them: in titles, search texts, messages (03 §24, 05 §4.5, 08 §15.2).

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use chrono::{NaiveDateTime, TimeDelta};
use rust_decimal::Decimal;
use rust_decimal::RoundingStrategy::MidpointAwayFromZero as AwayFromZero;

use crate::lenient::{self, Json};
use crate::messages::{self, Language};
use crate::model::{DataType, SiteId, Value};

use super::culture;
use super::number_format;
use super::settings::{Choices, Column, Literal, Subject};
use super::tenants::{Names, Users};
use super::zones::Zones;

/// The names that ids stand for, and how the reader's language and zone write the rest.
#[derive(Debug, Clone)]
pub struct Labels {
    /// The language of the reader.
    pub language: Language,
    /// The reader's zone.
    pub zones: Zones,
    /// Users of the tenant.
    pub users: Arc<Users>,
    /// Departments of the tenant; empty unless a column needs them.
    pub depts: Arc<Names>,
    /// Groups of the tenant; empty unless a column needs them.
    pub groups: Arc<Names>,
    /// What link columns lead to, as far as the reader may see it.
    pub links: LinkedTexts,
    /// Where sites lie; empty unless search texts begin with that.
    pub sites: Breadcrumbs,
}

/// The texts of what link columns lead to.
#[derive(Debug, Clone, Default)]
pub struct LinkedTexts {
    /// Titles of records.
    pub titles: HashMap<i64, String>,
    /// The choices that wikis give, by site.
    pub wikis: HashMap<i64, Choices>,
}

/// Titles of sites, and the sites they lie in.
#[derive(Debug, Clone, Default)]
pub struct Breadcrumbs(HashMap<SiteId, (SiteId, String)>);

impl Breadcrumbs {
    /// Of sites, each with the site it lies in and its title.
    pub fn new(sites: Vec<(SiteId, SiteId, String)>) -> Self {
        Self(sites.into_iter().map(|(site, parent, title)| (site, (parent, title))).collect())
    }

    /// The titles from the top down to the site itself; none of a site that is not known.
    pub fn titles(&self, site: SiteId) -> Vec<String> {
        let mut titles = Vec::new();
        let mut next = self.0.get(&site);
        // Sites that lie in each other, which only a broken database has, end it.
        while let Some((parent, title)) = next.filter(|_| titles.len() <= self.0.len()) {
            titles.push(title.clone());
            next = self.0.get(parent);
        }
        titles.reverse();
        titles
    }
}

impl Labels {
    /// The text of a value as titles show it; empty when there is nothing to show.
    pub fn text(&self, column: &Column, value: &Value) -> String {
        match (column.data_type(), value) {
            (DataType::Text, Value::Text(text)) if column.has_choices() => {
                self.choices(column, text, ",")
            }
            (DataType::Text, Value::Text(text)) => text.clone(),
            (_, Value::Int(id)) if is_user(&column.name) => self.user(*id),
            (_, Value::Int(number)) if column.has_choices() => column
                .choices
                .literal(&number.to_string())
                .map(|choice| choice.text.clone())
                .unwrap_or_default(),
            (_, Value::Int(number)) => number.to_string(),
            (_, Value::Decimal(number)) => self.number(column, *number),
            (_, Value::Time(time)) => time.map(|time| self.time(column, time)).unwrap_or_default(),
            (_, Value::Bool(check)) => if *check { "True" } else { "False" }.to_owned(),
            _ => String::new(),
        }
    }

    /// The texts of the choices that a value names, joined; several linked titles always by `, ` (05 §4.5).
    pub fn choices(&self, column: &Column, stored: &str, separator: &str) -> String {
        let separator = if column.link { ", " } else { separator };
        let texts = values(column, stored).into_iter().map(|value| self.choice(column, &value));
        let texts: Vec<String> = texts.filter(|text| !text.is_empty()).collect();
        if texts.is_empty() && column.subject != Subject::None && !column.multiple_selections {
            return messages::not_set(self.language).to_owned();
        }
        texts.join(separator)
    }

    /// The text of one choice; empty for a value that is none.
    pub fn choice(&self, column: &Column, value: &str) -> String {
        self.known_choice(column, value).unwrap_or_default().into_owned()
    }

    /// The text of one choice; none for a value that is no choice.
    fn known_choice<'a>(&'a self, column: &'a Column, value: &str) -> Option<Cow<'a, str>> {
        let literal =
            column.choices.literal(value).or_else(|| self.links.wiki_choice(column, value));
        if let Some(literal) = literal {
            return Some(Cow::Borrowed(&literal.text));
        }
        let id = value.trim().parse::<i64>().ok()?;
        let name = match column.subject {
            Subject::User => return self.chosen_user(column, id),
            Subject::Dept => self.depts.name(id),
            Subject::Group => self.groups.name(id),
            Subject::None if column.link => self.links.titles.get(&id).map(String::as_str),
            Subject::None => None,
        };
        name.map(Cow::Borrowed)
    }

    /// A user's name, behind that of the department where the choices ask for it (06 §1.7).
    fn chosen_user(&self, column: &Column, id: i64) -> Option<Cow<'_, str>> {
        let user = self.users.find(id)?;
        let dept = self.depts.name(user.dept.into()).filter(|_| column.choices.shows_dept());
        Some(match dept {
            Some(dept) => Cow::Owned(format!("{dept}){}", user.name)),
            None => Cow::Borrowed(&user.name),
        })
    }

    /// The text of a chosen value in a key-value row, where a value that is no choice is shown as such; none when
    /// nothing is chosen (05 §5.3).
    pub fn chosen<'a>(&'a self, column: &'a Column, stored: &'a str) -> Option<Cow<'a, str>> {
        if column.multiple_selections {
            let values = values(column, stored);
            let mut text = String::new();
            for (at, value) in values.iter().enumerate() {
                text.push_str(if at == 0 { "" } else { ", " });
                text.push_str(&self.known_choice(column, value).unwrap_or(Cow::Borrowed(value)));
            }
            return Some(Cow::Owned(text));
        }
        if stored.is_empty() {
            return None;
        }
        Some(match (self.known_choice(column, stored), column.subject) {
            (Some(text), _) => text,
            (None, Subject::User) => Cow::Borrowed(messages::not_set(self.language)),
            (None, _) => Cow::Owned(format!("? {stored}")),
        })
    }

    /// A user's name, or what stands for nobody.
    pub fn user(&self, id: i64) -> String {
        self.user_name(id).to_owned()
    }

    /// A user's name, or what stands for nobody.
    pub fn user_name(&self, id: i64) -> &str {
        self.users.name(id).unwrap_or(messages::not_set(self.language))
    }

    /// A number with its unit: trailing zeros are dropped unless the column has a format (05 §5.3).
    pub fn number(&self, column: &Column, number: Option<Decimal>) -> String {
        let number = match number {
            Some(number) => number,
            None if column.nullable => return String::new(),
            None => Decimal::ZERO,
        };
        let rounded = column.round(number);
        let text = formatted(rounded, column, self.language)
            .unwrap_or_else(|| rounded.normalize().to_string());
        format!("{text}{}", column.unit)
    }

    /// A time in the column's editor format; a completion by its day (03 §9.7).
    pub fn time(&self, column: &Column, time: NaiveDateTime) -> String {
        culture::formatted(self.shown(column, time), &column.editor_format, self.language)
    }

    /// A stored time by the reader's clock; a completion by its day (03 §9.7).
    pub fn shown(&self, column: &Column, time: NaiveDateTime) -> NaiveDateTime {
        let local = self.zones.to_user(time);
        let ends = column.name == "CompletionTime" && column.is_date_only();
        if ends { local - TimeDelta::days(1) } else { local }
    }
}

impl LinkedTexts {
    /// The choice of a column that is linked to a wiki, whose lines are its choices (06 §1.7).
    fn wiki_choice(&self, column: &Column, value: &str) -> Option<&Literal> {
        let mut wikis = column.choices.sites().filter_map(|site| self.wikis.get(&site.0));
        wikis.find_map(|choices| choices.literal(value))
    }
}

/// The values that a stored text names: the elements of its JSON array, or itself.
pub fn values(column: &Column, stored: &str) -> Vec<String> {
    if column.multiple_selections
        && let Ok(Json::Array(elements)) = lenient::parse(stored)
    {
        return elements.iter().filter_map(|element| lenient::from_json(element).ok()).collect();
    }
    if stored.is_empty() { Vec::new() } else { vec![stored.to_owned()] }
}

/// Fixed columns whose values are users.
pub fn is_user(name: &str) -> bool {
    matches!(name, "Manager" | "Owner" | "Creator" | "Updator")
}

/// A number by the column's format; none where it has none. `C` and `N` have the column's decimal places, or those
/// behind the letter.
fn formatted(number: Decimal, column: &Column, language: Language) -> Option<String> {
    let format = column.format.as_str();
    let mut letters = format.chars();
    let letter = letters.next()?;
    let places = match letters.as_str() {
        "" => Some(column.decimal_places),
        digits if digits.len() <= 2 => digits.parse().ok(),
        _ => None,
    };
    let rounded = |places| number.round_dp_with_strategy(places, AwayFromZero);
    let text = match (letter, places) {
        ('C', Some(places)) => return Some(currency(rounded(places), places, language)),
        ('N', Some(places)) => grouped(rounded(places), places),
        _ => number_format::custom(number, format)?,
    };
    Some(localized(text, language))
}

/// A number by a format of .NET, in a language: a letter, perhaps with decimal places, or a picture of digits (03
/// §13.2). None when it becomes too large.
pub fn by_format(number: Decimal, format: &str, language: Language) -> Option<String> {
    let mut letters = format.chars();
    let letter = letters.next()?.to_ascii_uppercase();
    let places = match letters.as_str() {
        "" => Some(usual_places(letter, language)),
        digits if digits.len() <= 2 => digits.parse::<u32>().ok(),
        _ => None,
    };
    let places = places.map(|places| places.min(MOST_PLACES));
    let rounded = |number: Decimal, places| number.round_dp_with_strategy(places, AwayFromZero);
    let text = match (letter, places) {
        ('C', Some(places)) => return Some(currency(rounded(number, places), places, language)),
        ('N', Some(places)) => grouped(rounded(number, places), places),
        ('F', Some(places)) => {
            let number = rounded(number, places);
            // Zero has no sign.
            let number = if number.is_zero() { Decimal::ZERO } else { number };
            format!("{number:.0$}", places as usize)
        }
        ('D', Some(digits)) => {
            let number = rounded(number, 0);
            let sign = if number.is_sign_negative() && !number.is_zero() { "-" } else { "" };
            format!("{sign}{:0>1$}", number.abs().trunc().to_string(), digits as usize)
        }
        ('P', Some(places)) => {
            let number = rounded(number.checked_mul(Decimal::ONE_HUNDRED)?, places);
            let gap = matches!(language, Language::De | Language::Es);
            grouped(number, places) + if gap { "\u{a0}%" } else { "%" }
        }
        ('G', Some(_)) => number.normalize().to_string(),
        _ => number_format::custom(number, format)?,
    };
    Some(localized(text, language))
}

/// The most decimal places that are written.
const MOST_PLACES: u32 = 28;

/// The decimal places of a format that names none; the reference's are those of its culture data.
const fn usual_places(letter: char, language: Language) -> u32 {
    match (letter, language) {
        ('C', Language::Ja | Language::Ko | Language::Vn) => 0,
        ('C', _) => 2,
        ('D', _) => 1,
        _ => 3,
    }
}

/// With the comma where people of the language have the point.
fn localized(text: String, language: Language) -> String {
    let swaps = matches!(language, Language::De | Language::Es | Language::Vn);
    if swaps { with_comma(&text) } else { text }
}

/// A number with separators of thousands and fixed decimal places.
fn grouped(number: Decimal, places: u32) -> String {
    let text = format!("{:.1$}", number.abs(), places as usize);
    let (whole, fraction) = text.split_once('.').map_or((text.as_str(), ""), |parts| parts);
    let mut out = String::with_capacity(text.len() + 6);
    if number.is_sign_negative() && !number.is_zero() {
        out.push('-');
    }
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// The currency of the reader's language, with the decimal places of the column (05 §5.3).
fn currency(number: Decimal, places: u32, language: Language) -> String {
    let sign = if number.is_sign_negative() && !number.is_zero() { "-" } else { "" };
    let amount = grouped(number.abs(), places);
    match language {
        Language::Ja | Language::Zh => format!("{sign}¥{amount}"),
        Language::Ko => format!("{sign}₩{amount}"),
        Language::De | Language::Es => format!("{sign}{} €", with_comma(&amount)),
        Language::Vn => format!("{sign}{} ₫", with_comma(&amount)),
        Language::En => format!("{sign}${amount}"),
    }
}

/// Points between thousands and a comma before decimals.
fn with_comma(amount: &str) -> String {
    let swapped = amount.chars().map(|character| match character {
        ',' => '.',
        '.' => ',',
        other => other,
    });
    swapped.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::settings::{Document, SettingsDefaults, TableSettings};
    use crate::model::ReferenceType;

    #[test]
    fn formats_of_a_letter_have_the_places_of_the_language() {
        for (number, format, language, expected) in [
            ("1234.5", "C", Language::Ja, "¥1,235"),
            ("1234.5", "C", Language::En, "$1,234.50"),
            ("-1234.5", "n1", Language::Ja, "-1,234.5"),
            ("1234.5", "N0", Language::De, "1.235"),
            ("3.14159", "F2", Language::Ja, "3.14"),
            ("-0.001", "F2", Language::Ja, "0.00"),
            ("-7", "D5", Language::Ja, "-00007"),
            ("0.1234", "P1", Language::Ja, "12.3%"),
            ("12.50", "G", Language::Ja, "12.5"),
            ("1234.5", "#,##0.00円", Language::Ja, "1,234.50円"),
        ] {
            let number = number.parse().unwrap();
            let text = by_format(number, format, language);
            assert_eq!(text.as_deref(), Some(expected), "{number} {format}");
        }
    }

    #[test]
    fn numbers_are_grouped_by_thousands() {
        let number = |text: &str| text.parse::<Decimal>().unwrap();
        assert_eq!(grouped(number("1234567.5"), 3), "1,234,567.500");
        assert_eq!(grouped(number("-999"), 0), "-999");
        assert_eq!(currency(number("1000"), 0, Language::Ja), "¥1,000");
        assert_eq!(currency(number("-1"), 0, Language::En), "-$1");
        assert_eq!(currency(number("1234.5"), 2, Language::De), "1.234,50 €");
    }

    #[test]
    fn breadcrumbs_lead_from_the_top_to_the_site() {
        let site = |id, parent, title: &str| (SiteId(id), SiteId(parent), title.to_owned());
        let sites = Breadcrumbs::new(vec![
            site(1, 0, "営業部"),
            site(2, 1, "商談"),
            site(3, 4, "輪"),
            site(4, 3, "環"),
        ]);
        assert_eq!(sites.titles(SiteId(2)), ["営業部", "商談"]);
        assert!(sites.titles(SiteId(9)).is_empty());
        assert!(!sites.titles(SiteId(3)).is_empty(), "comes to an end");
    }

    fn labels() -> Labels {
        Labels {
            language: Language::Ja,
            zones: Zones::new(chrono_tz::Tz::UTC, "Asia/Tokyo"),
            users: Arc::default(),
            depts: Arc::default(),
            groups: Arc::default(),
            links: LinkedTexts {
                titles: [(7, "甲".to_owned())].into(),
                wikis: [(6, Choices::parse("1,一\n2,二", &[]))].into(),
            },
            sites: Breadcrumbs::default(),
        }
    }

    /// 05 §5.3.
    #[test]
    fn values_that_are_no_choice_are_shown_as_such() {
        let settings = r#"{"Version":1.017,"Links":[{"ColumnName":"ClassD","SiteId":5},
            {"ColumnName":"ClassE","SiteId":6}],"Columns":[{"ColumnName":"ClassE","ChoicesText":"[[6]]"},
            {"ColumnName":"ClassA","ChoicesText":"A,りんご\nB,みかん"},
            {"ColumnName":"ClassB","ChoicesText":"X,東京\nY,大阪","MultipleSelections":true},
            {"ColumnName":"ClassC","ChoicesText":"[[Users]]"},
            {"ColumnName":"ClassD","ChoicesText":"[[5]]"}]}"#;
        let kind = ReferenceType::Results;
        let document = Document::read(Some(settings), kind);
        let table = TableSettings::build(document, kind, &[], &SettingsDefaults::default());
        let labels = labels();
        let chosen = |column: &str, stored: &'static str| {
            let text = labels.chosen(table.column(column).unwrap(), stored);
            text.map(Cow::into_owned)
        };
        for (column, stored, text) in [
            ("ClassA", "A", Some("りんご")),
            ("ClassA", "7", Some("? 7")),
            ("ClassA", "", None),
            ("ClassB", r#"["Y","Q","X"]"#, Some("大阪, Q, 東京")),
            ("ClassB", "", Some("")),
            ("ClassC", "9", Some("(未設定)")),
            ("ClassD", "7", Some("甲")),
            ("ClassD", "8", Some("? 8")),
            ("ClassE", "2", Some("二")),
            ("ClassE", "7", Some("甲")),
            ("ClassE", "8", Some("? 8")),
        ] {
            assert_eq!(chosen(column, stored).as_deref(), text, "{column} {stored}");
        }
    }
}
