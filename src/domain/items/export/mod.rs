//! `export` (04 §5): the records of a view as a CSV or JSON text, written while they are read.

mod cell;
mod csv;
mod json;
mod plan;
mod request;

use std::collections::HashMap;

use crate::db;
use crate::db::records::{Cursor, List, ListRow, RECORD, RowsOf};
use crate::db::sql::Ident;
use crate::domain::display::Labels;
use crate::domain::named_sql;
use crate::domain::settings::document::View;
use crate::domain::settings::enums::ExportType;
use crate::domain::view::{self, Compiler, Links, Reader};
use crate::domain::{Call, Common, Error, Limit, auth, culture};
use crate::lenient::Json;
use crate::model::Rights;

use super::bulk::TaskLock;
use super::labels::Wanted;
use super::scripts::{self, RawTexts, RowScripts};
use super::stored::TimeRange;
use super::{Table, hooks};

use self::plan::Plan;
use self::request::Wish;

/// An export that nothing speaks against any more.
pub struct Exporting<'e> {
    call: &'e Call,
    table: &'e Table<'e>,
    wish: Wish,
    view: View,
}

/// What is written of a record needs from elsewhere.
struct Texts {
    labels: Labels,
    /// Titles of sites.
    sites: HashMap<i64, String>,
    range: TimeRange,
}

/// Checks what may refuse an export, in the reference's order (04 §5.2).
pub fn open<'e>(
    call: &'e Call,
    table: &'e Table<'e>,
    body: &Json<'_>,
    common: Option<&Common>,
) -> Result<Exporting<'e>, Error> {
    auth::check_api_open(call)?;
    table.access.check(Rights::EXPORT)?;
    let common = common.ok_or(Error::BadRequest)?;
    let wish = Wish::read(call, table.settings, body)?;
    let view = common.view.clone().unwrap_or_default();
    Ok(Exporting { call, table, wish, view })
}

