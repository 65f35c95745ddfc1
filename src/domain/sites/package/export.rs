//! Sites into a file: those that are named and everything below them.

use std::collections::HashMap;

use crate::db;
use crate::db::sites::{Granted, Node, Source, SubjectNames, WantedNames, WikiRecord};
use crate::domain::items::{self, Opened};
use crate::domain::settings::{Column, Document, Subject, TableSettings};
use crate::domain::{Call, Common, Error, auth};
use crate::json::{self, Object, Raw};
use crate::lenient;
use crate::model::{ColumnClass, ReferenceType, SiteId};

use super::super::read::GUIDES;
use super::subjects::{Kind, Named};
use super::{Included, PackageError, may_manage};

/// Writes the file, piece by piece; `key` is that of who makes the call, and tells whose rights count in each table.
/// `progress` is told of tables and wikis that are done.
pub async fn export<F>(
    call: &Call,
    key: &Common,
    wanted: &[i64],
    included: Included,
    progress: &(dyn Fn(usize) + Sync),
    mut out: F,
) -> Result<(), PackageError>
where
    F: FnMut(&str) -> Result<(), Error> + Send,
{
    let package = &call.services.parameters.site_package;
    if !package.export {
        return Err(PackageError::Refused("SitePackage.json does not allow exports".to_owned()));
    }
    let included = included.allowed_on_export(package);
    let export = Export::load(call, key, wanted, included).await?;
    let limit = usize::try_from(package.export_limit).unwrap_or_default();
    if limit > 0 && export.sources.len() > limit {
        let text = format!("{} sites are more than ExportLimit allows", export.sources.len());
        return Err(PackageError::Refused(text));
    }
    out(&export.head())?;
    export.data(progress, &mut out).await?;
    out(&export.tail())?;
    Ok(())
}

/// What a file is made of, but for records.
struct Export<'a> {
    call: &'a Call,
    key: &'a Common,
    included: Included,
    sources: Vec<Source>,
    /// Their settings as text, in the same order.
    settings: Vec<String>,
    granted: Vec<Granted>,
    wikis: Vec<WikiRecord>,
    names: SubjectNames,
}

impl<'a> Export<'a> {
    async fn load(
        call: &'a Call,
        key: &'a Common,
        wanted: &[i64],
        included: Included,
    ) -> Result<Self, PackageError> {
        let tenant = call.caller.tenant.id;
        let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
        let nodes = db::sites::nodes(&mut conn, &call.caller, &[]).await?;
        let ids = with_children(&nodes, wanted)?;
        let sources = db::sites::sources(&mut conn, &call.caller, &ids).await?;
        if let Some(closed) = sources.iter().find(|source| !may_manage(call, source)) {
            let text = format!("site {}: the right to manage it is missing", closed.id);
            return Err(PackageError::Refused(text));
        }
        let with_rights = if included.site_permission { ids.as_slice() } else { &[] };
        let with_records = if included.record_permission && included.data { &ids[..] } else { &[] };
        let granted = db::sites::granted(&mut conn, tenant, with_rights, with_records).await?;
        let wikis = db::sites::wiki_records(&mut conn, &ids).await?;
        let mut export = Self {
            call,
            key,
            included,
            settings: sources.iter().map(|source| settings(call, source, included)).collect(),
            sources,
            granted,
            wikis,
            names: SubjectNames::default(),
        };
        let names = export.wanted_names();
        export.names = db::sites::subject_names(&mut conn, tenant, &names).await?;
        Ok(export)
    }

    /// Of whom settings and rights speak; values of records may speak of everybody.
    fn wanted_names(&self) -> WantedNames {
        let mut named = Named::default();
        for json in self.settings.iter().filter_map(|settings| lenient::parse(settings).ok()) {
            named.add(&json);
        }
        for Granted { row, .. } in &self.granted {
            named.add_one(Kind::Dept, row.dept);
            named.add_one(Kind::Group, row.group);
            named.add_one(Kind::User, row.user);
        }
        let (depts, groups, users) = named.lists();
        let in_records = |subject: Subject| {
            let tables = self.sources.iter().filter(|source| self.has_data(source));
            let mut tables = tables
                .zip(&self.settings)
                .map(|(source, settings)| self.call.services.read_settings(source.kind, settings));
            tables.any(|table| table.columns.iter().any(|column| column.subject == subject))
        };
        let records = self.included.data;
        WantedNames {
            depts: (!in_records(Subject::Dept)).then_some(depts),
            groups: (!in_records(Subject::Group)).then_some(groups),
            users: (!records).then_some(users),
        }
    }

