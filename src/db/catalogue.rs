//! The tables and columns that the database really has.
//!
//! Extension columns differ between installations (02 §3.8), so they are looked up once at the start and never
//! assumed.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use sqlx::{PgConnection, Row as _};

use super::sql::Ident;
use super::{Error, schema};
use crate::model::DataType;

/// The known tables, live, deleted and history, as far as they exist.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    tables: HashMap<String, TableInfo, RandomState>,
}

/// A table.
#[derive(Debug, Clone, Default)]
pub struct TableInfo {
    /// Its name.
    pub name: String,
    /// Its columns of the types that records have, in the database's order.
    pub columns: Vec<ColumnInfo>,
    /// The names of its other columns: files, and the log's fractional numbers.
    pub opaque: Vec<String>,
    by_name: HashMap<String, usize, RandomState>,
}

/// A column.
#[derive(Debug, Clone)]
pub struct ColumnInfo {
    /// Its name.
    pub name: String,
    /// How its values are stored.
    pub data_type: DataType,
    /// The most characters of a text, if limited.
    pub max_length: Option<u32>,
    /// Whether it may be NULL.
    pub nullable: bool,
    ident: Ident,
}

impl Catalogue {
    /// Reads the tables that the connection's `search_path` leads to.
    #[tracing::instrument(name = "db.catalogue.load", skip_all)]
    pub async fn load(connection: &mut PgConnection) -> Result<Self, Error> {
        let rows = sqlx::query(
            "select t.relname::text, c.attname::text, c.atttypid::regtype::text,
                    case when c.atttypmod > 4 then c.atttypmod - 4 end, not c.attnotnull
               from pg_catalog.pg_class t
               join pg_catalog.pg_attribute c on c.attrelid = t.oid
              where t.relname = any ($1) and t.relkind in ('r', 'p') and pg_catalog.pg_table_is_visible(t.oid)
                and c.attnum > 0 and not c.attisdropped
              order by t.relname, c.attnum",
        )
        .bind(schema::table_names())
        .fetch_all(connection)
        .await?;
        let mut catalogue = Self::default();
        for row in rows {
            let (table, name): (String, String) = (row.try_get(0)?, row.try_get(1)?);
            let (type_name, length): (String, Option<i32>) = (row.try_get(2)?, row.try_get(3)?);
            let table = catalogue.tables.entry(table).or_insert_with_key(|name| TableInfo {
                name: name.clone(),
                ..TableInfo::default()
            });
            match data_type(&type_name) {
                Some(data_type) => {
                    let length = length.filter(|_| type_name.starts_with("character"));
                    let max_length = length.and_then(|length| length.try_into().ok());
                    table.add(ColumnInfo::new(name, data_type, max_length, row.try_get(4)?));
                }
                None => table.opaque.push(name),
            }
        }
        Ok(catalogue)
    }

    /// The table of that name, suffix included (`Results_history`), if it exists.
    pub fn table(&self, name: &str) -> Option<&TableInfo> {
        self.tables.get(name)
    }

    /// The columns that two tables share, files included: what can be copied from one to the other.
    pub fn shared(&self, from: &Ident, into: &Ident) -> Vec<Ident> {
        let (Some(from), Some(into)) = (self.table(from.as_str()), self.table(into.as_str()))
        else {
            return Vec::new();
        };
        let columns = from.all_idents().into_iter();
        columns.filter(|column| into.has_column(column.as_str())).collect()
    }
}

impl TableInfo {
    /// A table with these columns, whether or not a database has it.
    pub fn new(name: &str, columns: Vec<ColumnInfo>) -> Self {
        let mut table = Self { name: name.to_owned(), ..Self::default() };
        for column in columns {
            table.add(column);
        }
        table
    }

    fn add(&mut self, column: ColumnInfo) {
        self.by_name.insert(column.name.clone(), self.columns.len());
        self.columns.push(column);
    }

    /// The column of that name, if it exists and is not an opaque one.
    pub fn column(&self, name: &str) -> Option<&ColumnInfo> {
        self.columns.get(*self.by_name.get(name)?)
    }

    /// Whether there is a column of that name, of any type.
    pub fn has_column(&self, name: &str) -> bool {
        self.column(name).is_some() || self.opaque.iter().any(|opaque| opaque == name)
    }

    /// Its name for statements.
    pub fn ident(&self) -> Ident {
        Ident::catalogued(&self.name)
    }

    /// The names of all columns for statements, opaque ones last.
    pub fn all_idents(&self) -> Vec<Ident> {
        let plain = self.columns.iter().map(ColumnInfo::ident);
        plain.chain(self.opaque.iter().map(|name| Ident::catalogued(name))).collect()
    }
}

impl ColumnInfo {
    /// A column of that description.
    pub fn new(name: String, data_type: DataType, max_length: Option<u32>, nullable: bool) -> Self {
        let ident = Ident::catalogued(&name);
        Self { name, data_type, max_length, nullable, ident }
    }

    /// Its name for statements.
    pub fn ident(&self) -> Ident {
        self.ident.clone()
    }
}

fn data_type(type_name: &str) -> Option<DataType> {
    Some(match type_name {
        "text" | "character varying" | "character" => DataType::Text,
        "integer" => DataType::Int,
        "bigint" => DataType::Long,
        "numeric" => DataType::Decimal,
        "timestamp without time zone" => DataType::Time,
        "boolean" => DataType::Bool,
        _ => return None,
    })
}
