//! Why a call was refused or failed.

use chrono::NaiveDateTime;
use rust_decimal::Decimal;

use crate::db;

use super::named_sql::Refusal;
use super::scripts::ScriptError;

/// One variant per error type of the reference (01 §10), with its data instead of a text.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request as such makes no sense: content type, target, missing selector, process not executable.
    #[error("the request is not valid")]
    BadRequest,
    /// The body does not fit the operation's model.
    #[error("the body does not fit")]
    InvalidJsonData,
    /// Keys that cannot be used; the list as the message shows it, in parentheses.
    #[error("upsert keys that cannot be used: {0}")]
    InvalidUpsertKey(String),
    /// More than one record matches the keys of an upsert.
    #[error("several records match")]
    Overlap,
    /// Nobody is known by the key.
    #[error("not authenticated")]
    Unauthorized,
    /// The API is switched off for the caller, or a rule of its own forbids the call; answered like a missing right.
    #[error("the API is not open to the caller")]
    InvalidRequest,
    /// A right is missing.
    #[error("a right is missing")]
    HasNotPermission,
    /// Not there, or nothing that the caller may know about.
    #[error("not found")]
    NotFound,
    /// A column that the caller may not write was changed.
    #[error("column {label} may not be changed")]
    HasNotChangeColumnPermission {
        /// The column's label in the caller's language.
        label: String,
    },
    /// The table is locked.
    #[error("the table is locked")]
    LockedTable {
        /// Who locked it.
        user: String,
        /// When, in the caller's zone.
        time: NaiveDateTime,
    },
    /// The record is locked.
    #[error("record {id} is locked")]
    LockedRecord {
        /// The record.
        id: i64,
        /// Who changed it last, by which the lock is known.
        user: String,
        /// When, in the caller's zone.
        time: NaiveDateTime,
    },
    /// Another record of the table has the value of a column without duplicates.
    #[error("the value of column {label} exists already")]
    Duplicated {
        /// The column's label.
        label: String,
        /// The column's own message, if it has one.
        message: Option<String>,
    },
    /// A text is longer than its column allows.
    #[error("a text is longer than {max}")]
    TooLongText {
        /// The longest that is allowed.
        max: Decimal,
    },
    /// A text does not match its column's pattern.
    #[error("a text does not match the pattern of its column")]
    NotMatchRegex {
        /// The column's message; it may be empty.
        message: String,
    },
    /// The site was called too often today.
    #[error("more than {limit} calls of site {site} today")]
    OverLimitApi {
        /// The site.
        site: i64,
        /// Calls a day.
        limit: i64,
    },
    /// More files than a column allows.
    #[error("more than {max} files")]
    OverLimitQuantity {
        /// Files.
        max: Decimal,
    },
    /// A file larger than a column allows.
    #[error("a file is larger than {max} MB")]
    OverLimitSize {
        /// Megabytes.
        max: Decimal,
    },
    /// Files of a column larger together than it allows.
    #[error("files are larger than {max} MB together")]
    OverTotalLimitSize {
        /// Megabytes.
        max: Decimal,
    },
    /// The tenant's storage would overflow.
    #[error("the tenant's {max} GB are used up")]
    OverTenantStorageSize {
        /// Gigabytes.
        max: Decimal,
    },
    /// As `OverLimitSize`, for files in a local folder.
    #[error("a file is larger than {max} MB")]
    OverLocalFolderLimitSize {
        /// Megabytes.
        max: Decimal,
    },
    /// As `OverTotalLimitSize`, for files in a local folder.
    #[error("files are larger than {max} MB together")]
    OverLocalFolderTotalLimitSize {
        /// Megabytes.
        max: Decimal,
    },
    /// A file cannot be written to its folder.
    #[error("a file cannot be stored")]
    FailedWriteFile,
    /// Somebody else changed the row between our reading and writing it.
    #[error("somebody else changed the row meanwhile")]
    UpdateConflicts,
    /// The contract's number of records, or of sites, is reached.
    #[error("the contract's number of items is reached")]
    ItemsLimit,
    /// The contract's number of users is reached.
    #[error("the contract's number of users is reached")]
    UsersLimit,
    /// Another user has the login id.
    #[error("the login id is in use")]
    LoginIdAlreadyUse,
    /// The password equals the login id.
    #[error("the password equals the login id")]
    JoeAccountCheck,
    /// The password breaks a policy.
    #[error("the password breaks a policy")]
    PasswordPolicyViolation,
    /// The password was used before.
    #[error("the password was used before")]
    PasswordHasBeenUsed,
    /// A group would be below itself.
    #[error("groups in a circle")]
    CircularGroupChild,
    /// Groups would be nested too deeply.
    #[error("groups are nested too deeply")]
    GroupDepthMax,
    /// A text that is no mail address.
    #[error("no mail address")]
    BadMailAddress(String),
    /// The caller has no mail address to send from.
    #[error("the caller has no mail address")]
    MailAddressHasNotSet,
    /// A mail without a recipient that its service needs.
    #[error("a mail needs a recipient in To")]
    RequireTo,
    /// A mail without any recipient.
    #[error("a mail needs a recipient")]
    RequireMailAddresses,
    /// An address outside the domains that mails may go to.
    #[error("an address outside our domains")]
    ExternalMailAddress(String),
    /// Sites outside inherit the permissions of what is to be deleted.
    #[error("site {site} inherits permissions")]
    CannotDeletePermissionInherited {
        /// Its id and title, as the message shows them.
        site: String,
    },
    /// More rows in one call than the parameters allow.
    #[error("more than {max} rows in one call")]
    ImportMax {
        /// Rows.
        max: i32,
    },
    /// A row of a bulk upsert failed; what stands before it is written.
    #[error("row {} of a bulk upsert failed", .0.index)]
    BulkUpsert(#[source] Box<FailedRow>),
    /// A file cannot be imported.
    #[error("a file cannot be imported: {0}")]
    Unimportable(#[from] Unimportable),
    /// Another long operation runs on the table.
    #[error("another task runs on the table")]
    ImportLock,
    /// What the reference answers when the database refuses a text of the sessions API (07 §1.2).
    #[error("the text could not be kept")]
    InternalServerError(#[source] db::Error),
    /// Named SQL did not run to its end; the text is that of the reference's log.
    #[error(transparent)]
    NamedSql(#[from] Refusal),
    /// A server script called `context.Error`; the text is the whole message.
    #[error("a server script refused: {0}")]
    Custom(String),
    /// A server script or an extended formula did not run to its end; the text is that of the reference's log.
    #[error(transparent)]
    Script(#[from] ScriptError),
    /// QUIRK(01 §10.3): the reference uses the error type "None" as an error.
    #[error("the reference answers its error type None here")]
    NoError,
    /// A part of the reference that is not built yet; listed in `docs/compatibility.md`.
    #[error("not built: {0}")]
    NotBuilt(&'static str),
    /// Storage failed.
    #[error("storage failed")]
    Storage(#[from] db::Error),
    /// A row of the database holds what the reference would not have written.
    #[error("the database holds what cannot be: {0}")]
    Corrupt(&'static str),
}

/// The row at which a bulk upsert stopped (01 §10.2).
#[derive(Debug, thiserror::Error)]
#[error("{cause}")]
pub struct FailedRow {
    /// The site's title.
    pub title: String,
    /// Records added before it.
    pub inserted: usize,
    /// Records updated before it.
    pub updated: usize,
    /// Its number and key values, as the message shows them.
    pub index: String,
    /// Why it failed.
    #[source]
    pub cause: Error,
}

/// Why a file cannot be imported (01 §10.3).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unimportable {
    /// There is no file, or it is no CSV.
    #[error("no readable file")]
    FailedReadFile,
    /// There is nothing below the line of labels.
    #[error("no rows")]
    FileNotFound,
    /// The column by which records are to be found is not in the file.
    #[error("no key column")]
    NotContainKeyColumn,
    /// A column that every file needs is missing.
    #[error("no column {0}")]
    NotIncludedRequiredColumn(String),
    /// The contract does not allow imports.
    #[error("imports are not allowed")]
    Restricted,
    /// A password breaks a policy.
    #[error("a password breaks a policy in row {row}")]
    BadPasswordWhenImporting {
        /// The row, counted from 1 below the line of labels.
        row: usize,
        /// The policy's text.
        text: String,
    },
    /// A kind of member that there is not.
    #[error("no kind of member in line {line}")]
    InvalidMemberType {
        /// The line of the file.
        line: usize,
    },
    /// A member that there is not.
    #[error("no such member in line {line}")]
    InvalidMemberKey {
        /// The line of the file.
        line: usize,
    },
    /// Several records have the key of a row.
    #[error("several records for row {row}")]
    OverlapCsvImport {
        /// The row, counted from 1 below the line of labels.
        row: usize,
        /// The label of the key column.
        label: String,
        /// The key.
        value: String,
    },
}

impl Error {
    /// Whether the database broke the transaction off in favour of another one: nothing was written.
    pub const fn is_retryable(&self) -> bool {
        matches!(
            self,
            Self::Storage(db::Error::Retryable(_))
                | Self::InternalServerError(db::Error::Retryable(_))
        )
    }

    /// Whether we failed, rather than refused: failures are logged, once, at the boundary.
    pub const fn is_failure(&self) -> bool {
        match self {
            Self::Storage(error) | Self::InternalServerError(error) => {
                !matches!(error, db::Error::OutOfRange(_) | db::Error::NotNull(_))
            }
            Self::Corrupt(_) | Self::NamedSql(_) | Self::Script(_) => true,
            Self::BulkUpsert(failed) => failed.cause.is_failure(),
            _ => false,
        }
    }
}
