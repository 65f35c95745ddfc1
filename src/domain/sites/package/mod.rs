//! `copysitepackage` (06 §3.7): copies of sites inside the tenant, with records and permissions if wanted.
//!
//! One transaction, where the reference leaves what came before an error.

mod records;
mod rewrite;

use serde::Deserialize;

use crate::db;
use crate::db::sites::{Copied, SiteCopy, Source};
use crate::domain::items::cut;
use crate::domain::settings::{Document, TableSettings};
use crate::domain::{Call, Error, Limit, limits};
use crate::lenient::{self, Json, Nullable};
use crate::messages::MessageId;
use crate::model::{Rights, SiteId};

use self::rewrite::Copies;
use super::create::may_create_at_top;
use super::reminders;
use super::save::{Searched, linked_sites};
use super::update::can;

/// What came of it; a refusal is an answer too (QUIRK(06 R7)).
pub enum Outcome {
    /// The copies.
    Copied(Vec<Copy>),
    /// Nothing was done, and this says why.
    Refused(MessageId),
}

/// A copied site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy {
    /// The original.
    pub old: i64,
    /// The copy.
    pub new: i64,
    /// The kind of both.
    pub kind: &'static str,
    /// The copy's title.
    pub title: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[expect(clippy::struct_excessive_bools, reason = "the reference's own switches")]
struct Request {
    target_site_id: Nullable<i64>,
    site_title: Option<String>,
    selected_sites: Option<Vec<Selected>>,
    include_site_permission: bool,
    include_record_permission: bool,
    include_column_permission: bool,
    include_notifications: bool,
    include_reminders: bool,
}

#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Selected {
    site_id: i64,
    include_data: bool,
}

/// What else comes along, after the parameters have had their say.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "the reference's own switches")]
struct Included {
    data: bool,
    site_permission: bool,
    record_permission: bool,
    column_permission: bool,
    notifications: bool,
    reminders: bool,
}

impl Included {
    fn of(call: &Call, request: &Request) -> Self {
        let package = &call.services.parameters.site_package;
        let open =
            |on_import: &str, on_export: &str| on_import != "Disabled" && on_export != "Disabled";
        Self {
            data: open(&package.include_data_on_import, &package.include_data_on_export),
            site_permission: request.include_site_permission
                && open(
                    &package.include_site_permission_on_import,
                    &package.include_site_permission_on_export,
                ),
            record_permission: request.include_record_permission
                && open(
                    &package.include_record_permission_on_import,
                    &package.include_record_permission_on_export,
                ),
            column_permission: request.include_column_permission
                && open(
                    &package.include_column_permission_on_import,
                    &package.include_column_permission_on_export,
                ),
            notifications: request.include_notifications
                && open(
                    &package.include_notifications_on_import,
                    &package.include_notifications_on_export,
                ),
            reminders: request.include_reminders
                && open(&package.include_reminders_on_import, &package.include_reminders_on_export),
        }
    }
}

/// Copies the selected sites. The content type is not looked at, and neither is whether the API is closed (01 §4.1, §6).
pub async fn copy(call: &Call, body: &Json<'_>) -> Result<(Outcome, Option<Limit>), Error> {
    let limit = match &call.target {
        Some(target) => limits::count(call, target).await?,
        None => None,
    };
    let request: Request = lenient::from_json(body).map_err(|_| Error::BadRequest)?;
    match run(call, &request).await {
        Ok(copies) => Ok((Outcome::Copied(copies), limit)),
        Err(Stopped::Refused(message)) => Ok((Outcome::Refused(message), limit)),
        Err(Stopped::Failed(error)) => Err(error),
    }
}

