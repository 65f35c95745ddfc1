//! `get` of records: a page of a table, or one record (05 §1–§5, §7, §13).
//!
//! [`open`] finds out what an id means for reading, [`page`] reads and hands the page to whoever writes it. What members
//! a row has and where their values come from is decided once per page; rows are then only written.

mod aggregate;
mod attachments;
mod cell;
pub(super) mod number;
mod objects;
mod rows;
pub(super) mod source;
mod time;

pub use aggregate::{aggregate, extreme_time};
pub use time::Moment;

use std::collections::HashMap;

use crate::db;
use crate::db::records::{self, List, ListRow, RECORD, RowsOf};
use crate::db::sql::Ident;
use crate::domain::display::Labels;
use crate::domain::named_sql;
use crate::domain::permissions::Scope;
use crate::domain::settings::document::View;
use crate::domain::settings::enums::ApiDataType;
use crate::domain::view::{self, Compiler, Links, Reader};
use crate::domain::{Call, Common, Error, Limit, TableType, auth, limits};
use crate::json::Object;
use crate::model::{ReferenceType, Rights};

use super::labels::Wanted;
use super::scripts::{self, RowScripts};
use super::stored::TimeRange;
use super::{Table, cut, hooks};

use self::cell::Texts;
use self::objects::Objects;
use self::rows::{Planner, Rows};
use self::source::Selection;

/// What an id means for reading, once the call is counted (05 §1.3).
pub enum Opened<'c> {
    /// Records: those of a table, or a wiki's.
    Records(Table<'c>),
    /// A dashboard, whose records the API does not reach.
    Dashboard,
    /// A folder, or nothing at all: the site's own record.
    Site(Option<Limit>),
}

/// Counts the call, whatever it addresses.
pub async fn count(call: &Call) -> Result<Option<Limit>, Error> {
    match &call.target {
        Some(target) => limits::count(call, target).await,
        None => Ok(None),
    }
}

/// Counts the call and looks at what is addressed.
pub async fn open(call: &Call) -> Result<Opened<'_>, Error> {
    let limit = count(call).await?;
    let Some(target) = &call.target else { return Ok(Opened::Site(limit)) };
    let kind = target.site.kind;
    match kind {
        ReferenceType::Sites => return Ok(Opened::Site(limit)),
        ReferenceType::Dashboards => return Ok(Opened::Dashboard),
        ReferenceType::Results | ReferenceType::Issues | ReferenceType::Wikis => {}
    }
    let settings = call.settings.as_ref().ok_or(Error::Corrupt("a site without settings"))?;
    let columns = call.services.catalogue.table(kind.name());
    let columns = columns.ok_or(Error::Corrupt("a missing table"))?;
    let table = Table { target, settings, columns, access: call.access(target), limit };
    scripts::run_at_opening(call, &table).await?;
    Ok(Opened::Records(table))
}

/// How many bytes an answer has for a row, more or less.
const USUAL_ROW: usize = 700;

/// A page that has been read.
pub struct Page<'p> {
    call: &'p Call,
    table: &'p Table<'p>,
    offset: i32,
    size: i32,
    total: i64,
    rows: Vec<ListRow>,
    form: Form<'p>,
    labels: Labels,
    sites: HashMap<i64, String>,
}

