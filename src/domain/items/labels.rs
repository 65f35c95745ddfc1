//! What a record's texts need from elsewhere: names of people, titles of linked records.

use std::mem;
use std::sync::Arc;

use sqlx::PgConnection;

use crate::db;
use crate::domain::display::{self, Breadcrumbs, Labels, LinkedTexts};
use crate::domain::settings::{Choices, Column, Subject, TableSettings};
use crate::domain::tenants::Names;
use crate::domain::{Call, Error};
use crate::model::SiteId;

use super::record::Record;

/// Labels for the records; one look-up for all titles of linked records, none where no column is a link.
pub(super) async fn load(
    call: &Call,
    table: &TableSettings,
    records: &[&Record],
) -> Result<Labels, Error> {
    load_for(call, table, records, |_| true).await
}

/// As [`load`], for the values of some columns.
pub(super) async fn load_for(
    call: &Call,
    table: &TableSettings,
    records: &[&Record],
    shown: impl Fn(&Column) -> bool,
) -> Result<Labels, Error> {
    Wanted::of(table, records, shown).load(call).await
}

/// As [`load`], inside a transaction.
pub(super) async fn load_on(
    conn: &mut PgConnection,
    call: &Call,
    table: &TableSettings,
    record: &Record,
) -> Result<Labels, Error> {
    let mut wanted = Wanted::of(table, &[record], |_| true);
    let names = wanted.names(call).await?;
    Ok(Labels { links: wanted.linked(conn, call).await?, ..names })
}

/// What has to be looked up before values can be shown.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one thing to look up")]
pub(super) struct Wanted {
    depts: bool,
    groups: bool,
    breadcrumbs: bool,
    sites: Vec<SiteId>,
    ids: Vec<i64>,
    /// Whether there are values that are no ids, which wikis may have texts for.
    others: bool,
}

impl Wanted {
    /// What some columns of records need.
    fn of(table: &TableSettings, records: &[&Record], shown: impl Fn(&Column) -> bool) -> Self {
        let breadcrumbs = table.full_text_include_breadcrumb;
        let mut wanted = Self { breadcrumbs, ..Self::default() };
        for column in table.columns.iter().filter(|column| shown(column)) {
            wanted.column(table, column);
            if column.link {
                for record in records {
                    wanted.text(column, record.text(&column.name));
                }
            }
        }
        wanted
    }

    /// Values of a column are shown.
    pub(super) fn column(&mut self, table: &TableSettings, column: &Column) {
        self.depts |= column.subject == Subject::Dept || column.choices.shows_dept();
        self.groups |= column.subject == Subject::Group;
        if column.link {
            self.sites.extend(table.links_of(&column.name).map(|link| SiteId(link.site_id)));
        }
    }

    /// This value of the column is shown.
    pub(super) fn text(&mut self, column: &Column, stored: &str) {
        if !column.link || stored.is_empty() {
            return;
        }
        if column.multiple_selections {
            for value in display::values(column, stored) {
                self.value(&value);
            }
        } else {
            self.value(stored);
        }
    }

    fn value(&mut self, value: &str) {
        match value.trim().parse() {
            Ok(id) => self.ids.push(id),
            Err(_) => self.others = true,
        }
    }

    /// Looks everything up: one round trip for titles, if any, and one for each kind of name that is not in memory.
    pub(super) async fn load(mut self, call: &Call) -> Result<Labels, Error> {
        let names = self.names(call).await?;
        if self.ids.is_empty() && !self.others {
            return Ok(names);
        }
        let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
        Ok(Labels { links: self.linked(&mut conn, call).await?, ..names })
    }

    /// The names alone.
    pub(super) async fn names(&self, call: &Call) -> Result<Labels, Error> {
        let none = || Arc::new(Names::default());
        Ok(Labels {
            language: call.language(),
            zones: call.zones.clone(),
            users: call.users().await?,
            depts: if self.depts { call.depts().await? } else { none() },
            groups: if self.groups { call.groups().await? } else { none() },
            links: LinkedTexts::default(),
            sites: if self.breadcrumbs { breadcrumbs(call).await? } else { Breadcrumbs::default() },
        })
    }

    /// The texts of what has been asked for since the last time.
    pub(super) async fn linked(
        &mut self,
        conn: &mut PgConnection,
        call: &Call,
    ) -> Result<LinkedTexts, Error> {
        self.ids.sort_unstable();
        self.ids.dedup();
        let (ids, others) = (mem::take(&mut self.ids), mem::take(&mut self.others));
        if ids.is_empty() && !others {
            return Ok(LinkedTexts::default());
        }
        let found = db::items::readable_links(conn, &call.caller, &self.sites, &ids).await?;
        let wikis = found.wikis.into_iter();
        Ok(LinkedTexts {
            titles: found.titles,
            wikis: wikis.map(|(site, body)| (site, Choices::parse(&body, &[]))).collect(),
        })
    }
}

/// Where the sites of the caller's tenant lie: one round trip, for tables that have it in their search texts.
pub async fn breadcrumbs(call: &Call) -> Result<Breadcrumbs, Error> {
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    Ok(Breadcrumbs::new(db::sites::titles(&mut conn, call.caller.tenant.id).await?))
}
