//! Users, departments and groups of tenants, in memory as long as their versions stand (06 §4.2).

use std::collections::HashMap;
use std::sync::Arc;

use moka::sync::Cache;
use sqlx::PgPool;

use crate::db;
use crate::model::TenantId;

use super::Error;

/// Caches by tenant; each entry names the version it was loaded at.
pub struct Tenants {
    users: Cache<TenantId, (String, Arc<Users>)>,
}

impl Default for Tenants {
    fn default() -> Self {
        Self { users: Cache::new(1_000) }
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
}

impl Tenants {
    /// The tenant's users at that version, loaded again only when it is another one.
    pub async fn users(&self, db: &PgPool, tenant: TenantId, version: &str) -> Result<Arc<Users>, Error> {
        if let Some((known, users)) = self.users.get(&tenant)
            && known == version
        {
            return Ok(users);
        }
        let mut conn = db.acquire().await.map_err(db::Error::from)?;
        let rows = db::users::all(&mut conn, tenant).await?;
        let by_id = rows
            .into_iter()
            .map(|row| (i64::from(row.id.0), User { name: row.name, dept: row.dept.0, disabled: row.disabled }));
        let users = Arc::new(Users { by_id: by_id.collect() });
        self.users.insert(tenant, (version.to_owned(), Arc::clone(&users)));
        Ok(users)
    }
}
