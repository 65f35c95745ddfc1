//! Sites out of a file.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};

use crate::db;
use crate::db::records::{self, Added, Batch};
use crate::db::sites::{Copied, Granted, OriginalRows, PermissionRow, SiteCopy, Source};
use crate::domain::items::{Packaged, Translation};
use crate::domain::settings::{Subject, TableSettings};
use crate::domain::{Call, Error};
use crate::lenient::{self, Json};
use crate::model::{ReferenceType, Rights, Site, SiteId};

use super::super::create::may_create_at_top;
use super::layout::{self, Package};
use super::rewrite::{Copies, Ids, Reach};
use super::sites::Sites;
use super::subjects::{EVERYBODY, Kind, Named, Subjects};
use super::{
    Copy, Included, PackageError, check_sites_limit, may_manage, records as copied_records,
};

/// How many records one statement adds.
const CHUNK: usize = 500;

/// What was made.
#[derive(Debug)]
pub struct Imported {
    /// The sites.
    pub sites: Vec<Copy>,
    /// How many records.
    pub records: usize,
    /// What was passed over.
    pub warnings: BTreeSet<String>,
}

/// Makes the sites of a file below `parent` (0 is the top level), all or none; `progress` is told of records.
pub async fn import(
    call: &Call,
    text: &str,
    parent: i64,
    included: Included,
    progress: &(dyn Fn(usize) + Sync),
) -> Result<Imported, PackageError> {
    let parameters = &call.services.parameters.site_package;
    if !parameters.import {
        return Err(PackageError::Refused("SitePackage.json does not allow imports".to_owned()));
    }
    let json = lenient::parse(text).map_err(|error| PackageError::malformed("", &error))?;
    let included = included.allowed_on_import(parameters);
    let mut import = Import::of(call, layout::read(&json)?, parent, included)?;
    let found = import.look_up().await?;
    let records = Box::pin(import.make(&found, progress)).await?;
    Ok(Imported { sites: records.0, records: records.1, warnings: import.warnings })
}

/// An import that can be understood.
struct Import<'j> {
    call: &'j Call,
    included: Included,
    parent: i64,
    sources: Vec<Source>,
    tables: Vec<TableRecords<'j>>,
    permissions: Vec<Granted>,
    names: db::sites::SubjectNames,
    warnings: BTreeSet<String>,
}

/// The records of a site, in the order of their former ids.
struct TableRecords<'j> {
    /// The place of the site among the sources.
    source: usize,
    /// The settings as they were.
    settings: TableSettings,
    records: Vec<Former<'j>>,
}

/// A record of the file.
struct Former<'j> {
    id: i64,
    path: String,
    body: Cow<'j, Json<'j>>,
}

/// What the database has for an import.
struct Found {
    subjects: Subjects,
    /// New ids of sites.
    sites: Copies,
    /// New ids of records by their former ones.
    records: Copies,
    /// The new ids of every table's records, in their order.
    ids: Vec<Vec<i64>>,
    /// Titles of records that are linked to and do not come along.
    linked: HashMap<i64, String>,
    /// Sites that are linked to and do not come along.
    linked_sites: HashSet<i64>,
}

impl Translation for Found {
    fn record(&self, id: i64) -> Option<i64> {
        self.records.get(&id).copied().or_else(|| self.linked.contains_key(&id).then_some(id))
    }

    fn subject(&self, subject: Subject, id: i64) -> Option<i64> {
        let kind = match subject {
            Subject::Dept => Kind::Dept,
            Subject::Group => Kind::Group,
            Subject::User => Kind::User,
            Subject::None => return None,
        };
        self.subjects.get(kind, i32::try_from(id).ok()?).map(i64::from)
    }
}

impl<'j> Import<'j> {
    fn of(
        call: &'j Call,
        package: Package<'j>,
        parent: i64,
        included: Included,
    ) -> Result<Self, PackageError> {
        let services = &call.services;
        let sources = package.sites.into_iter().map(|(mut source, mut document)| {
            included.strip(&mut document);
            source.settings = services.record_settings(call.language(), source.kind, &document);
            source
        });
        let mut import = Self {
            call,
            included,
            parent,
            sources: sources.collect(),
            tables: Vec::new(),
            permissions: package.permissions,
            names: package.names,
            warnings: package.warnings,
        };
        import.add_records(package.data)?;
        import.add_wikis();
        Ok(import)
    }

