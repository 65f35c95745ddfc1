//! `updatesite` (06 §3.4).

use crate::db;
use crate::db::sites::{PermissionRow, SiteTexts};
use crate::db::sql::{Bind, Ident};
use crate::domain::items::{Written, check_content_type, comment_text, is_comment};
use crate::domain::limits::{self, Limit};
use crate::domain::permissions::{Access, Scope};
use crate::domain::settings::Document;
use crate::domain::{Call, Error};
use crate::lenient::Json;
use crate::model::{ReferenceType, Rights, SiteId, Target};

use super::request::SiteRequest;
use super::save::Save;

/// Changes the site that the URL addresses. QUIRK(06 §3.4): a record's id stands for its table.
pub async fn update(
    call: &Call,
    body: &Json<'_>,
    content_type: Option<&str>,
) -> Result<Written, Error> {
    let target = call.target.as_ref();
    let limit = match target {
        Some(target) => limits::count(call, target).await?,
        None => None,
    };
    check_content_type(call, content_type)?;
    // BUG(06 B2): the reference crashes.
    let (request, settings) = SiteRequest::read(body).ok_or(Error::InvalidJsonData)?;
    let Some(target) = target else { return Err(unknown_site(call)) };
    check(call, target, &request)?;
    let stored = load(call, target, &request).await?;
    let save = change(call, target, &request, settings, stored)?;
    // QUIRK(06 §3.1): the whole limit is said to remain.
    let limit = limit.map(|limit| Limit { remaining: limit.per_date, ..limit });
    Box::pin(save.run(limit)).await
}

/// QUIRK(01 §1.5): 403 where nothing is; the privileged meet the reference's "no error".
pub(super) fn unknown_site(call: &Call) -> Error {
    if call.caller.privileged { Error::NoError } else { Error::HasNotPermission }
}

/// Whether the caller has a right on a site: by its own rows, never by those of a record that was addressed.
pub(super) fn can(access: &Access, target: &Target, needed: Rights) -> bool {
    access.can(needed, if target.is_site() { Scope::Item } else { Scope::Site })
}

fn check(call: &Call, target: &Target, request: &SiteRequest) -> Result<(), Error> {
    let access = call.access(target);
    if !can(&access, target, Rights::MANAGE_SITE) {
        return Err(Error::HasNotPermission);
    }
    let inherit = request.inherit_permission.0;
    let moves = inherit.is_some_and(|site| site != target.site.inherit_permission.0);
    let grants = request.permissions.is_some();
    if (moves || grants) && !can(&access, target, Rights::MANAGE_PERMISSION) {
        return Err(Error::HasNotPermission);
    }
    let rows = request.permission_rows();
    let checked = call.services.parameters.permissions.check_manage_permission;
    let is_empty = request.permissions.as_ref().is_none_or(Vec::is_empty);
    if checked && !is_empty && !rows.iter().any(manages) {
        return Err(Error::NoError);
    }
    // BUG(06 B8): the reference takes any text, and a kind that is known would change what the rows mean.
    let kind = request.reference_type.as_deref().filter(|name| !name.is_empty());
    if kind.is_some_and(|kind| ReferenceType::from_name(kind).is_none()) {
        return Err(Error::BadRequest);
    }
    Ok(())
}

/// Whoever replaces the rows has to leave somebody who can replace them again.
fn manages(row: &PermissionRow) -> bool {
    Rights(row.rights).contains(Rights::MANAGE_SITE | Rights::MANAGE_PERMISSION)
}

async fn load(call: &Call, target: &Target, request: &SiteRequest) -> Result<SiteTexts, Error> {
    let site = &target.site;
    let other = request.inherit_permission.0.map(SiteId).filter(|other| *other != site.id);
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    let stored = db::sites::load(&mut conn, call.caller.tenant.id, site.id, other).await?;
    let stored = stored.ok_or(Error::UpdateConflicts)?;
    // BUG(06 B8): the reference would leave a site that nobody has rights on.
    if stored.other_exists { Ok(stored) } else { Err(Error::BadRequest) }
}

fn change<'a>(
    call: &'a Call,
    target: &'a Target,
    request: &'a SiteRequest,
    settings: Option<Document>,
    stored: SiteTexts,
) -> Result<Save<'a>, Error> {
    let site = &target.site;
    let mut values = request.values();
    let inherit = request.inherit_permission.0.map_or(site.inherit_permission, SiteId);
    if inherit != site.inherit_permission {
        values.push((Ident::new("InheritPermission"), Bind::Long(Some(inherit.0))));
    }
    if let Some(form) = request.form_handle()? {
        values.push((Ident::new("Form"), Bind::text(form)));
    }
    // The old rows always go; the given ones count only for a site with rows of its own (06 §3.4).
    let permissions = request
        .permissions
        .is_some()
        .then(|| if inherit == site.id { request.permission_rows() } else { Vec::new() });
    let comment = request.comments.as_deref().filter(|text| is_comment(text));
    Ok(Save {
        comments: comment.map(|text| comment_text(call, &stored.comments, text)),
        title: request.title.as_deref(),
        body: request.body.as_deref(),
        makes_version: request.ver_up.0 == Some(true),
        call,
        site,
        stored,
        values,
        settings,
        permissions,
    })
}
