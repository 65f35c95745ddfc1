//! Reading the records of a view without end: so many rows at a time, in one snapshot.

use sqlx::PgConnection;

use super::list::{List, ListRow, all, read_row};
use crate::db::sql::Statement;
use crate::db::{Error, Pool, Transaction};

/// The rows of a list, of which offset and limit do not count.
#[derive(Debug)]
pub struct Cursor {
    transaction: Transaction,
}

impl Cursor {
    /// Begins to read.
    #[tracing::instrument(name = "db.records.cursor.open", skip_all)]
    pub async fn open(pool: &Pool, list: &List<'_>) -> Result<Self, Error> {
        let mut transaction = pool.begin().await?;
        let mut sql = Statement::new();
        sql.syntax("declare exported no scroll cursor for ");
        all(&mut sql, list);
        sql.into_query()?.persistent(false).execute(&mut *transaction).await?;
        Ok(Self { transaction })
    }

    /// The next rows, up to a thousand; none behind the last.
    #[tracing::instrument(name = "db.records.cursor.next", skip_all)]
    pub async fn next(&mut self, list: &List<'_>) -> Result<Vec<ListRow>, Error> {
        // Not kept as a prepared statement: the columns of the next cursor of that name are others.
        let query = sqlx::query("fetch forward 1000 from exported").persistent(false);
        let rows = query.fetch_all(&mut *self.transaction).await?;
        rows.iter().map(|row| read_row(row, list)).collect()
    }

    /// Ends the reading, so that the connection can be used again.
    pub async fn end(self) -> Result<(), Error> {
        Ok(self.transaction.rollback().await?)
    }

    /// The connection that reads, for what rows need besides: another one might have to be waited for.
    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }
}