    fn add_records(&mut self, data: Vec<layout::SiteData<'j>>) -> Result<(), PackageError> {
        let mut known = HashSet::new();
        for data in data {
            let place = self.sources.iter().position(|source| source.id.0 == data.site);
            let Some(at) = place.filter(|at| self.takes_records(*at)) else { continue };
            let mut records = Vec::with_capacity(data.records.len());
            for (at, body) in data.records.iter().enumerate() {
                let (id, path) = (data.id(at), format!("{}.Body[{at}]", data.path));
                if id > 0 && !known.insert(id) {
                    return Err(PackageError::malformed(&path, &"its id stands there twice"));
                }
                records.push(Former { id, path, body: Cow::Borrowed(body) });
            }
            records.sort_by_key(|record| if record.id > 0 { record.id } else { i64::MAX });
            self.add_table(at, records);
        }
        Ok(())
    }

    /// Tables, where data are wanted, and wikis, whose record always comes along.
    fn takes_records(&self, source: usize) -> bool {
        self.sources.get(source).is_some_and(|source| {
            source.kind == ReferenceType::Wikis || (self.included.data && source.kind.is_table())
        })
    }

    /// A wiki without a record in the file gets the one that it has to have.
    fn add_wikis(&mut self) {
        for at in 0..self.sources.len() {
            let Some(source) = self.sources.get(at) else { continue };
            let has_one = self.tables.iter().any(|table| table.source == at);
            if source.kind == ReferenceType::Wikis && !has_one {
                let text = |text: &str| Json::String(Cow::Owned(text.to_owned()));
                let members = [("Title", text(&source.title)), ("Body", text(&source.body))];
                let members = members.map(|(name, value)| (Cow::Borrowed(name), value)).to_vec();
                let body = Cow::Owned(Json::Object(members));
                let path = format!("Sites[{at}]");
                self.add_table(at, vec![Former { id: 0, path, body }]);
            }
        }
    }

    fn add_table(&mut self, source: usize, records: Vec<Former<'j>>) {
        if let Some(site) = self.sources.get(source) {
            let settings = self.call.services.read_settings(site.kind, &site.settings);
            self.tables.push(TableRecords { source, settings, records });
        }
    }

    /// Everything that has to be asked, on one connection: may the caller, who is who, which ids.
    async fn look_up(&mut self) -> Result<Found, PackageError> {
        let call = self.call;
        let mut conn = call.services.owner_db.acquire().await.map_err(db::Error::from)?;
        self.check(&mut conn).await?;
        let subjects = self.subjects(&mut conn).await?;
        if !db::sites::takes_all_users(&mut conn, call.caller.tenant.id).await? {
            self.permissions.retain(|granted| granted.row.user != EVERYBODY);
        }
        let linked_sites = self.linked_sites(&mut conn).await?;
        let linked = self.linked(&mut conn, &linked_sites).await?;
        let ids: Vec<i64> = self.sources.iter().map(|source| source.id.0).collect();
        let records = self.tables.iter().flat_map(|table| &table.records).map(|record| record.id);
        let wanted: Vec<i64> = ids.iter().copied().chain(records).collect();
        let caller = &call.caller;
        let allocated = db::sites::allocate(&mut conn, caller, &wanted, &[], &[]).await?;
        let mut allocated = allocated.into_iter();
        let pair = |one: Copied| (one.old, one.new);
        let sites = allocated.by_ref().take(ids.len()).map(pair).collect();
        let mut records = Copies::new();
        let mut new = Vec::with_capacity(self.tables.len());
        for table in &self.tables {
            let ids: Vec<Copied> = allocated.by_ref().take(table.records.len()).collect();
            records.extend(ids.iter().copied().filter(|one| one.old > 0).map(pair));
            new.push(ids.into_iter().map(|one| one.new).collect());
        }
        Ok(Found { subjects, sites, records, ids: new, linked, linked_sites })
    }

