//! Files of records: rows of `Binaries` that a write adds, moves away or adopts (02 §13).

use crate::db::sql::{Bind, Ident, Statement};
use crate::model::{BinaryType, TenantId, UserId};

use super::moved::Move;

/// A file to add.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFile {
    /// 32 upper-case hexadecimal digits, made by us.
    pub guid: String,
    /// What it is for.
    pub kind: BinaryType,
    /// `Title` and `FileName`.
    pub name: String,
    /// The content; none when it lies in the file system.
    pub bytes: Option<Vec<u8>>,
    /// A small picture of it.
    pub thumbnail: Option<Vec<u8>>,
    /// With the dot; empty when the name has none.
    pub extension: String,
    /// Bytes of the content.
    pub size: i64,
    /// Its MIME type.
    pub content_type: String,
}

/// A file that leaves its record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removal {
    /// Its guid, as a client sent it: only a file of this very record and tenant is touched.
    pub guid: String,
    /// The file stays when a former version names it in this column (03 §18.4).
    pub unless_in: Option<Ident>,
}

/// What an update does with the files of its record.
#[derive(Debug, Clone, Copy, Default)]
pub struct FileChanges<'a> {
    /// New ones.
    pub added: &'a [NewFile],
    /// Those that take the place of a file with the same guid.
    pub overwritten: &'a [NewFile],
    /// Those that go to the deleted table.
    pub removed: &'a [Removal],
    /// Guids of files uploaded before, which from now on belong to the record.
    pub adopted: &'a [String],
    /// The columns that `Binaries` shares with its deleted table.
    pub columns: &'a [Ident],
}

/// Who writes, and in which tenant.
#[derive(Debug, Clone, Copy)]
pub(super) struct Writer {
    pub(super) tenant: TenantId,
    pub(super) user: UserId,
}

impl Writer {
    /// Creator and updator, both the caller.
    pub(super) fn twice(self, sql: &mut Statement) -> &mut Statement {
        sql.bind(Bind::Int(Some(self.user.0))).syntax(", ").bind(Bind::Int(Some(self.user.0)))
    }
}

/// Writes `files as (insert …)` for the ids that the source has in its column `id`.
pub(super) fn insert(sql: &mut Statement, writer: Writer, files: &[NewFile], source: &'static str) {
    if files.is_empty() {
        return;
    }
    sql.syntax(
        ", files as (insert into \"Binaries\" (\"TenantId\", \"ReferenceId\", \"Guid\", \"BinaryType\", \"Title\", \
         \"FileName\", \"Bin\", \"Thumbnail\", \"Extension\", \"Size\", \"ContentType\", \"Creator\", \"Updator\") \
         select ",
    );
    sql.bind(Bind::Int(Some(writer.tenant.0)));
    sql.syntax(", id, guid, kind, name, name, bytes, thumbnail, extension, size, content_type, ");
    writer.twice(sql).syntax(" from ").syntax(source).syntax(", unnest(");
    let texts = |of: fn(&NewFile) -> &str| {
        Bind::Texts(files.iter().map(|file| Some(of(file).to_owned())).collect())
    };
    sql.binds([
        texts(|file| &file.guid),
        texts(|file| file.kind.name()),
        texts(|file| &file.name),
        Bind::Blobs(files.iter().map(|file| file.bytes.clone()).collect()),
        Bind::Blobs(files.iter().map(|file| file.thumbnail.clone()).collect()),
        texts(|file| &file.extension),
        Bind::Longs(files.iter().map(|file| Some(file.size)).collect()),
        texts(|file| &file.content_type),
    ]);
    sql.syntax(") as given (guid, kind, name, bytes, thumbnail, extension, size, content_type))");
}

/// Writes the steps that move files of the record `id` to the deleted table, if the record changes at all.
pub(super) fn remove(
    sql: &mut Statement,
    writer: Writer,
    id: i64,
    history: &Ident,
    id_column: &Ident,
    changes: &FileChanges<'_>,
) {
    if changes.removed.is_empty() {
        return;
    }
    let moved = Move {
        from: Ident::new("Binaries"),
        into: Ident::new("Binaries_deleted"),
        columns: changes.columns,
        user: writer.user,
    };
    moved.write(sql, &Ident::new("removed"), &Ident::new("removed_copy"), |sql| {
        own_files(sql, writer, id).syntax(" and (");
        sql.separated(changes.removed, " or ", |sql, removal| {
            sql.syntax("(\"Guid\" = ").bind(Bind::text(removal.guid.as_str()));
            if let Some(column) = &removal.unless_in {
                unless_in_history(sql, id, history, id_column, column, &removal.guid);
            }
            sql.syntax(")");
        });
        sql.syntax(") and exists (select from changed)");
    });
}

