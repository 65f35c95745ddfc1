//! The sites of a package with their new ids (06 §3.7).

use crate::db::sites::{PermissionRow, SiteCopy, Source};
use crate::domain::items::cut;
use crate::domain::settings::{Document, TableSettings};
use crate::domain::{Call, Error};
use crate::lenient::{self, Json};
use crate::model::SiteId;

use super::super::reminders;
use super::super::request::add;
use super::super::save::{Searched, linked_sites};
use super::Included;
use super::rewrite::{Copies, Ids, rewrite};

/// Sites that are about to be made.
pub(super) struct Sites<'a> {
    pub(super) call: &'a Call,
    /// The originals, in their order.
    pub(super) sources: &'a [Source],
    pub(super) ids: Ids<'a>,
    pub(super) included: Included,
    /// Where those go whose own folder does not come along; 0 is the top level.
    pub(super) target: i64,
    /// An original whose copy has a title of its own.
    pub(super) retitled: Option<(i64, &'a str)>,
}

impl<'a> Sites<'a> {
    /// The copies with their settings; `given` has further permission rows of a site.
    pub(super) async fn make(
        &self,
        given: impl Fn(&Source) -> Vec<PermissionRow>,
    ) -> Result<Vec<(SiteCopy<'a>, TableSettings)>, Error> {
        let mut made = Vec::with_capacity(self.sources.len());
        for source in self.sources {
            if let Some(id) = self.ids.sites.get(&source.id.0) {
                made.push(self.copy(source, *id, given(source)).await?);
            }
        }
        Ok(made)
    }

    async fn copy(
        &self,
        source: &'a Source,
        id: i64,
        permissions: Vec<PermissionRow>,
    ) -> Result<(SiteCopy<'a>, TableSettings), Error> {
        let call = self.call;
        let title = self.title(source);
        let document = self.document(source)?;
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
        let inherit_permission = self.inherit_permission(source, id);
        let permissions =
            if inherit_permission == id { self.own_rows(permissions) } else { Vec::new() };
        let copies = self.ids.sites;
        let copy = SiteCopy {
            source,
            id,
            parent: copies.get(&source.parent.0).copied().unwrap_or(self.target),
            inherit_permission,
            permissions,
            settings: text,
            full_text: searched.words().await?,
            links: linked_sites(&settings),
            reminders: reminders::schedule(&settings.reminders, call.user_now()),
            order: order(&source.order, copies),
            title,
        };
        Ok((copy, settings))
    }

    fn title(&self, source: &Source) -> String {
        match self.retitled {
            Some((site, title)) if site == source.id.0 => cut(title, Some(1_024)),
            _ => source.title.clone(),
        }
    }

    /// The rows of a site with rights of its own: its creator gets one too.
    fn own_rows(&self, mut rows: Vec<PermissionRow>) -> Vec<PermissionRow> {
        let rights = self.call.services.parameters.permissions.manager;
        add(&mut rows, PermissionRow { dept: 0, group: 0, user: self.call.caller.user.0, rights });
        rows
    }

    /// The copy of the root if there is one; who inherits from elsewhere then inherits from the first of the copies.
    fn inherit_permission(&self, source: &Source, id: i64) -> i64 {
        let copies = self.ids.sites;
        let first = self.sources.first().and_then(|first| copies.get(&first.id.0));
        copies.get(&source.inherit_permission.0).or(first).copied().unwrap_or(id)
    }

    fn document(&self, source: &Source) -> Result<Document, Error> {
        let stored = Document::read(Some(&source.settings), source.kind);
        let text = self.call.services.record_settings(self.call.language(), source.kind, &stored);
        let json = lenient::parse(&text).map_err(|_| Error::Corrupt("settings that we wrote"))?;
        let json = rewrite(&json, self.ids);
        let mut document: Document =
            lenient::from_json(&json).map_err(|_| Error::Corrupt("settings that we wrote"))?;
        self.included.strip(&mut document);
        Ok(document)
    }
}

/// The order of a folder's children: those that were copied.
fn order(stored: &str, copies: &Copies) -> Option<String> {
    let Ok(Json::Array(ids)) = lenient::parse(stored) else { return None };
    let ids = ids.iter().filter_map(|id| copies.get(&id.as_i64()?));
    Some(format!("[{}]", ids.map(i64::to_string).collect::<Vec<_>>().join(",")))
}
