//! `bulkdelete` (04 §3): what a view and a selection have in common, moved to the trash or removed for good.

use std::borrow::Cow;

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::db::records::{self, BulkDelete, BulkDeleted, ListQuery, RECORD, Selection};
use crate::db::sql::Ident;
use crate::db::{self, saved_views};
use crate::domain::items::{Table, Written, hooks, logic, scripts};
use crate::domain::named_sql;
use crate::domain::permissions::Scope;
use crate::domain::scripts::{Moment, find as find_script};
use crate::domain::settings::document::View;
use crate::domain::settings::enums::SaveViewType;
use crate::domain::view::{self, Compiler, Reader};
use crate::domain::{Call, Error, auth};
use crate::lenient::{self, Json, Number};
use crate::messages::{self, MessageId};
use crate::model::{Rights, UserId};

use super::cascade::cascade;
use super::lock::TaskLock;

/// Deletes the records that the body names, with the checks in the reference's order (04 §3.4, §3.7).
///
/// QUIRK(04 §1.3): the id of a record in the URL stands for its whole table.
pub async fn bulk_delete(
    call: &Call,
    table: &Table<'_>,
    body: &Json<'_>,
) -> Result<Written, Error> {
    let physical = is_physical(body);
    let number = bulk_delete_count(call, table, body).await?.to_string();
    let site = &table.target.site;
    let (message, arguments) = if physical {
        (MessageId::PhysicalBulkDeleted, vec![number])
    } else {
        (MessageId::BulkDeleted, vec![site.title.clone(), number])
    };
    let message = messages::text(message, call.language(), &arguments);
    if !physical && !is_set(body, "DryRun")? {
        Box::pin(logic::notify_of_bulk(call, table, logic::Bulk::Delete, &message)).await?;
    }
    Ok(Written { id: site.id.0, message, limit: table.limit })
}

/// As [`bulk_delete`]; only how many were deleted.
pub async fn bulk_delete_count(
    call: &Call,
    table: &Table<'_>,
    body: &Json<'_>,
) -> Result<i64, Error> {
    let physical = is_physical(body);
    check_allowed(call, table, physical)?;
    let request = Request::read(body)?;
    if request.dry_run {
        let query = query(call, table, &request, physical).await?;
        let delete = deletion(call, table, &query, &request.selection, physical);
        return Ok(i64::try_from(choose(call, &delete).await?.len()).unwrap_or(i64::MAX));
    }
    let lock = if physical {
        None
    } else {
        Some(TaskLock::take(call, table.target.site.id, "BulkDeleteByApi").await?)
    };
    let deleted = if request.atomic {
        delete_whole(call, table, &request, physical).await
    } else {
        delete(call, table, &request, physical).await
    };
    if let Some(lock) = lock {
        lock.release().await;
    }
    deleted
}

fn is_physical(body: &Json<'_>) -> bool {
    // Any other value, null included, is read as "not physical" (04 §3.1).
    let physical = body.member("PhysicalDelete").and_then(|value| lenient::from_json(value).ok());
    physical.unwrap_or(false)
}

/// The right to delete, or for good that to manage the site, neither of which the other implies.
///
/// BUG(04 §3.4): the reference lets in callers to whom the API is closed.
fn check_allowed(call: &Call, table: &Table<'_>, physical: bool) -> Result<(), Error> {
    if physical && !call.services.parameters.deleted.physical_delete {
        return Err(Error::BadRequest);
    }
    auth::check_api_open(call)?;
    // QUIRK(04 §3.4): 403 even to callers who may not read, and for a locked table.
    if table.access.can(right(physical), Scope::Item) {
        Ok(())
    } else {
        Err(Error::HasNotPermission)
    }
}

const fn right(physical: bool) -> Rights {
    if physical { Rights::MANAGE_SITE } else { Rights::DELETE }
}

/// What the body names (04 §3.2), and our own members (docs/extensions.md).
struct Request {
    selection: Selection,
    view: Option<View>,
    /// Whether linked records go in the same transaction.
    atomic: bool,
    /// Whether nothing is deleted at all.
    dry_run: bool,
}

impl Request {
    fn read(body: &Json<'_>) -> Result<Self, Error> {
        let all = match body.member("All") {
            Some(all) => lenient::from_json(all).map_err(|_| Error::BadRequest)?,
            None => false,
        };
        let view: Option<View> = match body.member("View") {
            Some(view) => lenient::from_json(view).map_err(|_| Error::BadRequest)?,
            None => None,
        };
        let ids = ids(body.member("Selected")).ok_or(Error::BadRequest)?;
        let selection = match (all, ids.is_empty()) {
            (true, false) => Selection::Except(ids),
            (false, false) => Selection::Only(ids),
            (true, true) => Selection::All,
            (false, true) if view.is_some() => Selection::All,
            (false, true) => return Err(Error::BadRequest),
        };
        let (atomic, dry_run) = (is_set(body, "Atomic")?, is_set(body, "DryRun")?);
        Ok(Self { selection, view, atomic, dry_run })
    }
}

