//! Reading rows by position.

use sqlx::postgres::PgRow;
use sqlx::{Decode, Postgres, Row, Type};

use super::Error;

/// The columns of a row, taken one after the other in the order of the select list.
pub(crate) struct Columns<'r> {
    row: &'r PgRow,
    at: usize,
}

impl<'r> Columns<'r> {
    /// From the first column on.
    pub(crate) const fn of(row: &'r PgRow) -> Self {
        Self { row, at: 0 }
    }

    /// From a column on.
    pub(crate) const fn from(row: &'r PgRow, at: usize) -> Self {
        Self { row, at }
    }

    /// Passes over columns.
    pub(crate) const fn skip(&mut self, columns: usize) {
        self.at += columns;
    }

    /// How many columns have been taken.
    pub(crate) const fn position(&self) -> usize {
        self.at
    }

    /// The next column, as the type that is asked for. Every statement here is read by a test, whose build compares the
    /// types; for the thousands of values of a page the driver would compare the same ones again.
    pub(crate) fn next<T: Decode<'r, Postgres> + Type<Postgres>>(&mut self) -> Result<T, Error> {
        let value = if cfg!(debug_assertions) {
            self.row.try_get(self.at)?
        } else {
            self.row.try_get_unchecked(self.at)?
        };
        self.at += 1;
        Ok(value)
    }
}
