//! `createsite` (06 §3.3).

use super::request::{self, FLAGS, SiteRequest, TEXTS};
use crate::db;
use crate::db::records::NEW_ID;
use crate::db::sites::{NewSite, NewWiki, PermissionRow};
use crate::db::sql::{Bind, Ident};
use crate::domain::items::{Written, check_content_type, comment_text, cut, is_comment};
use crate::domain::settings::Document;
use crate::domain::{Call, Error, Limit, auth};
use crate::lenient::Json;
use crate::messages::{self, MessageId};
use crate::model::{ReferenceType, Rights, Site, SiteId};

/// Adds a site to the folder that the URL addresses, or to the top level when it addresses nothing.
pub async fn create(
    call: &Call,
    body: &Json<'_>,
    content_type: Option<&str>,
    limit: Option<Limit>,
) -> Result<Written, Error> {
    let (request, settings) = SiteRequest::read(body).ok_or(Error::BadRequest)?;
    let settings = settings.ok_or(Error::BadRequest)?;
    check_content_type(call, content_type)?;
    let kind = request.reference_type.as_deref().filter(|name| !name.is_empty()).unwrap_or("Sites");
    let kind = ReferenceType::from_name(kind).ok_or(Error::BadRequest)?;
    check_sites_limit(call).await?;
    let parent = call.target.as_ref().map(|target| &target.site);
    check_right(call, parent, &request).await?;
    let new = New { call, parent, kind, request: &request, settings: &settings };
    let id = new.insert().await?;
    Ok(new.written(id, limit))
}

/// QUIRK(06 §3.3): too many sites are answered with the text about records.
async fn check_sites_limit(call: &Call) -> Result<(), Error> {
    let Some(limit) = call.contract.sites() else { return Ok(()) };
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    let count = db::sites::count(&mut conn, call.caller.tenant.id).await?;
    if count + 1 > limit { Err(Error::ItemsLimit) } else { Ok(()) }
}

/// The right to manage the site whose permissions the new one would inherit; QUIRK(06 §3.3): not the parent's.
async fn check_right(
    call: &Call,
    parent: Option<&Site>,
    request: &SiteRequest,
) -> Result<(), Error> {
    if call.caller.privileged {
        return check_exists(call, request.inherit_permission.0).await;
    }
    let rights = match (request.inherit_permission.0, parent) {
        (None | Some(0), None) => top_level_rights(call),
        (Some(root), _) => rights_on(call, SiteId(root)).await?,
        (None, Some(parent)) => rights_on(call, parent.inherit_permission).await?,
    };
    if rights.contains(Rights::MANAGE_SITE) { Ok(()) } else { Err(Error::HasNotPermission) }
}

/// BUG(06 B8): the reference lets privileged callers inherit from what is not there.
async fn check_exists(call: &Call, site: Option<i64>) -> Result<(), Error> {
    let Some(site) = site.filter(|site| *site != 0) else { return Ok(()) };
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    let tenant = call.caller.tenant.id;
    match db::organisation::permissions_of(&mut conn, tenant, SiteId(site)).await? {
        Some(_) => Ok(()),
        None => Err(Error::HasNotPermission),
    }
}

/// Whether the caller may add sites at the top level.
pub(super) fn may_create_at_top(call: &Call) -> bool {
    call.caller.privileged || top_level_rights(call).contains(Rights::MANAGE_SITE)
}

/// At the top level everybody manages who may create there (06 §2.4).
fn top_level_rights(call: &Call) -> Rights {
    let closed = call.services.parameters.user.disable_top_site_creation;
    let flags = auth::flags(&call.caller.settings);
    let open =
        (!closed || call.caller.allow_creation_at_top_site) && !flags.disable_top_site_creation;
    if call.caller.privileged || open {
        Rights(call.services.parameters.permissions.manager)
    } else {
        Rights::READ
    }
}

/// The caller's rights on a site; those on the addressed one came with the call.
async fn rights_on(call: &Call, site: SiteId) -> Result<Rights, Error> {
    if let Some(target) =
        call.target.as_ref().filter(|target| target.is_site() && target.site.id == site)
    {
        let rights =
            call.access(target).can(Rights::MANAGE_SITE, crate::domain::permissions::Scope::Item);
        return Ok(if rights { Rights::MANAGE_SITE } else { Rights::NONE });
    }
    let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
    Ok(db::sites::rights(&mut conn, &call.caller, site).await?)
}

/// A site that may be added.
struct New<'a> {
    call: &'a Call,
    parent: Option<&'a Site>,
    kind: ReferenceType,
    request: &'a SiteRequest,
    settings: &'a Document,
}

