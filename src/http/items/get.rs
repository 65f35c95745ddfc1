//! Reading: `get`, `getsite` (05 §1, §6).

use crate::domain::items::{self, read};
use crate::domain::{Call, Error, Limit, sites};
use crate::http::body::Body;
use crate::http::wire::{self, Answer};

/// `POST /api/items/{id}/get`: the records of the table `id`, the record `id`, or the folder `id` itself.
///
/// Needs the right to read, on the site or the record. An id that is not there counts as a folder (05 §1.3).
pub(crate) async fn get(call: Call, body: Body) -> Result<Answer, Error> {
    match read::open(&call).await? {
        read::Opened::Records(table) => {
            items::check_content_type(&call, body.content_type())?;
            read::page(&call, &table, body.common.as_ref(), |page| {
                wire::data(page.limit(), |response| page.write(response))
            })
            .await
        }
        read::Opened::Dashboard => Err(Error::NotFound),
        read::Opened::Site(limit) => site(&call, &body, limit).await,
    }
}

/// `POST /api/items/{id}/getsite`: the record of the site `id`, whatever it holds.
///
/// QUIRK(05 §6): any permission will do, the right to read is not asked for.
pub(crate) async fn get_site(call: Call, body: Body) -> Result<Answer, Error> {
    let limit = read::count(&call).await?;
    site(&call, &body, limit).await
}

async fn site(call: &Call, body: &Body, limit: Option<Limit>) -> Result<Answer, Error> {
    items::check_content_type(call, body.content_type())?;
    let site = sites::read(call, body.common.is_some()).await?;
    Ok(wire::data(limit, |response| {
        response.object("Data", |data| site.write(data));
    }))
}
