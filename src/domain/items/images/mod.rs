//! Images in texts (03 §17): each is put into the text of its column and stored as a file of the record.
//!
//! Everything is looked at before anything is written: a text that is no Base64, and a content that is no image,
//! refuse the call, where the reference crashes, with the record stored in the second case (BUG(03 §17.2)).

mod picture;

use rust_decimal::Decimal;

use crate::db::records::NewFile;
use crate::db::{self, binaries};
use crate::domain::binaries::{self as rules, Storage};
use crate::domain::settings::Column;
use crate::domain::{Call, Error};
use crate::model::{BinaryType, ColumnClass, Value};

use super::files::{Files, new_guid};
use super::load;
use super::posted::Posting;
use super::record::Record;
use super::request::{PostedImage, RecordRequest, decode_base64};
use super::stored::cut;

use picture::Picture;

/// Puts the posted images into the record's texts and adds them to its files, in the order of the body.
pub(crate) async fn apply(
    posting: &Posting<'_>,
    record: &mut Record,
    request: &RecordRequest,
    files: &mut Files,
) -> Result<(), Error> {
    let Some(images) = request.image_hash.as_ref().filter(|images| !images.is_empty()) else {
        return Ok(());
    };
    let decoded = images
        .iter()
        .map(|(name, image)| Ok((name.as_str(), image, decoded(image)?)))
        .collect::<Result<Vec<_>, Error>>()?;
    let stores = may_store(posting.call).await?;
    for (name, image, bytes) in decoded {
        let column = record.table().column(name).ok_or(Error::BadRequest)?.clone();
        if !column.allow_image {
            continue;
        }
        let guid = new_guid();
        insert(posting, record, request, &column, &shown(posting.call, image, &guid));
        let extension = image.extension.as_deref().unwrap_or_default();
        match rules::content_type(extension).filter(|kind| kind.starts_with("image/")) {
            Some(kind) if stores => {
                let file = Image { guid, extension, content_type: kind, bytes };
                let local = Storage::of(&posting.call.services).is_local_by_default();
                files.add(file.prepared(posting.call, &column).await?, local);
            }
            // QUIRK(03 §17.2): the text names an image that is not stored.
            _ => {}
        }
    }
    Ok(())
}

/// The bytes; without them there is no image.
fn decoded(image: &PostedImage) -> Result<Vec<u8>, Error> {
    image.base64.as_deref().and_then(decode_base64).ok_or(Error::InvalidJsonData)
}

/// Whether the tenant may have one more image; its own size does not count (03 §17.2).
async fn may_store(call: &Call) -> Result<bool, Error> {
    if !rules::are_enabled(call) {
        return Ok(false);
    }
    let Some(limit) = call.contract.storage_size() else { return Ok(true) };
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    let used = binaries::total_size(&mut conn, call.caller.tenant.id).await?;
    Ok(rules::gigabytes(used) <= limit)
}

/// The image as Markdown, with the line feeds that were asked for.
fn shown(call: &Call, image: &PostedImage, guid: &str) -> String {
    let feed = |wanted: Option<bool>| if wanted == Some(true) { "\n" } else { "" };
    let path = format!("{}/binaries/{guid}/show", call.base_path).to_lowercase();
    let alt = image.alt.as_deref().unwrap_or_default();
    format!("{}![{alt}]({path}){}", feed(image.head_new_line.0), feed(image.end_new_line.0))
}

/// QUIRK(03 §17.1): an image of another column is stored and stands in no text.
fn insert(
    posting: &Posting<'_>,
    record: &mut Record,
    request: &RecordRequest,
    column: &Column,
    shown: &str,
) {
    let Some(images) = &request.image_hash else { return };
    let position = images.get(&column.name).map_or(Some(-1), |image| image.position.0).unwrap_or(0);
    if column.name == "Comments" {
        let body = record.new_comment.as_ref().map(|comment| comment.body.as_str());
        let body = inserted(body.unwrap_or_default(), shown, position);
        posting.replace_comment(record, body);
    } else if column.name == "Body" || column.class() == Some(ColumnClass::Description) {
        let text =
            if starts_empty(record, request, column) { "" } else { record.text(&column.name) };
        let text = inserted(text, shown, position);
        record.set(&column.name, Value::Text(text));
    }
}

/// QUIRK(03 §17.1): the stored text of a description that is on no editor does not count.
fn starts_empty(record: &Record, request: &RecordRequest, column: &Column) -> bool {
    let posted =
        request.description_hash.as_ref().is_some_and(|hash| hash.contains_key(&column.name));
    column.class() == Some(ColumnClass::Description)
        && record.stored.is_some()
        && !posted
        && !load::is_loaded_by_reference(record.table(), column)
}

/// A text with another one inside, at a place in UTF-16 units; −1 and every place beyond its end is the end.
///
/// The reference crashes at other negative places (BUG(03 §17.1)); half a pair is no place, so that the next one counts.
fn inserted(text: &str, shown: &str, position: i32) -> String {
    let Ok(position) = usize::try_from(position) else { return format!("{text}{shown}") };
    let mut units = 0;
    let at = text.char_indices().find_map(|(at, character)| {
        let here = units >= position;
        units += character.len_utf16();
        here.then_some(at)
    });
    let (before, after) = text.split_at(at.unwrap_or(text.len()));
    format!("{before}{shown}{after}")
}

/// An image to be stored.
struct Image<'a> {
    guid: String,
    extension: &'a str,
    content_type: &'static str,
    bytes: Vec<u8>,
}

impl Image<'_> {
    /// The file, smaller and with a small picture where the installation wants that.
    async fn prepared(self, call: &Call, column: &Column) -> Result<NewFile, Error> {
        let parameters = &call.services.parameters.binary_storage;
        let pixels = |limit: Option<i32>| {
            limit.and_then(|limit| u32::try_from(limit).ok()).filter(|n| *n > 0)
        };
        let own = column.attachments.thumbnail_limit_size.filter(|limit| *limit > Decimal::ZERO);
        let own = own.and_then(|limit| limit.trunc().try_into().ok());
        let size = i64::try_from(self.bytes.len()).unwrap_or(i64::MAX);
        let picture = Picture::new(self.bytes)
            .limit(pixels(parameters.image_limit_size))
            .thumbnail(own.or(pixels(parameters.thumbnail_limit_size)));
        let (bytes, thumbnail) = picture.read().await.ok_or(Error::BadRequest)?;
        Ok(NewFile {
            guid: self.guid,
            kind: BinaryType::Images,
            name: cut(&format!("image{}", self.extension), Some(1_024)),
            bytes: Some(bytes),
            thumbnail,
            extension: cut(self.extension, Some(32)),
            size,
            content_type: self.content_type.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_in_utf16_units() {
        assert_eq!(inserted("0123", "x", 2), "01x23");
        assert_eq!(inserted("0123", "x", 0), "x0123");
        for end in [4, 99, -1, -7] {
            assert_eq!(inserted("0123", "x", end), "0123x", "{end}");
        }
        assert_eq!(inserted("😀b", "x", 2), "😀xb");
        assert_eq!(inserted("😀b", "x", 1), "😀xb", "half a pair");
        assert_eq!(inserted("", "x", 0), "x");
    }
}
