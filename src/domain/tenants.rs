//! Users, departments and groups of tenants, in memory as long as their versions stand (06 §4.2).

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDateTime;
use moka::sync::Cache;

use crate::db::{self, Pool};
use crate::model::TenantId;

use super::Error;

/// How many tenants stay in memory.
const TENANTS_KEPT: u64 = 1_000;

/// What is kept of a tenant, with the version it was loaded at.
type Versioned<T> = Cache<TenantId, (NaiveDateTime, Arc<T>)>;

/// Caches by tenant.
pub struct Tenants {
    users: Versioned<Users>,
    depts: Versioned<Names>,
    groups: Versioned<Names>,
}

impl Default for Tenants {
    fn default() -> Self {
        Self {
            users: Cache::new(TENANTS_KEPT),
            depts: Cache::new(TENANTS_KEPT),
            groups: Cache::new(TENANTS_KEPT),
        }
    }
}

/// Names by id: departments or groups of a tenant.
#[derive(Debug, Default)]
pub struct Names(HashMap<i64, String>);

impl Names {
    /// The name of that id, if the tenant has it.
    pub fn name(&self, id: i64) -> Option<&str> {
        self.0.get(&id).map(String::as_str)
    }

    /// The ids by name; of equal names the lowest id.
    pub fn by_name(&self) -> HashMap<String, i64> {
        by_name(self.0.iter().map(|(id, name)| (*id, name)))
    }
}

/// The users of a tenant, disabled ones included.
#[derive(Debug, Default)]
pub struct Users {
    by_id: HashMap<i64, User>,
}

/// A user as choices, titles and texts show one.
#[derive(Debug, Clone)]
pub struct User {
    /// `Users.Name`, or the login id when that is empty.
    pub name: String,
    /// `Users.DeptId`.
    pub dept: i32,
    /// `Users.Disabled`.
    pub disabled: bool,
}

impl Users {
    /// The user of that id, if the tenant has one.
    pub fn find(&self, id: i64) -> Option<&User> {
        self.by_id.get(&id)
    }

    /// The name of that user, if the tenant has one.
    pub fn name(&self, id: i64) -> Option<&str> {
        self.find(id).map(|user| user.name.as_str())
    }

    /// Every user with its id.
    pub fn all(&self) -> impl Iterator<Item = (i64, &User)> {
        self.by_id.iter().map(|(id, user)| (*id, user))
    }

    /// The ids by name, of those that are not disabled; of equal names the lowest id.
    pub fn by_name(&self) -> HashMap<String, i64> {
        by_name(self.all().filter(|(_, user)| !user.disabled).map(|(id, user)| (id, &user.name)))
    }
}

fn by_name<'n>(names: impl Iterator<Item = (i64, &'n String)>) -> HashMap<String, i64> {
    let mut ids = HashMap::new();
    for (id, name) in names {
        ids.entry(name.clone()).and_modify(|known: &mut i64| *known = id.min(*known)).or_insert(id);
    }
    ids
}

impl Tenants {
    /// The tenant's users at that version, loaded again only when it is another one.
    pub async fn users(
        &self,
        pool: &Pool,
        tenant: TenantId,
        version: Option<NaiveDateTime>,
    ) -> Result<Arc<Users>, Error> {
        if let Some(users) = known(&self.users, tenant, version) {
            return Ok(users);
        }
        let mut conn = pool.acquire().await.map_err(db::Error::from)?;
        let rows = db::users::all(&mut conn, tenant).await?;
        let by_id = rows.into_iter().map(|row| {
            (i64::from(row.id.0), User { name: row.name, dept: row.dept.0, disabled: row.disabled })
        });
        let users = Arc::new(Users { by_id: by_id.collect() });
        keep(&self.users, tenant, version, &users);
        Ok(users)
    }

    /// The tenant's departments at that version.
    pub async fn depts(
        &self,
        pool: &Pool,
        tenant: TenantId,
        version: Option<NaiveDateTime>,
    ) -> Result<Arc<Names>, Error> {
        if let Some(depts) = known(&self.depts, tenant, version) {
            return Ok(depts);
        }
        let mut conn = pool.acquire().await.map_err(db::Error::from)?;
        let depts = Arc::new(Names(db::users::dept_names(&mut conn, tenant).await?));
        keep(&self.depts, tenant, version, &depts);
        Ok(depts)
    }

    /// The tenant's groups at that version.
    pub async fn groups(
        &self,
        pool: &Pool,
        tenant: TenantId,
        version: Option<NaiveDateTime>,
    ) -> Result<Arc<Names>, Error> {
        if let Some(groups) = known(&self.groups, tenant, version) {
            return Ok(groups);
        }
        let mut conn = pool.acquire().await.map_err(db::Error::from)?;
        let groups = Arc::new(Names(db::users::group_names(&mut conn, tenant).await?));
        keep(&self.groups, tenant, version, &groups);
        Ok(groups)
    }
}

/// What is in memory, if it is of that version. Without a version nobody can know.
fn known<T>(
    cache: &Versioned<T>,
    tenant: TenantId,
    version: Option<NaiveDateTime>,
) -> Option<Arc<T>>
where
    T: Send + Sync + 'static,
{
    let version = version?;
    cache.get(&tenant).filter(|(known, _)| *known == version).map(|(_, kept)| kept)
}

/// Keeps what was loaded, if it is known of which version it is.
fn keep<T>(cache: &Versioned<T>, tenant: TenantId, version: Option<NaiveDateTime>, loaded: &Arc<T>)
where
    T: Send + Sync + 'static,
{
    if let Some(version) = version {
        cache.insert(tenant, (version, Arc::clone(loaded)));
    }
}
