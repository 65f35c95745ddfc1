//! Files of records (03 §18): what a body posts for attachments columns, and what a write does with it.
//!
//! [`check_shape_for_create`] and [`check_shape_for_update`] come first, then [`Files::of_new`] or
//! [`Files::of_stored`] puts the posted files among those of the record, and [`Files::check_limits`] counts them.
//! Bytes that belong to the file system are written by [`Files::store`] just before the statement.

mod limits;
mod list;
mod merge;

use crate::db::records::{FileChanges, NewFile, Removal};
use crate::db::sql::Ident;
use crate::domain::binaries::Storage;
use crate::domain::{Call, Error};
use crate::model::BinaryType;

use super::request::{PostedFile, RecordRequest};

pub(crate) use list::StoredFile;
pub(crate) use merge::lists;

/// What a write does with the files of its record.
#[derive(Debug, Default)]
pub(crate) struct Files {
    /// New ones, of attachments columns and of texts.
    pub added: Vec<NewFile>,
    /// New ones whose bytes go to the file system.
    local: Vec<LocalFile>,
    /// New contents of files that stay under their guid.
    overwritten: Vec<NewFile>,
    removed: Vec<Removal>,
    adopted: Vec<String>,
    /// `Binaries.Size` of what is removed, as far as the record tells.
    removed_size: i64,
    /// The columns that shall hold the bytes of a file in place of what it has.
    columns: Vec<Ident>,
    /// The first attachments column that changes; its limits are those that messages name.
    first_changed: Option<String>,
}

/// Bytes on their way to the file system.
#[derive(Debug)]
struct LocalFile {
    kind: BinaryType,
    guid: String,
    bytes: Vec<u8>,
    thumbnail: Option<Vec<u8>>,
    /// Whether they take the place of others, which stay until the record is written.
    replaces: bool,
}

impl LocalFile {
    /// Takes the bytes out of a file.
    fn of(file: &mut NewFile, replaces: bool) -> Self {
        Self {
            kind: file.kind,
            guid: file.guid.clone(),
            bytes: file.bytes.take().unwrap_or_default(),
            thumbnail: file.thumbnail.take(),
            replaces,
        }
    }

    async fn store(&self, storage: &Storage<'_>) -> Result<(), Error> {
        if self.replaces {
            return storage.write_beside(self.kind, &self.guid, &self.bytes).await;
        }
        storage.write(self.kind, &self.guid, &self.bytes).await?;
        match &self.thumbnail {
            Some(thumbnail) => storage.write_thumbnail(self.kind, &self.guid, thumbnail).await,
            None => Ok(()),
        }
    }
}

impl Files {
    /// What the statement of an update is told.
    pub(crate) fn changes(&self) -> FileChanges<'_> {
        FileChanges {
            added: &self.added,
            overwritten: &self.overwritten,
            removed: &self.removed,
            adopted: &self.adopted,
            columns: &self.columns,
        }
    }

    /// Adds a file whose bytes go to the database, or to the file system where `local` says so.
    pub(crate) fn add(&mut self, mut file: NewFile, local: bool) {
        if local {
            self.local.push(LocalFile::of(&mut file, false));
        }
        self.added.push(file);
    }

    /// Gives a file that stays under its guid another content, as [`Files::add`] a new one.
    pub(crate) fn overwrite(&mut self, mut file: NewFile, local: bool) {
        if local {
            self.local.push(LocalFile::of(&mut file, true));
        }
        self.overwritten.push(file);
    }

    /// Writes the bytes that belong to the file system; none stays when one cannot be written.
    pub(crate) async fn store(&self, call: &Call) -> Result<(), Error> {
        let storage = Storage::of(&call.services);
        for file in &self.local {
            let stored = file.store(&storage).await;
            if let Err(error) = stored {
                self.discard(call).await;
                return Err(error);
            }
        }
        Ok(())
    }

    /// Removes them again: the record was not written.
    pub(crate) async fn discard(&self, call: &Call) {
        let storage = Storage::of(&call.services);
        for file in &self.local {
            if file.replaces {
                storage.remove_beside(file.kind, &file.guid).await;
            } else {
                storage.remove(file.kind, &file.guid).await;
            }
        }
    }

    /// Puts contents in the place of the old ones: the record was written.
    pub(crate) async fn settle(&self, call: &Call) {
        let storage = Storage::of(&call.services);
        for file in self.local.iter().filter(|file| file.replaces) {
            storage.take_over(file.kind, &file.guid).await;
        }
    }
}