fn unless_in_history(
    sql: &mut Statement,
    id: i64,
    history: &Ident,
    id_column: &Ident,
    column: &Ident,
    guid: &str,
) {
    sql.syntax(" and not exists (select from ").ident(history).syntax(" as former where former.");
    sql.ident(id_column).syntax(" = ").bind(Bind::Long(Some(id)));
    sql.syntax(" and strpos(former.").ident(column).syntax(", ").bind(Bind::text(guid));
    sql.syntax(") > 0)");
}

/// Writes `overwritten as (update …)` for files of the record `id`, if the record changes at all.
pub(super) fn overwrite(sql: &mut Statement, writer: Writer, id: i64, files: &[NewFile]) {
    if files.is_empty() {
        return;
    }
    let texts = |of: fn(&NewFile) -> &str| {
        Bind::Texts(files.iter().map(|file| Some(of(file).to_owned())).collect())
    };
    sql.syntax(
        ", overwritten as (update \"Binaries\" set \"Title\" = name, \"FileName\" = name, \"Bin\" = bytes, \
         \"Extension\" = given.extension, \"Size\" = given.size, \"ContentType\" = given.content_type, \
         \"Updator\" = ",
    );
    sql.bind(Bind::Int(Some(writer.user.0)));
    sql.syntax(", \"UpdatedTime\" = current_timestamp from unnest(").binds([
        texts(|file| &file.guid),
        texts(|file| &file.name),
        Bind::Blobs(files.iter().map(|file| file.bytes.clone()).collect()),
        texts(|file| &file.extension),
        Bind::Longs(files.iter().map(|file| Some(file.size)).collect()),
        texts(|file| &file.content_type),
    ]);
    sql.syntax(
        ") as given (guid, name, bytes, extension, size, content_type) where \"Guid\" = guid and ",
    );
    own_files(sql, writer, id).syntax(" and exists (select from changed))");
}

/// Writes `adopted as (update …)`: files of the tenant that belong to the record `id` from now on.
pub(super) fn adopt(sql: &mut Statement, writer: Writer, id: i64, guids: &[String]) {
    if guids.is_empty() {
        return;
    }
    sql.syntax(", adopted as (update \"Binaries\" set \"ReferenceId\" = ")
        .bind(Bind::Long(Some(id)));
    touched(sql, writer);
    by_guid(sql, writer, guids);
    sql.syntax(" and exists (select from changed))");
}

/// Writes `adopted as (update …)`: images that the caller has put into the site while the record was written
/// (02 §13), and that its text names.
pub(super) fn adopt_pasted(sql: &mut Statement, writer: Writer, site: i64, guids: &[String]) {
    if guids.is_empty() {
        return;
    }
    sql.syntax(", adopted as (update \"Binaries\" set \"ReferenceId\" = (select id from new)");
    touched(sql, writer);
    by_guid(sql, writer, guids);
    sql.syntax(" and \"ReferenceId\" = ").bind(Bind::Long(Some(site)));
    sql.syntax(" and \"Creator\" = ").bind(Bind::Int(Some(writer.user.0)));
    sql.syntax(" and exists (select from new))");
}

fn touched(sql: &mut Statement, writer: Writer) {
    sql.syntax(", \"Updator\" = ").bind(Bind::Int(Some(writer.user.0)));
    sql.syntax(", \"UpdatedTime\" = current_timestamp where ");
}

fn by_guid(sql: &mut Statement, writer: Writer, guids: &[String]) {
    sql.syntax("\"TenantId\" = ").bind(Bind::Int(Some(writer.tenant.0)));
    sql.syntax(" and \"Guid\" = any(")
        .bind(Bind::Texts(guids.iter().cloned().map(Some).collect()))
        .syntax(")");
}

/// The files of a record: whoever names a guid reaches nothing else.
pub(super) fn own_files(sql: &mut Statement, writer: Writer, id: i64) -> &mut Statement {
    sql.syntax("\"TenantId\" = ").bind(Bind::Int(Some(writer.tenant.0)));
    sql.syntax(" and \"ReferenceId\" = ").bind(Bind::Long(Some(id)))
}