impl New<'_> {
    async fn insert(&self) -> Result<SiteId, Error> {
        let title = cut(self.request.title.as_deref().unwrap_or_default(), Some(1_024));
        let inherit = self.inherit_permission();
        let permissions = self.permissions(inherit);
        let wiki = self.wiki(&title).await?;
        let new = NewSite {
            tenant: self.call.caller.tenant.id,
            user: self.call.caller.user,
            kind: self.kind,
            title: &title,
            parent: self.parent.map_or(SiteId(0), |parent| parent.id),
            inherit_permission: inherit,
            values: self.values(),
            permissions: &permissions,
            touches_permissions: self.request.permissions.is_some(),
            wiki: wiki.as_ref().map(|wiki| NewWiki {
                body: self.request.body.as_deref().filter(|body| !body.is_empty()),
                comments: wiki.comments.as_deref(),
                item_title: &wiki.item_title,
                full_text: wiki.full_text.as_ref().map(|(words, made)| (words.as_slice(), *made)),
            }),
        };
        let mut conn = self.call.services.owner_db.acquire().await.map_err(db::Error::from)?;
        Ok(db::sites::insert(&mut conn, &new).await?)
    }

    /// Whose permissions apply; none is the new site's own (the table of 06 §3.3).
    fn inherit_permission(&self) -> Option<SiteId> {
        let parent_forbids = self.parent.is_some() && self.parent_forbids_inheriting();
        if self.request.permissions.is_some() || parent_forbids {
            return None;
        }
        match self.request.inherit_permission.0 {
            Some(0) => None,
            Some(root) => Some(SiteId(root)),
            None => self.parent.map(|parent| parent.inherit_permission),
        }
    }

    fn parent_forbids_inheriting(&self) -> bool {
        self.call
            .settings
            .as_ref()
            .is_some_and(|settings| settings.not_inherit_permissions_when_creating_site)
    }

    /// The given rows, and one that lets the creator manage a site with rows of its own.
    fn permissions(&self, inherit: Option<SiteId>) -> Vec<PermissionRow> {
        let mut rows = self.request.permission_rows();
        let creator = PermissionRow {
            dept: 0,
            group: 0,
            user: self.call.caller.user.0,
            rights: self.call.services.parameters.permissions.manager,
        };
        if inherit.is_none() && self.request.disable_site_creator_permission.0 != Some(true) {
            request::add(&mut rows, creator);
        }
        rows
    }

    fn values(&self) -> Vec<(Ident, Bind)> {
        let mut values: Vec<(Ident, Bind)> = self.request.values();
        // What the body does not give is empty, not NULL.
        for name in TEXTS.map(Ident::new) {
            if !values.iter().any(|(given, _)| *given == name) {
                values.push((name, Bind::text("")));
            }
        }
        for name in FLAGS.map(Ident::new) {
            if !values.iter().any(|(given, _)| *given == name) {
                values.push((name, Bind::Bool(Some(false))));
            }
        }
        let services = &self.call.services;
        let settings = services.record_settings(self.call.language(), self.kind, self.settings);
        values.push((Ident::new("SiteSettings"), Bind::text(settings)));
        let comments = self.comments().unwrap_or_else(|| "[]".to_owned());
        values.push((Ident::new("Comments"), Bind::text(comments)));
        values
    }

    fn comments(&self) -> Option<String> {
        let text = self.request.comments.as_deref().filter(|text| is_comment(text))?;
        Some(comment_text(self.call, "", text))
    }

    /// The record that a wiki begins with.
    async fn wiki(&self, title: &str) -> Result<Option<Wiki>, Error> {
        if self.kind != ReferenceType::Wikis {
            return Ok(None);
        }
        let item_title =
            if title.is_empty() { messages::no_title(self.call.language()) } else { title }
                .to_owned();
        let indexed = self.call.services.parameters.search.create_indexes;
        let users = self.call.users().await?;
        let body = self.request.body.as_deref().unwrap_or_default();
        let name = users.name(self.call.caller.user.0.into()).unwrap_or_default();
        let comment =
            self.request.comments.as_deref().filter(|text| is_comment(text)).unwrap_or_default();
        let full_text = indexed.then(|| {
            let parts = [title, &NEW_ID.to_string(), &item_title, body, comment, name].join(" ");
            (crate::domain::items::words(&parts), self.call.server_now())
        });
        Ok(Some(Wiki { comments: self.comments(), item_title, full_text }))
    }

    /// QUIRK(06 §3.3): without a title the message names the parent's id.
    fn written(&self, id: SiteId, limit: Option<Limit>) -> Written {
        let title = match self.request.title.as_deref().filter(|title| !title.is_empty()) {
            Some(title) => cut(title, Some(1_024)),
            None => format!("ID: {}", self.call.id),
        };
        // QUIRK(06 §3.1): the whole limit is said to remain.
        let limit = limit.map(|limit| Limit { remaining: limit.per_date, ..limit });
        Written {
            id: id.0,
            message: messages::text(MessageId::Created, self.call.language(), &[title]),
            limit,
        }
    }
}

struct Wiki {
    comments: Option<String>,
    item_title: String,
    full_text: Option<(Vec<String>, chrono::NaiveDateTime)>,
}