/// On create, every file that is not removed needs a name and a content (03 §4.1, step 4).
pub(crate) fn check_shape_for_create(request: &RecordRequest) -> Result<(), Error> {
    check_shape(request, |_, file| {
        file.name.as_deref().is_some_and(|name| !name.is_empty()) && file.content().is_some()
    })
}

/// On update, a file may also stand for a stored one by its guid (03 §5.1, step 3).
pub(crate) fn check_shape_for_update(request: &RecordRequest) -> Result<(), Error> {
    check_shape(request, |column, file| {
        file.guid.is_some()
            || file.content().is_some()
            || (merge::is_replacing(column) && file.name.is_some())
    })
}

/// In a bulk upsert a content needs a name of some kind, and nothing else is asked for (04 §2.1).
pub(crate) fn check_named(request: &RecordRequest) -> Result<(), Error> {
    check_shape(request, |_, _| true)
}

fn check_shape(
    request: &RecordRequest,
    complete: impl Fn(&str, &PostedFile) -> bool,
) -> Result<(), Error> {
    // A content without any name cannot be converted, be the file removed or not (03 §18.1).
    let named = |file: &PostedFile| {
        file.content().is_none() || file.name.is_some() || file.file_name.is_some()
    };
    let fits = request
        .files()
        .all(|(column, file)| named(file) && (file.is_deleted() || complete(column, file)));
    if fits { Ok(()) } else { Err(Error::InvalidJsonData) }
}

/// A name for a new file: 32 upper-case hexadecimal digits (02 §13).
pub fn new_guid() -> String {
    let mut guid = uuid::Uuid::new_v4().simple().to_string();
    guid.make_ascii_uppercase();
    guid
}

/// The extension of a file's name, with its dot; empty when it has none or ends with a dot.
pub fn extension(name: &str) -> &str {
    let file = name.rsplit('/').next().unwrap_or_default();
    match file.rfind('.').and_then(|at| file.get(at..)) {
        Some(".") | None => "",
        Some(extension) => extension,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lenient;
    use crate::model::ReferenceType;

    fn request(files: &str) -> RecordRequest {
        let text = format!(r#"{{"AttachmentsHash":{{"AttachmentsA":[{files}]}}}}"#);
        let json = lenient::parse(&text).unwrap();
        RecordRequest::read(&json, ReferenceType::Results, "1.1".parse().unwrap()).unwrap()
    }

    #[test]
    fn a_new_record_wants_name_and_content() {
        let ok = |files: &str| check_shape_for_create(&request(files)).is_ok();
        assert!(ok(r#"{"Name":"a","Base64":""}"#) && ok(r#"{"Deleted":true}"#) && ok(""));
        assert!(!ok(r#"{"Name":"a"}"#) && !ok(r#"{"Base64":"YQ=="}"#));
        assert!(!ok(r#"{"FileName":"a","Base64":"YQ=="}"#) && !ok(r#"{"Guid":"x"}"#));
    }

    #[test]
    fn a_stored_record_also_takes_guids() {
        let ok = |files: &str| check_shape_for_update(&request(files)).is_ok();
        assert!(ok(r#"{"Guid":"x"}"#) && ok(r#"{"FileName":"a","Base64":"YQ=="}"#));
        assert!(!ok(r#"{"Name":"a"}"#) && !ok(r#"{"Guid":"x","Base64":"YQ=="}"#));
        assert!(!ok(r#"{"Deleted":true,"Base64":"YQ=="}"#));
    }

    #[test]
    fn extensions_have_their_dot() {
        let of = [("a.txt", ".txt"), ("c", ""), ("d.", ""), ("a.tar.gz", ".gz"), ("x.y/z", "")];
        for (name, want) in of {
            assert_eq!(extension(name), want, "{name}");
        }
    }
}
