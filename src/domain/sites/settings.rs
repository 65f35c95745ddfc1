//! `updatesitesettings` (06 §3.5).

use crate::db;
use crate::domain::items::{Written, check_content_type};
use crate::domain::settings::Document;
use crate::domain::settings::enums::AutoVerUpType;
use crate::domain::settings::merge::{self, Subjects};
use crate::domain::{Call, Error, limits};
use crate::lenient::Json;
use crate::model::Rights;

use super::save::Save;
use super::update::can;

/// Changes lists of the settings of the site that the URL addresses, element by element; all of it or nothing.
pub async fn update_settings(
    call: &Call,
    body: &Json<'_>,
    content_type: Option<&str>,
) -> Result<Written, Error> {
    let target = call.target.as_ref().ok_or(Error::NotFound)?;
    let limit = limits::count(call, target).await?;
    check_content_type(call, content_type)?;
    if !matches!(body, Json::Object(_)) {
        return Err(Error::InvalidJsonData);
    }
    if !can(&call.access(target), target, Rights::MANAGE_SITE) {
        return Err(Error::HasNotPermission);
    }
    let site = &target.site;
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    let stored = db::sites::load(&mut conn, call.caller.tenant.id, site.id, None).await?;
    let stored = stored.ok_or(Error::UpdateConflicts)?;
    let mut document = Document::read(Some(&stored.settings), site.kind);
    // QUIRK(06 R12): whatever is wrong with the lists is "not found".
    let subjects = merge::merge(&mut document, body, site.kind).map_err(|_| Error::NotFound)?;
    check_subjects(call, &mut conn, &subjects).await?;
    drop(conn);
    let save = Save {
        makes_version: document.auto_ver_up_type == AutoVerUpType::Always,
        call,
        site,
        stored,
        values: Vec::new(),
        title: None,
        body: None,
        comments: None,
        settings: Some(document),
        permissions: None,
    };
    Box::pin(save.run(limit)).await
}

/// Every list of subjects has to name as many that exist as it has entries, so a repeated one is refused too.
async fn check_subjects(
    call: &Call,
    conn: &mut sqlx::PgConnection,
    subjects: &[Subjects],
) -> Result<(), Error> {
    let all = |of: fn(&Subjects) -> &Option<Vec<i32>>| -> Vec<i32> {
        subjects.iter().filter_map(|one| of(one).as_ref()).flatten().copied().collect()
    };
    let (users, groups, depts) =
        (all(|one| &one.users), all(|one| &one.groups), all(|one| &one.depts));
    if users.is_empty() && groups.is_empty() && depts.is_empty() {
        return Ok(());
    }
    let found = db::sites::subjects(conn, call.caller.tenant.id, &users, &groups, &depts).await?;
    let exist = |given: &Option<Vec<i32>>, found: &[i32]| {
        given.as_ref().is_none_or(|given| {
            let distinct = found.iter().filter(|id| given.contains(id)).count();
            distinct == given.len()
        })
    };
    let known = subjects.iter().all(|one| {
        exist(&one.users, &found.users)
            && exist(&one.groups, &found.groups)
            && exist(&one.depts, &found.depts)
    });
    if known { Ok(()) } else { Err(Error::NotFound) }
}
