//! The columns that the database really has: extension columns differ between installations (02 §3.8).

use std::collections::HashMap;

use sqlx::{PgConnection, Row};

use super::Error;
use super::sql::Ident;
use crate::model::DataType;

/// Tables by name, as found in the schema that the connection's role looks into.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    tables: HashMap<String, TableInfo>,
}

/// A table and its columns in their order.
#[derive(Debug, Clone)]
pub struct TableInfo {
    /// The table.
    pub name: String,
    /// Its columns.
    pub columns: Vec<ColumnInfo>,
    by_name: HashMap<String, usize>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnInfo {
    /// Its name.
    pub name: String,
    /// How its values are stored; none for types that records do not have.
    pub data_type: DataType,
    /// The most characters, if limited.
    pub max_length: Option<u32>,
    /// Whether it may be NULL.
    pub nullable: bool,
}

impl ColumnInfo {
    /// Its name in a statement.
    pub fn ident(&self) -> Ident {
        Ident::catalogued(&self.name)
    }
}

impl TableInfo {
    /// The column of that exact name.
    pub fn column(&self, name: &str) -> Option<&ColumnInfo> {
        self.columns.get(*self.by_name.get(name)?)
    }
}

impl Catalogue {
    /// Every table that the search path finds, in one query.
    #[tracing::instrument(name = "db.catalogue.load", skip_all)]
    pub async fn load(conn: &mut PgConnection) -> Result<Self, Error> {
        let rows = sqlx::query(
            r"
            select c.relname::text, a.attname::text, t.typname::text,
                   case when t.typname = 'varchar' and a.atttypmod > 4 then a.atttypmod - 4 end, not a.attnotnull
              from pg_class c
              join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
              join pg_type t on t.oid = a.atttypid
             where c.relkind = 'r' and pg_table_is_visible(c.oid)
               and c.relnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
             order by c.relname, a.attnum
            ",
        )
        .fetch_all(conn)
        .await?;
        let mut catalogue = Self::default();
        for row in rows {
            let max_length: Option<i32> = row.try_get(3)?;
            let column = ColumnInfo {
                name: row.try_get(1)?,
                data_type: data_type(row.try_get(2)?),
                max_length: max_length.and_then(|length| u32::try_from(length).ok()),
                nullable: row.try_get(4)?,
            };
            catalogue.add(row.try_get(0)?, column);
        }
        Ok(catalogue)
    }

    /// The table of that exact name.
    pub fn table(&self, name: &str) -> Option<&TableInfo> {
        self.tables.get(name)
    }

    /// The columns that two tables share, in the order of the first: what can be copied from one to the other.
    pub fn shared(&self, from: &Ident, into: &Ident) -> Vec<Ident> {
        let (Some(from), Some(into)) = (self.table(from.as_str()), self.table(into.as_str()))
        else {
            return Vec::new();
        };
        from.columns
            .iter()
            .filter(|column| into.column(&column.name).is_some())
            .map(ColumnInfo::ident)
            .collect()
    }

    fn add(&mut self, table: String, column: ColumnInfo) {
        let table = self.tables.entry(table).or_insert_with_key(|name| TableInfo {
            name: name.clone(),
            columns: Vec::new(),
            by_name: HashMap::new(),
        });
        table.by_name.insert(column.name.clone(), table.columns.len());
        table.columns.push(column);
    }
}

/// Types that no record has are read as text; nothing here reads them.
fn data_type(name: &str) -> DataType {
    match name {
        "int4" => DataType::Int,
        "int8" => DataType::Long,
        "numeric" => DataType::Decimal,
        "timestamp" => DataType::Time,
        "bool" => DataType::Bool,
        _ => DataType::Text,
    }
}
