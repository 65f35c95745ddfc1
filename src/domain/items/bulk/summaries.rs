//! `synchronizesummaries` (04 §6): what all records of a table add up to in their parents, computed on demand.

use crate::db;
use crate::domain::items::{Table, Written, logic, scripts};
use crate::domain::permissions::Scope;
use crate::domain::scripts::Moment;
use crate::domain::settings::document::Summary;
use crate::domain::{Call, Error, auth};
use crate::lenient::{self, Json};
use crate::messages::{self, MessageId};
use crate::model::Rights;

use super::lock::TaskLock;

/// Computes the summaries that the body names, in its order, of the table that the URL addresses.
///
/// BUG(04 §11 no. 16): the reference lets in callers to whom the API is closed. BUG(04 §11 no. 31): it fails on an id
/// that no summary has, where the table has links; here such ids are passed over.
pub async fn synchronize_summaries(call: &Call, body: &Json<'_>) -> Result<Written, Error> {
    let ids = ids(body)?;
    // An id that is not there is a site without rights.
    let target = call.target.as_ref().ok_or(Error::HasNotPermission)?;
    let mut lock = TaskLock::take(call, target.site.id, "SynchronizeSummariesByApi").await?;
    let done = run(call, &ids, &mut lock).await;
    lock.release().await;
    let message = messages::template(done?, call.language()).to_owned();
    Ok(Written { id: target.site.id.0, message, limit: None })
}

fn ids(body: &Json<'_>) -> Result<Vec<i32>, Error> {
    match body.member("SummaryId") {
        None | Some(Json::Null) => Err(Error::BadRequest),
        Some(ids) => lenient::from_json(ids).map_err(|_| Error::BadRequest),
    }
}

async fn run(call: &Call, ids: &[i32], lock: &mut TaskLock<'_>) -> Result<MessageId, Error> {
    let (Some(target), Some(settings)) = (&call.target, &call.settings) else {
        return Err(Error::HasNotPermission);
    };
    let access = call.access(target);
    let scope = if target.is_site() { Scope::Item } else { Scope::Site };
    if !access.can(Rights::MANAGE_SITE, scope) {
        return Err(Error::HasNotPermission);
    }
    auth::check_api_open(call)?;
    // QUIRK(04 §6.1): that there is nothing to be done is no error.
    if ids.is_empty() {
        return Ok(MessageId::SelectTargets);
    }
    let kind = target.site.kind;
    let columns = call.services.catalogue.table(kind.name()).filter(|_| kind.is_table());
    // What holds no records has nothing that adds up.
    let Some(columns) = columns else { return Ok(MessageId::SynchronizationCompleted) };
    let table = Table { target, settings, columns, access, limit: None };
    scripts::run_without_record(call, &table, Moment::WhenloadingSiteSettings).await?;
    let named = |id: &i32| settings.summaries.iter().find(|summary| summary.id == *id);
    for summary in ids.iter().filter_map(named) {
        lock.refresh().await?;
        synchronize_each(call, &table, std::iter::once(summary)).await?;
    }
    Ok(MessageId::SynchronizationCompleted)
}

/// One transaction for each summary, as the reference does one after another: nobody waits for the locks of all.
pub(super) async fn synchronize_each(
    call: &Call,
    table: &Table<'_>,
    summaries: impl Iterator<Item = &Summary>,
) -> Result<(), Error> {
    for summary in summaries {
        let mut transaction = call.services.owner_db.begin().await.map_err(db::Error::from)?;
        let summary = std::iter::once(summary);
        let parents = logic::synchronize(call, table, summary, &mut transaction).await?;
        transaction.commit().await.map_err(db::Error::from)?;
        parents.update_scripted(call, table).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_numbers_is_needed_even_if_it_is_empty() {
        let read = |text: &str| ids(&lenient::parse(text).unwrap()).ok();
        assert_eq!(read(r#"{"SummaryId":[2,"1"]}"#), Some(vec![2, 1]));
        assert_eq!(read(r#"{"SummaryId":[]}"#), Some(vec![]));
        for body in
            ["{}", "[]", r#"{"SummaryId":null}"#, r#"{"SummaryId":1}"#, r#"{"SummaryId":["x"]}"#]
        {
            assert_eq!(read(body), None, "{body}");
        }
    }
}