    async fn check(&self, conn: &mut sqlx::PgConnection) -> Result<(), PackageError> {
        let call = self.call;
        let refused = |text: String| Err(PackageError::Refused(text));
        if self.parent == 0 {
            if !may_create_at_top(call) {
                return refused("the right to create sites at the top level is missing".to_owned());
            }
        } else {
            match db::sites::sources(conn, &call.caller, &[self.parent]).await?.first() {
                Some(folder) if folder.kind == ReferenceType::Sites && may_manage(call, folder) => {
                }
                Some(folder) if folder.kind == ReferenceType::Sites => {
                    return refused(format!(
                        "site {}: the right to manage it is missing",
                        folder.id
                    ));
                }
                _ => return refused(format!("there is no folder {}", self.parent)),
            }
        }
        if !check_sites_limit(call, conn, self.sources.len()).await? {
            return refused(format!(
                "{} sites are more than the contract allows",
                self.sources.len()
            ));
        }
        if self.included.data && call.contract.forbidden().intersects(Rights::IMPORT) {
            return refused("the contract does not allow imports".to_owned());
        }
        let records: Vec<Copied> = self
            .tables
            .iter()
            .enumerate()
            .flat_map(|(at, table)| table.records.iter().map(move |record| (at, record.id)))
            .map(|(at, old)| Copied { old, new: 0, site: i64::try_from(at).ok() })
            .collect();
        copied_records::check_limits(call, &records).or_else(|message| {
            refused(format!("the file has more records than allowed ({message:?})"))
        })
    }

    /// Who stands for the subjects of the file: who has the same code, name or login id.
    async fn subjects(&mut self, conn: &mut sqlx::PgConnection) -> Result<Subjects, PackageError> {
        fn names(list: &[(i32, String)]) -> Vec<&str> {
            list.iter().map(|(_, name)| name.as_str()).collect()
        }
        fn pairs(list: &[(i32, String)], ids: Vec<Option<i32>>) -> HashMap<i32, i32> {
            list.iter().zip(ids).filter_map(|((old, _), new)| Some((*old, new?))).collect()
        }
        let own = &self.names;
        let (depts, groups, users) = (names(&own.depts), names(&own.groups), names(&own.users));
        let tenant = self.call.caller.tenant.id;
        let ids = db::sites::subject_ids(conn, tenant, &depts, &groups, &users).await?;
        let subjects = Subjects {
            depts: pairs(&own.depts, ids.depts),
            groups: pairs(&own.groups, ids.groups),
            users: pairs(&own.users, ids.users),
            fallback: Some(self.call.caller.user.0),
        };
        self.warn_of_strangers(&subjects);
        Ok(subjects)
    }

    fn warn_of_strangers(&mut self, subjects: &Subjects) {
        let mut named = Named::default();
        for json in self.sources.iter().filter_map(|source| lenient::parse(&source.settings).ok()) {
            named.add(&json);
        }
        for Granted { row, .. } in self.permissions.iter().filter(|granted| self.grants(granted)) {
            named.add_one(Kind::Dept, row.dept);
            named.add_one(Kind::Group, row.group);
            named.add_one(Kind::User, row.user);
        }
        let (depts, groups, users) = named.lists();
        for (kind, ids, word, names) in [
            (Kind::Dept, depts, "department", &self.names.depts),
            (Kind::Group, groups, "group", &self.names.groups),
            (Kind::User, users, "user", &self.names.users),
        ] {
            for id in ids.into_iter().filter(|id| subjects.get(kind, *id).is_none()) {
                let name = names.iter().find(|(known, _)| *known == id);
                let name = name.map(|(_, name)| format!(" ({name})")).unwrap_or_default();
                self.warnings.insert(format!("{word} {id}{name} is not here and was left out"));
            }
        }
    }

    /// Whether a row comes along.
    const fn grants(&self, granted: &Granted) -> bool {
        if granted.reference == granted.site {
            self.included.site_permission
        } else {
            self.included.record_permission && self.included.data
        }
    }

