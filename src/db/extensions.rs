//! The table `Extensions` (07 §3.1).

use chrono::NaiveDateTime;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};

use super::Error;
use super::records::OrderBy;
use super::sql::{Bind, Ident, Predicate, Statement};
use crate::model::{TenantId, UserId};

/// What lists call the table.
pub const EXTENSION: Ident = Ident::new("extension");

/// A row.
#[derive(Debug, Clone)]
pub struct Extension {
    /// `ExtensionId`.
    pub id: i32,
    /// `TenantId`.
    pub tenant: i32,
    /// `Ver`.
    pub ver: i32,
    /// What it extends.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its settings, as JSON.
    pub settings: String,
    /// The text that it brings.
    pub body: Option<String>,
    /// What people say of it.
    pub description: Option<String>,
    /// Whether it is not used.
    pub disabled: bool,
    /// Its comments, as JSON.
    pub comments: Option<String>,
    /// Who made it.
    pub creator: i32,
    /// Who changed it last.
    pub updator: i32,
    /// When it was made.
    pub created: NaiveDateTime,
    /// When it was changed last.
    pub updated: NaiveDateTime,
    /// Names this very version of the row.
    pub token: i64,
}

impl Extension {
    fn read(row: &PgRow) -> Result<Self, Error> {
        Ok(Self {
            id: row.try_get("ExtensionId")?,
            tenant: row.try_get("TenantId")?,
            ver: row.try_get("Ver")?,
            kind: row.try_get("ExtensionType")?,
            name: row.try_get("ExtensionName")?,
            settings: row.try_get("ExtensionSettings")?,
            body: row.try_get("Body")?,
            description: row.try_get("Description")?,
            disabled: row.try_get("Disabled")?,
            comments: row.try_get("Comments")?,
            creator: row.try_get("Creator")?,
            updator: row.try_get("Updator")?,
            created: row.try_get("CreatedTime")?,
            updated: row.try_get("UpdatedTime")?,
            token: row.try_get("token")?,
        })
    }
}

/// What a request makes of a row.
#[derive(Debug, Clone, Default)]
pub struct Values {
    /// The tenant.
    pub tenant: i32,
    /// What it extends.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its settings, as JSON.
    pub settings: String,
    /// The text that it brings.
    pub body: Option<String>,
    /// What people say of it.
    pub description: Option<String>,
    /// Whether it is not used.
    pub disabled: bool,
    /// Its comments, as JSON.
    pub comments: Option<String>,
}

/// The rows of a tenant that meet a condition, in one statement.
#[tracing::instrument(name = "db.extensions.list", skip_all)]
pub async fn list(
    conn: &mut PgConnection,
    tenant: TenantId,
    condition: &Predicate,
    order: &[OrderBy],
) -> Result<Vec<Extension>, Error> {
    let mut sql = Statement::new();
    sql.syntax("select extension.*, extension.xmin::text::bigint as token from \"Extensions\" as ");
    sql.ident(&EXTENSION).syntax(" where \"TenantId\" = ").bind(Bind::Int(Some(tenant.0)));
    sql.syntax(" and ");
    condition.render(&mut sql);
    sql.syntax(" order by ").separated(order, ", ", |sql, order| order.render(sql));
    sql.into_query()?.fetch_all(conn).await?.iter().map(Extension::read).collect()
}

/// The row of that id, of whichever tenant.
#[tracing::instrument(name = "db.extensions.find", skip_all)]
pub async fn find(conn: &mut PgConnection, id: i32) -> Result<Option<Extension>, Error> {
    let row = sqlx::query(
        r#"select *, xmin::text::bigint as token from "Extensions" where "ExtensionId" = $1"#,
    )
    .bind(id)
    .fetch_optional(conn)
    .await?;
    row.as_ref().map(Extension::read).transpose()
}

/// Adds a row; its id comes from the table.
#[tracing::instrument(name = "db.extensions.insert", skip_all)]
pub async fn insert(conn: &mut PgConnection, by: UserId, values: &Values) -> Result<i32, Error> {
    let row = sqlx::query(
        r#"
        insert into "Extensions" ("TenantId", "ExtensionType", "ExtensionName", "ExtensionSettings", "Body",
                                  "Description", "Disabled", "Comments", "Creator", "Updator")
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) returning "ExtensionId"
        "#,
    )
    .bind(values.tenant)
    .bind(&values.kind)
    .bind(&values.name)
    .bind(&values.settings)
    .bind(&values.body)
    .bind(&values.description)
    .bind(values.disabled)
    .bind(&values.comments)
    .bind(by.0)
    .fetch_one(conn)
    .await?;
    Ok(row.try_get(0)?)
}

/// Changes a row. False when somebody else changed or removed it since it was read.
#[tracing::instrument(name = "db.extensions.update", skip_all)]
pub async fn update(
    conn: &mut PgConnection,
    row: &Extension,
    by: UserId,
    values: &Values,
) -> Result<bool, Error> {
    let changed = sqlx::query(
        r#"
        update "Extensions"
           set "TenantId" = $3, "ExtensionType" = $4, "ExtensionName" = $5, "ExtensionSettings" = $6, "Body" = $7,
               "Description" = $8, "Disabled" = $9, "Comments" = $10, "Updator" = $11,
               "UpdatedTime" = current_timestamp
         where "ExtensionId" = $1 and xmin = $2::text::xid
        "#,
    )
    .bind(row.id)
    .bind(row.token.to_string())
    .bind(values.tenant)
    .bind(&values.kind)
    .bind(&values.name)
    .bind(&values.settings)
    .bind(&values.body)
    .bind(&values.description)
    .bind(values.disabled)
    .bind(&values.comments)
    .bind(by.0)
    .execute(conn)
    .await?;
    Ok(changed.rows_affected() == 1)
}

/// Moves a row to the deleted ones. False when it is not there any more.
#[tracing::instrument(name = "db.extensions.delete", skip_all)]
pub async fn delete(conn: &mut PgConnection, id: i32, by: UserId) -> Result<bool, Error> {
    let moved = sqlx::query(
        r#"
        with gone as (delete from "Extensions" where "ExtensionId" = $1 returning *)
        insert into "Extensions_deleted" ("ExtensionId", "TenantId", "Ver", "ExtensionType", "ExtensionName",
               "ExtensionSettings", "Body", "Description", "Disabled", "Comments", "Creator", "Updator", "CreatedTime",
               "UpdatedTime")
        select "ExtensionId", "TenantId", "Ver", "ExtensionType", "ExtensionName", "ExtensionSettings", "Body",
               "Description", "Disabled", "Comments", "Creator", $2, "CreatedTime", current_timestamp
          from gone
        "#,
    )
    .bind(id)
    .bind(by.0)
    .execute(conn)
    .await?;
    Ok(moved.rows_affected() == 1)
}