/// The two forms of a page's rows (05 §4, §5).
enum Form<'p> {
    Objects(Objects<'p>),
    Rows(Rows<'p>),
}

/// Reads a page with the checks in the reference's order (05 §1.2, from step 8 on); `write` makes the answer of it.
pub async fn page<A>(
    call: &Call,
    table: &Table<'_>,
    common: Option<&Common>,
    write: impl FnOnce(&Page<'_>) -> A,
) -> Result<A, Error> {
    auth::check_api_open(call)?;
    check_readable(table)?;
    let common = common.ok_or(Error::InvalidJsonData)?;
    let none = View::default();
    let changed = scripts::viewed(call, table, common.view.as_ref()).await?;
    let view = changed.as_deref().or(common.view.as_ref()).unwrap_or(&none);
    let as_rows = view.api_data_type == ApiDataType::KeyValues;
    let site = &table.target.site;
    let names = if as_rows { rows::names(table.settings, view) } else { Vec::new() };
    let links = view::load_links(call, site, table.settings, Some(view), &names).await?;
    let mut selection = Selection::new(table.columns);
    let form = if as_rows {
        Form::Rows(Planner { call, table, view, links: &links }.plan(&mut selection)?)
    } else {
        Form::Objects(Objects::plan(call, table, &mut selection))
    };
    for column in RowScripts::of_page(call, table).columns(table) {
        selection.select(&column.name);
    }
    let mut page =
        Asked { call, table, common, view, links: &links }.read(form, &selection).await?;
    page.look_up().await?;
    Ok(write(&page))
}

/// 05 §1.2, steps 9 and 10.
fn check_readable(table: &Table<'_>) -> Result<(), Error> {
    let (access, target) = (&table.access, table.target);
    let reads = access.can(Rights::READ, Scope::Item);
    let of_record = table.settings.kind.is_table() && !target.is_site();
    if of_record && !reads {
        return Err(Error::NotFound);
    }
    match (access.has_any(), reads) {
        (true, _) => Ok(()),
        (false, true) => Err(Error::HasNotPermission),
        (false, false) => Err(Error::NotFound),
    }
}

/// What a call asks of its table.
struct Asked<'p> {
    call: &'p Call,
    table: &'p Table<'p>,
    common: &'p Common,
    view: &'p View,
    links: &'p Links<'p>,
}

impl<'p> Asked<'p> {
    async fn read(&self, form: Form<'p>, selection: &Selection<'_>) -> Result<Page<'p>, Error> {
        let (call, table, common) = (self.call, self.table, self.common);
        // BUG(05 §3.3): the database refuses a negative offset.
        if common.offset < 0 {
            return Err(Error::BadRequest);
        }
        let mut query = self.compiler(&form).compile(Some(self.view))?;
        let kind = table.settings.kind;
        let (own_id, subject) = (Ident::id_of(kind).of(&RECORD), hooks::subject(table, None));
        query.predicate =
            named_sql::seen(call, kind, &own_id, subject, Some(self.view), query.predicate);
        let size = page_size(common.page_size, call.services.parameters.api.page_size);
        let linked = match &form {
            Form::Rows(rows) => rows.linked(call),
            Form::Objects(_) => Vec::new(),
        };
        let list = List {
            kind: table.settings.kind,
            table: table.columns,
            rows: rows_of(common.table_type)?,
            columns: selection.columns(),
            linked: &linked,
            // Objects compose their titles anew (05 §4.5).
            titles: matches!(form, Form::Rows(_)),
            query: &query,
            offset: common.offset.into(),
            limit: size.into(),
        };
        let mut listed = records::list(&call.services.db, &list).await?;
        let row_scripts = RowScripts::of_page(call, table);
        row_scripts.run(call, table, selection.columns(), &mut listed.rows).await?;
        drop(linked);
        let mut wanted = Wanted::default();
        match &form {
            Form::Objects(objects) => objects.want(&mut wanted, &listed.rows),
            Form::Rows(rows) => rows.want(&mut wanted, &listed.rows),
        }
        Ok(Page {
            call,
            table,
            offset: common.offset,
            size,
            total: listed.total,
            rows: listed.rows,
            form,
            labels: wanted.load(call).await?,
            sites: HashMap::new(),
        })
    }

    fn compiler(&self, form: &Form<'_>) -> Compiler<'p> {
        let (call, table) = (self.call, self.table);
        let target = table.target;
        Compiler {
            reader: Reader::of(call),
            table: table.settings,
            columns: table.columns,
            site: &target.site,
            access: table.access,
            needed: Rights::READ,
            record: (!target.is_site()).then_some(target.item.0),
            links: self.links,
            joins: matches!(form, Form::Rows(_)),
        }
    }
}

impl Page<'_> {
    /// What answers say of the limit of calls.
    pub fn limit(&self) -> Option<Limit> {
        self.table.limit
    }

    /// Looks up the titles of further sites that rows show; that of the addressed one is known.
    async fn look_up(&mut self) -> Result<(), Error> {
        let Form::Rows(rows) = &self.form else { return Ok(()) };
        let site = &self.table.target.site;
        let mut sites = rows.titled_sites(&self.rows);
        if sites.is_empty() {
            return Ok(());
        }
        self.sites.insert(site.id.0, site.title.clone());
        sites.retain(|other| *other != site.id.0);
        if !sites.is_empty() {
            let (pool, tenant) = (&self.call.services.db, self.call.caller.tenant.id);
            let mut conn = pool.acquire().await.map_err(db::Error::from)?;
            self.sites.extend(db::site_records::titles(&mut conn, tenant, &sites).await?);
        }
        Ok(())
    }

    /// The members of `Response` (05 §3).
    pub fn write(&self, response: &mut Object<'_>) {
        response.reserve(self.rows.len() * USUAL_ROW);
        response.field("Offset", &self.offset).field("PageSize", &self.size);
        response.field("TotalCount", &self.total);
        response.array("Data", |data| match &self.form {
            Form::Objects(objects) => {
                self.rows.iter().for_each(|row| objects.write(data, row, &self.labels));
            }
            Form::Rows(rows) => {
                let range = TimeRange::of(self.call);
                let texts = Texts { labels: &self.labels, sites: &self.sites, range };
                let reader = rows::Reader { call: self.call, table: self.table, texts };
                for row in &self.rows {
                    rows.write(data, row, &reader);
                }
            }
        });
    }
}

/// 05 §3.3.
const fn page_size(asked: i32, largest: i32) -> i32 {
    if 0 < asked && asked < largest { asked } else { largest }
}

/// The variant of the table that is read (05 §7). BUG: the reference fails on the two with deleted rows, and so do we.
fn rows_of(table_type: TableType) -> Result<RowsOf, Error> {
    match table_type {
        TableType::Normal => Ok(RowsOf::Live),
        TableType::History | TableType::HistoryWithoutFlag => Ok(RowsOf::History),
        TableType::NormalAndHistory => Ok(RowsOf::LiveAndHistory),
        TableType::Deleted => Ok(RowsOf::Deleted),
        TableType::NormalAndDeleted | TableType::All => Err(Error::BadRequest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_as_large_as_asked_but_never_larger_than_the_parameter() {
        for (asked, size) in [(50, 50), (199, 199), (200, 200), (500, 200), (0, 200), (-1, 200)] {
            assert_eq!(page_size(asked, 200), size, "{asked}");
        }
    }
}
