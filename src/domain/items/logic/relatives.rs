//! The sites that a table is linked with, as far as its logic reaches into them.

use std::sync::Arc;

use crate::db;
use crate::db::calls::SettingsVersion;
use crate::domain::items::Table;
use crate::domain::services::Known;
use crate::domain::settings::TableSettings;
use crate::domain::{Call, Error};
use crate::model::{ReferenceType, SiteId, SiteVersion, Target};

/// Another site, with the caller's rights on it.
pub(in crate::domain::items) struct Relative {
    /// The site itself as what is addressed.
    pub target: Target,
    /// Its settings.
    pub settings: Arc<TableSettings>,
}

impl Relative {
    /// The site as a table; none for a site without records.
    pub(super) fn table<'r>(&'r self, call: &'r Call) -> Option<Table<'r>> {
        self.table_or_wiki(call).filter(|table| table.settings.kind.is_table())
    }

    /// As [`Self::table`], for every site with records of its own.
    pub(in crate::domain::items) fn table_or_wiki<'r>(
        &'r self,
        call: &'r Call,
    ) -> Option<Table<'r>> {
        let kind = self.target.site.kind;
        let has_records = kind.is_table() || kind == ReferenceType::Wikis;
        let columns = call.services.catalogue.table(kind.name()).filter(|_| has_records)?;
        Some(Table {
            target: &self.target,
            settings: &self.settings,
            columns,
            access: call.access(&self.target),
            limit: None,
        })
    }
}

/// The sites of those ids in the caller's tenant, in the order of their ids: one round trip for all.
pub(in crate::domain::items) async fn load(
    call: &Call,
    ids: &[SiteId],
) -> Result<Vec<Relative>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let known: Vec<Known> = ids.iter().filter_map(|id| call.services.known(id.0)).collect();
    let versions: Vec<SettingsVersion> = known.iter().map(|known| known.version).collect();
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    let found = db::linked_sites(&mut conn, &call.caller, ids, &versions).await?;
    drop(conn);
    let mut relatives = Vec::with_capacity(found.len());
    for (target, text) in found {
        let site = &target.site;
        let version =
            SettingsVersion { site: site.id, ver: site.ver, updated_time: site.updated_time };
        let settings = call
            .services
            .settings(
                site.id.0,
                version,
                site.kind,
                text.as_deref(),
                known.iter().find(|known| known.version == version),
            )
            .ok_or(Error::Corrupt("a site without settings"))?;
        relatives.push(Relative { target, settings });
    }
    Ok(relatives)
}

/// The settings of the sites that link to the table: from memory if all of them are there, else loaded.
pub(super) async fn sources(
    call: &Call,
    target: &Target,
) -> Result<Vec<(SiteId, Arc<TableSettings>)>, Error> {
    let sources = &target.site.sources;
    let in_memory = sources.iter().map(|source| {
        let version =
            SettingsVersion { site: source.id, ver: source.ver, updated_time: source.updated_time };
        Some((source.id, call.services.known_settings(version)?))
    });
    if let Some(all) = in_memory.collect::<Option<Vec<_>>>() {
        return Ok(all);
    }
    let ids: Vec<SiteId> = sources.iter().map(|source: &SiteVersion| source.id).collect();
    let loaded = load(call, &ids).await?;
    Ok(loaded.into_iter().map(|source| (source.target.site.id, source.settings)).collect())
}
