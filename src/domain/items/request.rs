//! The record model of a body: what create, update and upsert read from it (03 §3).

use chrono::NaiveDateTime;
use indexmap::IndexMap;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer};

use crate::db::records::NewFile;
use crate::domain::Error;
use crate::lenient::{self, Json, Nullable, Number, PostedTime};
use crate::model::{ColumnClass, ReferenceType};

/// A record as posted. Scalars that are null or absent leave the record alone.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct RecordRequest {
    #[serde(deserialize_with = "present")]
    api_version: Option<Number>,
    /// `Title`.
    pub title: Option<String>,
    /// `Body`.
    pub body: Option<String>,
    /// `Status`.
    pub status: Nullable<i32>,
    /// `Manager`, a user id.
    pub manager: Nullable<i32>,
    /// `Owner`, a user id.
    pub owner: Nullable<i32>,
    /// `Locked`.
    pub locked: Nullable<bool>,
    /// `Comments`: the text of one new comment.
    pub comments: Option<String>,
    /// `ClassHash`.
    pub class_hash: Option<IndexMap<String, Option<String>>>,
    /// `NumHash`.
    pub num_hash: Option<IndexMap<String, Nullable<Number>>>,
    /// `DateHash`; null and empty texts are refused here (03 §3.2).
    pub date_hash: Option<IndexMap<String, PostedTime>>,
    /// `DescriptionHash`.
    pub description_hash: Option<IndexMap<String, Option<String>>>,
    /// `CheckHash`; null and empty texts are refused here (03 §3.2).
    pub check_hash: Option<IndexMap<String, bool>>,
    /// `AttachmentsHash`.
    pub attachments_hash: Option<IndexMap<String, Option<Vec<PostedFile>>>>,
    /// `ImageHash`.
    pub image_hash: Option<IndexMap<String, PostedImage>>,
    /// `ProcessId`.
    pub process_id: Nullable<i32>,
    /// `ProcessIds`; when present, even empty, `process_id` does not count.
    pub process_ids: Option<Vec<i32>>,
    /// `RecordPermissions`: lines such as `User,5,31`.
    pub record_permissions: Option<Vec<String>>,
    /// `MigrationMode`.
    pub migration_mode: Nullable<bool>,
    /// `Creator`, of migration mode.
    pub creator: Nullable<i32>,
    /// `Updator`, of migration mode.
    pub updator: Nullable<i32>,
    /// `CreatedTime`, of migration mode.
    pub created_time: Nullable<PostedTime>,
    /// `UpdatedTime`, of migration mode.
    pub updated_time: Nullable<PostedTime>,
    // Read for their types only: a wrong one makes the body unreadable.
    #[serde(rename = "VerUp")]
    _ver_up: Nullable<bool>,
    #[serde(rename = "Ver")]
    _ver: Nullable<i32>,
    #[serde(rename = "SiteId")]
    _site_id: Nullable<i64>,
    #[serde(rename = "ItemTitle")]
    _item_title: Option<String>,
    /// Members of Issues alone.
    #[serde(skip)]
    pub issue: IssueRequest,
}

/// What records of Issues have besides (03 §3.1).
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct IssueRequest {
    /// `StartTime`.
    pub start_time: Nullable<PostedTime>,
    /// `CompletionTime`.
    pub completion_time: Nullable<PostedTime>,
    /// `WorkValue`.
    pub work_value: Nullable<Number>,
    /// `ProgressRate`.
    pub progress_rate: Nullable<Number>,
    #[serde(rename = "IssueId")]
    _issue_id: Nullable<i64>,
    #[serde(rename = "RemainingWorkValue")]
    _remaining_work_value: Nullable<Number>,
}

/// What records of Results have besides.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ResultRequest {
    #[serde(rename = "ResultId")]
    _result_id: Nullable<i64>,
}

/// One entry of `AttachmentsHash` (03 §18.1).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct PostedFile {
    /// Which stored file it stands for, or removes.
    pub guid: Option<String>,
    /// The file's name.
    pub name: Option<String>,
    /// Its name if `name` is missing.
    pub file_name: Option<String>,
    /// Its length, recorded only for a stored file.
    pub size: Nullable<i64>,
    /// Its MIME type.
    pub content_type: Option<String>,
    /// Its content.
    pub base64: Option<Content>,
    /// Its content, by another name.
    #[serde(rename = "Base64Binary")]
    pub base64_binary: Option<Content>,
    /// The Base64 of its SHA-256.
    pub hash_code: Option<String>,
    /// Whether it is to be removed.
    pub deleted: Nullable<bool>,
    /// `Linked` adopts a file uploaded before.
    pub action: Option<String>,
    /// The file itself, of an upload for a record; no body can bring it.
    #[serde(skip)]
    pub uploaded: Option<NewFile>,
}

