//! Wikis: sites with one record, which has a title, a body, comments and a lock (03 §23).

use crate::domain::settings::TableSettings;
use crate::domain::{Call, Error, Limit};
use crate::lenient::Json;
use crate::model::ReferenceType;

use super::create::{Write as Creation, apply_files, check, check_items_limit};
use super::files::Files;
use super::logic::Applied;
use super::posted::Posting;
use super::record::Record;
use super::request::RecordRequest;
use super::update::{Write as Change, apply_files as apply_to_stored, check as check_change};
use super::{Table, Written, load};

/// The wiki that a call addresses, or whose record it addresses.
pub fn open(call: &Call, limit: Option<Limit>) -> Result<Table<'_>, Error> {
    let target = call.target.as_ref().ok_or(Error::NotFound)?;
    let settings = call.settings.as_ref().ok_or(Error::Corrupt("a site without settings"))?;
    let columns = call.services.catalogue.table(ReferenceType::Wikis.name());
    let columns = columns.ok_or(Error::Corrupt("a missing table"))?;
    Ok(Table { target, settings, columns, access: call.access(target), limit })
}

/// Adds a record to a wiki. QUIRK(03 §23): a second one, since the site has one from its beginning.
///
/// Default inputs do not count here.
pub async fn create(call: &Call, table: &Table<'_>, body: &Json<'_>) -> Result<Written, Error> {
    check_items_limit(call, table).await?;
    let request = read(call, table.settings, body);
    let mut record = Record::new(table.settings);
    let mut files = Ok(Files::default());
    if let Ok(request) = &request {
        let users = call.users().await?;
        let posting = Posting { call, users: &users };
        posting.apply(&mut record, request);
        files = apply_files(&posting, &mut record, request).await;
    }
    let files = check(call, table, &record, request.as_ref().ok(), files).await?;
    check_no_columns(&request?)?;
    let applied = Applied::default();
    let write = Creation { call, table, record: &record, files: &files, applied: &applied };
    write.run(None).await?.ok_or(Error::Corrupt("a record that exists without a condition"))
}

/// Changes the record of a wiki, and with it the title of the site.
pub async fn update(call: &Call, table: &Table<'_>, body: &Json<'_>) -> Result<Written, Error> {
    let mut record = load::by_id(call, table, call.id).await?.ok_or(Error::NotFound)?;
    let stored = record.stored.clone().ok_or(Error::NotFound)?;
    let mut request = read(call, table.settings, body);
    if let Ok(request) = &mut request {
        // Accepted, without any right, and without effect (03 §23).
        request.record_permissions = None;
    }
    let mut files = Ok(Files::default());
    if let Ok(request) = &request {
        let users = call.users().await?;
        let posting = Posting { call, users: &users };
        posting.apply(&mut record, request);
        files = apply_to_stored(&posting, &mut record, request).await;
    }
    let files = check_change(call, table, &record, &stored, request.as_ref().ok(), files).await?;
    check_no_columns(&request?)?;
    let write = Change {
        call,
        table,
        record: &record,
        stored: &stored,
        files: &files,
        permissions: None,
        applied: &Applied::default(),
    };
    write.run().await
}

fn read(call: &Call, settings: &TableSettings, body: &Json<'_>) -> Result<RecordRequest, Error> {
    RecordRequest::read(body, settings.kind, call.services.parameters.api.version)
}

/// The table has no extension columns: a value for one refuses the call, where the reference crashes (BUG(03 §23)).
fn check_no_columns(request: &RecordRequest) -> Result<(), Error> {
    let any = [
        request.class_hash.as_ref().is_some_and(|hash| !hash.is_empty()),
        request.num_hash.as_ref().is_some_and(|hash| !hash.is_empty()),
        request.date_hash.as_ref().is_some_and(|hash| !hash.is_empty()),
        request.description_hash.as_ref().is_some_and(|hash| !hash.is_empty()),
        request.check_hash.as_ref().is_some_and(|hash| !hash.is_empty()),
        request.attachments_hash.as_ref().is_some_and(|hash| !hash.is_empty()),
    ];
    if any.contains(&true) { Err(Error::BadRequest) } else { Ok(()) }
}