    /// The sites that settings link to and that do not come along, if they are here.
    async fn linked_sites(
        &mut self,
        conn: &mut sqlx::PgConnection,
    ) -> Result<HashSet<i64>, PackageError> {
        let mut outside: BTreeSet<i64> = BTreeSet::new();
        for source in &self.sources {
            let table = self.call.services.read_settings(source.kind, &source.settings);
            outside.extend(table.links.iter().map(|link| link.site_id).filter(|site| *site > 0));
        }
        for source in &self.sources {
            outside.remove(&source.id.0);
        }
        if outside.is_empty() {
            return Ok(HashSet::new());
        }
        let ids: Vec<i64> = outside.iter().copied().collect();
        let there = db::sites::sources(conn, &self.call.caller, &ids).await?;
        let there: HashSet<i64> = there.into_iter().map(|source| source.id.0).collect();
        for site in outside.difference(&there.iter().copied().collect()) {
            self.warnings.insert(format!("site {site}, which is linked to, is not here"));
        }
        Ok(there)
    }

    /// The records that values name and that do not come along, if they are here and the caller may see them.
    async fn linked(
        &mut self,
        conn: &mut sqlx::PgConnection,
        sites: &HashSet<i64>,
    ) -> Result<HashMap<i64, String>, PackageError> {
        let own = || self.tables.iter().flat_map(|table| &table.records);
        let own: HashSet<i64> = own().map(|record| record.id).collect();
        let mut outside: BTreeSet<i64> = BTreeSet::new();
        for table in &self.tables {
            let named = table.records.iter();
            let named = named.flat_map(|one| Packaged::linked(&table.settings, &one.body));
            outside.extend(named.filter(|id| !own.contains(id)));
        }
        if outside.is_empty() {
            return Ok(HashMap::new());
        }
        let sites: Vec<SiteId> = sites.iter().copied().map(SiteId).collect();
        let ids: Vec<i64> = outside.iter().copied().collect();
        let there = db::items::readable_titles(conn, &self.call.caller, &sites, &ids).await?;
        let missing = outside.iter().filter(|id| !there.contains_key(id)).count();
        if missing > 0 {
            self.warnings
                .insert(format!("{missing} linked records are not here and were left out"));
        }
        Ok(there)
    }

    /// Everything is made ready first: the transaction needs no connection but its own.
    async fn make(
        &self,
        found: &Found,
        progress: &(dyn Fn(usize) + Sync),
    ) -> Result<(Vec<Copy>, usize), PackageError> {
        let sites = self.sites(found).await?;
        let mut tables = Vec::with_capacity(self.tables.len());
        for (table, ids) in self.tables.iter().zip(&found.ids) {
            if let Some(((copy, settings), site)) =
                sites.iter().zip(&self.sources).nth(table.source)
            {
                let rows = self.rows(table, site, copy, settings.clone(), found).await?;
                tables.push((site.kind, copy.id, rows, ids));
            }
        }
        let call = self.call;
        let (tenant, user) = (call.caller.tenant.id, call.caller.user);
        let copies: Vec<SiteCopy<'_>> = sites.into_iter().map(|(copy, _)| copy).collect();
        let pool = &call.services.owner_db;
        let mut transaction = pool.begin().await.map_err(db::Error::from)?;
        db::sites::insert_copies(&mut transaction, tenant, user, &copies, OriginalRows::None)
            .await?;
        let mut done = 0;
        for (kind, site, rows, ids) in &tables {
            for (added, ids) in rows.chunks(CHUNK).zip(ids.chunks(CHUNK)) {
                let batch = Batch {
                    kind: *kind,
                    site: SiteId(*site),
                    user,
                    history_columns: &[],
                    added,
                    ids: Some(ids),
                    changed: &[],
                    unless: None,
                };
                records::write_batch(&mut transaction, &batch).await?;
                done += added.len();
                progress(done);
            }
        }
        let rows = self.record_rows(found);
        db::sites::insert_permissions(&mut transaction, user, &rows).await?;
        transaction.commit().await.map_err(db::Error::from)?;
        Ok((copies.iter().map(Copy::of).collect(), done))
    }

