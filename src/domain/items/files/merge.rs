//! Putting posted files among those of a record (03 §18.2).

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::db::binaries::{self, Uploaded};
use crate::db::records::{NewFile, Removal};
use crate::db::sql::Ident;
use crate::db::{self, ColumnInfo, TableInfo};
use crate::domain::binaries::Storage;
use crate::domain::settings::Column;
use crate::domain::{Call, Error};
use crate::model::{BinaryType, ColumnClass, Value};

use super::super::record::Record;
use super::super::request::{PostedFile, RecordRequest};
use super::super::stored::cut;
use super::super::versions;
use super::{Files, StoredFile, extension, list, new_guid};

/// Ends the name of the column under which a two-step upload replaces a file.
const UPLOADING: &str = "#Uploading";

/// Whether a key of the hash is that of a two-step upload.
pub(super) fn is_replacing(column: &str) -> bool {
    column.ends_with(UPLOADING)
}

impl Files {
    /// The files of a record that is not there yet. QUIRK(03 §18.4): without hash codes.
    pub(crate) fn of_new(call: &Call, record: &mut Record, request: &RecordRequest) -> Self {
        let mut files = Self::default();
        for (name, posted) in columns(request) {
            let Some(column) = attachments_column(record, name) else { continue };
            let added: Vec<StoredFile> = posted
                .iter()
                .filter(|file| !file.is_deleted())
                .filter_map(|file| files.take(call, &column, file, false))
                .collect();
            if !added.is_empty() {
                files.set(record, &column, &added);
            }
        }
        files
    }

    /// The files of a stored record: posted ones first, then those that nobody mentioned.
    pub(crate) async fn of_stored(
        call: &Call,
        record: &mut Record,
        request: &RecordRequest,
    ) -> Result<Self, Error> {
        let mut files = Self::default();
        if request.files().next().is_none() {
            return Ok(files);
        }
        let uploaded = uploaded(call, record, request).await?;
        let history = Ident::history(record.kind());
        let history = call.services.catalogue.table(history.as_str());
        let merge = Merge { call, history, uploaded: &uploaded, known: known(record) };
        for (name, posted) in columns(request) {
            if is_replacing(name) {
                merge.replace(&mut files, record, posted)?;
            } else if let Some(column) = attachments_column(record, name) {
                let stored = list::read(record.text(&column.name));
                let merged = merge.column(&mut files, &column, posted, &stored)?;
                if merged != stored {
                    files.set(record, &column, &merged);
                }
            }
        }
        files.keep_what_stays(call, record);
        Ok(files)
    }

    /// A posted file with content becomes a new one.
    fn take(
        &mut self,
        call: &Call,
        column: &Column,
        file: &PostedFile,
        hashed: bool,
    ) -> Option<StoredFile> {
        let bytes = file.content()?;
        let name = file.name.as_deref().or(file.file_name.as_deref()).unwrap_or_default();
        let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        let content_type = file.content_type.as_deref().filter(|text| !text.is_empty());
        let guid = new_guid();
        let new = NewFile {
            guid: guid.clone(),
            kind: BinaryType::Attachments,
            name: cut(name, Some(1_024)),
            bytes: Some(bytes.to_vec()),
            thumbnail: None,
            extension: cut(extension(name), Some(32)),
            size,
            content_type: cut(content_type.unwrap_or("text/plain"), Some(1_024)),
        };
        self.add(new, Storage::of(&call.services).is_local(&column.attachments, size));
        Some(StoredFile::new(&guid, name, size, hashed.then(|| hash_code(bytes))))
    }

    fn set(&mut self, record: &mut Record, column: &Column, files: &[StoredFile]) {
        record.set(&column.name, Value::Text(list::write(files)));
        self.first_changed.get_or_insert_with(|| column.name.clone());
    }

    /// A file that another column of the record still lists is not removed, nor one whose column keeps the files
    /// of former versions when this write makes one (03 §18.4).
    fn keep_what_stays(&mut self, call: &Call, record: &Record) {
        let makes_version = record
            .stored
            .as_ref()
            .is_some_and(|stored| versions::next(call, record, stored).is_some());
        let known = known(record);
        self.removed.retain(|removal| {
            !(known.contains_key(&removal.guid) || makes_version && removal.unless_in.is_some())
        });
        let (live, deleted) = (Ident::new("Binaries"), Ident::new("Binaries_deleted"));
        self.columns = call.services.catalogue.shared(&live, &deleted);
    }
}

