//! `/api/users/*`, `/api/depts/*`, `/api/groups/*` (08 §3–§6, §8, §9): they differ by the table only.

use crate::domain::{Call, Error};
use crate::domain::{items, organisation};
use crate::model::OrganisationTable;

use super::body::Body;
use super::wire::{self, Answer};

/// `POST /api/{table}/get` and `/api/{table}/{id}/get`: rows of the caller's tenant. Everybody may.
pub(super) async fn get(call: Call, body: Body, table: OrganisationTable) -> Result<Answer, Error> {
    items::check_content_type(&call, body.content_type())?;
    let page = organisation::get(&call, table, body.json()).await?;
    if page.has_key_values() {
        return Ok(wire::key_values(|o| page.write(o)));
    }
    Ok(wire::data(None, |o| page.write(o)))
}

/// `POST /api/{table}/create`: adds a row.
pub(super) async fn create(
    call: Call,
    body: Body,
    table: OrganisationTable,
) -> Result<Answer, Error> {
    items::check_content_type(&call, body.content_type())?;
    let written = organisation::create(&call, table, body.json()).await?;
    Ok(wire::simple(written.id, 200, None, &written.message))
}

/// `POST /api/{table}/{id}/update`: changes a row.
pub(super) async fn update(
    call: Call,
    body: Body,
    table: OrganisationTable,
) -> Result<Answer, Error> {
    items::check_content_type(&call, body.content_type())?;
    let written = organisation::update(&call, table, body.json()).await?;
    Ok(wire::simple(written.id, 200, None, &written.message))
}

/// `POST /api/{table}/{id}/delete`: deletes a row.
pub(super) async fn delete(
    call: Call,
    body: Body,
    table: OrganisationTable,
) -> Result<Answer, Error> {
    items::check_content_type(&call, body.content_type())?;
    let written = organisation::delete(&call, table, body.json()).await?;
    Ok(wire::simple(written.id, 200, None, &written.message))
}

/// `POST /api/{table}/import`: adds or changes the rows of a CSV file.
pub(super) async fn import(
    call: Call,
    body: Body,
    table: OrganisationTable,
) -> Result<Answer, Error> {
    // BUG(08 §7): the reference crashes on what is no form.
    if !super::import::is_form(body.content_type()) {
        return Err(Error::BadRequest);
    }
    let file = body.file.as_deref();
    let imported = organisation::import(&call, table, body.json(), file).await?;
    Ok(wire::simple(0, 200, imported.limit, &imported.message))
}