    fn has_data(&self, source: &Source) -> bool {
        self.included.data && source.kind.is_table()
    }

    /// `HeaderInfo` and `Sites`, and the beginning of `Data`.
    fn head(&self) -> String {
        let mut text = json::object(|o| {
            o.object("HeaderInfo", |o| self.header_info(o)).array("Sites", |sites| {
                for (source, settings) in self.sources.iter().zip(&self.settings) {
                    sites.object(|o| self.site(o, source, settings));
                }
            });
        });
        text.pop();
        text.push_str(",\"Data\":[");
        text
    }

    fn header_info(&self, o: &mut Object<'_>) {
        let first = self.sources.first().map_or(0, |source| source.id.0);
        o.field("AssemblyVersion", env!("CARGO_PKG_VERSION")).field("BaseSiteId", &first);
        o.field("Server", "").field("CreatorName", &self.call.caller.login_id);
        o.field("PackageTime", &self.call.server_now()).array("Convertors", |convertors| {
            for source in &self.sources {
                convertors.object(|o| {
                    o.field("SiteId", &source.id.0).field("SiteTitle", &source.title);
                    o.field("ReferenceType", source.kind.name());
                    o.field("IncludeData", &self.has_data(source));
                    o.optional("Order", Some(&source.order).filter(|order| !order.is_empty()));
                });
            }
        });
        let included = self.included;
        o.field("IncludeSitePermission", &included.site_permission);
        o.field("IncludeRecordPermission", &included.record_permission);
        o.field("IncludeColumnPermission", &included.column_permission);
        o.field("IncludeNotifications", &included.notifications);
        o.field("IncludeReminders", &included.reminders);
    }

    fn site(&self, o: &mut Object<'_>, source: &Source, settings: &str) {
        o.field("TenantId", &self.call.caller.tenant.id.0).field("SiteId", &source.id.0);
        o.field("Title", &source.title).field("Body", &source.body);
        o.field("SiteName", &source.name).field("SiteGroupName", &source.group_name);
        for (name, guide) in GUIDES.iter().zip(&source.guides) {
            o.field(name, guide.as_deref().unwrap_or_default());
        }
        o.field("ReferenceType", source.kind.name()).field("ParentId", &source.parent.0);
        o.field("InheritPermission", &source.inherit_permission.0);
        o.field("SiteSettings", &Raw(settings)).field("Publish", &source.publish);
        o.field("DisableCrossSearch", &source.disable_cross_search);
    }

    /// The elements of `Data`.
    async fn data<F>(
        &self,
        progress: &(dyn Fn(usize) + Sync),
        out: &mut F,
    ) -> Result<(), PackageError>
    where
        F: FnMut(&str) -> Result<(), Error> + Send,
    {
        let mut done = 0;
        for (source, settings) in self.sources.iter().zip(&self.settings) {
            if self.has_data(source) {
                out(if done > 0 { "," } else { "" })?;
                self.table(source, settings, out)
                    .await
                    .map_err(|error| PackageError::Site { site: source.id.0, error })?;
            } else if source.kind == ReferenceType::Wikis {
                out(if done > 0 { "," } else { "" })?;
                out(&self.wiki(source))?;
            } else {
                continue;
            }
            done += 1;
            progress(done);
        }
        Ok(())
    }

    /// The records of a table, as an export of the API has them.
    async fn table<F>(&self, source: &Source, settings: &str, out: &mut F) -> Result<(), Error>
    where
        F: FnMut(&str) -> Result<(), Error> + Send,
    {
        let services = &self.call.services;
        let call = auth::identify(services, self.key, source.id.0, None).await?;
        let call = call.ok_or(Error::Unauthorized)?.routed("items", "export");
        let table = match items::open(&call).await? {
            Opened::Table(table) if table.target.is_site() => table,
            _ => return Err(Error::NotFound),
        };
        let settings = services.read_settings(source.kind, settings);
        let columns: Vec<&Column> = settings.columns.iter().filter(|c| is_exported(c)).collect();
        let body = json::object(|o| {
            o.object("Export", |o| {
                o.field("Type", &1).field("Header", &false).array("Columns", |array| {
                    for column in &columns {
                        array.object(|o| {
                            o.field("ColumnName", &column.name);
                        });
                    }
                });
            });
        });
        let body = lenient::parse(&body).map_err(|_| Error::Corrupt("a body that we wrote"))?;
        let export = items::open_export(&call, &table, &body, Some(self.key))?;
        out(&self.table_head(source, &columns, &settings))?;
        let mut begins = true;
        let write = export.write(|text| {
            let opened = if begins { text.strip_prefix('{') } else { None };
            begins = begins && text.is_empty();
            out(opened.unwrap_or(text))
        });
        Box::pin(write).await
    }

