//! `/api/items/{id}/import` (04 §4).

use crate::domain::items::{self, ImportOptions, Opened};
use crate::domain::{Call, Error};

use super::body::Body;
use super::items::written;
use super::wire::Answer;

/// `POST /api/items/{id}/import`: adds or updates the records of a CSV file in the table `id`.
///
/// Needs the right to import, which includes those to create and to update (04 §4.2). A record does not stand for its
/// table here, as it does in `bulkupsert`.
pub(super) async fn import(call: Call, body: Body) -> Result<Answer, Error> {
    let Opened::Table(table) = items::open(&call).await? else { return Err(Error::BadRequest) };
    if !table.target.is_site() || !is_form(body.content_type()) {
        return Err(Error::BadRequest);
    }
    let options = ImportOptions::read(body.json())?;
    Ok(written(&items::import(&call, &table, &options, body.file.as_deref(), &|_| ()).await?))
}

/// BUG(04 §4.1): the reference crashes on what is no form.
pub(super) fn is_form(content_type: Option<&str>) -> bool {
    let media = content_type.and_then(|value| value.split(';').next()).unwrap_or_default();
    media.trim().eq_ignore_ascii_case("multipart/form-data")
}
