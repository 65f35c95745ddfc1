//! Automatic numbers (02 §17).

use sqlx::{PgConnection, Row};

use super::Error;
use super::records::ItemText;
use super::sql::{Bind, Ident, Statement};
use crate::model::{ReferenceType, SiteId, TenantId, UserId};

/// Which numbers are counted on.
#[derive(Debug, Clone)]
pub struct Series<'a> {
    /// The tenant.
    pub tenant: TenantId,
    /// The site.
    pub site: SiteId,
    /// The column.
    pub column: &'a str,
    /// The key of the series; `None` counts together with the empty one.
    pub key: &'a str,
    /// The first number.
    pub first: i64,
    /// The distance to the next.
    pub step: i64,
}

/// How often a number is tried that somebody else has taken meanwhile.
const ATTEMPTS: usize = 50;

/// Takes the next number of a series.
///
/// A taken number does not fail the transaction: the insert waits for whoever took it, and the next attempt counts on.
#[tracing::instrument(name = "db.numbering.next", skip_all)]
pub async fn next(
    conn: &mut PgConnection,
    series: &Series<'_>,
    user: UserId,
) -> Result<i64, Error> {
    for _ in 0..ATTEMPTS {
        let taken = sqlx::query(
            r#"
            insert into "AutoNumberings" ("TenantId", "ReferenceId", "ColumnName", "Key", "Number", "Creator", "Updator")
            select $1, $2, $3, $4, coalesce(max("Number") + $5, $6), $7, $7
              from "AutoNumberings"
             where "TenantId" = $1 and "ReferenceId" = $2 and "ColumnName" = $3
               and ("Key" = $4 or ($4 = 'None' and "Key" = ''))
            on conflict do nothing
            returning "Number"::bigint
            "#,
        )
        .bind(series.tenant.0)
        .bind(series.site.0)
        .bind(series.column)
        .bind(series.key)
        .bind(series.step)
        .bind(series.first)
        .bind(user.0)
        .fetch_optional(&mut *conn)
        .await?;
        if let Some(row) = taken {
            return Ok(row.try_get(0)?);
        }
    }
    Err(Error::DuplicateKey { constraint: "AutoNumberings".to_owned() })
}

/// Writes numbers into a record, and its new texts into its item.
#[tracing::instrument(name = "db.numbering.store", skip_all)]
pub async fn store(
    conn: &mut PgConnection,
    kind: ReferenceType,
    id: i64,
    user: UserId,
    values: &[(Ident, Bind)],
    item: &ItemText,
) -> Result<(), Error> {
    let mut sql = Statement::new();
    sql.syntax("with numbered as (update ").ident(&Ident::table(kind));
    sql.syntax(" set \"Updator\" = ").bind(Bind::Int(Some(user.0)));
    sql.syntax(", \"UpdatedTime\" = current_timestamp");
    for (name, value) in values {
        sql.syntax(", ").ident(name).syntax(" = ").bind(value.clone());
    }
    sql.syntax(" where ").ident(&Ident::id_of(kind)).syntax(" = ").bind(Bind::Long(Some(id)));
    sql.syntax(") update \"Items\" set \"Title\" = ").bind(Bind::text(item.title.as_str()));
    if let Some((words, made)) = &item.full_text {
        sql.syntax(", \"FullText\" = ").bind(Bind::text(words.join(" ")));
        sql.syntax(", \"SearchIndexCreatedTime\" = ").bind(Bind::Time(Some(*made)));
    }
    sql.syntax(" where \"ReferenceId\" = ").bind(Bind::Long(Some(id)));
    sql.into_query()?.execute(conn).await?;
    Ok(())
}
