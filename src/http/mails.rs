//! `POST /api/{reference}/{id}/outgoingmails/send` (08 §12).

use crate::domain::items::check_content_type;
use crate::domain::{Call, Error, mails};

use super::body::Body;
use super::items::written;
use super::wire::Answer;

/// Sends a mail that belongs to the item `id`, whatever `reference` is.
pub(super) async fn send(call: Call, body: Body) -> Result<Answer, Error> {
    check_content_type(&call, body.content_type())?;
    Ok(written(&mails::send(&call, body.json()).await?))
}