impl Exporting<'_> {
    /// What the answer says of the limit of calls.
    pub const fn limit(&self) -> Option<Limit> {
        self.table.limit
    }

    /// The name of the file: site, export, and the caller's clock.
    pub fn name(&self) -> String {
        let call = self.call;
        let time = culture::formatted(call.user_now(), "Ymdhms", call.language());
        let parts = [self.table.target.site.title.as_str(), &self.wish.name, &time];
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        let extension = if self.wish.kind == ExportType::Json { "Json" } else { "Csv" };
        format!("{}.{extension}", parts.join("_")).replace(FORBIDDEN, "_")
    }

    /// Writes the file, piece by piece; only so many records as are read at a time are in memory.
    pub async fn write<F>(&self, out: F) -> Result<(), Error>
    where
        F: FnMut(&str) -> Result<(), Error> + Send,
    {
        let site = self.table.target.site.id;
        let mut lock = TaskLock::take(self.call, site, "ExportByApi").await?;
        let done = self.run(out, &mut lock).await;
        lock.release().await;
        done
    }

    async fn run<F>(&self, mut out: F, lock: &mut TaskLock<'_>) -> Result<(), Error>
    where
        F: FnMut(&str) -> Result<(), Error> + Send,
    {
        let (call, table) = (self.call, self.table);
        let changed = scripts::viewed(call, table, Some(&self.view)).await?;
        let view = changed.as_deref().unwrap_or(&self.view);
        let columns = self.wish.columns(table.settings);
        let names: Vec<String> = columns.iter().map(|column| column.column_name.clone()).collect();
        let site = &table.target.site;
        let links = view::load_links(call, site, table.settings, Some(view), &names).await?;
        let row_scripts = RowScripts::of_export(call, table);
        let mut plan = Plan::new(call, table, &links, &columns, self.wish.kind)?;
        plan.select(&row_scripts.columns(table));
        let linked = plan.linked(call);
        let query = self.query(&links, view)?;
        let list = List {
            kind: table.settings.kind,
            table: table.columns,
            rows: RowsOf::Live,
            columns: plan.selection(),
            linked: &linked,
            titles: true,
            query: &query,
            offset: 0,
            limit: 0,
        };
        let mut wanted = Wanted::default();
        plan.want(&mut wanted);
        let names = wanted.names(call).await?;
        let sites = HashMap::from([(site.id.0, site.title.clone())]);
        let mut texts = Texts { labels: names, sites, range: TimeRange::of(call) };
        // A connection that stays taken must not be one of those that scripts wait for.
        let services = &call.services;
        let pool = if row_scripts.is_empty() { &services.db } else { &services.owner_db };
        let mut cursor = Cursor::open(pool, &list).await?;
        let mut writer = self.writer(&plan);
        let mut text = String::new();
        writer.begin(&mut text);
        loop {
            out(&text)?;
            text.clear();
            lock.refresh().await?;
            let mut rows = cursor.next(&list).await?;
            if rows.is_empty() {
                break;
            }
            let raw_texts = row_scripts.run(call, table, plan.selection(), &mut rows).await?;
            self.look_up(&plan, &rows, &mut wanted, &mut texts, &mut cursor).await?;
            writer.load(&rows, cursor.connection()).await?;
            for (at, row) in rows.iter().enumerate() {
                writer.row(row, raw_texts.get(at), &texts, &mut text);
            }
        }
        cursor.end().await?;
        writer.end(&mut text);
        out(&text)
    }

    /// What the rows show of linked records and further sites.
    async fn look_up(
        &self,
        plan: &Plan<'_>,
        rows: &[ListRow],
        wanted: &mut Wanted,
        texts: &mut Texts,
        cursor: &mut Cursor,
    ) -> Result<(), Error> {
        plan.want_titles(wanted, rows);
        texts.labels.links = wanted.linked(cursor.connection(), self.call).await?;
        let mut sites = plan.titled_sites(rows);
        sites.retain(|site| !texts.sites.contains_key(site));
        if !sites.is_empty() {
            let tenant = self.call.caller.tenant.id;
            let found = db::site_records::titles(cursor.connection(), tenant, &sites).await?;
            texts.sites.extend(found);
        }
        Ok(())
    }

    fn writer<'p>(&'p self, plan: &'p Plan<'p>) -> Writer<'p> {
        match self.wish.kind {
            ExportType::Json => {
                Writer::Json(json::Writer::new(self.call, self.table, plan, &self.wish))
            }
            _ => Writer::Csv(csv::Writer {
                call: self.call,
                table: self.table,
                plan,
                wish: &self.wish,
            }),
        }
    }

    /// Conditions and order: those of the view alone, no saved one (04 §5.1).
    fn query(&self, links: &Links<'_>, view: &View) -> Result<db::records::ListQuery, Error> {
        let (call, table) = (self.call, self.table);
        let compiler = Compiler {
            reader: Reader::of(call),
            table: table.settings,
            columns: table.columns,
            site: &table.target.site,
            access: table.access,
            needed: Rights::READ,
            record: None,
            links,
            joins: true,
        };
        let mut query = compiler.compile(Some(view))?;
        let kind = table.settings.kind;
        let (own_id, subject) = (Ident::id_of(kind).of(&RECORD), hooks::subject(table, None));
        query.predicate =
            named_sql::seen(call, kind, &own_id, subject, Some(view), query.predicate);
        Ok(query)
    }
}

/// What file systems do not take in a name.
const FORBIDDEN: [char; 9] = ['\\', '/', ':', '*', '?', '"', '<', '>', '|'];

/// The two forms of a file.
enum Writer<'p> {
    Csv(csv::Writer<'p>),
    Json(json::Writer<'p>),
}

impl Writer<'_> {
    fn begin(&self, out: &mut String) {
        match self {
            Self::Csv(writer) => writer.begin(out),
            Self::Json(writer) => writer.begin(out),
        }
    }

    /// Looks up what only one of the forms needs.
    async fn load(&mut self, rows: &[ListRow], conn: &mut sqlx::PgConnection) -> Result<(), Error> {
        match self {
            Self::Csv(_) => Ok(()),
            Self::Json(writer) => writer.load(rows, conn).await,
        }
    }

    fn row(
        &mut self,
        row: &ListRow,
        raw_texts: Option<&RawTexts>,
        texts: &Texts,
        out: &mut String,
    ) {
        match self {
            Self::Csv(writer) => writer.row(row, raw_texts, texts, out),
            Self::Json(writer) => writer.row(row, out),
        }
    }

    fn end(&self, out: &mut String) {
        if let Self::Json(writer) = self {
            writer.end(out);
        }
    }
}
