//! What an import writes, in one transaction.

use std::collections::{HashMap, HashSet};

use crate::db;
use crate::db::records::{self, Added, Batch};
use crate::db::sites::{OriginalRows, PermissionRow, SiteCopy, Source};
use crate::domain::Error;
use crate::domain::items::Packaged;
use crate::domain::settings::TableSettings;
use crate::lenient::Json;
use crate::model::{Site, SiteId};

use super::super::rewrite::{Ids, Reach};
use super::super::sites::Sites;
use super::super::subjects::{Kind, Subjects};
use super::super::{Copy, PackageError};
use super::{Found, Import, TableRecords};

/// How many records one statement adds.
const CHUNK: usize = 500;

impl Import<'_> {
    /// Everything is made ready first: the transaction needs no connection but its own.
    pub(super) async fn make(
        &self,
        found: &Found,
        progress: &(dyn Fn(usize) + Sync),
    ) -> Result<(Vec<Copy>, usize), PackageError> {
        let sites = self.sites(found).await?;
        let mut tables = Vec::with_capacity(self.tables.len());
        for (table, ids) in self.tables.iter().zip(&found.ids) {
            if let Some(((copy, settings), site)) =
                sites.iter().zip(&self.sources).nth(table.source)
            {
                let rows = self.rows(table, site, copy, settings.clone(), found).await?;
                tables.push((site.kind, copy.id, rows, ids));
            }
        }
        let call = self.call;
        let (tenant, user) = (call.caller.tenant.id, call.caller.user);
        let copies: Vec<SiteCopy<'_>> = sites.into_iter().map(|(copy, _)| copy).collect();
        let pool = &call.services.owner_db;
        let mut transaction = pool.begin().await.map_err(db::Error::from)?;
        db::sites::insert_copies(&mut transaction, tenant, user, &copies, OriginalRows::None)
            .await?;
        let mut done = 0;
        for (kind, site, rows, ids) in &tables {
            for (added, ids) in rows.chunks(CHUNK).zip(ids.chunks(CHUNK)) {
                let batch = Batch {
                    kind: *kind,
                    site: SiteId(*site),
                    user,
                    history_columns: &[],
                    added,
                    ids: Some(ids),
                    changed: &[],
                    unless: None,
                };
                records::write_batch(&mut transaction, &batch).await?;
                done += added.len();
                progress(done);
            }
        }
        let rows = self.record_rows(found);
        db::sites::insert_permissions(&mut transaction, user, &rows).await?;
        transaction.commit().await.map_err(db::Error::from)?;
        Ok((copies.iter().map(Copy::of).collect(), done))
    }

    async fn sites<'s>(
        &'s self,
        found: &'s Found,
    ) -> Result<Vec<(SiteCopy<'s>, TableSettings)>, Error> {
        let ids = Ids { sites: &found.sites, subjects: &found.subjects, reach: Reach::Everywhere };
        let sites = Sites {
            call: self.call,
            sources: &self.sources,
            ids,
            included: self.included,
            target: self.parent,
            retitled: None,
        };
        let mut made = sites.make(|source| self.site_rows(source, found)).await?;
        let new: HashSet<i64> = found.sites.values().copied().collect();
        for (copy, _) in &mut made {
            copy.links.retain(|site| new.contains(site) || found.linked_sites.contains(site));
        }
        Ok(made)
    }

    /// The records as they will be added, in their order.
    async fn rows(
        &self,
        table: &TableRecords<'_>,
        source: &Source,
        copy: &SiteCopy<'_>,
        settings: TableSettings,
        found: &Found,
    ) -> Result<Vec<Added>, PackageError> {
        let site = site(source, copy, self.call.server_now());
        let titles = self.titles(found);
        let packaged = Packaged::new(self.call, &site, settings, titles).await?;
        let rows = table.records.iter().map(|record| {
            packaged.added(&record.body, found).map_err(|misfit| {
                let path = format!("{}.{}", record.path, misfit.member);
                PackageError::malformed(&path, &misfit.problem)
            })
        });
        rows.collect()
    }

    /// The display titles of records that may be linked to, by their new ids.
    fn titles(&self, found: &Found) -> HashMap<i64, String> {
        let mut titles = found.linked.clone();
        for record in self.tables.iter().flat_map(|table| &table.records) {
            if let (Some(new), Some(title)) = (found.records.get(&record.id), title(&record.body)) {
                titles.insert(*new, title.to_owned());
            }
        }
        titles
    }

    fn site_rows(&self, source: &Source, found: &Found) -> Vec<PermissionRow> {
        let own = self.permissions.iter().filter(|granted| {
            granted.site == source.id.0 && granted.reference == granted.site && self.grants(granted)
        });
        own.filter_map(|granted| translated(&granted.row, &found.subjects)).collect()
    }

    fn record_rows(&self, found: &Found) -> Vec<(i64, PermissionRow)> {
        let of_records = self
            .permissions
            .iter()
            .filter(|granted| granted.reference != granted.site && self.grants(granted));
        let rows = of_records.filter_map(|granted| {
            let record = found.records.get(&granted.reference)?;
            Some((*record, translated(&granted.row, &found.subjects)?))
        });
        rows.collect()
    }
}

/// The row for who stands for its subject; none where nobody does.
fn translated(row: &PermissionRow, subjects: &Subjects) -> Option<PermissionRow> {
    let nobody = PermissionRow { dept: 0, group: 0, user: 0, rights: row.rights };
    match (row.dept, row.group, row.user) {
        (0, 0, 0) => None,
        (0, 0, user) => Some(PermissionRow { user: subjects.get(Kind::User, user)?, ..nobody }),
        (0, group, _) => Some(PermissionRow { group: subjects.get(Kind::Group, group)?, ..nobody }),
        (dept, ..) => Some(PermissionRow { dept: subjects.get(Kind::Dept, dept)?, ..nobody }),
    }
}

/// What a title shows.
fn title<'j>(body: &'j Json<'j>) -> Option<&'j str> {
    let title = body.member("Title")?;
    title
        .as_str()
        .or_else(|| title.member("DisplayValue").or_else(|| title.member("Value"))?.as_str())
}

/// The new site as its records see it.
fn site(source: &Source, copy: &SiteCopy<'_>, now: chrono::NaiveDateTime) -> Site {
    Site {
        id: SiteId(copy.id),
        title: copy.title.clone(),
        kind: source.kind,
        parent: SiteId(copy.parent),
        inherit_permission: SiteId(copy.inherit_permission),
        ver: 1,
        updated_time: now,
        lock: None,
        api_count: 0,
        api_count_date: None,
        destinations: copy.links.iter().copied().map(SiteId).collect(),
        sources: Vec::new(),
    }
}
