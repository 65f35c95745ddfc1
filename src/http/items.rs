//! `/api/items/{id}/*`: what an action means depends on what the id addresses (03 §1.1, 06 §3.1).

mod get;

pub(super) use get::{get, get_site};

use crate::domain::items::{self, Opened, Written};
use crate::domain::{Call, Error, sites};
use crate::model::ReferenceType;

use super::body::Body;
use super::wire::{self, Answer};

/// `POST /api/items/{id}/create`: adds a record to the table `id`, or to that of the record `id`; a site to a folder.
///
/// An id that is not there is refused before everything else (01 §1.5).
pub(super) async fn create(call: Call, body: Body) -> Result<Answer, Error> {
    if call.target.is_none() {
        return Err(Error::NotFound);
    }
    create_or_create_site(&call, &body).await
}

/// `POST /api/items/{id}/createsite`: as `create`, but an id that is not there is the top level (01 §1.5).
pub(super) async fn create_site(call: Call, body: Body) -> Result<Answer, Error> {
    create_or_create_site(&call, &body).await
}

async fn create_or_create_site(call: &Call, body: &Body) -> Result<Answer, Error> {
    match items::open(call).await? {
        Opened::Table(table) => {
            items::check_content_type(call, body.content_type())?;
            Ok(written(&items::create(call, &table, body.json()).await?))
        }
        Opened::Other(None | Some(ReferenceType::Sites), limit) => {
            Ok(written(&sites::create(call, body.json(), body.content_type(), limit).await?))
        }
        Opened::Other(Some(ReferenceType::Wikis), limit) => {
            items::check_content_type(call, body.content_type())?;
            let wiki = items::wikis::open(call, limit)?;
            Ok(written(&items::wikis::create(call, &wiki, body.json()).await?))
        }
        Opened::Other(..) => Err(Error::NotFound),
    }
}

/// `POST /api/items/{id}/update`: changes the record `id`, or the folder `id`.
///
/// An id that is not there is a folder without rights (01 §1.5).
pub(super) async fn update(call: Call, body: Body) -> Result<Answer, Error> {
    if call.target.as_ref().is_none_or(|target| target.site.kind == ReferenceType::Sites) {
        return Ok(written(&sites::update(&call, body.json(), body.content_type()).await?));
    }
    match items::open(&call).await? {
        Opened::Table(table) => {
            items::check_content_type(&call, body.content_type())?;
            Ok(written(&items::update(&call, &table, body.json()).await?))
        }
        Opened::Other(Some(ReferenceType::Wikis), limit) => {
            items::check_content_type(&call, body.content_type())?;
            let wiki = items::wikis::open(&call, limit)?;
            Ok(written(&items::wikis::update(&call, &wiki, body.json()).await?))
        }
        Opened::Other(..) => Err(Error::NotFound),
    }
}

/// `POST /api/items/{id}/delete`: deletes the record `id`, or the folder `id`; a wiki goes with its record (03 §23).
///
/// An id that is not there is a folder without rights (01 §1.5).
pub(super) async fn delete(call: Call, body: Body) -> Result<Answer, Error> {
    if call.target.as_ref().is_none_or(|target| target.site.kind == ReferenceType::Sites) {
        return Ok(written(&sites::delete(&call, body.content_type()).await?));
    }
    let opened = items::open(&call).await?;
    let table = match opened {
        Opened::Table(table) => table,
        Opened::Other(Some(ReferenceType::Wikis), limit) => items::wikis::open(&call, limit)?,
        Opened::Other(..) => return Err(Error::NotFound),
    };
    items::check_content_type(&call, body.content_type())?;
    Ok(written(&items::delete(&call, &table).await?))
}

/// `POST /api/items/{id}/upsert`: changes the record that the body's keys match, or adds one, in the table `id`.
///
/// Knows tables only: whatever else the id addresses is not found (03 §1.1).
pub(super) async fn upsert(call: Call, body: Body) -> Result<Answer, Error> {
    let Opened::Table(table) = items::open(&call).await? else { return Err(Error::NotFound) };
    items::check_content_type(&call, body.content_type())?;
    Ok(written(&items::upsert(&call, &table, body.json()).await?))
}

pub(super) fn written(written: &Written) -> Answer {
    wire::simple(written.id, 200, written.limit, &written.message)
}
