//! Deleting a record: its rows move to the deleted tables (02 §9.3).

use sqlx::{PgConnection, Row};

use super::files::{Writer, own_files};
use super::moved::Move;
use crate::db::sql::{Bind, Ident, Statement};
use crate::db::{Catalogue, Error};
use crate::model::{BinaryType, ReferenceType, SiteId, TenantId, UserId};

/// A record to delete.
#[derive(Debug, Clone, Copy)]
pub struct Delete {
    /// The tenant.
    pub tenant: TenantId,
    /// The table.
    pub kind: ReferenceType,
    /// The site.
    pub site: SiteId,
    /// The record.
    pub id: i64,
    /// The version of the row that was read.
    pub token: i64,
    /// Who deletes it.
    pub user: UserId,
    /// Whether its images stay; each goes to another record of the site whose text shows it (03 §7.1).
    pub keeps_images: bool,
    /// Whether what linking sites want deleted along with it is gone already.
    pub cascaded: bool,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deleted {
    /// It is gone.
    Done,
    /// Somebody else changed or removed the row since it was read; nothing was written.
    Conflict,
    /// A linking site wants its records deleted along with it (03 §7.1, step 5); nothing was written.
    HasDependents,
}

/// Moves a record, its item and its files in one statement; a wiki takes its site along and leaves its files
/// (03 §23).
#[tracing::instrument(name = "db.records.delete", skip_all)]
pub async fn delete(
    conn: &mut PgConnection,
    catalogue: &Catalogue,
    delete: &Delete,
) -> Result<Deleted, Error> {
    let row = statement(catalogue, delete).into_query()?.fetch_one(conn).await?;
    Ok(match (row.try_get(0)?, row.try_get(1)?) {
        (true, _) => Deleted::Done,
        (false, true) if !delete.cascaded => Deleted::HasDependents,
        (false, _) => Deleted::Conflict,
    })
}

fn statement(catalogue: &Catalogue, delete: &Delete) -> Statement {
    let mut sql = Statement::new();
    sql.syntax("with ");
    dependents(&mut sql, delete.site);
    sql.syntax(", ");
    let steps = Steps { catalogue, delete };
    steps.record(&mut sql);
    let wiki = delete.kind == ReferenceType::Wikis;
    let id = || Bind::Long(Some(delete.id));
    let site = || Bind::Long(Some(delete.site.0));
    steps.moved(&mut sql, ["item", "item_copy"], ["Items", "Items_deleted"], |sql| {
        sql.syntax("\"ReferenceId\" = ").bind(id());
        if wiki {
            sql.syntax(" or \"ReferenceId\" = ").bind(site());
        }
    });
    if wiki {
        steps.moved(&mut sql, ["site", "site_copy"], ["Sites", "Sites_deleted"], |sql| {
            sql.syntax("\"TenantId\" = ").bind(Bind::Int(Some(delete.tenant.0)));
            sql.syntax(" and \"SiteId\" = ").bind(site());
        });
    } else {
        steps.files(&mut sql);
    }
    sql.syntax(" select exists (select from record), (select exist from dependents)");
    sql
}

/// Writes `dependents`: whether a linking site wants its records deleted along with those of a site (03 §7.1, step 5).
pub(super) fn dependents(sql: &mut Statement, site: SiteId) {
    sql.syntax(
        "dependents as materialized (select exists (select from \"Links\" as link \
         join \"Sites\" as site on site.\"SiteId\" = link.\"SourceId\" where link.\"DestinationId\" = ",
    );
    sql.bind(Bind::Long(Some(site.0)));
    sql.syntax(" and strpos(site.\"SiteSettings\", 'DeleteWithLinks') > 0) as exist)");
}

struct Steps<'a> {
    catalogue: &'a Catalogue,
    delete: &'a Delete,
}

