//! Stored files by their handle (02 §13, 08 §10).

use chrono::NaiveDateTime;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};

use super::Error;
use super::records::NewFile;
use crate::model::{Caller, ItemId, Rights, TenantId};

/// A row of `Binaries`.
#[derive(Debug, Clone)]
pub struct Binary {
    /// `BinaryId`.
    pub id: i64,
    /// `ReferenceId`: what it belongs to.
    pub reference: i64,
    /// `BinaryType`.
    pub kind: String,
    /// `Bin`; none when the bytes lie in the file system.
    pub bytes: Option<Vec<u8>>,
    /// `Guid`.
    pub guid: String,
    /// `FileName`.
    pub name: String,
    /// `Extension`.
    pub extension: String,
    /// `Size`, 0 where it is not known.
    pub size: i64,
    /// `ContentType`.
    pub content_type: String,
    /// `Creator`.
    pub creator: i32,
    /// `Updator`.
    pub updator: i32,
    /// `CreatedTime`, server zone.
    pub created_time: NaiveDateTime,
    /// `UpdatedTime`, server zone.
    pub updated_time: NaiveDateTime,
    /// Whether the caller may export from the site it belongs to.
    pub may_export: bool,
}

/// A file that waits to become one of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uploaded {
    /// `Guid`.
    pub guid: String,
    /// `FileName`.
    pub name: String,
    /// `Size`.
    pub size: i64,
    /// The Base64 of its SHA-256; empty when the bytes lie in the file system.
    pub hash_code: String,
}

/// The file of that handle that the caller may have (08 §10.1): by a right on what it belongs to, as its uploader
/// while it is fresh, or as an export or an image of a management screen.
#[tracing::instrument(name = "db.binaries.find", skip_all)]
pub async fn find(
    conn: &mut PgConnection,
    caller: &Caller,
    guid: &str,
) -> Result<Option<Binary>, Error> {
    let row = sqlx::query(include_str!("queries/find_binary.sql"))
        .bind(caller.tenant.id.0)
        .bind(guid)
        .bind(caller.user.0)
        .bind(groups(caller))
        .bind(dept(caller))
        .bind(caller.privileged)
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(read).transpose()
}

fn read(row: &PgRow) -> Result<Binary, Error> {
    let text = |at: usize| row.try_get::<Option<String>, _>(at).map(Option::unwrap_or_default);
    Ok(Binary {
        id: row.try_get(0)?,
        reference: row.try_get(1)?,
        kind: text(2)?,
        bytes: row.try_get(3)?,
        guid: text(4)?,
        name: text(5)?,
        extension: text(6)?,
        size: row.try_get::<Option<i64>, _>(7)?.unwrap_or_default(),
        content_type: text(8)?,
        creator: row.try_get(9)?,
        updator: row.try_get(10)?,
        created_time: row.try_get(11)?,
        updated_time: row.try_get(12)?,
        may_export: row.try_get(13)?,
    })
}

/// The item of an attachment of the tenant.
#[tracing::instrument(name = "db.binaries.item_of_attachment", skip_all)]
pub async fn item_of_attachment(
    conn: &mut PgConnection,
    tenant: TenantId,
    guid: &str,
) -> Result<Option<ItemId>, Error> {
    let row = sqlx::query(
        r#"
        select b."ReferenceId" from "Binaries" b
         where b."TenantId" = $1 and b."Guid" = $2 and b."BinaryType" = 'Attachments'
         order by b."BinaryId" limit 1
        "#,
    )
    .bind(tenant.0)
    .bind(guid)
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?.map(ItemId))
}

/// The bytes that a tenant's files have together (03 §18.3).
#[tracing::instrument(name = "db.binaries.total_size", skip_all)]
pub async fn total_size(conn: &mut PgConnection, tenant: TenantId) -> Result<i64, Error> {
    let row = sqlx::query(
        r#"select coalesce(sum("Size"), 0)::bigint from "Binaries" where "TenantId" = $1"#,
    )
    .bind(tenant.0)
    .fetch_one(conn)
    .await?;
    Ok(row.try_get(0)?)
}

