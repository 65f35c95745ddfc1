//! The records of copied sites.

use std::collections::HashMap;

use crate::db;
use crate::db::sites::{Copied, OriginalRows, RecordCopy, SiteCopy};
use crate::domain::columns::{self, Roles};
use crate::domain::items::load::is_value;
use crate::domain::permissions::Access;
use crate::domain::settings::{Column, TableSettings};
use crate::domain::{Call, Error};
use crate::messages::MessageId;
use crate::model::ColumnClass;

/// Refuses more records than the parameter or the contract allow.
pub(super) fn check_limits(call: &Call, copied: &[Copied]) -> Result<(), MessageId> {
    let mut per_site: HashMap<i64, i64> = HashMap::new();
    for site in copied.iter().filter_map(|copied| copied.site) {
        *per_site.entry(site).or_default() += 1;
    }
    let largest = per_site.into_values().max().unwrap_or_default();
    let most = i64::from(call.services.parameters.general.import_max);
    if most > 0 && largest > most {
        return Err(MessageId::ImportMax);
    }
    if call.contract.items().is_some_and(|limit| largest > limit) {
        return Err(MessageId::ItemsLimit);
    }
    Ok(())
}

/// Records that follow their site.
pub(super) struct Copying<'a> {
    pub(super) call: &'a Call,
    pub(super) site: &'a SiteCopy<'a>,
    pub(super) settings: &'a TableSettings,
    /// The records of every site.
    pub(super) all: &'a [Copied],
}

impl Copying<'_> {
    pub(super) async fn run(
        &self,
        conn: &mut sqlx::PgConnection,
        permissions: OriginalRows,
    ) -> Result<(), Error> {
        let source = self.site.source;
        let records: Vec<Copied> =
            self.all.iter().filter(|copied| copied.site == Some(source.id.0)).copied().collect();
        if records.is_empty() {
            return Ok(());
        }
        let services = &self.call.services;
        let table = services.catalogue.table(source.kind.name());
        let table = table.ok_or(Error::Corrupt("a missing table"))?;
        // The originals' settings: a copy may have lost who may read what.
        let original = services.read_settings(source.kind, &source.settings);
        let (mut columns, mut links, mut blanks) = (Vec::new(), Vec::new(), Vec::new());
        let mut hides = false;
        for column in original.columns.iter().filter(|column| is_copied(column)) {
            let Some(info) = table.column(&column.name) else { continue };
            if !self.may_read(column) {
                hides = true;
                blanks.extend((!info.nullable).then(|| info.ident()));
            } else if self.is_link(column) {
                links.push(info.ident());
            } else {
                columns.push(info.ident());
            }
        }
        let copy = RecordCopy {
            kind: source.kind,
            site: self.site.id,
            records: &records,
            columns: &columns,
            links: &links,
            blanks: &blanks,
            with_full_text: !hides,
            permissions,
        };
        Ok(db::sites::insert_records(conn, self.call.caller.user, &copy, self.all).await?)
    }

    /// Whether the caller may read the column in every record, without being anybody to it.
    fn may_read(&self, column: &Column) -> bool {
        let rights = self.site.source.rights;
        let access = Access::of_site(rights, self.call.caller.privileged);
        columns::allows(self.call, &access, &column.read_access, Some(Roles::default()))
    }

    fn is_link(&self, column: &Column) -> bool {
        column.class() == Some(ColumnClass::Class)
            && self.settings.links_of(&column.name).any(|link| link.site_id > 0)
    }
}

/// Values of records. Files are not copied: they belong to the original (BUG(06 B13) is repaired for all other columns).
fn is_copied(column: &Column) -> bool {
    is_value(column) && column.class() != Some(ColumnClass::Attachments)
}
