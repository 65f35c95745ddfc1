//! Extensions: SQL, scripts and styles that operators keep in the table `Extensions` (07 §3).
//!
//! Nothing that is done here takes effect before the server starts again, as in the reference.

mod columns;
mod request;
mod settings;

use crate::db;
use crate::db::extensions::{self, EXTENSION, Extension, Values};
use crate::db::sql::{Bind, Ident, Predicate};
use crate::domain::items::{comment_text, is_comment};
use crate::domain::view::{Reader, Rows};
use crate::lenient::Json;
use crate::messages::{self, MessageId};

use super::items::check_content_type;
use super::{Call, Common, Error, auth};

use self::request::Request;

const TABLE: &str = "Extensions";
const ID: &str = "ExtensionId";

/// What was written, for the answer.
#[derive(Debug, Clone)]
pub struct Written {
    /// Its id.
    pub id: i64,
    /// The message's text.
    pub message: String,
}

/// All rows of the caller's tenant that a view lists, or the one that the URL names if it does; there are no pages.
pub async fn get(
    call: &Call,
    body: &Json<'_>,
    content_type: Option<&str>,
) -> Result<Vec<Extension>, Error> {
    check(call, content_type)?;
    auth::check_api_open(call)?;
    let common = Common::read(body).map_err(|_| Error::BadRequest)?.unwrap_or_default();
    let view = common.view.unwrap_or_default();
    let info = call.services.catalogue.table(TABLE);
    let rows = Rows {
        reader: Reader::of(call),
        columns: columns::all().iter().map(|column| (column.name.as_str(), column)).collect(),
        info: info.ok_or(Error::Corrupt("the table of extensions is missing"))?,
        source: EXTENSION,
        id_column: ID,
        use_negative_filters: call.services.settings_defaults().use_negative_filters,
    };
    let mut parts = rows.conditions(&view)?;
    if call.id > 0 {
        // The reference fails when a view filters by the id of the route too.
        if view.column_filter_hash.contains_key(ID) {
            return Err(Error::BadRequest);
        }
        let id = Ident::new(ID).of(&EXTENSION);
        parts.push(Predicate::Equal(id, Bind::Long(Some(call.id))));
    }
    let order = rows.order(&view)?;
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    let tenant = call.caller.tenant.id;
    Ok(extensions::list(&mut conn, tenant, &Predicate::All(parts), &order).await?)
}

/// Adds a row.
pub async fn create(
    call: &Call,
    body: &Json<'_>,
    content_type: Option<&str>,
) -> Result<Written, Error> {
    check(call, content_type)?;
    auth::check_api_open(call)?;
    let request = Request::read(body)?;
    settings::check(request.kind(), request.settings.as_deref())?;
    let values = Values {
        tenant: call.caller.tenant.id.0,
        kind: request.kind().to_owned(),
        name: request.name().to_owned(),
        settings: request.settings.unwrap_or_default(),
        body: request.body,
        description: request.description,
        disabled: request.disabled,
        comments: request
            .comment
            .filter(|text| is_comment(text))
            .map(|text| comment_text(call, "", &text)),
    };
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    let id = extensions::insert(&mut conn, call.caller.user, &values).await?;
    Ok(written(call, id, MessageId::Created, &values.name))
}

/// Replaces a row, of whichever tenant.
///
/// QUIRK(07 §3.5): what is not sent of type, name, text and `Disabled` is emptied; the rest is kept. There is no version.
pub async fn update(
    call: &Call,
    body: &Json<'_>,
    content_type: Option<&str>,
) -> Result<Written, Error> {
    check(call, content_type)?;
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    let row = find(call, &mut conn).await?;
    auth::check_api_open(call)?;
    let request = Request::read(body)?;
    settings::check(request.kind(), request.settings.as_deref())?;
    let stored = row.comments.as_deref().unwrap_or_default();
    let comment = request.comment.as_deref().filter(|text| is_comment(text));
    let values = Values {
        tenant: request.tenant.unwrap_or(row.tenant),
        kind: request.kind().to_owned(),
        name: request.name().to_owned(),
        comments: comment
            .map(|text| comment_text(call, stored, text))
            .or_else(|| row.comments.clone()),
        settings: request.settings.unwrap_or_else(|| row.settings.clone()),
        body: Some(request.body.unwrap_or_default()),
        description: request.description.or_else(|| row.description.clone()),
        disabled: request.disabled,
    };
    if !extensions::update(&mut conn, &row, call.caller.user, &values).await? {
        return Err(Error::UpdateConflicts);
    }
    Ok(written(call, row.id, MessageId::Updated, &values.name))
}

/// Deletes a row, of whichever tenant.
pub async fn delete(
    call: &Call,
    body: &Json<'_>,
    content_type: Option<&str>,
) -> Result<Written, Error> {
    check(call, content_type)?;
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    let row = find(call, &mut conn).await?;
    auth::check_api_open(call)?;
    Request::read(body)?;
    if !extensions::delete(&mut conn, row.id, call.caller.user).await? {
        return Err(Error::NotFound);
    }
    Ok(written(call, row.id, MessageId::Deleted, &row.name))
}

/// The gates of all of them (07 §3.2). An installation of ours has no licence that would close them.
fn check(call: &Call, content_type: Option<&str>) -> Result<(), Error> {
    if !call.caller.tenant.allow_extensions_api {
        return Err(Error::HasNotPermission);
    }
    if !call.caller.privileged {
        return Err(Error::Unauthorized);
    }
    check_content_type(call, content_type)
}

async fn find(call: &Call, conn: &mut sqlx::PgConnection) -> Result<Extension, Error> {
    let id = i32::try_from(call.id).map_err(|_| Error::NotFound)?;
    extensions::find(conn, id).await?.ok_or(Error::NotFound)
}

fn written(call: &Call, id: i32, message: MessageId, name: &str) -> Written {
    let message = messages::text(message, call.language(), &[name.to_owned()]);
    Written { id: id.into(), message }
}
