//! Departments, groups and users that settings and permissions name.

use std::collections::{BTreeSet, HashMap};

use crate::db;
use crate::db::sites::Source;
use crate::domain::{Call, Error};
use crate::lenient::{self, Json, Member};

/// All users, whom every installation has.
pub(super) const EVERYBODY: i32 = -1;

/// Which ids stand for departments, groups and users of the originals.
#[derive(Debug, Default)]
pub(super) struct Subjects {
    pub(super) depts: HashMap<i32, i32>,
    pub(super) groups: HashMap<i32, i32>,
    pub(super) users: HashMap<i32, i32>,
    /// The user whom a list is for when nobody of it is left: an empty one would be open to everybody.
    pub(super) fallback: Option<i32>,
}

/// The three lists of an object that name subjects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Dept,
    Group,
    User,
}

impl Kind {
    fn of_list(name: &str) -> Option<Self> {
        match name {
            "Depts" => Some(Self::Dept),
            "Groups" => Some(Self::Group),
            "Users" => Some(Self::User),
            _ => None,
        }
    }
}

impl Subjects {
    /// The ones that settings of some sites name and that the tenant has, each standing for itself.
    pub(super) async fn existing(
        call: &Call,
        conn: &mut sqlx::PgConnection,
        sources: &[Source],
    ) -> Result<Self, Error> {
        let mut named = Named::default();
        for source in sources {
            if let Ok(settings) = lenient::parse(&source.settings) {
                named.add(&settings);
            }
        }
        if named.is_empty() {
            return Ok(Self::default());
        }
        let (depts, groups, users) = named.lists();
        let tenant = call.caller.tenant.id;
        let found = db::sites::subjects(conn, tenant, &users, &groups, &depts).await?;
        let itself = |ids: Vec<i32>| ids.into_iter().map(|id| (id, id)).collect();
        Ok(Self {
            depts: itself(found.depts),
            groups: itself(found.groups),
            users: itself(found.users),
            fallback: None,
        })
    }

    /// Who stands for one.
    pub(super) fn get(&self, kind: Kind, id: i32) -> Option<i32> {
        match kind {
            Kind::Dept => self.depts.get(&id).copied(),
            Kind::Group => self.groups.get(&id).copied(),
            Kind::User if id == EVERYBODY => Some(id),
            Kind::User => self.users.get(&id).copied(),
        }
    }

    /// The members of an object with its lists of subjects replaced; who is not there drops out.
    pub(super) fn replaced<'a>(&self, members: &[Member<'a>]) -> Vec<Member<'a>> {
        let (mut before, mut after) = (0, 0);
        let mut replaced: Vec<Member<'a>> = Vec::with_capacity(members.len());
        for (name, value) in members {
            let value = match (Kind::of_list(name), value) {
                (Some(kind), Json::Array(ids)) if ids.iter().all(is_id) => {
                    let there: Vec<Json<'a>> =
                        ids.iter().filter_map(|id| self.replace(kind, id)).collect();
                    before += ids.len();
                    after += there.len();
                    Json::Array(there)
                }
                _ => value.clone(),
            };
            replaced.push((name.clone(), value));
        }
        if let Some(user) = self.fallback.filter(|_| before > 0 && after == 0) {
            replaced.retain(|(name, _)| name != "Users");
            replaced.push(("Users".into(), Json::Array(vec![id_json(user)])));
        }
        replaced
    }

    fn replace<'a>(&self, kind: Kind, id: &Json<'a>) -> Option<Json<'a>> {
        let id = id.as_i64().and_then(|id| i32::try_from(id).ok())?;
        self.get(kind, id).map(id_json)
    }
}

fn is_id(json: &Json<'_>) -> bool {
    json.as_i64().is_some()
}

fn id_json<'a>(id: i32) -> Json<'a> {
    Json::Integer(id.to_string().into())
}

/// Subjects that something names.
#[derive(Debug, Default)]
pub(super) struct Named {
    pub(super) depts: BTreeSet<i32>,
    pub(super) groups: BTreeSet<i32>,
    pub(super) users: BTreeSet<i32>,
}

impl Named {
    /// Adds those in the lists of a document, however deep.
    pub(super) fn add(&mut self, json: &Json<'_>) {
        match json {
            Json::Object(members) => {
                for (name, value) in members {
                    if let (Some(kind), Json::Array(ids)) = (Kind::of_list(name), value) {
                        for id in ids.iter().filter_map(Json::as_i64) {
                            self.add_one(kind, i32::try_from(id).unwrap_or_default());
                        }
                    }
                    self.add(value);
                }
            }
            Json::Array(items) => items.iter().for_each(|item| self.add(item)),
            _ => {}
        }
    }

    /// Adds one; ids that are nobody's are passed over.
    pub(super) fn add_one(&mut self, kind: Kind, id: i32) {
        if id > 0 {
            match kind {
                Kind::Dept => self.depts.insert(id),
                Kind::Group => self.groups.insert(id),
                Kind::User => self.users.insert(id),
            };
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.depts.is_empty() && self.groups.is_empty() && self.users.is_empty()
    }

    /// Departments, groups, users.
    pub(super) fn lists(&self) -> (Vec<i32>, Vec<i32>, Vec<i32>) {
        let list = |ids: &BTreeSet<i32>| ids.iter().copied().collect();
        (list(&self.depts), list(&self.groups), list(&self.users))
    }
}
