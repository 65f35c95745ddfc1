//! Files that arrive in chunks (08 §10.3).
//!
//! The reference keeps the state in the session of a cookie. Here it is a folder per uploader, target and name, with
//! the bytes so far in one file that is named after the file's handle: every process of the server finds it, and no
//! cookie is needed (BUG(08 §10.3)). Nothing of a request stands in a path but as a hash.

use std::io::ErrorKind;
use std::path::PathBuf;

use sha2::{Digest, Sha256};
use tokio::fs::{self, OpenOptions};
use tokio::io::AsyncWriteExt as _;

use crate::domain::Error;
use crate::domain::items::new_guid;

use super::storage::{Storage, is_guid};
use super::upload::Range;

pub(super) struct Chunks {
    folder: PathBuf,
}

impl Chunks {
    /// Of one upload, which its key names.
    pub(super) fn of(storage: &Storage<'_>, key: &[&str]) -> Self {
        let mut hash = Sha256::new();
        for part in key {
            hash.update(part.len().to_be_bytes());
            hash.update(part.as_bytes());
        }
        let name = super::hexadecimal(&hash.finalize());
        Self { folder: storage.temporary().join(name) }
    }

    /// Adds a chunk, which has to begin where the bytes so far end; the file's handle and its bytes from now on.
    pub(super) async fn append(
        &self,
        range: Range,
        bytes: &[u8],
    ) -> Result<(String, usize), Error> {
        let guid = if range.from == 0 {
            self.remove().await;
            fs::create_dir_all(&self.folder).await.map_err(failed)?;
            new_guid()
        } else {
            self.guid().await.ok_or(Error::BadRequest)?
        };
        let path = self.folder.join(&guid);
        let there = fs::metadata(&path).await.map(|file| file.len()).unwrap_or_default();
        if there != range.from {
            self.remove().await;
            return Err(Error::HasNotPermission);
        }
        let written = async {
            let mut file = OpenOptions::new().create(true).append(true).open(&path).await?;
            file.write_all(bytes).await?;
            file.flush().await
        };
        written.await.map_err(failed)?;
        Ok((guid, usize::try_from(there).unwrap_or(usize::MAX).saturating_add(bytes.len())))
    }

    /// The bytes of the whole file; nothing of it stays.
    pub(super) async fn take(&self, guid: &str) -> Result<Vec<u8>, Error> {
        let bytes = fs::read(self.folder.join(guid)).await.map_err(failed)?;
        self.remove().await;
        Ok(bytes)
    }

    /// Forgets the upload.
    pub(super) async fn remove(&self) {
        if let Err(error) = fs::remove_dir_all(&self.folder).await
            && error.kind() != ErrorKind::NotFound
        {
            tracing::warn!(%error, folder = %self.folder.display(), "an upload cannot be removed");
        }
    }

    /// The handle of the file that is under way.
    async fn guid(&self) -> Option<String> {
        let mut entries = fs::read_dir(&self.folder).await.ok()?;
        while let Ok(Some(entry)) = entries.next_entry().await {
            if let Some(name) = entry.file_name().to_str().filter(|name| is_guid(name)) {
                return Some(name.to_owned());
            }
        }
        None
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to `map_err`")]
fn failed(error: std::io::Error) -> Error {
    tracing::error!(%error, "a chunk of a file cannot be kept");
    Error::FailedWriteFile
}
