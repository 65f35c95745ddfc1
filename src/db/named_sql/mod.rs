//! SQL of the operator's own files and of the `Extensions` table (07 §2): the second place that vouches for SQL text.
//!
//! Callers read a text once with [`Script::parse`] and run it with values that never become text. This module knows
//! nothing of definitions, callers and hooks.

mod cell;
mod lex;
mod param;
mod script;

use std::collections::HashSet;

use sqlx::postgres::{PgArguments, PgColumn, PgRow};
use sqlx::{
    AssertSqlSafe, Column, Connection, Executor, PgConnection, Row, SqlSafeStr, SqlStr, Statement,
};

use super::sql::Statement as OwnStatement;
use super::{Error, Pool};

pub use cell::Cell;
pub use param::{Param, Params, WholeNumber};
pub use script::Script;

/// The rows that one statement returned.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Names, each once.
    pub columns: Vec<String>,
    /// Values, as many in each row as there are columns.
    pub rows: Vec<Vec<Cell>>,
}

/// Why a script did not end well; the text is that of the reference's log (07 §2.8).
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// PostgreSQL refused.
    #[error("PostgresException: {code}: {message}")]
    Refused {
        /// SQLSTATE.
        code: String,
        /// PostgreSQL's message.
        message: String,
    },
    /// A value that has no form in JSON.
    #[error("InvalidCastException: a value of type {0} has no form in JSON")]
    Unshowable(String),
    /// Anything else.
    #[error(transparent)]
    Storage(#[from] Error),
}

impl Failure {
    /// A serialisation failure or deadlock: the whole may be tried again.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Refused { code, .. } if code == "40001" || code == "40P01")
    }

    /// The table has other columns than when the connection saw the statement first.
    fn is_stale_plan(&self) -> bool {
        matches!(self, Self::Refused { code, message } if code == "0A000" && message.contains("cached plan"))
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        match error.as_database_error() {
            Some(refused) => Self::Refused {
                code: refused.code().unwrap_or_default().into_owned(),
                message: refused.message().to_owned(),
            },
            None => Self::Storage(error.into()),
        }
    }
}

/// Runs a script: one statement alone, several in one transaction, as in the reference (07 §2.6), unless the text
/// manages transactions itself.
#[tracing::instrument(name = "db.named_sql.run", skip_all)]
pub async fn run(pool: &Pool, script: &Script, params: &Params) -> Result<Vec<Table>, Failure> {
    if script.is_empty() {
        return Ok(Vec::new());
    }
    let mut conn = pool.acquire().await?;
    if script.changes_session || script.manages_transactions {
        let done = if script.manages_transactions {
            statements(&mut conn, script, params).await
        } else {
            together(&mut conn, script, params).await
        };
        // Whoever gets the connection next must not find what the script left in the session.
        conn.close().await;
        return done;
    }
    match together(&mut conn, script, params).await {
        Err(failure) if failure.is_stale_plan() => {
            conn.clear_cached_statements().await?;
            together(&mut conn, script, params).await
        }
        done => done,
    }
}

