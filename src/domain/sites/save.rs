//! Saving a changed site, whatever changed it (06 §3.4, "Statements").

use chrono::NaiveDateTime;

use crate::db::sites::{self, PermissionRow, SiteTexts, Update};
use crate::db::sql::{Bind, Ident};
use crate::db::{self, ColumnInfo};
use crate::domain::items::{Written, breadcrumbs, cut, words};
use crate::domain::settings::{Document, TableSettings};
use crate::domain::{Call, Error, Limit};
use crate::lenient::{self, Json};
use crate::messages::{self, MessageId};
use crate::model::{ReferenceType, Site, SiteId, UserId};

use super::reminders;

/// A change that may be made.
pub(super) struct Save<'a> {
    pub call: &'a Call,
    pub site: &'a Site,
    /// What the database has.
    pub stored: SiteTexts,
    /// Further columns that change.
    pub values: Vec<(Ident, Bind)>,
    pub title: Option<&'a str>,
    pub body: Option<&'a str>,
    /// The comments, if one is added.
    pub comments: Option<String>,
    /// The settings, if they change.
    pub settings: Option<Document>,
    /// The rows that replace the site's own, if its permissions are replaced.
    pub permissions: Option<Vec<PermissionRow>>,
    /// Whether the former version is kept.
    pub makes_version: bool,
}

impl Save<'_> {
    /// Writes it; refused when somebody else changed the site since the call looked at it.
    pub(super) async fn run(mut self, limit: Option<Limit>) -> Result<Written, Error> {
        let call = self.call;
        let services = &call.services;
        let kind = self.site.kind;
        let title =
            self.title.map_or_else(|| self.stored.title.clone(), |title| cut(title, Some(1_024)));
        self.add_values(&title);
        let document = match self.settings.take() {
            Some(document) => {
                let text = services.record_settings(call.language(), kind, &document);
                self.values.push((Ident::new("SiteSettings"), Bind::text(text)));
                document
            }
            None => Document::read(Some(&self.stored.settings), kind),
        };
        let settings = services.complete_settings(kind, document);
        let searched = Searched {
            call,
            kind,
            site: self.site.id,
            settings: &settings,
            title: &title,
            body: self.body.unwrap_or(&self.stored.body),
            comments: self.comments.as_deref().unwrap_or(&self.stored.comments),
            creator: self.stored.creator,
        };
        let change = Update {
            tenant: call.caller.tenant.id,
            site: self.site.id,
            user: call.caller.user,
            read_at: self.site.updated_time,
            version: self.makes_version.then_some(self.site.ver + 1),
            history_columns: &self.history_columns()?,
            values: std::mem::take(&mut self.values),
            title: &title,
            full_text: searched.words().await?,
            links: &linked_sites(&settings),
            reminders: &reminders::schedule(&settings.reminders, call.user_now()),
            permissions: self.permissions.as_deref(),
        };
        let mut conn = services.db.acquire().await.map_err(db::Error::from)?;
        if !sites::update(&mut conn, &change).await? {
            return Err(Error::UpdateConflicts);
        }
        Ok(written(call, self.site.id, MessageId::Updated, &title, limit))
    }

    fn add_values(&mut self, title: &str) {
        if self.title.is_some() {
            self.values.push((Ident::new("Title"), Bind::text(title)));
        }
        if let Some(comments) = &self.comments {
            self.values.push((Ident::new("Comments"), Bind::text(comments.as_str())));
        }
    }

    fn history_columns(&self) -> Result<Vec<Ident>, Error> {
        let table = self.call.services.catalogue.table(ReferenceType::Sites.name());
        let table = table.ok_or(Error::Corrupt("a missing table"))?;
        Ok(table.columns.iter().map(ColumnInfo::ident).collect())
    }
}

/// What the search text of a site is made of.
pub(super) struct Searched<'a> {
    pub call: &'a Call,
    pub kind: ReferenceType,
    pub site: SiteId,
    pub settings: &'a TableSettings,
    pub title: &'a str,
    pub body: &'a str,
    pub comments: &'a str,
    pub creator: UserId,
}

impl Searched<'_> {
    /// The words (08 §15.2): of the editor's columns those that sites have. Wikis have none (08 §15.1).
    pub(super) async fn words(&self) -> Result<Option<(Vec<String>, NaiveDateTime)>, Error> {
        let call = self.call;
        if self.kind == ReferenceType::Wikis || !call.services.parameters.search.create_indexes {
            return Ok(None);
        }
        let users = call.users().await?;
        let name = |user: UserId| users.name(user.0.into()).unwrap_or_default().to_owned();
        let mut parts = Vec::new();
        if self.settings.full_text_include_breadcrumb {
            parts = breadcrumbs(call).await?.titles(self.site);
            // The site itself may be called anew.
            parts.pop();
            parts.push(self.title.to_owned());
        }
        if self.settings.full_text_include_site_id {
            parts.push(self.site.to_string());
        }
        if self.settings.full_text_include_site_title {
            parts.push(self.title.to_owned());
        }
        for column in &self.settings.editor_columns {
            match column.as_str() {
                "SiteId" => parts.push(self.site.to_string()),
                "Title" => parts.push(self.title.to_owned()),
                "Body" => parts.push(self.body.to_owned()),
                "Comments" => parts.extend(comments(self.comments, name)),
                _ => {}
            }
        }
        parts.push(name(self.creator));
        parts.push(name(call.caller.user));
        Ok(Some((words(&parts.join(" ")), call.server_now())))
    }
}

/// The answer; a site without a title is called by the id of the URL.
pub(super) fn written(
    call: &Call,
    site: SiteId,
    message: MessageId,
    title: &str,
    limit: Option<Limit>,
) -> Written {
    let title = if title.is_empty() { format!("ID: {}", call.id) } else { title.to_owned() };
    Written { id: site.0, message: messages::text(message, call.language(), &[title]), limit }
}

/// The sites that the settings link to, each once (06 §1.8).
pub(super) fn linked_sites(settings: &TableSettings) -> Vec<i64> {
    let mut sites = Vec::new();
    for link in settings.links.iter().filter(|link| link.site_id > 0) {
        if !sites.contains(&link.site_id) {
            sites.push(link.site_id);
        }
    }
    sites
}

/// Who and what of every stored comment.
fn comments(stored: &str, name: impl Fn(UserId) -> String) -> Vec<String> {
    let Ok(Json::Array(comments)) = lenient::parse(stored) else { return Vec::new() };
    let mut parts = Vec::new();
    for comment in &comments {
        let creator = comment.member("Creator").and_then(Json::as_i64).unwrap_or_default();
        parts.push(name(UserId(i32::try_from(creator).unwrap_or_default())));
        parts.extend(comment.member("Body").and_then(Json::as_str).map(str::to_owned));
    }
    parts
}
