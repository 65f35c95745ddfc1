//! Sites out of a file.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};

use crate::db;
use crate::db::sites::{Granted, Source};
use crate::domain::Call;
use crate::domain::items::Translation;
use crate::domain::settings::{Subject, TableSettings};
use crate::lenient::{self, Json};
use crate::model::ReferenceType;

use super::layout::{self, Package};
use super::rewrite::Copies;
use super::subjects::{Kind, Subjects};
use super::{Copy, Included, PackageError};

mod look_up;
mod make;

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
}
