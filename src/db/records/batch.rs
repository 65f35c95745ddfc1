//! Writing many records in one statement: all of them, or none.

use sqlx::{PgConnection, Row};

use super::find::{KeySet, candidates, matching};
use super::{ItemText, NEW_ID};
use crate::db::Error;
use crate::db::sql::{Bind, Ident, Statement};
use crate::model::{ReferenceType, SiteId, UserId};

/// Records to write together, each as [`insert`](super::insert()) and [`update`](super::update()) would.
#[derive(Debug, Clone)]
pub struct Batch<'a> {
    /// The table.
    pub kind: ReferenceType,
    /// The site.
    pub site: SiteId,
    /// Who writes.
    pub user: UserId,
    /// The columns of the history table.
    pub history_columns: &'a [Ident],
    /// The records to add; they get ids in this order.
    pub added: &'a [Added],
    /// The ids that they get, if those were taken from the sequence before.
    pub ids: Option<&'a [i64]>,
    /// The records to change.
    pub changed: &'a [Changed],
    /// Nothing is written when a record of the site has one of these keys already.
    pub unless: Option<&'a KeySet>,
}

/// A record to add.
#[derive(Debug, Clone)]
pub struct Added {
    /// Title and search text; where they name the record's id they hold [`NEW_ID`].
    pub item: ItemText,
    /// The columns to write.
    pub values: Vec<(Ident, Bind)>,
    /// The records it links to.
    pub links: Vec<i64>,
    /// How long after the beginning of the statement it is written, so that times keep the order of the records.
    pub milliseconds: i32,
}

/// A record to change.
#[derive(Debug, Clone)]
pub struct Changed {
    /// The record.
    pub id: i64,
    /// The version of the row that was read.
    pub token: i64,
    /// Copies the row to the history table and sets this `Ver`.
    pub version: Option<i32>,
    /// Title and search text.
    pub item: ItemText,
    /// The columns that change.
    pub values: Vec<(Ident, Bind)>,
    /// The records it links to from now on.
    pub links: Vec<i64>,
    /// As of [`Added`].
    pub milliseconds: i32,
}

/// Writes the records; needs the owner role for ids if some are added. False, with nothing written, when somebody
/// else changed one of the records since it was read, or made one with a key that must not be there.
#[tracing::instrument(name = "db.records.write_batch", skip_all)]
pub async fn write_batch(conn: &mut PgConnection, batch: &Batch<'_>) -> Result<bool, Error> {
    let row = statement(batch).into_query()?.fetch_one(conn).await?;
    Ok(row.try_get(0)?)
}

fn statement(batch: &Batch<'_>) -> Statement {
    let mut sql = Statement::new();
    held(&mut sql, batch);
    clear(&mut sql, batch);
    if !batch.added.is_empty() {
        add(&mut sql, batch);
    }
    if !batch.changed.is_empty() {
        change(&mut sql, batch);
    }
    sql.syntax(" select exists (select from clear)");
    sql
}

/// The rows to change, held in the order of their ids: whoever wants the same ones waits instead of meeting head-on.
fn held(sql: &mut Statement, batch: &Batch<'_>) {
    let id = Ident::id_of(batch.kind);
    sql.syntax("with held as materialized (select record.").ident(&id).syntax(" from ");
    sql.ident(&Ident::table(batch.kind)).syntax(" as record join unnest(");
    sql.bind(longs(batch.changed.iter().map(|change| change.id))).syntax(", ");
    sql.bind(texts(batch.changed.iter().map(|change| change.token.to_string())));
    sql.syntax(") as wanted(id, token) on record.").ident(&id).syntax(" = wanted.id where record.");
    sql.syntax("\"SiteId\" = ").bind(Bind::Long(Some(batch.site.0)));
    sql.syntax(" and record.xmin = wanted.token::xid order by record.").ident(&id);
    sql.syntax(" for update of record)");
}

/// A row if nothing stands against the batch.
fn clear(sql: &mut Statement, batch: &Batch<'_>) {
    sql.syntax(", clear as materialized (select 1 where (select count(*) from held) = ");
    sql.bind(Bind::Long(i64::try_from(batch.changed.len()).ok()));
    if let Some(keys) = batch.unless {
        sql.syntax(" and not exists (with ");
        candidates(sql, batch.kind, batch.site, keys);
        sql.syntax(" select");
        matching(sql, keys);
        sql.syntax(")");
    }
    sql.syntax(")");
}

