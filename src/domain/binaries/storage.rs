//! The folder of stored files, where `BinaryStorage.json` names one (08 §11.1).

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use rust_decimal::Decimal;

use crate::domain::settings::AttachmentRules;
use crate::domain::{Error, Services};
use crate::model::BinaryType;
use crate::parameters::BinaryStorage;

/// The installation's storage.
#[derive(Debug, Clone)]
pub struct Storage<'a> {
    parameters: &'a BinaryStorage,
    root: PathBuf,
    temporary: PathBuf,
}

impl<'a> Storage<'a> {
    /// By the parameters; without a path the folder beside that of the parameters.
    pub fn of(services: &'a Services) -> Self {
        let parameters = &services.parameters.binary_storage;
        let beside = services.parameters.dir().and_then(Path::parent);
        let data = beside.unwrap_or(Path::new("App_Data"));
        let root = match parameters.path.as_deref().filter(|path| !path.is_empty()) {
            Some(path) => PathBuf::from(path),
            None => data.join("BinaryStorage"),
        };
        Self { parameters, root, temporary: data.join("Temp") }
    }

    /// The folder of files that are not whole yet.
    pub fn temporary(&self) -> &Path {
        &self.temporary
    }

    /// Whether files go to the folder where columns do not choose, and images always.
    pub fn is_local_by_default(&self) -> bool {
        matches!(self.parameters.provider.as_str(), "Local" | "LocalFolder")
    }

    /// Whether a file of that size goes to the folder, in a column of these rules.
    pub fn is_local(&self, rules: &AttachmentRules, size: i64) -> bool {
        if !self.parameters.use_storage_select {
            return self.is_local_by_default();
        }
        match rules.storage_provider.as_str() {
            "LocalFolder" => true,
            "AutoDataBaseOrLocalFolder" => rules
                .limit_size
                .is_some_and(|limit| Decimal::from(size) > limit * Decimal::from(1_048_576)),
            _ => false,
        }
    }

    /// Whether the files of deleted records stay in the folder.
    pub const fn keeps_deleted(&self) -> bool {
        self.parameters.restore_local_files
    }

    /// The bytes of a file.
    pub async fn read(&self, kind: BinaryType, guid: &str) -> Result<Vec<u8>, Error> {
        let path = self.path(kind, guid).ok_or(Error::NotFound)?;
        tokio::fs::read(&path).await.map_err(|error| {
            if error.kind() != ErrorKind::NotFound {
                tracing::error!(%error, path = %path.display(), "a stored file cannot be read");
            }
            Error::NotFound
        })
    }

    /// Writes a file of that handle.
    pub async fn write(&self, kind: BinaryType, guid: &str, bytes: &[u8]) -> Result<(), Error> {
        self.put(self.path(kind, guid), bytes).await
    }

    /// Writes the small picture of an image.
    pub async fn write_thumbnail(
        &self,
        kind: BinaryType,
        guid: &str,
        bytes: &[u8],
    ) -> Result<(), Error> {
        self.put(self.thumbnail_path(kind, guid), bytes).await
    }

    /// Writes a new content of a file beside the old one, until [`Storage::take_over`].
    pub async fn write_beside(
        &self,
        kind: BinaryType,
        guid: &str,
        bytes: &[u8],
    ) -> Result<(), Error> {
        self.put(self.path_beside(kind, guid), bytes).await
    }

    /// Puts what was written beside a file in its place, at once for all who read it.
    pub async fn take_over(&self, kind: BinaryType, guid: &str) {
        if let (Some(new), Some(path)) = (self.path_beside(kind, guid), self.path(kind, guid))
            && let Err(error) = tokio::fs::rename(&new, &path).await
        {
            tracing::error!(%error, path = %new.display(), "a stored file keeps its old content");
        }
    }

    /// Removes what was written beside a file.
    pub async fn remove_beside(&self, kind: BinaryType, guid: &str) {
        remove(self.path_beside(kind, guid)).await;
    }

    async fn put(&self, path: Option<PathBuf>, bytes: &[u8]) -> Result<(), Error> {
        let path = path.ok_or(Error::FailedWriteFile)?;
        let written = async {
            if let Some(folder) = path.parent() {
                tokio::fs::create_dir_all(folder).await?;
            }
            tokio::fs::write(&path, bytes).await
        };
        written.await.map_err(|error: std::io::Error| {
            tracing::error!(%error, path = %path.display(), "a file cannot be stored");
            Error::FailedWriteFile
        })
    }

    /// Removes a file and its small picture, if they are there.
    pub async fn remove(&self, kind: BinaryType, guid: &str) {
        remove(self.path(kind, guid)).await;
        remove(self.thumbnail_path(kind, guid)).await;
    }

    /// Where a file lies. Only a handle of our own form becomes a part of a path, wherever it came from.
    fn path(&self, kind: BinaryType, guid: &str) -> Option<PathBuf> {
        is_guid(guid).then(|| self.root.join(kind.folder()).join(guid))
    }

    fn path_beside(&self, kind: BinaryType, guid: &str) -> Option<PathBuf> {
        is_guid(guid).then(|| self.root.join(kind.folder()).join(format!("{guid}_new")))
    }

    fn thumbnail_path(&self, kind: BinaryType, guid: &str) -> Option<PathBuf> {
        is_guid(guid).then(|| self.root.join(kind.folder()).join(format!("{guid}_thumbnail")))
    }
}

async fn remove(path: Option<PathBuf>) {
    let Some(path) = path else { return };
    if let Err(error) = tokio::fs::remove_file(&path).await
        && error.kind() != ErrorKind::NotFound
    {
        tracing::warn!(%error, path = %path.display(), "a stored file cannot be removed");
    }
}

/// 32 hexadecimal digits.
pub(super) fn is_guid(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUID: &str = "0123456789ABCDEF0123456789ABCDEF";

    fn shipped() -> BinaryStorage {
        crate::parameters::Parameters::load(None).unwrap().binary_storage
    }

    fn storage(parameters: &BinaryStorage) -> Storage<'_> {
        Storage { parameters, root: "/files".into(), temporary: "/temp".into() }
    }

    #[test]
    fn only_handles_become_paths() {
        let parameters = shipped();
        let storage = storage(&parameters);
        let path = storage.path(BinaryType::TenantManagementImages, GUID).unwrap();
        assert_eq!(path, Path::new("/files/Images").join(GUID));
        for bad in ["", "..", "../../etc/passwd", "0123456789ABCDEF0123456789ABCD/.", "a"] {
            assert_eq!(storage.path(BinaryType::Attachments, bad), None, "{bad}");
        }
    }

    #[test]
    fn columns_choose_only_where_they_may() {
        let rules = |provider: &str| AttachmentRules {
            storage_provider: provider.to_owned(),
            limit_size: Some(Decimal::ONE),
            ..AttachmentRules::default()
        };
        let fixed = BinaryStorage { provider: "Local".into(), ..shipped() };
        assert!(storage(&fixed).is_local(&rules("DataBase"), 1));
        let chosen = BinaryStorage { use_storage_select: true, ..fixed };
        let storage = storage(&chosen);
        assert!(
            !storage.is_local(&rules("DataBase"), 1) && storage.is_local(&rules("LocalFolder"), 1)
        );
        let auto = rules("AutoDataBaseOrLocalFolder");
        assert!(!storage.is_local(&auto, 1_048_576) && storage.is_local(&auto, 1_048_577));
    }
}
