//! `/api/items/{id}/bulkdelete` (04 §3).

use crate::domain::items::{self, Opened};
use crate::domain::{Call, Error};

use super::body::Body;
use super::items::written;
use super::wire::Answer;

/// `POST /api/items/{id}/bulkdelete`: deletes many records of the table `id`, or of that of the record `id`.
///
/// Needs the right to delete, or for good that to manage the site.
pub(super) async fn bulk_delete(call: Call, body: Body) -> Result<Answer, Error> {
    let Opened::Table(table) = items::open(&call).await? else { return Err(Error::NotFound) };
    items::check_content_type(&call, body.content_type())?;
    Ok(written(&items::bulk_delete(&call, &table, body.json()).await?))
}
