//! Looking for the records of many keys at once.

use sqlx::PgConnection;

use super::select::{RecordRow, fields, read};
use crate::db::sql::{Bind, Ident, Statement};
use crate::db::{ColumnInfo, Columns, Error};
use crate::model::{ReferenceType, SiteId};

/// What a part of a key is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyPart {
    /// A column of the table.
    Column(Ident),
    /// The display title.
    ItemTitle,
}

/// Keys, each once.
#[derive(Debug, Clone, PartialEq)]
pub struct KeySet {
    /// The parts of every key.
    pub parts: Vec<KeyPart>,
    /// Per part an array with the values of all keys.
    pub values: Vec<Bind>,
}

/// Whose records are looked for, and what of them.
#[derive(Debug, Clone, Copy)]
pub struct Find<'a> {
    /// The table.
    pub kind: ReferenceType,
    /// The site.
    pub site: SiteId,
    /// The columns wanted besides those that every row brings.
    pub columns: &'a [&'a ColumnInfo],
    /// How many mails of a record its search text wants.
    pub mails: i32,
    /// The keys.
    pub keys: &'a KeySet,
}

/// Up to two records of every key, with the place of the key: enough to know whether there is none, one, or several.
#[tracing::instrument(name = "db.records.find", skip_all)]
pub async fn find(
    conn: &mut PgConnection,
    find: &Find<'_>,
) -> Result<Vec<(usize, RecordRow)>, Error> {
    let rows = statement(find).into_query()?.fetch_all(conn).await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in &rows {
        let mut next = Columns::of(row);
        let at: i64 = next.next()?;
        // Places are counted from 1 there.
        let at = usize::try_from(at - 1).unwrap_or_default();
        found.push((at, read(&mut next, find.columns)?));
    }
    Ok(found)
}

fn statement(find: &Find<'_>) -> Statement {
    let mut sql = Statement::new();
    sql.syntax("with ");
    candidates(&mut sql, find.kind, find.site, find.keys);
    sql.syntax(
        ", matching as materialized (select wanted.at, candidate.id, \
         row_number() over (partition by wanted.at) as nth",
    );
    matching(&mut sql, find.keys);
    // Looked up one by one, by the index of ids, whatever the planner knows of the table.
    sql.syntax(") select matching.at, found.* from matching cross join lateral (select ");
    fields(&mut sql, find.kind, find.columns, find.mails);
    sql.syntax(" from ").ident(&Ident::table(find.kind)).syntax(" as record where record.");
    sql.ident(&Ident::id_of(find.kind));
    sql.syntax(" = matching.id offset 0) as found where matching.nth <= 2");
    sql
}

/// Writes `candidate`: records that have a value of some key in every part. The table is read once, whatever the
/// planner knows of it.
pub(super) fn candidates(sql: &mut Statement, kind: ReferenceType, site: SiteId, keys: &KeySet) {
    let id = Ident::id_of(kind);
    sql.syntax("candidate as materialized (select record.").ident(&id).syntax(" as id");
    for (at, part) in keys.parts.iter().enumerate() {
        sql.syntax(", ");
        column(sql, part).syntax(" as ").ident(&Ident::numbered("key", at));
    }
    sql.syntax(" from ").ident(&Ident::table(kind)).syntax(" as record");
    if keys.parts.contains(&KeyPart::ItemTitle) {
        sql.syntax(" join \"Items\" as item on item.\"ReferenceId\" = record.").ident(&id);
    }
    sql.syntax(" where record.\"SiteId\" = ").bind(Bind::Long(Some(site.0)));
    for (part, values) in keys.parts.iter().zip(&keys.values) {
        column(sql.syntax(" and "), part).syntax(" = any(").bind(values.clone()).syntax(")");
    }
    sql.syntax(")");
}

fn column<'s>(sql: &'s mut Statement, part: &KeyPart) -> &'s mut Statement {
    match part {
        KeyPart::Column(column) => sql.syntax("record.").ident(column),
        KeyPart::ItemTitle => sql.syntax("item.\"Title\""),
    }
}

/// Writes what stands behind a select list: candidates and, as `wanted`, the keys with their places, that match.
pub(super) fn matching(sql: &mut Statement, keys: &KeySet) {
    let names: Vec<Ident> = (0..keys.parts.len()).map(|at| Ident::numbered("key", at)).collect();
    sql.syntax(" from candidate join unnest(").binds(keys.values.iter().cloned());
    sql.syntax(") with ordinality as wanted(").idents(&names).syntax(", at) on ");
    sql.separated(&names, " and ", |sql, name| {
        sql.syntax("candidate.").ident(name).syntax(" = wanted.").ident(name);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_depends_on_the_parts_and_not_on_the_number_of_keys() {
        let text = |values: &[&str]| {
            let values = Bind::Texts(values.iter().map(|text| Some((*text).to_owned())).collect());
            let keys = KeySet {
                parts: vec![KeyPart::Column(Ident::new("ClassA")), KeyPart::ItemTitle],
                values: vec![values.clone(), values],
            };
            let mut sql = Statement::new();
            candidates(&mut sql, ReferenceType::Results, SiteId(1), &keys);
            matching(&mut sql, &keys);
            sql.text().to_owned()
        };
        assert_eq!(text(&["a"]), text(&["a", "b' or true --"]));
        let text = text(&[]);
        assert!(text.contains(r#"record."ClassA" = any("#), "{text}");
        assert!(text.contains(r#"item."Title" = any("#), "{text}");
        assert!(
            text.contains(
                r#"candidate."key0" = wanted."key0" and candidate."key1" = wanted."key1""#
            ),
            "{text}"
        );
    }
}