/// Why a copy came to nothing.
enum Stopped {
    Refused(MessageId),
    Failed(Error),
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<db::Error> for Stopped {
    fn from(error: db::Error) -> Self {
        Self::Failed(error.into())
    }
}

async fn run(call: &Call, request: &Request) -> Result<Vec<Copy>, Stopped> {
    let services = &call.services;
    let package = &services.parameters.site_package;
    if !package.import {
        return Err(Stopped::Refused(MessageId::InvalidRequest));
    }
    if !package.export {
        return Err(Stopped::Refused(MessageId::FailedReadFile));
    }
    let selected = distinct(request);
    let mut conn = services.owner_db.acquire().await.map_err(db::Error::from)?;
    let target = request.target_site_id.0.unwrap_or_else(|| addressed(call));
    let mut wanted: Vec<i64> = selected.iter().map(|selected| selected.site_id).collect();
    wanted.push(target);
    let mut sources = db::sites::sources(&mut conn, &call.caller, &wanted).await?;
    check_target(call, &mut sources, target)?;
    let included = Included::of(call, request);
    let plan = Plan { call, request, included, selected: &selected, sources: &sources, target };
    plan.check(&mut conn).await?;
    if sources.is_empty() {
        return Ok(Vec::new());
    }
    drop(conn);
    plan.write().await
}

/// The selected sites, each once.
fn distinct(request: &Request) -> Vec<Selected> {
    let mut distinct: Vec<Selected> = Vec::new();
    for selected in request.selected_sites.iter().flatten() {
        if !distinct.iter().any(|known| known.site_id == selected.site_id) {
            distinct.push(*selected);
        }
    }
    distinct
}

/// The site of the URL; 0 is the top level.
fn addressed(call: &Call) -> i64 {
    call.target.as_ref().map_or(0, |target| target.site.id.0)
}

/// The rights on the addressed site and on the target, which leaves the list of sources.
///
/// BUG(06 B9): the reference looks at neither the target nor the sources.
fn check_target(call: &Call, sources: &mut Vec<Source>, target: i64) -> Result<(), Stopped> {
    let refused = || Stopped::Refused(MessageId::InvalidRequest);
    let addressed = match &call.target {
        Some(addressed) => can(&call.access(addressed), addressed, Rights::MANAGE_SITE),
        None => may_create_at_top(call),
    };
    if !addressed {
        return Err(refused());
    }
    if target == 0 {
        return if may_create_at_top(call) { Ok(()) } else { Err(refused()) };
    }
    // Asked for last, so it stands last if it is there.
    let found = sources.pop_if(|source| source.id.0 == target).ok_or_else(refused)?;
    if may_manage(call, &found) { Ok(()) } else { Err(refused()) }
}

fn may_manage(call: &Call, source: &Source) -> bool {
    call.caller.privileged || (!source.locked && source.rights.contains(Rights::MANAGE_SITE))
}

/// A copy that is about to be made.
struct Plan<'a> {
    call: &'a Call,
    request: &'a Request,
    included: Included,
    selected: &'a [Selected],
    /// The selected sites that exist, in their order. One that does not is passed over, where the reference makes an
    /// empty folder of it.
    sources: &'a [Source],
    target: i64,
}