impl RecordRequest {
    /// The update of an upload: `guids` are those of the file that it stands beside or replaces, and its own.
    pub(super) fn of_upload(guids: String, file: NewFile) -> Self {
        let posted = PostedFile {
            guid: Some(guids),
            action: Some("Linked".to_owned()),
            uploaded: Some(file),
            ..PostedFile::default()
        };
        let lists = [("Attachments#Uploading".to_owned(), Some(vec![posted]))];
        Self { attachments_hash: Some(IndexMap::from(lists)), ..Self::default() }
    }
}

impl PostedFile {
    /// The bytes, if the entry brings any.
    pub(super) fn content(&self) -> Option<&[u8]> {
        let content = self.base64.as_ref().or(self.base64_binary.as_ref());
        content.map(|content| content.0.as_slice())
    }

    /// Whether the entry removes a file.
    pub(super) fn is_deleted(&self) -> bool {
        self.deleted.0 == Some(true)
    }
}

/// Bytes given as Base64; a text that is none makes the body unreadable (03 §18.1).
#[derive(Debug, Clone)]
pub(super) struct Content(pub Vec<u8>);

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        decode_base64(&text).map(Self).ok_or_else(|| serde::de::Error::custom("not Base64"))
    }
}

/// One entry of `ImageHash` (03 §17). Absent members differ from null ones.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct PostedImage {
    /// A line feed before the image.
    pub head_new_line: Nullable<bool>,
    /// A line feed behind it.
    pub end_new_line: Nullable<bool>,
    /// Where in the text, in UTF-16 units; null is 0, −1 the end.
    pub position: Nullable<i32>,
    /// The alternative text; null is empty.
    pub alt: Option<String>,
    /// With the dot.
    pub extension: Option<String>,
    /// The image; mandatory.
    pub base64: Option<String>,
}

impl Default for PostedImage {
    fn default() -> Self {
        Self {
            head_new_line: Nullable(Some(false)),
            end_new_line: Nullable(Some(false)),
            position: Nullable(Some(-1)),
            alt: Some("image".to_owned()),
            extension: Some(".png".to_owned()),
            base64: None,
        }
    }
}

/// Base64 as .NET reads it: white space inside is skipped.
pub(super) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    use base64::Engine as _;
    let compact: String = text.chars().filter(|c| !matches!(c, ' ' | '\t' | '\r' | '\n')).collect();
    base64::engine::general_purpose::STANDARD.decode(compact).ok()
}

/// The version from which on extension columns stand in hashes only (01 §8).
const HASHES_ONLY_FROM: Decimal = Decimal::from_parts(11, 0, 0, false, 1);

impl RecordRequest {
    /// The record of a body. `default_version` counts where the body names no `ApiVersion`.
    pub(super) fn read(
        json: &Json<'_>,
        kind: ReferenceType,
        default_version: Decimal,
    ) -> Result<Self, Error> {
        if !matches!(json, Json::Object(_)) {
            return Err(Error::InvalidJsonData);
        }
        let mut request: Self = convert(json)?;
        match kind {
            ReferenceType::Issues => request.issue = convert(json)?,
            ReferenceType::Results => {
                convert::<ResultRequest>(json)?;
            }
            _ => {}
        }
        if request.api_version.as_ref().map_or(default_version, |version| version.0)
            < HASHES_ONLY_FROM
        {
            request.take_flat_members(json)?;
        }
        Ok(request)
    }