/// The SHA-256 of a content, as records hold it.
pub(super) fn hash_code(bytes: &[u8]) -> String {
    STANDARD.encode(Sha256::digest(bytes))
}

struct Merge<'a> {
    call: &'a Call,
    /// The table of the record's former versions.
    history: Option<&'a TableInfo>,
    /// Files uploaded before, which the caller may take, by guid.
    uploaded: &'a HashMap<String, Uploaded>,
    /// Every file of the record before the call, by guid.
    known: HashMap<String, StoredFile>,
}

impl Merge<'_> {
    fn column(
        &self,
        files: &mut Files,
        column: &Column,
        posted: &[PostedFile],
        stored: &[StoredFile],
    ) -> Result<Vec<StoredFile>, Error> {
        let rules = &column.attachments;
        let mut merged: Vec<StoredFile> = Vec::new();
        let mut mentioned: Vec<&str> = Vec::new();
        for file in posted {
            if file.is_deleted() && (file.content().is_some() || file.guid.is_none()) {
                // A content gets a guid of its own, so that nothing is left to be removed.
                continue;
            }
            if file.content().is_some() {
                merged.extend(files.take(self.call, column, file, true));
                continue;
            }
            let Some(guid) = file.guid.as_deref() else { continue };
            mentioned.push(guid);
            if !file.is_deleted() {
                merged.push(self.standing_for(files, file, guid)?);
            } else if rules.allow_delete {
                self.remove(files, column, guid);
            } else {
                // Where the reference keeps only what the client sent, the whole entry stays (BUG(03 §18.2)).
                merged.extend(self.known.get(guid).cloned());
            }
        }
        let replaced = |old: &StoredFile| {
            merged.iter().any(|new| {
                new.name == old.name && (rules.overwrite_same_file_name || self.is_adopted(new))
            })
        };
        let kept: Vec<StoredFile> = stored
            .iter()
            .filter(|old| !mentioned.iter().any(|guid| old.is(guid)) && !replaced(old))
            .cloned()
            .collect();
        merged.extend(kept);
        Ok(merged)
    }

    fn remove(&self, files: &mut Files, column: &Column, guid: &str) {
        let keeps = column.attachments.not_delete_exist_history;
        let unless_in = self
            .history
            .filter(|_| keeps)
            .and_then(|table| table.column(&column.name))
            .map(ColumnInfo::ident);
        files.removed_size += self.known.get(guid).map_or(0, StoredFile::size);
        files.removed.push(Removal { guid: guid.to_owned(), unless_in });
    }

    /// An entry with a guid and no content: a file of the record, perhaps with a new name, or one uploaded before.
    ///
    /// The reference records whatever was posted, foreign guids too, and forgets what was not (BUG(03 §18.2)).
    fn standing_for(
        &self,
        files: &mut Files,
        file: &PostedFile,
        guid: &str,
    ) -> Result<StoredFile, Error> {
        if let Some(known) = self.known.get(guid) {
            let mut entry = known.clone();
            entry.name = file.name.clone().or(entry.name);
            return Ok(entry);
        }
        let uploaded = self.uploaded.get(guid).ok_or(Error::BadRequest)?;
        files.adopted.push(guid.to_owned());
        let hash_code = Some(uploaded.hash_code.clone()).filter(|hash| !hash.is_empty());
        Ok(StoredFile::new(guid, &uploaded.name, uploaded.size, hash_code))
    }

    /// An uploaded file: in place of the old one if it has its guid, else as a new one.
    fn put(&self, files: &mut Files, column: &Column, old: &str, file: &NewFile) -> StoredFile {
        let hash = file.bytes.as_deref().map(hash_code);
        let local = Storage::of(&self.call.services).is_local(&column.attachments, file.size);
        let entry = StoredFile::new(&file.guid, &file.name, file.size, hash);
        if file.guid == old {
            files.overwrite(file.clone(), local);
        } else {
            files.add(file.clone(), local);
        }
        entry
    }

    fn is_adopted(&self, file: &StoredFile) -> bool {
        file.guid.as_ref().is_some_and(|guid| self.uploaded.contains_key(guid))
    }

    /// The entries of a two-step upload: `Guid` is the old and the new one; the column is that of the old.
    fn replace(
        &self,
        files: &mut Files,
        record: &mut Record,
        posted: &[PostedFile],
    ) -> Result<(), Error> {
        for file in posted {
            let guids = file.guid.as_deref().and_then(|guids| guids.split_once(','));
            let (old, new) = guids.ok_or(Error::BadRequest)?;
            let column = column_with(record, old).ok_or(Error::BadRequest)?;
            let entry = match &file.uploaded {
                Some(uploaded) => self.put(files, &column, old, uploaded),
                None => self.standing_for(files, file, new)?,
            };
            let drops = column.attachments.overwrite_same_file_name;
            let mut stored = list::read(record.text(&column.name));
            let place = stored.iter().position(|known| known.is(old));
            stored.retain(|known| !(known.is(new) || drops && known.is(old)));
            if let (Some(place), true) = (place, old == new) {
                stored.insert(place, entry);
            } else {
                stored.insert(0, entry);
            }
            files.set(record, &column, &stored);
        }
        Ok(())
    }
}

