//! `POST /api/backgroundtasks/…` (08 §13).

use crate::domain::items::rebuild_search_texts;
use crate::domain::{Call, Error};
use crate::messages::{self, MessageId};

use super::body::Body;
use super::wire::{self, Answer};

/// Makes the search texts of a site anew, or without an id those of the items that wait for it.
pub(super) async fn rebuild_search_indexes(call: Call, _: Body) -> Result<Answer, Error> {
    if !call.services.parameters.background_task.enabled {
        return Err(Error::HasNotPermission);
    }
    rebuild_search_texts(&call).await?;
    let text = messages::template(MessageId::RebuildingCompleted, call.language());
    Ok(wire::simple(call.id, 200, None, text))
}
