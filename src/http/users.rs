//! `/api/users/*`.

use crate::domain::{Call, Error, users};

use super::body::Body;
use super::wire::{self, Answer};

/// `POST /api/users/create`: adds a user to the caller's tenant. Needs a tenant manager (08 §4).
pub async fn create(call: Call, body: Body) -> Result<Answer, Error> {
    let written = users::create(&call, body.json()).await?;
    Ok(wire::simple(written.id, 200, None, &written.message))
}