impl Plan<'_> {
    async fn check(&self, conn: &mut sqlx::PgConnection) -> Result<(), Stopped> {
        let refused = |message| Err(Stopped::Refused(message));
        let call = self.call;
        if !self.sources.iter().all(|source| may_manage(call, source)) {
            return refused(MessageId::InvalidRequest);
        }
        let wants_data = self.selected.iter().any(|selected| selected.include_data);
        if wants_data && call.contract.forbidden().intersects(Rights::IMPORT) {
            return refused(MessageId::InvalidRequest);
        }
        if let Some(limit) = call.contract.sites() {
            let sites = db::sites::count(conn, call.caller.tenant.id).await?;
            if sites + i64::try_from(self.sources.len()).unwrap_or(i64::MAX) > limit {
                return refused(MessageId::SitesLimit);
            }
        }
        Ok(())
    }

    async fn write(&self) -> Result<Vec<Copy>, Stopped> {
        let call = self.call;
        let mut transaction = call.services.owner_db.begin().await.map_err(db::Error::from)?;
        let ids: Vec<i64> = self.sources.iter().map(|source| source.id.0).collect();
        let (open, others) = self.sites_with_data();
        let allocated =
            db::sites::allocate(&mut transaction, &call.caller, &ids, &open, &others).await?;
        records::check_limits(call, &allocated).map_err(Stopped::Refused)?;
        let copies: Copies = allocated
            .iter()
            .filter(|one| one.site.is_none())
            .map(|one| (one.old, one.new))
            .collect();
        let made = self.site_copies(&copies).await?;
        let sites: Vec<SiteCopy<'_>> = made.iter().map(|(copy, _)| copy.clone()).collect();
        let (tenant, user) = (call.caller.tenant.id, call.caller.user);
        let creator = call.services.parameters.permissions.manager;
        let with_permissions = self.included.site_permission;
        db::sites::insert_copies(&mut transaction, tenant, user, &sites, with_permissions, creator)
            .await?;
        let all: Vec<Copied> = allocated.iter().filter(|one| one.site.is_some()).copied().collect();
        for (site, settings) in &made {
            let copy = records::Copying { call, site, settings, all: &all };
            copy.run(&mut transaction, self.included.record_permission).await?;
        }
        transaction.commit().await.map_err(db::Error::from)?;
        let copy = |site: &SiteCopy<'_>| Copy {
            old: site.source.id.0,
            new: site.id,
            kind: site.source.kind.name(),
            title: site.title.clone(),
        };
        Ok(sites.iter().map(copy).collect())
    }

    /// The sites whose records are copied: all that may be read, or each by its own rows. Data need the right to export
    /// and are left out in silence without it; the record of a wiki always comes along.
    fn sites_with_data(&self) -> (Vec<i64>, Vec<i64>) {
        let call = self.call;
        let has = |source: &Source, needed: Rights| {
            call.caller.privileged || source.rights.contains(needed)
        };
        let exports = !call.contract.forbidden().intersects(Rights::EXPORT);
        let mut open = Vec::new();
        let mut others = Vec::new();
        for source in self.sources {
            let wanted =
                self.selected.iter().any(|one| one.site_id == source.id.0 && one.include_data);
            let data = source.kind.is_table()
                && self.included.data
                && wanted
                && exports
                && has(source, Rights::EXPORT);
            let is_wiki = source.kind == crate::model::ReferenceType::Wikis;
            match (data || is_wiki, has(source, Rights::READ)) {
                (true, true) => open.push(source.id.0),
                (true, false) => others.push(source.id.0),
                (false, _) => {}
            }
        }
        (open, others)
    }

    async fn site_copies(
        &self,
        copies: &Copies,
    ) -> Result<Vec<(SiteCopy<'_>, TableSettings)>, Error> {
        let mut made = Vec::with_capacity(self.sources.len());
        for source in self.sources {
            if let Some(id) = copies.get(&source.id.0) {
                made.push(self.site_copy(source, *id, copies).await?);
            }
        }
        Ok(made)
    }

    async fn site_copy<'s>(
        &self,
        source: &'s Source,
        id: i64,
        copies: &Copies,
    ) -> Result<(SiteCopy<'s>, TableSettings), Error> {
        let call = self.call;
        let title = self.title(source);
        let document = self.document(source, copies)?;
        let text = call.services.record_settings(call.language(), source.kind, &document);
        let settings = call.services.complete_settings(source.kind, document);
        let searched = Searched {
            call,
            kind: source.kind,
            site: SiteId(id),
            settings: &settings,
            title: &title,
            body: &source.body,
            comments: "",
            creator: call.caller.user,
        };
        let inherit_permission = self.inherit_permission(source, id, copies);
        let copy = SiteCopy {
            source,
            id,
            parent: copies.get(&source.parent.0).copied().unwrap_or(self.target),
            inherit_permission,
            is_own_root: inherit_permission == id,
            settings: text,
            full_text: searched.words().await?,
            links: linked_sites(&settings),
            reminders: reminders::schedule(&settings.reminders, call.user_now()),
            order: order(&source.order, copies),
            title,
        };
        Ok((copy, settings))
    }

    /// The copy of the addressed site may get a title of its own.
    fn title(&self, source: &Source) -> String {
        let new = self.request.site_title.as_deref().filter(|title| !title.is_empty());
        match new.filter(|_| source.id.0 == addressed(self.call)) {
            Some(title) => cut(title, Some(1_024)),
            None => source.title.clone(),
        }
    }

    /// The copy of the root if there is one; who inherits from elsewhere then inherits from the first of the copies.
    fn inherit_permission(&self, source: &Source, id: i64, copies: &Copies) -> i64 {
        let first = self.sources.first().and_then(|first| copies.get(&first.id.0));
        copies.get(&source.inherit_permission.0).or(first).copied().unwrap_or(id)
    }

    fn document(&self, source: &Source, copies: &Copies) -> Result<Document, Error> {
        let stored = Document::read(Some(&source.settings), source.kind);
        let text = self.call.services.record_settings(self.call.language(), source.kind, &stored);
        let json = lenient::parse(&text).map_err(|_| Error::Corrupt("settings that we wrote"))?;
        let json = rewrite::rewrite(&json, copies);
        let mut document: Document =
            lenient::from_json(&json).map_err(|_| Error::Corrupt("settings that we wrote"))?;
        if !self.included.column_permission {
            document.create_column_access_controls.clear();
            document.read_column_access_controls.clear();
            document.update_column_access_controls.clear();
        }
        if !self.included.notifications {
            document.notifications.clear();
        }
        if !self.included.reminders {
            document.reminders.clear();
        }
        Ok(document)
    }
}

/// The order of a folder's children: those that were copied.
fn order(stored: &str, copies: &Copies) -> Option<String> {
    let Ok(Json::Array(ids)) = lenient::parse(stored) else { return None };
    let ids = ids.iter().filter_map(|id| copies.get(&id.as_i64()?));
    Some(format!("[{}]", ids.map(i64::to_string).collect::<Vec<_>>().join(",")))
}