/// A member of ours: what is neither true nor false is refused, since a guess could write.
pub(super) fn is_set(body: &Json<'_>, name: &str) -> Result<bool, Error> {
    body.member(name).map_or(Ok(false), lenient::from_json).map_err(|_| Error::BadRequest)
}

/// `Selected`; nothing when an element is no number.
fn ids(selected: Option<&Json<'_>>) -> Option<Vec<i64>> {
    match selected {
        None | Some(Json::Null) => Some(Vec::new()),
        Some(Json::Array(ids)) => ids.iter().map(id).collect(),
        Some(_) => None,
    }
}

/// A fraction is rounded, half to even, as .NET converts it.
fn id(json: &Json<'_>) -> Option<i64> {
    match json {
        Json::Float(_) => {
            let number: Decimal = lenient::from_json::<Number>(json).ok()?.into();
            number.round_dp_with_strategy(0, RoundingStrategy::MidpointNearestEven).to_i64()
        }
        json => lenient::from_json(json).ok(),
    }
}

/// As [`delete`], with linked records in the same transaction as the others.
async fn delete_whole(
    call: &Call,
    table: &Table<'_>,
    request: &Request,
    physical: bool,
) -> Result<i64, Error> {
    let (whole, call) = call.begin_whole().await?;
    let done = Box::pin(delete(&call, table, request, physical)).await;
    whole.end(done, true).await
}

async fn delete(
    call: &Call,
    table: &Table<'_>,
    request: &Request,
    physical: bool,
) -> Result<i64, Error> {
    let query = query(call, table, request, physical).await?;
    let delete = deletion(call, table, &query, &request.selection, physical);
    if !physical && has_scripts(call, table) {
        // A locked record refuses the call before any script has had its say (04 §3.4, steps 5 and 6).
        choose(call, &delete).await?;
        scripts::run_without_record(call, table, Moment::BeforeBulkDelete).await?;
    }
    let number = match around(call, table, &delete).await? {
        BulkDeleted::HasDependents => {
            let ids = choose(call, &delete).await?;
            cascade(call, table, &ids).await?;
            // Those whose children are gone, and no other that has come meanwhile.
            let selection = Selection::Only(ids);
            let delete = BulkDelete { selection: &selection, cascaded: true, ..delete };
            number(call, around(call, table, &delete).await?).await?
        }
        deleted => number(call, deleted).await?,
    };
    if !physical {
        scripts::run_without_record(call, table, Moment::AfterBulkDelete).await?;
    }
    Ok(number)
}

/// Whether scripts run before the delete.
fn has_scripts(call: &Call, table: &Table<'_>) -> bool {
    let (site, settings) = (table.target.site.id, table.settings);
    find_script(call, site, settings, Moment::BeforeBulkDelete).is_some()
}

/// How many were deleted, or the locked record that kept them all.
async fn number(call: &Call, deleted: BulkDeleted) -> Result<i64, Error> {
    match deleted {
        BulkDeleted::Done(number) => Ok(number),
        BulkDeleted::HasDependents => Err(Error::Corrupt("records that are gone already")),
        BulkDeleted::Locked { id, user, time } => {
            Err(Error::LockedRecord { id, user: name(call, user).await?, time: call.to_user(time) })
        }
    }
}

/// The ids of what would be deleted; an error where a locked one stands in the way.
async fn choose(call: &Call, delete: &BulkDelete<'_>) -> Result<Vec<i64>, Error> {
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    let chosen = records::choose(&mut conn, delete).await?;
    drop(conn);
    match chosen.locked {
        Some(locked) => number(call, locked).await.map(|_| Vec::new()),
        None => Ok(chosen.ids),
    }
}

/// What the statement has to know.
pub(super) fn deletion<'a>(
    call: &Call,
    table: &'a Table<'_>,
    query: &'a ListQuery,
    selection: &'a Selection,
    physical: bool,
) -> BulkDelete<'a> {
    BulkDelete {
        tenant: call.caller.tenant.id,
        kind: table.settings.kind,
        table: table.columns,
        site: table.target.site.id,
        user: call.caller.user,
        query,
        selection,
        physical,
        keeps_images: !table.settings.delete_image_when_deleting,
        cascaded: false,
    }
}