fn add(sql: &mut Statement, batch: &Batch<'_>) {
    match batch.ids {
        None => sql
            .syntax(
                // The sub-query is asked once, not for each row.
                ", new as materialized (select at, \
                 nextval((select pg_get_serial_sequence('\"Items\"', 'ReferenceId')::regclass)) as id \
                 from generate_series(1, ",
            )
            .bind(Bind::Int(Some(place(batch.added.len()))))
            .syntax(") as at"),
        Some(ids) => sql
            .syntax(", new as materialized (select at::integer, id from unnest(")
            .bind(longs(ids.iter().copied()))
            .syntax(") with ordinality as given (id, at)"),
    };
    sql.syntax(" where exists (select from clear))");
    add_items(sql, batch);
    let shapes = shapes(batch.added.iter().map(|added| added.values.as_slice()));
    for (number, shape) in shapes.iter().enumerate() {
        add_records(sql, batch, number, shape);
    }
    let links = batch
        .added
        .iter()
        .enumerate()
        .flat_map(|(at, added)| added.links.iter().map(move |link| (place(at + 1), *link)));
    let (places, links): (Vec<i32>, Vec<i64>) = links.unzip();
    if links.is_empty() {
        return;
    }
    sql.syntax(
        ", new_link as (insert into \"Links\" (\"DestinationId\", \"SourceId\", \"Creator\", \"Updator\") \
         select link.destination, new.id, ",
    );
    users(sql, batch.user).syntax(" from unnest(").bind(ints(places)).syntax(", ");
    sql.bind(longs(links)).syntax(") as link(at, destination) join new on new.at = link.at)");
}

fn add_items(sql: &mut Statement, batch: &Batch<'_>) {
    let items = || batch.added.iter().map(|added| &added.item);
    let made = items().find_map(|item| item.full_text.as_ref().map(|(_, made)| *made));
    sql.syntax(
        ", new_item as (insert into \"Items\" (\"ReferenceId\", \"ReferenceType\", \"SiteId\", \"Creator\", \
         \"Updator\", \"Title\"",
    );
    sql.syntax(if made.is_some() {
        ", \"FullText\", \"SearchIndexCreatedTime\") select new.id, "
    } else {
        ") select new.id, "
    });
    sql.bind(Bind::text(batch.kind.name())).syntax(", ").bind(Bind::Long(Some(batch.site.0)));
    users(sql.syntax(", "), batch.user);
    let marker = || Bind::text(NEW_ID);
    sql.syntax(", replace(item.title, ").bind(marker()).syntax(", new.id::text)");
    if made.is_some() {
        // A word that equals the id stands where the id does: the first of equal words stays (08 §15.2).
        sql.syntax(
            ", replace(array_to_string(array_remove(string_to_array(item.words, ' '), new.id::text), ' '), ",
        );
        sql.bind(marker()).syntax(", new.id::text), ").bind(Bind::Time(made));
    }
    sql.syntax(" from unnest(").bind(texts(items().map(|item| item.title.clone()))).syntax(", ");
    sql.bind(texts(items().map(words)));
    sql.syntax(") with ordinality as item(title, words, at) join new on new.at = item.at)");
}

/// Records that write the same columns.
fn add_records(sql: &mut Statement, batch: &Batch<'_>, number: usize, shape: &Shape<'_>) {
    sql.syntax(", ").ident(&Ident::numbered("new_record", number)).syntax(" as (insert into ");
    sql.ident(&Ident::table(batch.kind)).syntax(" (\"SiteId\", ").ident(&Ident::id_of(batch.kind));
    sql.syntax(", \"Ver\", \"Creator\", \"Updator\", \"CreatedTime\", \"UpdatedTime\"");
    for name in &shape.names {
        sql.syntax(", ").ident(name);
    }
    sql.syntax(") select ").bind(Bind::Long(Some(batch.site.0))).syntax(", new.id, 1, ");
    users(sql, batch.user);
    for _ in 0..2 {
        sql.syntax(", current_timestamp + row.later * interval '1 millisecond'");
    }
    for column in 0..shape.names.len() {
        sql.syntax(", row.").ident(&Ident::numbered("value", column));
    }
    let later = shape.rows.iter().filter_map(|row| batch.added.get(*row));
    sql.syntax(" from unnest(");
    sql.bind(ints(shape.rows.iter().map(|row| place(row + 1)))).syntax(", ");
    sql.bind(ints(later.map(|added| added.milliseconds)));
    row_values(sql, shape, "at");
    sql.syntax(" join new on new.at = row.at)");
}