    /// Flat members such as `ClassA`, of versions below 1.1: one that is not null wins over its hash (03 §3.4).
    fn take_flat_members(&mut self, json: &Json<'_>) -> Result<(), Error> {
        let mut posted_files = None;
        for (name, value) in json.members().iter().filter(|(_, value)| !matches!(value, Json::Null))
        {
            if let Some(column) = of_posted_files(name) {
                // BUG(03 §3.4): the reference knows one such member only.
                if posted_files.replace((column, value)).is_some() {
                    return Err(Error::InvalidJsonData);
                }
            }
            let Some((name, class)) = flat_column(name) else { continue };
            match class {
                ColumnClass::Class => insert(&mut self.class_hash, name, Some(convert(value)?)),
                ColumnClass::Num => {
                    if let number @ Nullable(Some(_)) = convert(value)? {
                        insert(&mut self.num_hash, name, number);
                    }
                }
                ColumnClass::Date => {
                    if let Nullable(Some(time)) = convert(value)? {
                        insert(&mut self.date_hash, name, time);
                    }
                }
                ColumnClass::Description => {
                    insert(&mut self.description_hash, name, Some(convert(value)?));
                }
                ColumnClass::Check => {
                    if let Nullable(Some(check)) = convert(value)? {
                        insert(&mut self.check_hash, name, check);
                    }
                }
                ColumnClass::Attachments => {
                    let files: String = convert(value)?;
                    let files = lenient::from_str(&files).map_err(|_| Error::InvalidJsonData)?;
                    insert(&mut self.attachments_hash, name, files);
                }
            }
        }
        if let Some((column, files)) = posted_files {
            let files: Vec<PostedFile> = convert(files)?;
            let all = self.attachments_hash.get_or_insert_default();
            all.entry(column).or_default().get_or_insert_default().extend(files);
        }
        Ok(())
    }

    /// Ids of the processes that the body asks for (03 §15.1).
    pub(super) fn processes(&self) -> Vec<i32> {
        match (&self.process_ids, self.process_id.0) {
            (Some(ids), _) => ids.clone(),
            (None, Some(id)) => vec![id],
            (None, None) => Vec::new(),
        }
    }

    /// Every posted file with the column it is for.
    pub(super) fn files(&self) -> impl Iterator<Item = (&str, &PostedFile)> {
        self.attachments_hash.iter().flatten().flat_map(|(column, files)| {
            files.iter().flatten().map(move |file| (column.as_str(), file))
        })
    }
}

fn convert<'de, T: Deserialize<'de>>(json: &'de Json<'de>) -> Result<T, Error> {
    lenient::from_json(json).map_err(|error| {
        tracing::debug!(%error, "a body does not fit its model");
        Error::InvalidJsonData
    })
}

fn insert<V>(hash: &mut Option<IndexMap<String, V>>, name: String, value: V) {
    hash.get_or_insert_default().insert(name, value);
}

/// The column of a flat member, which is found in any case like every member (03 §3).
fn flat_column(member: &str) -> Option<(String, ColumnClass)> {
    let of = |class: ColumnClass| {
        let (prefix, suffix) = member.split_at_checked(class.prefix().len())?;
        prefix.eq_ignore_ascii_case(class.prefix()).then_some(())?;
        let name = format!("{}{}", class.prefix(), suffix.to_ascii_uppercase());
        (ColumnClass::of(&name) == Some(class)).then_some((name, class))
    };
    ColumnClass::ALL.into_iter().find_map(of)
}

