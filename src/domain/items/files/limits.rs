//! Limits of files (03 §18.3), in the reference's order.

use rust_decimal::Decimal;

use crate::db::{self, binaries};
use crate::domain::binaries::{self as rules, Storage};
use crate::domain::settings::Column;
use crate::domain::{Call, Error};

use super::super::record::Record;
use super::{Files, StoredFile, merge};

impl Files {
    /// Refuses too many or too large files, once an attachments column changes: for every such column of the record.
    ///
    /// QUIRK(03 §18.3): where files are switched off for the tenant nothing is counted, and they are stored.
    pub(crate) async fn check_limits(&self, call: &Call, record: &Record) -> Result<(), Error> {
        let Some(changed) =
            self.first_changed.as_deref().and_then(|name| record.table().column(name))
        else {
            return Ok(());
        };
        if !rules::are_enabled(call) {
            return Ok(());
        }
        for (column, files) in merge::lists(record) {
            self.check_column(&Storage::of(&call.services), column, &files, changed)?;
        }
        self.check_tenant(call).await
    }

    /// The messages name the limits of the first column that changes.
    fn check_column(
        &self,
        storage: &Storage<'_>,
        column: &Column,
        files: &[StoredFile],
        changed: &Column,
    ) -> Result<(), Error> {
        let (limits, named) = (&column.attachments, &changed.attachments);
        let over =
            |value: Decimal, limit: Option<Decimal>| limit.is_some_and(|limit| value > limit);
        let max = |limit: Option<Decimal>| limit.unwrap_or_default();
        if over(files.len().into(), limits.limit_quantity) {
            return Err(Error::OverLimitQuantity { max: max(named.limit_quantity) });
        }
        let total: i64 = files.iter().map(StoredFile::size).fold(0, i64::saturating_add);
        let largest = files.iter().filter(|file| self.adds(file)).map(StoredFile::size).max();
        let largest = largest.unwrap_or_default();
        if storage.is_local(limits, largest) {
            if over(megabytes(largest), limits.local_folder_limit_size) {
                let max = max(named.local_folder_limit_size);
                return Err(Error::OverLocalFolderLimitSize { max });
            }
            if over(megabytes(total), limits.local_folder_total_limit_size) {
                let max = max(named.local_folder_total_limit_size);
                return Err(Error::OverLocalFolderTotalLimitSize { max });
            }
            return Ok(());
        }
        if over(megabytes(largest), limits.limit_size) {
            return Err(Error::OverLimitSize { max: max(named.limit_size) });
        }
        if over(megabytes(total), limits.total_limit_size) {
            return Err(Error::OverTotalLimitSize { max: max(named.total_limit_size) });
        }
        Ok(())
    }

    fn adds(&self, file: &StoredFile) -> bool {
        self.added.iter().any(|added| file.is(&added.guid))
    }

    async fn check_tenant(&self, call: &Call) -> Result<(), Error> {
        let Some(limit) = call.contract.storage_size() else { return Ok(()) };
        let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
        let used = binaries::total_size(&mut conn, call.caller.tenant.id).await?;
        let added = self.added.iter().map(|file| file.size).fold(0, i64::saturating_add);
        let total = used.saturating_add(added).saturating_sub(self.removed_size);
        if rules::gigabytes(total) > limit {
            return Err(Error::OverTenantStorageSize { max: limit });
        }
        Ok(())
    }
}

/// A size in the unit of the limits.
fn megabytes(bytes: i64) -> Decimal {
    Decimal::from(bytes) / Decimal::from(1_048_576)
}
