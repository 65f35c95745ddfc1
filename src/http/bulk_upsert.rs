//! `/api/items/{id}/bulkupsert` (04 §2).

use crate::domain::items::{self, Opened};
use crate::domain::{Call, Error};

use super::body::Body;
use super::items::written;
use super::wire::Answer;

/// `POST /api/items/{id}/bulkupsert`: adds or updates many records of the table `id`, or of that of the record `id`.
///
/// Needs no right of its own: each row needs the right to create or to update (QUIRK(04 §2.2)).
pub(super) async fn bulk_upsert(call: Call, body: Body) -> Result<Answer, Error> {
    let Opened::Table(table) = items::open(&call).await? else { return Err(Error::NotFound) };
    items::check_content_type(&call, body.content_type())?;
    Ok(written(&items::bulk_upsert(&call, &table, body.json()).await?))
}