/// The posted lists by column, in their order.
fn columns(request: &RecordRequest) -> impl Iterator<Item = (&str, &[PostedFile])> {
    let lists = request.attachments_hash.iter().flatten();
    lists.filter_map(|(name, list)| Some((name.as_str(), list.as_deref()?)))
}

/// Keys that are no attachments column of the table are ignored (03 §8.3).
fn attachments_column(record: &Record, name: &str) -> Option<Column> {
    let column = record.table().column(name)?;
    (column.class() == Some(ColumnClass::Attachments)).then(|| column.clone())
}

/// The attachments columns of a record that have a text, with their files.
pub(crate) fn lists(record: &Record) -> impl Iterator<Item = (&Column, Vec<StoredFile>)> {
    let table = record.table();
    table
        .columns
        .iter()
        .filter(|column| column.class() == Some(ColumnClass::Attachments))
        .map(|column| (column, record.text(&column.name)))
        .filter(|(_, text)| !text.is_empty())
        .map(|(column, text)| (column, list::read(text)))
}

/// Every file of a record by its guid.
fn known(record: &Record) -> HashMap<String, StoredFile> {
    let files = lists(record).flat_map(|(_, files)| files);
    files.filter_map(|file| Some((file.guid.clone()?, file))).collect()
}

/// The column of the record that lists a file.
fn column_with(record: &Record, guid: &str) -> Option<Column> {
    let mut found = lists(record).filter(|(_, files)| files.iter().any(|file| file.is(guid)));
    found.next().map(|(column, _)| column.clone())
}

/// The files that the body wants to adopt: those it calls linked that the record does not have yet (03 §18.2).
async fn uploaded(
    call: &Call,
    record: &Record,
    request: &RecordRequest,
) -> Result<HashMap<String, Uploaded>, Error> {
    let known = known(record);
    let mut wanted: Vec<String> = Vec::new();
    for (column, file) in request.files() {
        if file.uploaded.is_some() {
            continue;
        }
        let linked = file.action.as_deref() == Some("Linked") || is_replacing(column);
        let Some(guid) = file.guid.as_deref().filter(|_| linked && file.content().is_none()) else {
            continue;
        };
        let guid = guid.split_once(',').map_or(guid, |(_, new)| new);
        if !known.contains_key(guid) {
            wanted.push(guid.to_owned());
        }
    }
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    let mut found = binaries::adoptable(&mut conn, &call.caller, record.id(), &wanted).await?;
    let storage = Storage::of(&call.services);
    for file in found.iter_mut().filter(|file| file.hash_code.is_empty()) {
        // Its bytes lie in the file system.
        if let Ok(bytes) = storage.read(BinaryType::Attachments, &file.guid).await {
            file.hash_code = hash_code(&bytes);
        }
    }
    Ok(found.into_iter().map(|file| (file.guid.clone(), file)).collect())
}
