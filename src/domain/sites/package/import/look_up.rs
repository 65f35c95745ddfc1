//! What an import asks the database, before it writes anything.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::db;
use crate::db::sites::{Copied, Granted};
use crate::domain::items::Packaged;
use crate::domain::sites::create::may_create_at_top;
use crate::lenient;
use crate::model::{ReferenceType, Rights, SiteId};

use super::super::rewrite::Copies;
use super::super::subjects::{EVERYBODY, Kind, Named, Subjects};
use super::super::{PackageError, check_sites_limit, may_manage, records as copied_records};
use super::{Found, Import};

impl Import<'_> {
    /// Everything that has to be asked, on one connection: may the caller, who is who, which ids.
    pub(super) async fn look_up(&mut self) -> Result<Found, PackageError> {
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
    pub(super) const fn grants(&self, granted: &Granted) -> bool {
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
}
