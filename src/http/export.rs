//! `/api/items/{id}/export` (04 §5).

use crate::domain::items::{self, Opened};
use crate::domain::{Call, Error};

use super::body::Body;
use super::wire::Answer;

/// `POST /api/items/{id}/export`: the records of the table `id` as a CSV or JSON text.
pub(super) async fn export(call: Call, body: Body) -> Result<Answer, Error> {
    let Opened::Table(_) = items::open(&call).await? else { return Err(Error::BadRequest) };
    let _ = body;
    Err(Error::NotBuilt("export"))
}