impl Steps<'_> {
    /// The record first: everything else goes only if it does.
    fn record(&self, sql: &mut Statement) {
        let delete = self.delete;
        let (from, into) = (Ident::table(delete.kind), Ident::deleted(delete.kind));
        let columns = self.catalogue.shared(&from, &into);
        let moved = Move { from, into, columns: &columns, user: delete.user };
        moved.write_first(sql, &Ident::new("record"), &Ident::new("record_copy"), |sql| {
            sql.ident(&Ident::id_of(delete.kind)).syntax(" = ").bind(Bind::Long(Some(delete.id)));
            sql.syntax(" and \"SiteId\" = ").bind(Bind::Long(Some(delete.site.0)));
            sql.syntax(" and xmin = ").bind(Bind::text(delete.token.to_string())).syntax("::xid");
            sql.syntax(" and (").bind(Bind::Bool(Some(delete.cascaded)));
            sql.syntax(" or not (select exist from dependents))");
        });
    }

    fn files(&self, sql: &mut Statement) {
        let delete = self.delete;
        let writer = Writer { tenant: delete.tenant, user: delete.user };
        self.moved(sql, ["files", "files_copy"], ["Binaries", "Binaries_deleted"], |sql| {
            own_files(sql, writer, delete.id);
            if delete.keeps_images {
                sql.syntax(" and \"BinaryType\" is distinct from ")
                    .bind(Bind::text(BinaryType::Images.name()));
            }
        });
        if delete.keeps_images {
            self.images(sql, writer);
        }
    }

    /// Images that stay go to the first other record of the site whose text shows them (03 §7.1, step 7).
    fn images(&self, sql: &mut Statement, writer: Writer) {
        let delete = self.delete;
        sql.syntax(
            ", images as (update \"Binaries\" as image set \"ReferenceId\" = shown.id from (\
             select file.\"BinaryId\" as file, min(other.\"ReferenceId\") as id from \"Binaries\" as file \
             join \"Items\" as other on other.\"SiteId\" = ",
        );
        sql.bind(Bind::Long(Some(delete.site.0)));
        sql.syntax(" and other.\"ReferenceId\" <> ").bind(Bind::Long(Some(delete.id)));
        sql.syntax(
            " and other.\"FullText\" ilike '%/' || file.\"Guid\" || '/%' where file.\"TenantId\" = ",
        );
        sql.bind(Bind::Int(Some(writer.tenant.0)));
        sql.syntax(" and file.\"ReferenceId\" = ").bind(Bind::Long(Some(delete.id)));
        sql.syntax(" and file.\"BinaryType\" = ").bind(Bind::text(BinaryType::Images.name()));
        sql.syntax(
            " group by file.\"BinaryId\") as shown where image.\"BinaryId\" = shown.file \
             and exists (select from record))",
        );
    }

    fn moved(
        &self,
        sql: &mut Statement,
        steps: [&'static str; 2],
        tables: [&'static str; 2],
        condition: impl FnOnce(&mut Statement),
    ) {
        let [from, into] = tables.map(Ident::new);
        let [deleted, copied] = steps.map(Ident::new);
        let columns = self.catalogue.shared(&from, &into);
        let moved = Move { from, into, columns: &columns, user: self.delete.user };
        moved.write(sql, &deleted, &copied, |sql| {
            sql.syntax("(");
            condition(sql);
            sql.syntax(") and exists (select from record)");
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(kind: ReferenceType, keeps_images: bool) -> String {
        let delete = Delete {
            tenant: TenantId(1),
            kind,
            site: SiteId(2),
            id: 3,
            token: 4,
            user: UserId(5),
            keeps_images,
            cascaded: false,
        };
        statement(&Catalogue::default(), &delete).text().to_owned()
    }

    #[test]
    fn everything_goes_only_if_the_record_does() {
        let sql = text(ReferenceType::Results, true);
        assert_eq!(sql.matches("exists (select from record)").count(), 4, "{sql}");
        assert!(sql.contains("Binaries_deleted") && !sql.contains("Sites_deleted"));
    }

    #[test]
    fn a_wiki_takes_its_site_along_and_leaves_its_files() {
        let sql = text(ReferenceType::Wikis, false);
        assert!(sql.contains("Sites_deleted") && !sql.contains("Binaries"), "{sql}");
    }
}
