//! What display texts stand for: choices, people, linked records (04 §4.4).

use std::collections::{BTreeSet, HashMap};

use crate::db;
use crate::domain::csv::Records;
use crate::domain::display;
use crate::domain::items::Table;
use crate::domain::settings::{ChoiceLine, Column, Subject};
use crate::domain::{Call, Error};
use crate::lenient::{self, Json};
use crate::model::SiteId;

use super::headers::Headers;

/// Whether a column offers all users of the tenant, not only those of the site.
fn offers_everybody(column: &Column) -> bool {
    let everybody = |line: &ChoiceLine| matches!(line, ChoiceLine::Users { all: true, .. });
    column.choices.lines.iter().any(everybody)
}

/// The values of texts, by column. Literal choices stand in the column itself.
#[derive(Debug, Default)]
pub(super) struct Texts {
    of: HashMap<String, HashMap<String, String>>,
}

impl Texts {
    /// Looks up what columns of the file need: one query for the titles of all linked records.
    ///
    /// Columns that search their choices have none loaded, and take values only. QUIRK: so do those that offer the
    /// users of the site, such as `Manager` (observed; 04 §4.4, by reading, has names become ids).
    pub(super) async fn load(
        call: &Call,
        table: &Table<'_>,
        headers: &Headers<'_>,
        records: Records<'_>,
    ) -> Result<Self, Error> {
        let mut texts = Self::default();
        let columns: Vec<&Column> =
            headers.columns().filter(|column| column.has_choices() && !column.use_search).collect();
        for column in &columns {
            let names = match column.subject {
                Subject::User if offers_everybody(column) => call.users().await?.by_name(),
                Subject::Dept => call.depts().await?.by_name(),
                Subject::Group => call.groups().await?.by_name(),
                Subject::None | Subject::User => continue,
            };
            let names = names.into_iter().map(|(name, id)| (name, id.to_string()));
            texts.of.insert(column.name.clone(), names.collect());
        }
        let linked: Vec<&Column> = columns.into_iter().filter(|column| column.link).collect();
        if !linked.is_empty() {
            texts.load_titles(call, table, headers, records, &linked).await?;
        }
        Ok(texts)
    }

    async fn load_titles(
        &mut self,
        call: &Call,
        table: &Table<'_>,
        headers: &Headers<'_>,
        records: Records<'_>,
        linked: &[&Column],
    ) -> Result<(), Error> {
        let mut titles = BTreeSet::new();
        for row in records {
            let row = row?;
            for column in linked {
                let text = headers.text(&column.name, &row).unwrap_or_default();
                titles.extend(display::values(column, &text));
            }
        }
        let sites = |column: &Column| -> Vec<i64> {
            table.settings.links_of(&column.name).map(|link| link.site_id).collect()
        };
        let all: Vec<SiteId> = linked.iter().flat_map(|column| sites(column)).map(SiteId).collect();
        let titles: Vec<String> = titles.into_iter().collect();
        let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
        let found = db::items::records_titled(&mut conn, &call.caller, &all, &titles).await?;
        for column in linked {
            let sites = sites(column);
            let of = self.of.entry(column.name.clone()).or_default();
            for record in found.iter().filter(|record| sites.contains(&record.site.0)) {
                of.entry(record.title.clone()).or_insert_with(|| record.id.to_string());
            }
        }
        Ok(())
    }

    /// The value of a cell: of one text, or of each in an array; what is no choice stays as it is.
    pub(super) fn value(&self, column: &Column, cell: &str) -> String {
        if !column.has_choices() {
            return cell.to_owned();
        }
        if !column.multiple_selections {
            return self.mapped(column, cell);
        }
        let Ok(Json::Array(elements)) = lenient::parse(cell) else { return String::new() };
        crate::json::array(|array| {
            for text in elements.iter().filter_map(|one| lenient::from_json::<String>(one).ok()) {
                if !text.is_empty() {
                    array.element(&self.mapped(column, &text));
                }
            }
        })
    }

    fn mapped(&self, column: &Column, text: &str) -> String {
        let literal = column.choices.literals().find(|literal| literal.text == text);
        if let Some(literal) = literal {
            return literal.value.clone();
        }
        let known = self.of.get(&column.name).and_then(|texts| texts.get(text));
        known.cloned().unwrap_or_else(|| text.to_owned())
    }
}