    /// An object without its end: whose records, and what their columns are called.
    fn table_head(&self, source: &Source, columns: &[&Column], table: &TableSettings) -> String {
        let language = self.call.language().code();
        let mut head = json::object(|o| {
            o.field("SiteId", &source.id.0).array("Header", |header| {
                for name in std::iter::once(table.kind.id_column())
                    .chain(columns.iter().map(|column| column.name.as_str()))
                {
                    let label = table.column(name).map_or(name, |column| column.label(language));
                    header.object(|o| {
                        o.field("ColumnName", name).field("LabelText", label);
                    });
                }
            });
        });
        head.pop();
        head.push(',');
        head
    }

    fn wiki(&self, source: &Source) -> String {
        json::object(|o| {
            o.field("SiteId", &source.id.0).array("Body", |body| {
                for wiki in self.wikis.iter().filter(|wiki| wiki.site == source.id.0) {
                    body.object(|o| {
                        o.field("SiteId", &wiki.site).field("WikiId", &wiki.id);
                        o.field("Title", &wiki.title).field("Body", &wiki.body);
                        o.field("Comments", &wiki.comments);
                    });
                }
            });
        })
    }

    /// The end of `Data`, `Permissions` and `PermissionIdList`.
    fn tail(&self) -> String {
        let mut rows: HashMap<i64, Vec<&Granted>> = HashMap::new();
        for granted in &self.granted {
            rows.entry(granted.site).or_default().push(granted);
        }
        let with_rows = self.sources.iter().filter_map(|source| {
            let site = source.id.0;
            Some((site, rows.get(&site)?))
        });
        let tail = json::object(|o| {
            o.array("Permissions", |permissions| {
                for (site, rows) in with_rows {
                    permissions.object(|o| {
                        o.field("SiteId", &site).array("Permissions", |array| {
                            for row in rows {
                                array.object(|o| permission(o, row));
                            }
                        });
                    });
                }
            });
            o.object("PermissionIdList", |o| {
                named(o, "DeptIdList", ["DeptId", "DeptCode"], &self.names.depts);
                named(o, "GroupIdList", ["GroupId", "GroupName"], &self.names.groups);
                named(o, "UserIdList", ["UserId", "LoginId"], &self.names.users);
            });
        });
        // The parts before it have opened the object.
        format!("],{}", tail.strip_prefix('{').unwrap_or(&tail))
    }
}

fn permission(o: &mut Object<'_>, granted: &Granted) {
    let row = &granted.row;
    o.field("ReferenceId", &granted.reference).field("DeptId", &row.dept);
    o.field("GroupId", &row.group).field("UserId", &row.user);
    o.field("PermissionType", &row.rights);
}

fn named(o: &mut Object<'_>, list: &str, [id, name]: [&str; 2], all: &[(i32, String)]) {
    o.array(list, |array| {
        for (number, text) in all {
            array.object(|o| {
                o.field(id, number).field(name, text);
            });
        }
    });
}

/// Values of records; files stay where they are.
fn is_exported(column: &Column) -> bool {
    items::is_value(column) && column.class() != Some(ColumnClass::Attachments)
}

/// The settings without what does not come along.
fn settings(call: &Call, source: &Source, included: Included) -> String {
    let mut document = Document::read(Some(&source.settings), source.kind);
    included.strip(&mut document);
    call.services.record_settings(call.language(), source.kind, &document)
}

/// The wanted sites, each with everything below it: folders before what they hold, no site twice.
fn with_children(nodes: &[Node], wanted: &[i64]) -> Result<Vec<i64>, PackageError> {
    let mut children: HashMap<SiteId, Vec<SiteId>> = HashMap::new();
    for node in nodes {
        children.entry(node.parent).or_default().push(node.id);
    }
    let mut ids: Vec<i64> = Vec::new();
    for site in wanted {
        if !nodes.iter().any(|node| node.id.0 == *site) {
            return Err(PackageError::Refused(format!("there is no site {site}")));
        }
        let mut open = vec![SiteId(*site)];
        while let Some(next) = open.pop() {
            if ids.contains(&next.0) {
                continue;
            }
            ids.push(next.0);
            open.extend(children.get(&next).into_iter().flatten().rev());
        }
    }
    Ok(ids)
}