/// Runs a script inside somebody else's transaction and forgets what it returns: a hook (07 §2.9).
///
/// Nothing of it is kept prepared, since its text has the ids of records.
#[tracing::instrument(name = "db.named_sql.execute", skip_all)]
pub async fn execute(
    conn: &mut PgConnection,
    script: &Script,
    params: &Params,
) -> Result<(), Failure> {
    for (text, values) in script.render(params) {
        sqlx::query_with(vouched(text), arguments(&values)?)
            .persistent(false)
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

async fn together(
    conn: &mut PgConnection,
    script: &Script,
    params: &Params,
) -> Result<Vec<Table>, Failure> {
    if script.len() == 1 {
        return statements(conn, script, params).await;
    }
    let mut transaction = conn.begin().await?;
    let done = statements(&mut transaction, script, params).await;
    // Said outright: dropping it would leave what it locked until the connection is used again.
    if done.is_ok() {
        transaction.commit().await?;
    } else {
        transaction.rollback().await?;
    }
    done
}

async fn statements(
    conn: &mut PgConnection,
    script: &Script,
    params: &Params,
) -> Result<Vec<Table>, Failure> {
    let mut tables = Vec::new();
    for (text, values) in script.render(params) {
        let arguments = arguments(&values)?;
        let text = vouched(text);
        let rows = sqlx::query_with(text.clone(), arguments).fetch_all(&mut *conn).await?;
        tables.extend(match rows.first() {
            Some(first) => Some(table(first.columns(), &rows)?),
            None => empty_table(conn, text).await?,
        });
    }
    Ok(tables)
}

/// A table without rows, or none where the statement returns none. The connection has it prepared: no round trip.
async fn empty_table(conn: &mut PgConnection, text: SqlStr) -> Result<Option<Table>, Failure> {
    let statement = conn.prepare(text).await?;
    let columns = statement.columns();
    if columns.is_empty() { Ok(None) } else { table(columns, &[]).map(Some) }
}

fn arguments(values: &[&Param]) -> Result<PgArguments, Failure> {
    let mut arguments = PgArguments::default();
    for value in values {
        value.add_to(&mut arguments)?;
    }
    Ok(arguments)
}

/// The one place that vouches for the operator's SQL.
#[expect(clippy::disallowed_methods, reason = "only the operator's own text and `$n`")]
fn vouched(text: String) -> SqlStr {
    AssertSqlSafe(text).into_sql_str()
}

fn table(columns: &[PgColumn], rows: &[PgRow]) -> Result<Table, Failure> {
    let read_row = |row: &PgRow| {
        (0..columns.len())
            .map(|at| cell::read(&row.try_get_raw(at)?))
            .collect::<Result<Vec<_>, Failure>>()
    };
    Ok(Table {
        columns: unique(columns.iter().map(Column::name)),
        rows: rows.iter().map(read_row).collect::<Result<_, _>>()?,
    })
}

/// Repeated names get a number behind them, and empty ones are called `Column1` and on (07 §2.7).
fn unique<'n>(names: impl Iterator<Item = &'n str>) -> Vec<String> {
    let mut taken = HashSet::new();
    let mut free = |name: &str| taken.insert(name.to_lowercase());
    names
        .map(|name| {
            if !name.is_empty() && free(name) {
                return name.to_owned();
            }
            let base = if name.is_empty() { "Column" } else { name };
            let numbered = (1_usize..).map(|number| format!("{base}{number}"));
            numbered.into_iter().find(|name| free(name)).unwrap_or_default()
        })
        .collect()
}

/// A condition on the rows of a table in the operator's own words, such as `("Results"."ClassC" <> 'hidden')`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    script: Script,
    values: Vec<(&'static str, i32)>,
}

impl Condition {
    /// The first statement of a script, with the standard values.
    pub fn new(script: Script, values: Vec<(&'static str, i32)>) -> Self {
        Self { script, values }
    }

    pub(in crate::db) fn write(&self, sql: &mut OwnStatement) {
        self.script.write_first(sql, &self.values);
    }
}

/// Text of the operator; only this module makes it.
pub(in crate::db) struct Vouched<'t>(&'t str);

impl Vouched<'_> {
    pub(in crate::db) const fn as_str(&self) -> &str {
        self.0
    }
}

/// A definition in the `Extensions` table.
#[derive(Debug, Clone)]
pub struct ExtensionRow {
    /// `ExtensionName`
    pub name: String,
    /// `ExtensionSettings`: the definition as JSON.
    pub settings: String,
    /// `Body`: the SQL, where it is not in the settings.
    pub body: Option<String>,
}

/// What a row of `Extensions` defines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExtensionType {
    /// Named SQL.
    Sql,
    /// A server script.
    ServerScript,
}

/// The definitions of a type of every tenant that are not disabled, by name (07 §2.1).
#[tracing::instrument(name = "db.named_sql.extensions", skip_all)]
pub async fn extensions(
    conn: &mut PgConnection,
    of: ExtensionType,
) -> Result<Vec<ExtensionRow>, Error> {
    let name = match of {
        ExtensionType::Sql => "Sql",
        ExtensionType::ServerScript => "ServerScript",
    };
    let rows = sqlx::query(
        r#"
        select "ExtensionName", "ExtensionSettings", "Body" from "Extensions"
         where not "Disabled" and "ExtensionType" = $1
         order by "ExtensionName", "ExtensionId"
        "#,
    )
    .bind(name)
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(ExtensionRow {
                name: row.try_get(0)?,
                settings: row.try_get(1)?,
                body: row.try_get(2)?,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_names_are_numbered() {
        let names = ["id", "id", "ID", "mixed", "Mixed", "?column?", "?column?", ""];
        let expected = ["id", "id1", "ID2", "mixed", "Mixed1", "?column?", "?column?1", "Column1"];
        assert_eq!(unique(names.into_iter()), expected);
        assert_eq!(unique(["id1", "id", "id"].into_iter()), ["id1", "id", "id2"]);
    }
}
