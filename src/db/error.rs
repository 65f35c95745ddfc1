//! What can go wrong at the database.

/// A failure of storage, by what the layers above can do about it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A unique key already exists (SQLSTATE 23505); the name of the constraint.
    #[error("the key of {constraint} exists already")]
    DuplicateKey {
        /// The constraint or index that refused.
        constraint: String,
    },
    /// A serialisation failure or deadlock (40001, 40P01): the whole transaction may be tried again.
    #[error("the transaction has to be tried again")]
    Retryable(#[source] sqlx::Error),
    /// A value that the column cannot hold (22003 and its like).
    #[error("a value does not fit its column")]
    OutOfRange(#[source] sqlx::Error),
    /// A missing value where the column needs one (23502).
    #[error("a column that needs a value got none")]
    NotNull(#[source] sqlx::Error),
    /// A statement touched another number of rows than it had to.
    #[error("{found} rows instead of {expected}")]
    RowCount {
        /// What had to be touched.
        expected: u64,
        /// What was.
        found: u64,
    },
    /// Anything else the driver reports.
    #[error(transparent)]
    Driver(sqlx::Error),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        let Some(database) = error.as_database_error() else { return Self::Driver(error) };
        match database.code().as_deref() {
            Some("23505") => Self::DuplicateKey {
                constraint: database.constraint().unwrap_or_default().to_owned(),
            },
            Some("40001" | "40P01") => Self::Retryable(error),
            Some("22003" | "22001") => Self::OutOfRange(error),
            Some("23502") => Self::NotNull(error),
            _ => Self::Driver(error),
        }
    }
}