/// The attachments column to which `PostedFilesA` to `PostedFilesZ` add files (03 §3.4).
fn of_posted_files(member: &str) -> Option<String> {
    const PREFIX: &str = "PostedFiles";
    let (prefix, letter) = member.split_at_checked(PREFIX.len())?;
    let is_one = matches!(letter.as_bytes(), [letter] if letter.is_ascii_alphabetic());
    (is_one && prefix.eq_ignore_ascii_case(PREFIX))
        .then(|| format!("Attachments{}", letter.to_ascii_uppercase()))
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Number>, D::Error> {
    Number::deserialize(deserializer).map(Some)
}

/// A posted time as the wall clock the digits say, before any conversion of ours (03 §3.3): an offset takes it to the
/// server's zone, a time alone is today's.
pub(super) fn wall_clock(
    time: PostedTime,
    server_zone: chrono_tz::Tz,
    today: NaiveDateTime,
) -> NaiveDateTime {
    match time {
        PostedTime::Local(local) => local,
        PostedTime::Offset(instant) => instant.with_timezone(&server_zone).naive_local(),
        PostedTime::TimeOnly(time) => today.date().and_time(time),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<RecordRequest, Error> {
        let json = lenient::parse(text).unwrap();
        RecordRequest::read(&json, ReferenceType::Issues, "1.1".parse().unwrap())
    }

    #[test]
    fn flat_members_count_below_version_1_1_only() {
        let old = read(r#"{"ApiVersion":1.0,"ClassA":"x","ClassHash":{"ClassA":"y"},"NumA":"5"}"#)
            .unwrap();
        assert_eq!(old.class_hash.unwrap()["ClassA"].as_deref(), Some("x"));
        assert_eq!(old.num_hash.unwrap()["NumA"].0.as_ref().unwrap().0, Decimal::from(5));
        assert!(read(r#"{"ApiVersion":1.1,"ClassA":"x"}"#).unwrap().class_hash.is_none());
        assert!(read(r#"{"ClassA":"x"}"#).unwrap().class_hash.is_none());
    }

    #[test]
    fn flat_members_are_found_in_any_case_and_empty_ones_leave_alone() {
        let old = read(
            r#"{"ApiVersion":1.0,"classa":"x","NUM001":"7","numB":"","CheckA":"","dateA":"",
                "NumHash":{"NumB":5}}"#,
        )
        .unwrap();
        assert_eq!(old.class_hash.unwrap()["ClassA"].as_deref(), Some("x"));
        let numbers = old.num_hash.unwrap();
        assert_eq!(numbers["Num001"].0.as_ref().unwrap().0, Decimal::from(7));
        assert_eq!(numbers["NumB"].0.as_ref().unwrap().0, Decimal::from(5));
        assert!(old.check_hash.is_none() && old.date_hash.is_none());
    }

    #[test]
    fn posted_files_are_added_below_version_1_1() {
        let file = r#"[{"Name":"b","Base64":"Yg=="}]"#;
        let both = format!(
            r#"{{"ApiVersion":1.0,"AttachmentsHash":{{"AttachmentsC":[{{"Name":"a","Base64":"YQ=="}}]}},
                "PostedFilesC":{file}}}"#
        );
        let both = read(&both).unwrap();
        let names: Vec<_> = both.files().map(|(_, file)| file.name.clone().unwrap()).collect();
        assert_eq!(names, ["a", "b"]);
        let newer = read(&format!(r#"{{"ApiVersion":1.1,"PostedFilesC":{file}}}"#)).unwrap();
        assert_eq!(newer.files().count(), 0);
        let two = format!(r#"{{"ApiVersion":1.0,"PostedFilesA":{file},"PostedFilesB":{file}}}"#);
        assert!(read(&two).is_err(), "the reference knows one only");
    }

    #[test]
    fn ids_are_read_for_their_types() {
        assert!(read(r#"{"IssueId":"x"}"#).is_err() && read(r#"{"IssueId":"7"}"#).is_ok());
        assert!(read(r#"{"ItemTitle":[]}"#).is_err() && read(r#"{"ItemTitle":7}"#).is_ok());
        assert!(read(r#"{"ResultId":"x"}"#).is_ok(), "of another table");
    }

    #[test]
    fn one_value_that_does_not_fit_refuses_the_body() {
        for body in [
            r#"{"DateHash":{"DateA":""}}"#,
            r#"{"DateHash":{"DateA":null}}"#,
            r#"{"CheckHash":{"CheckA":null}}"#,
            r#"{"NumHash":{"NumA":"abc"}}"#,
            r#"{"ClassHash":{"ClassD":["100"]}}"#,
            r#"{"Status":100.0}"#,
            r#"{"CompletionTime":"2019/02/30"}"#,
            r#"{"AttachmentsHash":{"AttachmentsA":[{"Base64":"@@@"}]}}"#,
        ] {
            assert!(read(body).is_err(), "{body}");
        }
    }

    #[test]
    fn null_and_empty_scalars_leave_alone() {
        let request =
            read(r#"{"Status":"","Manager":null,"CompletionTime":"","ClassHash":null}"#).unwrap();
        assert_eq!(request.status.0, None);
        assert!(request.issue.completion_time.0.is_none());
    }

    #[test]
    fn an_image_tells_null_from_absent() {
        let request = read(
            r#"{"ImageHash":{"Body":{"Base64":"x"},"Comments":{"Position":null,"Alt":null}}}"#,
        )
        .unwrap();
        let images = request.image_hash.unwrap();
        assert_eq!(
            (images["Body"].position.0, images["Body"].alt.as_deref()),
            (Some(-1), Some("image"))
        );
        assert_eq!(
            (images["Comments"].position.0, images["Comments"].alt.as_deref()),
            (None, None)
        );
    }

    #[test]
    fn process_ids_make_process_id_count_nothing() {
        assert_eq!(read(r#"{"ProcessId":1}"#).unwrap().processes(), [1]);
        assert!(read(r#"{"ProcessId":1,"ProcessIds":[]}"#).unwrap().processes().is_empty());
        assert_eq!(read(r#"{"ProcessId":1,"ProcessIds":["2"]}"#).unwrap().processes(), [2]);
    }
}
