//! Posted files and images: their shape (03 §4.1 step 4, §5.1 step 3). Storing them follows.

use crate::domain::Error;

use super::request::RecordRequest;

/// On create, every file that is not removed needs a name and a content.
pub fn check_shape_for_create(request: &RecordRequest) -> Result<(), Error> {
    let complete = request.files().all(|(_, file)| {
        file.is_deleted()
            || (file.name.as_deref().is_some_and(|name| !name.is_empty())
                && file.content().is_some())
    });
    if complete { Ok(()) } else { Err(Error::InvalidJsonData) }
}

/// On update, a file may also stand for a stored one by its guid; a content needs a name of some kind.
pub fn check_shape_for_update(request: &RecordRequest) -> Result<(), Error> {
    let complete = request.files().all(|(column, file)| {
        let named = file.name.is_some() || file.file_name.is_some();
        file.is_deleted()
            || file.guid.is_some()
            || (file.content().is_some() && named)
            || (column.ends_with("#Uploading") && file.name.is_some())
    });
    if complete { Ok(()) } else { Err(Error::InvalidJsonData) }
}

/// In a bulk upsert a content needs a name of some kind, and nothing else is asked for (04 §2.1).
pub fn check_named(request: &RecordRequest) -> Result<(), Error> {
    let named = request.files().all(|(_, file)| {
        file.content().is_none() || file.name.is_some() || file.file_name.is_some()
    });
    if named { Ok(()) } else { Err(Error::InvalidJsonData) }
}