fn change(sql: &mut Statement, batch: &Batch<'_>) {
    history(sql, batch);
    let shapes = shapes(batch.changed.iter().map(|changed| changed.values.as_slice()));
    for (number, shape) in shapes.iter().enumerate() {
        change_records(sql, batch, number, shape);
    }
    change_items(sql, batch);
    change_links(sql, batch);
}

/// The statement's snapshot still has the former rows, whatever the updates beside it do.
fn history(sql: &mut Statement, batch: &Batch<'_>) {
    let versioned = batch.changed.iter().filter(|changed| changed.version.is_some());
    let ids: Vec<i64> = versioned.map(|changed| changed.id).collect();
    if ids.is_empty() {
        return;
    }
    sql.syntax(", history as (insert into ").ident(&Ident::history(batch.kind)).syntax(" (");
    sql.idents(batch.history_columns).syntax(") select ").idents(batch.history_columns);
    sql.syntax(" from ").ident(&Ident::table(batch.kind)).syntax(" where ");
    sql.ident(&Ident::id_of(batch.kind)).syntax(" = any(").bind(longs(ids));
    sql.syntax(") and exists (select from clear))");
}

fn change_records(sql: &mut Statement, batch: &Batch<'_>, number: usize, shape: &Shape<'_>) {
    let rows = || shape.rows.iter().filter_map(|row| batch.changed.get(*row));
    sql.syntax(", ").ident(&Ident::numbered("changed", number)).syntax(" as (update ");
    sql.ident(&Ident::table(batch.kind)).syntax(" as record set \"Updator\" = ");
    sql.bind(Bind::Int(Some(batch.user.0)));
    sql.syntax(", \"UpdatedTime\" = current_timestamp + row.later * interval '1 millisecond'");
    sql.syntax(", \"Ver\" = coalesce(row.version, record.\"Ver\")");
    for (column, name) in shape.names.iter().enumerate() {
        sql.syntax(", ").ident(name).syntax(" = row.").ident(&Ident::numbered("value", column));
    }
    sql.syntax(" from unnest(").bind(longs(rows().map(|changed| changed.id))).syntax(", ");
    sql.bind(Bind::Ints(rows().map(|changed| changed.version).collect())).syntax(", ");
    sql.bind(ints(rows().map(|changed| changed.milliseconds)));
    row_values(sql, shape, "id, version");
    sql.syntax(" where record.").ident(&Ident::id_of(batch.kind));
    sql.syntax(" = row.id and exists (select from clear))");
}

/// The values of a shape's rows as further arrays of an `unnest`, and the names of all.
fn row_values(sql: &mut Statement, shape: &Shape<'_>, first: &'static str) {
    for values in &shape.values {
        sql.syntax(", ").bind(Bind::array(values.iter().map(|value| (*value).clone())));
    }
    sql.syntax(") as row(").syntax(first).syntax(", later");
    for column in 0..shape.names.len() {
        sql.syntax(", ").ident(&Ident::numbered("value", column));
    }
    sql.syntax(")");
}

fn change_items(sql: &mut Statement, batch: &Batch<'_>) {
    let items = || batch.changed.iter().map(|changed| &changed.item);
    let made = items().find_map(|item| item.full_text.as_ref().map(|(_, made)| *made));
    sql.syntax(", changed_item as (update \"Items\" as item set \"Updator\" = ")
        .bind(Bind::Int(Some(batch.user.0)));
    sql.syntax(", \"UpdatedTime\" = current_timestamp, \"SiteId\" = ")
        .bind(Bind::Long(Some(batch.site.0)));
    sql.syntax(", \"Title\" = row.title");
    if made.is_some() {
        sql.syntax(", \"FullText\" = row.words, \"SearchIndexCreatedTime\" = ")
            .bind(Bind::Time(made));
    }
    sql.syntax(" from unnest(").bind(longs(batch.changed.iter().map(|changed| changed.id)));
    sql.syntax(", ").bind(texts(items().map(|item| item.title.clone()))).syntax(", ");
    sql.bind(texts(items().map(words))).syntax(
        ") as row(id, title, words) where item.\"ReferenceId\" = row.id and exists (select from clear))",
    );
}

