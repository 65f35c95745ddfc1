//! `import` of users, departments and groups (08 §7, §8.3, §9.7).
//!
//! Every row is read and checked before the first is written; then each is a transaction of its own.

mod groups;
mod rows;
mod sheet;

use serde::Deserialize;

use super::{rights, write};
use crate::db;
use crate::domain::csv::{self, Records};
use crate::domain::{Call, Error, Limit, Unimportable, auth, limits};
use crate::lenient::{self, Json};
use crate::messages::{self, MessageId};
use crate::model::OrganisationTable::{self, Groups};
use crate::model::{Rights, SiteId};

use self::sheet::Sheet;

/// What was imported, for the answer.
#[derive(Debug)]
pub struct Imported {
    /// The message's text.
    pub message: String,
    /// What the answer says of the limit of calls.
    pub limit: Option<Limit>,
}

/// What a call says of its file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Options {
    encoding: Option<String>,
    replace_all_group_members: bool,
}

/// Imports a file, with the checks in the reference's order.
pub async fn import(
    call: &Call,
    table: OrganisationTable,
    body: &Json<'_>,
    file: Option<&[u8]>,
) -> Result<Imported, Error> {
    let options: Options = lenient::from_json(body).map_err(|_| Error::InvalidJsonData)?;
    if call.contract.forbidden().intersects(Rights::IMPORT) {
        return Err(Unimportable::Restricted.into());
    }
    auth::check_api_open(call)?;
    write::check_profiles_shown(call)?;
    rights::check_import(call, table)?;
    let text = csv::decode(file.ok_or(Unimportable::FailedReadFile)?, options.encoding.as_deref());
    let mut records = Records::of(&text);
    let labels = records.next().transpose()?.unwrap_or_default();
    let rows = records.collect::<Result<Vec<_>, _>>()?;
    check_number(call, rows.len()).await?;
    let sheet = Sheet::of(call, table, &labels, rows).await?;
    let (id, arguments) = if table == Groups {
        let counts = groups::run(call, &sheet, options.replace_all_group_members).await?;
        (MessageId::GroupImported, counts.map(|count| count.to_string()).to_vec())
    } else {
        let counts = rows::run(call, table, &sheet).await?;
        (MessageId::Imported, counts.map(|count| count.to_string()).to_vec())
    };
    // QUIRK(08 §7): these tables have no title, so that the message begins with a colon.
    let arguments: Vec<String> = std::iter::once(String::new()).chain(arguments).collect();
    let message = messages::text(id, call.language(), &arguments);
    Ok(Imported { message, limit: limits::uncounted(call) })
}

async fn check_number(call: &Call, rows: usize) -> Result<(), Error> {
    let max = call.services.parameters.general.import_max;
    if usize::try_from(max).is_ok_and(|max| max > 0 && rows > max) {
        return Err(Error::ImportMax { max });
    }
    if let Some(limit) = call.contract.items() {
        let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
        let count = db::items::count_records(&mut conn, SiteId(0)).await?;
        if i64::try_from(rows).is_ok_and(|rows| count + rows > limit) {
            return Err(Error::ItemsLimit);
        }
    }
    if rows == 0 { Err(Unimportable::FileNotFound.into()) } else { Ok(()) }
}
