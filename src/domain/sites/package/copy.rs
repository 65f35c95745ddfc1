//! `copysitepackage` (06 §3.7): copies of sites inside the tenant, with records and permissions if wanted.
//!
//! One transaction, where the reference leaves what came before an error.

use serde::Deserialize;

use crate::db;
use crate::db::sites::{Copied, OriginalRows, SiteCopy, Source};
use crate::domain::{Call, Error, Limit, limits};
use crate::lenient::{self, Json, Nullable};
use crate::messages::MessageId;
use crate::model::Rights;

use super::super::create::may_create_at_top;
use super::super::update::can;
use super::rewrite::{Copies, Ids, Reach};
use super::sites::Sites;
use super::subjects::Subjects;
use super::{Copy, Included, check_sites_limit, may_manage, records};

/// What came of it; a refusal is an answer too (QUIRK(06 R7)).
pub enum Outcome {
    /// The copies.
    Copied(Vec<Copy>),
    /// Nothing was done, and this says why.
    Refused(MessageId),
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

/// What is wanted, as far as the parameters allow it (06 §3.7).
fn included(call: &Call, request: &Request) -> Included {
    let wanted = Included {
        data: true,
        site_permission: request.include_site_permission,
        record_permission: request.include_record_permission,
        column_permission: request.include_column_permission,
        notifications: request.include_notifications,
        reminders: request.include_reminders,
    };
    let package = &call.services.parameters.site_package;
    wanted.allowed_on_import(package).allowed_on_export(package)
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
    let subjects = Subjects::existing(call, &mut conn, &sources).await?;
    let included = included(call, request);
    let takes_all_users = !(included.site_permission || included.record_permission)
        || db::sites::takes_all_users(&mut conn, call.caller.tenant.id).await?;
    let plan = Plan {
        call,
        request,
        included,
        selected: &selected,
        sources: &sources,
        subjects: &subjects,
        takes_all_users,
        target,
    };
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

/// A copy that is about to be made.
struct Plan<'a> {
    call: &'a Call,
    request: &'a Request,
    included: Included,
    selected: &'a [Selected],
    /// The selected sites that exist, in their order. One that does not is passed over, where the reference makes an
    /// empty folder of it.
    sources: &'a [Source],
    subjects: &'a Subjects,
    takes_all_users: bool,
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
        if check_sites_limit(call, conn, self.sources.len()).await? {
            Ok(())
        } else {
            refused(MessageId::SitesLimit)
        }
    }

    /// The ids come first: what settings and search texts need is looked up before the transaction has its connection.
    async fn write(&self) -> Result<Vec<Copy>, Stopped> {
        let call = self.call;
        let pool = &call.services.owner_db;
        let ids: Vec<i64> = self.sources.iter().map(|source| source.id.0).collect();
        let (open, others) = self.sites_with_data();
        let mut conn = pool.acquire().await.map_err(db::Error::from)?;
        let allocated = db::sites::allocate(&mut conn, &call.caller, &ids, &open, &others).await?;
        drop(conn);
        records::check_limits(call, &allocated).map_err(Stopped::Refused)?;
        let copies: Copies = allocated
            .iter()
            .filter(|one| one.site.is_none())
            .map(|one| (one.old, one.new))
            .collect();
        let made = self.sites(&copies).make(|_| Vec::new()).await?;
        let sites: Vec<SiteCopy<'_>> = made.iter().map(|(copy, _)| copy.clone()).collect();
        let mut transaction = pool.begin().await.map_err(db::Error::from)?;
        let (tenant, user) = (call.caller.tenant.id, call.caller.user);
        let rows = self.rows(self.included.site_permission);
        db::sites::insert_copies(&mut transaction, tenant, user, &sites, rows).await?;
        let all: Vec<Copied> = allocated.iter().filter(|one| one.site.is_some()).copied().collect();
        for (site, settings) in &made {
            let copy = records::Copying { call, site, settings, all: &all };
            copy.run(&mut transaction, self.rows(self.included.record_permission)).await?;
        }
        transaction.commit().await.map_err(db::Error::from)?;
        Ok(sites.iter().map(Copy::of).collect())
    }

    const fn rows(&self, wanted: bool) -> OriginalRows {
        match (wanted, self.takes_all_users) {
            (true, true) => OriginalRows::All,
            (true, false) => OriginalRows::Named,
            (false, _) => OriginalRows::None,
        }
    }

    fn sites<'s>(&'s self, copies: &'s Copies) -> Sites<'s> {
        // QUIRK(06 §3.7): reminders decide about the subjects of column access controls.
        let reach = if self.included.reminders { Reach::AccessControls } else { Reach::Logic };
        let title = self.request.site_title.as_deref().filter(|title| !title.is_empty());
        Sites {
            call: self.call,
            sources: self.sources,
            ids: Ids { sites: copies, subjects: self.subjects, reach },
            included: self.included,
            target: self.target,
            retitled: title.map(|title| (addressed(self.call), title)),
        }
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
}