    async fn sites<'s>(
        &'s self,
        found: &'s Found,
    ) -> Result<Vec<(SiteCopy<'s>, TableSettings)>, Error> {
        let ids = Ids { sites: &found.sites, subjects: &found.subjects, reach: Reach::Everywhere };
        let sites = Sites {
            call: self.call,
            sources: &self.sources,
            ids,
            included: self.included,
            target: self.parent,
            retitled: None,
        };
        let mut made = sites.make(|source| self.site_rows(source, found)).await?;
        let new: HashSet<i64> = found.sites.values().copied().collect();
        for (copy, _) in &mut made {
            copy.links.retain(|site| new.contains(site) || found.linked_sites.contains(site));
        }
        Ok(made)
    }

    /// The records as they will be added, in their order.
    async fn rows(
        &self,
        table: &TableRecords<'_>,
        source: &Source,
        copy: &SiteCopy<'_>,
        settings: TableSettings,
        found: &Found,
    ) -> Result<Vec<Added>, PackageError> {
        let site = site(source, copy, self.call.server_now());
        let titles = self.titles(found);
        let packaged = Packaged::new(self.call, &site, settings, titles).await?;
        let rows = table.records.iter().map(|record| {
            packaged.added(&record.body, found).map_err(|misfit| {
                let path = format!("{}.{}", record.path, misfit.member);
                PackageError::malformed(&path, &misfit.problem)
            })
        });
        rows.collect()
    }

    /// The display titles of records that may be linked to, by their new ids.
    fn titles(&self, found: &Found) -> HashMap<i64, String> {
        let mut titles = found.linked.clone();
        for record in self.tables.iter().flat_map(|table| &table.records) {
            if let (Some(new), Some(title)) = (found.records.get(&record.id), title(&record.body)) {
                titles.insert(*new, title.to_owned());
            }
        }
        titles
    }

    fn site_rows(&self, source: &Source, found: &Found) -> Vec<PermissionRow> {
        let own = self.permissions.iter().filter(|granted| {
            granted.site == source.id.0 && granted.reference == granted.site && self.grants(granted)
        });
        own.filter_map(|granted| translated(&granted.row, &found.subjects)).collect()
    }

    fn record_rows(&self, found: &Found) -> Vec<(i64, PermissionRow)> {
        let of_records = self
            .permissions
            .iter()
            .filter(|granted| granted.reference != granted.site && self.grants(granted));
        let rows = of_records.filter_map(|granted| {
            let record = found.records.get(&granted.reference)?;
            Some((*record, translated(&granted.row, &found.subjects)?))
        });
        rows.collect()
    }
}

/// The row for who stands for its subject; none where nobody does.
fn translated(row: &PermissionRow, subjects: &Subjects) -> Option<PermissionRow> {
    let nobody = PermissionRow { dept: 0, group: 0, user: 0, rights: row.rights };
    match (row.dept, row.group, row.user) {
        (0, 0, 0) => None,
        (0, 0, user) => Some(PermissionRow { user: subjects.get(Kind::User, user)?, ..nobody }),
        (0, group, _) => Some(PermissionRow { group: subjects.get(Kind::Group, group)?, ..nobody }),
        (dept, ..) => Some(PermissionRow { dept: subjects.get(Kind::Dept, dept)?, ..nobody }),
    }
}

/// What a title shows.
fn title<'j>(body: &'j Json<'j>) -> Option<&'j str> {
    let title = body.member("Title")?;
    title
        .as_str()
        .or_else(|| title.member("DisplayValue").or_else(|| title.member("Value"))?.as_str())
}

/// The new site as its records see it.
fn site(source: &Source, copy: &SiteCopy<'_>, now: chrono::NaiveDateTime) -> Site {
    Site {
        id: SiteId(copy.id),
        title: copy.title.clone(),
        kind: source.kind,
        parent: SiteId(copy.parent),
        inherit_permission: SiteId(copy.inherit_permission),
        ver: 1,
        updated_time: now,
        lock: None,
        api_count: 0,
        api_count_date: None,
        destinations: copy.links.iter().copied().map(SiteId).collect(),
        sources: Vec::new(),
    }
}
