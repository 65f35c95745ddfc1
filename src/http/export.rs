//! `/api/items/{id}/export` (04 §5).

use crate::domain::items::{self, Opened};
use crate::domain::{Call, Error};

use super::body::Body;
use super::wire::{self, Answer};

/// `POST /api/items/{id}/export`: the records of the table `id` as a CSV or JSON text.
///
/// Needs the right to export; rows that the caller may not read are left out. A record does not stand for its table
/// here.
pub(super) async fn export(call: Call, body: Body) -> Result<Answer, Error> {
    let Opened::Table(table) = items::open(&call).await? else { return Err(Error::BadRequest) };
    if !table.target.is_site() {
        return Err(Error::BadRequest);
    }
    items::check_content_type(&call, body.content_type())?;
    let export = items::open_export(&call, &table, body.json(), body.common.as_ref())?;
    let mut content = String::new();
    let gather = |text: &str| {
        content.push_str(text);
        Ok(())
    };
    export.write(gather).await?;
    Ok(wire::data(export.limit(), |response| {
        response.field("Name", &export.name()).field("Content", &content);
    }))
}