/// Files of these handles that a record may adopt: its own, and those that the caller has uploaded to an item that
/// the caller may read. The reference asks for the right to read alone, so that whoever may read a record can take
/// its files away (BUG(03 §18.2)).
#[tracing::instrument(name = "db.binaries.adoptable", skip_all)]
pub async fn adoptable(
    conn: &mut PgConnection,
    caller: &Caller,
    record: i64,
    guids: &[String],
) -> Result<Vec<Uploaded>, Error> {
    let rows = sqlx::query(
        r#"
        select b."Guid", coalesce(b."FileName", ''), coalesce(b."Size", 0),
               coalesce(encode(sha256(b."Bin"), 'base64'), '')
          from "Binaries" b
          join "Items" i on i."ReferenceId" = b."ReferenceId"
          join "Sites" s on s."SiteId" = i."SiteId" and s."TenantId" = b."TenantId"
         where b."TenantId" = $1 and b."Guid" = any($2) and b."BinaryType" = 'Attachments'
           and (b."ReferenceId" = $3
                or b."Creator" = $4 and ($7 or exists (
                    select from "Permissions" p
                     where p."ReferenceId" in (s."InheritPermission", i."ReferenceId") and p."PermissionType" & 1 = 1
                       and (p."UserId" = $4 or p."UserId" = -1 or p."GroupId" = any($5)
                            or (p."DeptId" = $6 and p."DeptId" <> 0)))))
        "#,
    )
    .bind(caller.tenant.id.0)
    .bind(guids)
    .bind(record)
    .bind(caller.user.0)
    .bind(groups(caller))
    .bind(dept(caller))
    .bind(caller.privileged)
    .fetch_all(conn)
    .await?;
    let read = |row: &PgRow| {
        Ok(Uploaded {
            guid: row.try_get(0)?,
            name: row.try_get(1)?,
            size: row.try_get(2)?,
            hash_code: row.try_get(3)?,
        })
    };
    rows.iter().map(read).collect()
}

/// The caller's rights on an item of the tenant; none on one that is not there.
#[tracing::instrument(name = "db.binaries.rights", skip_all)]
pub async fn rights(
    conn: &mut PgConnection,
    caller: &Caller,
    item: ItemId,
) -> Result<Option<Rights>, Error> {
    let row = sqlx::query(
        r#"
        select (select bit_or(p."PermissionType") from "Permissions" p
                 where p."ReferenceId" in (s."InheritPermission", i."ReferenceId")
                   and (p."UserId" = $3 or p."UserId" = -1 or p."GroupId" = any($4)
                        or (p."DeptId" = $5 and p."DeptId" <> 0)))
          from "Items" i
          join "Sites" s on s."SiteId" = i."SiteId" and s."TenantId" = $1
         where i."ReferenceId" = $2
        "#,
    )
    .bind(caller.tenant.id.0)
    .bind(item.0)
    .bind(caller.user.0)
    .bind(groups(caller))
    .bind(dept(caller))
    .fetch_optional(conn)
    .await?;
    let rights = |row: PgRow| row.try_get::<Option<i64>, _>(0).map(Option::unwrap_or_default);
    Ok(row.map(rights).transpose()?.map(Rights))
}

/// Adds a file that has been uploaded for an item; its `BinaryId`.
#[tracing::instrument(name = "db.binaries.insert", skip_all)]
pub async fn insert(
    conn: &mut PgConnection,
    caller: &Caller,
    item: ItemId,
    file: &NewFile,
) -> Result<i64, Error> {
    let row = sqlx::query(
        r#"
        insert into "Binaries" ("TenantId", "ReferenceId", "Guid", "BinaryType", "Title", "FileName", "Bin",
                                "Extension", "Size", "ContentType", "Creator", "Updator")
        values ($1, $2, $3, $4, $5, $5, $6, $7, $8, $9, $10, $10)
        returning "BinaryId"
        "#,
    )
    .bind(caller.tenant.id.0)
    .bind(item.0)
    .bind(&file.guid)
    .bind(file.kind.name())
    .bind(&file.name)
    .bind(&file.bytes)
    .bind(&file.extension)
    .bind(file.size)
    .bind(&file.content_type)
    .bind(caller.user.0)
    .fetch_one(conn)
    .await?;
    Ok(row.try_get(0)?)
}

fn groups(caller: &Caller) -> Vec<i32> {
    caller.enabled_groups.iter().map(|group| group.0).collect()
}

/// 0, which no row of a department has, when the caller's is disabled.
const fn dept(caller: &Caller) -> i32 {
    if caller.dept_enabled { caller.dept.0 } else { 0 }
}