/// One statement, or one transaction with what belongs to it: named SQL before and after, unless rows go for good, and
/// the summaries that follow from it.
pub(super) async fn around(
    call: &Call,
    table: &Table<'_>,
    delete: &BulkDelete<'_>,
) -> Result<BulkDeleted, Error> {
    let catalogue = &call.services.catalogue;
    let (before, after) = hooks::around_bulk_delete(call, table);
    let hooked = !(delete.physical || before.is_empty() && after.is_empty());
    let summed = !table.settings.summaries.is_empty();
    if !hooked && !summed {
        let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
        return Ok(records::bulk_delete(&mut conn, catalogue, delete).await?);
    }
    let mut transaction = call.services.owner_db.begin().await.map_err(db::Error::from)?;
    if hooked {
        before.run(&mut transaction).await?;
    }
    let deleted = records::bulk_delete(&mut transaction, catalogue, delete).await?;
    let BulkDeleted::Done(number) = deleted else { return Ok(deleted) };
    if hooked {
        after.run(&mut transaction).await?;
    }
    let mut parents = logic::Parents::default();
    if summed && number > 0 {
        let summaries = table.settings.summaries.iter();
        parents = logic::synchronize(call, table, summaries, &mut transaction).await?;
    }
    transaction.commit().await.map_err(db::Error::from)?;
    parents.update_scripted(call, table).await?;
    Ok(deleted)
}

async fn name(call: &Call, user: UserId) -> Result<String, Error> {
    let users = call.users().await?;
    Ok(users.name(user.0.into()).unwrap_or_default().to_owned())
}

/// Conditions of the view in effect: rows that the caller may read (04 §3.3).
///
/// BUG(04 §3.4): at the id of a record the rights on that record alone would empty the table. Then only what the caller
/// may delete by its own rights goes (docs/decisions/0008).
async fn query(
    call: &Call,
    table: &Table<'_>,
    request: &Request,
    physical: bool,
) -> Result<ListQuery, Error> {
    let view = match &request.view {
        Some(view) => Some(Cow::Borrowed(view)),
        None => screen_view(call, table).await?,
    };
    let view = match scripts::viewed(call, table, view.as_deref()).await? {
        Some(changed) => Some(Cow::Owned(*changed)),
        None => view,
    };
    let right = right(physical);
    let on_site = table.access.can(right, Scope::Site);
    let needed = if on_site { Rights::READ } else { Rights::READ | right };
    let view = view.as_deref();
    let mut query = compiled(call, table, view, needed, false).await?;
    let kind = table.settings.kind;
    let (own_id, subject) = (Ident::id_of(kind).of(&RECORD), hooks::subject(table, None));
    query.predicate = named_sql::seen(call, kind, &own_id, subject, view, query.predicate);
    Ok(query)
}

/// The conditions of a view on the records that the caller has these rights on. `unasked` are they also given of a
/// table that wants to be asked for something.
pub(super) async fn compiled(
    call: &Call,
    table: &Table<'_>,
    view: Option<&View>,
    needed: Rights,
    unasked: bool,
) -> Result<ListQuery, Error> {
    let site = &table.target.site;
    let links = view::load_links(call, site, table.settings, view, &[]).await?;
    let compiler = Compiler {
        reader: Reader::of(call),
        table: table.settings,
        columns: table.columns,
        site,
        access: table.access,
        needed,
        record: None,
        links: &links,
        joins: true,
    };
    if unasked { compiler.compile_all(view) } else { compiler.compile(view) }
}

/// QUIRK(04 §3.2): without a view, that of the caller's screen counts: the saved one, else the table's default.
async fn screen_view<'t>(
    call: &Call,
    table: &'t Table<'_>,
) -> Result<Option<Cow<'t, View>>, Error> {
    if table.settings.save_view_type == SaveViewType::User {
        let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
        let saved = saved_views::find(&mut conn, call.caller.user, table.target.site.id).await?;
        if let Some(view) = saved.and_then(|text| lenient::from_str(&text).ok()) {
            return Ok(Some(Cow::Owned(view)));
        }
    }
    Ok(view::default_view(table.settings, &call.caller).map(Cow::Borrowed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(Selection, bool)> {
        let json = lenient::parse(text).unwrap();
        let request = Request::read(&json).ok()?;
        Some((request.selection, request.view.is_some()))
    }

    #[test]
    fn all_inverts_what_is_selected() {
        let only = |ids: &[i64]| Selection::Only(ids.to_vec());
        assert_eq!(read(r#"{"Selected":[1,"2","03"]}"#), Some((only(&[1, 2, 3]), false)));
        assert_eq!(
            read(r#"{"Selected":[1],"All":true}"#),
            Some((Selection::Except(vec![1]), false))
        );
        assert_eq!(read(r#"{"All":true,"Selected":null}"#), Some((Selection::All, false)));
        assert_eq!(read(r#"{"View":{}}"#), Some((Selection::All, true)));
        assert_eq!(read(r#"{"Selected":[1.5,2.5]}"#), Some((only(&[2, 2]), false)));
    }

    #[test]
    fn nothing_selected_and_what_cannot_be_read_is_refused() {
        for body in [
            "{}",
            r#"{"Selected":[]}"#,
            r#"{"All":false}"#,
            r#"{"View":null}"#,
            r#"{"Selected":[""]}"#,
            r#"{"Selected":["1x"]}"#,
            r#"{"Selected":1}"#,
            r#"{"All":null,"Selected":[1]}"#,
            r#"{"All":"no","Selected":[1]}"#,
        ] {
            assert_eq!(read(body), None, "{body}");
        }
    }
}