/// As of an update of one record: those that stay get today's creator, the others go or come (02 §12).
fn change_links(sql: &mut Statement, batch: &Batch<'_>) {
    let links = batch
        .changed
        .iter()
        .flat_map(|changed| changed.links.iter().map(|link| (changed.id, *link)));
    let (sources, destinations): (Vec<i64>, Vec<i64>) = links.unzip();
    let pairs = |sql: &mut Statement| {
        sql.syntax("unnest(").bind(longs(sources.iter().copied())).syntax(", ");
        sql.bind(longs(destinations.iter().copied())).syntax(") as link(source, destination)");
    };
    sql.syntax(", unlinked as (delete from \"Links\" as old where old.\"SourceId\" = any(");
    sql.bind(longs(batch.changed.iter().map(|changed| changed.id)));
    sql.syntax(") and not exists (select from ");
    pairs(sql);
    sql.syntax(
        " where link.source = old.\"SourceId\" and link.destination = old.\"DestinationId\") \
         and exists (select from clear))",
    );
    if sources.is_empty() {
        return;
    }
    sql.syntax(
        ", linked as (insert into \"Links\" (\"DestinationId\", \"SourceId\", \"Creator\", \"Updator\") \
         select link.destination, link.source, ",
    );
    users(sql, batch.user).syntax(" from ");
    pairs(sql);
    sql.syntax(
        " where exists (select from clear) on conflict (\"DestinationId\", \"SourceId\") do update \
         set \"Creator\" = excluded.\"Creator\", \"Updator\" = excluded.\"Updator\", \
         \"CreatedTime\" = current_timestamp, \"UpdatedTime\" = current_timestamp)",
    );
}

/// Rows that write the same columns: they share a part of the statement.
struct Shape<'a> {
    names: Vec<&'a Ident>,
    /// The places of the rows.
    rows: Vec<usize>,
    /// Per column, the values of the rows.
    values: Vec<Vec<&'a Bind>>,
}

fn shapes<'a>(rows: impl Iterator<Item = &'a [(Ident, Bind)]>) -> Vec<Shape<'a>> {
    let mut shapes: Vec<Shape<'a>> = Vec::new();
    for (at, values) in rows.enumerate() {
        let names = || values.iter().map(|(name, _)| name);
        let shape = if let Some(shape) =
            shapes.iter_mut().find(|shape| shape.names.iter().copied().eq(names()))
        {
            shape
        } else {
            let columns = vec![Vec::new(); values.len()];
            shapes.push(Shape { names: names().collect(), rows: Vec::new(), values: columns });
            let Some(last) = shapes.last_mut() else { continue };
            last
        };
        shape.rows.push(at);
        for (column, (_, value)) in shape.values.iter_mut().zip(values) {
            column.push(value);
        }
    }
    shapes
}

fn words(item: &ItemText) -> String {
    item.full_text.as_ref().map(|(words, _)| words.join(" ")).unwrap_or_default()
}

/// Creator and updator, both the caller.
fn users(sql: &mut Statement, user: UserId) -> &mut Statement {
    sql.bind(Bind::Int(Some(user.0))).syntax(", ").bind(Bind::Int(Some(user.0)))
}

fn longs(values: impl IntoIterator<Item = i64>) -> Bind {
    Bind::Longs(values.into_iter().map(Some).collect())
}

fn ints(values: impl IntoIterator<Item = i32>) -> Bind {
    Bind::Ints(values.into_iter().map(Some).collect())
}

fn texts(values: impl IntoIterator<Item = String>) -> Bind {
    Bind::array(values.into_iter().map(Bind::text))
}

/// Batches are small; a place beyond the type is none.
fn place(at: usize) -> i32 {
    i32::try_from(at).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn added(values: &[&'static str]) -> Added {
        let values = values.iter().map(|name| (Ident::new(name), Bind::text("x"))).collect();
        let item = ItemText { title: "t".to_owned(), full_text: None };
        Added { item, values, links: vec![], milliseconds: 0 }
    }

    #[test]
    fn rows_of_one_shape_share_a_part_of_the_statement() {
        let rows = [added(&["A"]), added(&["A", "B"]), added(&["A"])];
        let shapes = shapes(rows.iter().map(|row| row.values.as_slice()));
        let places: Vec<&[usize]> = shapes.iter().map(|shape| shape.rows.as_slice()).collect();
        assert_eq!(places, [&[0, 2][..], &[1][..]]);
    }

    #[test]
    fn the_text_does_not_depend_on_the_number_of_records() {
        let text = |number: usize| {
            let rows = vec![added(&["A"]); number];
            let batch = Batch {
                kind: ReferenceType::Results,
                site: SiteId(1),
                user: UserId(1),
                history_columns: &[],
                added: &rows,
                ids: None,
                changed: &[],
                unless: None,
            };
            statement(&batch).text().to_owned()
        };
        assert_eq!(text(1), text(300));
    }
}
