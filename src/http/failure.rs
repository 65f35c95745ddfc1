//! From the rules' errors to status and text (01 §10).

use crate::db;
use crate::domain::scripts::ScriptError;
use crate::domain::{Error, FailedRow, Unimportable, culture};
use crate::json;
use crate::messages::{self, Language, MessageId};

use super::wire::{self, Answer};

/// What a client is told: a status and a message with its arguments.
struct Outcome {
    status: u16,
    message: MessageId,
    arguments: Vec<String>,
}

impl Outcome {
    const fn new(status: u16, message: MessageId) -> Self {
        Self { status, message, arguments: Vec::new() }
    }

    fn arg(mut self, argument: &impl ToString) -> Self {
        self.arguments.push(argument.to_string());
        self
    }
}

/// The answer to a refused or failed call; `id` is the one of the URL.
pub(super) fn answer(error: &Error, id: i64, language: Language) -> Answer {
    let outcome = outcome(error, language);
    wire::simple(id, outcome.status, None, &text(error, &outcome, language))
}

/// The message of that answer alone.
pub(crate) fn message(error: &Error, language: Language) -> String {
    text(error, &outcome(error, language), language)
}

fn text(error: &Error, outcome: &Outcome, language: Language) -> String {
    match error {
        // A column's own texts stand for the whole message; an empty one is sent as it is.
        Error::Duplicated { message: Some(message), .. } | Error::NotMatchRegex { message } => {
            message.clone()
        }
        Error::Custom(message) => message.clone(),
        Error::NotBuilt(what) => format!("Not implemented: {what}"),
        _ => messages::text(outcome.message, language, &outcome.arguments),
    }
}

/// A failed row: the cause decides the status, by a table of its own (01 §10.2), and is a part of the text.
fn bulk_upsert(failed: &FailedRow, language: Language) -> Outcome {
    let mut cause = outcome(&failed.cause, language);
    match failed.cause {
        // QUIRK(04 §2.8): 500 here, 409 elsewhere.
        Error::Duplicated { .. } => cause.status = 500,
        // QUIRK(01 §10.2): its own text here, that of a missing right elsewhere.
        Error::InvalidRequest => cause.message = MessageId::InvalidRequest,
        _ => {}
    }
    Outcome::new(cause.status, MessageId::FailedBulkUpsert)
        .arg(&failed.title)
        .arg(&failed.inserted)
        .arg(&failed.updated)
        .arg(&failed.index)
        .arg(&text(&failed.cause, &cause, language))
}

/// 500 for all of them, although they are the caller's to repair (01 §10.3).
fn unimportable(cause: &Unimportable) -> Outcome {
    let refused = |message| Outcome::new(500, message);
    match cause {
        Unimportable::FailedReadFile => refused(MessageId::FailedReadFile),
        Unimportable::FileNotFound => refused(MessageId::FileNotFound),
        Unimportable::NotContainKeyColumn => refused(MessageId::NotContainKeyColumn),
        Unimportable::NotIncludedRequiredColumn(label) => {
            refused(MessageId::NotIncludedRequiredColumn).arg(label)
        }
        Unimportable::Restricted => refused(MessageId::Restricted),
        Unimportable::BadPasswordWhenImporting { row, text } => {
            refused(MessageId::BadPasswordWhenImporting).arg(row).arg(text)
        }
        Unimportable::InvalidMemberType { line } => refused(MessageId::InvalidMemberType).arg(line),
        Unimportable::InvalidMemberKey { line } => refused(MessageId::InvalidMemberKey).arg(line),
        Unimportable::OverlapCsvImport { row, label, value } => {
            refused(MessageId::OverlapCsvImport).arg(row).arg(label).arg(value)
        }
    }
}

/// The answer to a failed call of a page's script: commands for the page, always in the same language (01 §2).
pub(super) fn for_scripts(error: &Error, language: Language) -> Answer {
    let (status, name, id) = match error {
        Error::Script(ScriptError::Script(_)) => {
            (422, "ServerScriptExecutionFailed", MessageId::ServerScriptExecutionFailed)
        }
        Error::Script(ScriptError::Formula(_)) => {
            (422, "FormulaExecutionFailed", MessageId::FormulaExecutionFailed)
        }
        _ => (500, "ApplicationError", MessageId::ApplicationError),
    };
    let message = json::object(|o| {
        o.field("Id", name).field("Text", messages::template(id, language));
        o.field("Css", "alert-error");
    });
    let body = json::array(|commands| {
        // Errors of scripts have no details in front (01 §2).
        let log = (status == 500).then_some(("Log", ""));
        for (method, value) in log.into_iter().chain([("Message", message.as_str())]) {
            commands.object(|o| {
                o.field("Method", method).field("Value", value);
            });
        }
    });
    Answer { status, content_type: "text/plain; charset=utf-8", body, file: None }
}

/// Status, message and arguments, as the error table has them.
fn outcome(error: &Error, language: Language) -> Outcome {
    match error {
        Error::BadRequest => Outcome::new(400, MessageId::BadRequest),
        Error::InvalidJsonData => Outcome::new(400, MessageId::InvalidJsonData),
        Error::InvalidUpsertKey(keys) => Outcome::new(400, MessageId::InvalidUpsertKey).arg(keys),
        Error::Overlap => Outcome::new(400, MessageId::Overlap),
        Error::Unauthorized => Outcome::new(401, MessageId::Unauthorized),
        // QUIRK(01 §10.1): a closed API is answered with the text of a missing right.
        Error::InvalidRequest | Error::HasNotPermission => {
            Outcome::new(403, MessageId::HasNotPermission)
        }
        Error::NotFound => Outcome::new(404, MessageId::NotFound),
        Error::LockedTable { user, time } => Outcome::new(405, MessageId::LockedTable)
            .arg(user)
            .arg(&culture::general(*time, language)),
        Error::LockedRecord { id, user, time } => Outcome::new(405, MessageId::LockedRecord)
            .arg(id)
            .arg(user)
            .arg(&culture::general(*time, language)),
        Error::Duplicated { label, .. } => Outcome::new(409, MessageId::Duplicated).arg(label),
        Error::TooLongText { max } => Outcome::new(422, MessageId::TooLongText).arg(&max.trunc()),
        Error::NotMatchRegex { .. } => Outcome::new(422, MessageId::NotMatchRegex),
        Error::OverLimitApi { site, limit } => {
            Outcome::new(429, MessageId::OverLimitApi).arg(site).arg(limit)
        }
        Error::ImportMax { max } => Outcome::new(500, MessageId::ImportMax).arg(max),
        Error::BulkUpsert(failed) => bulk_upsert(failed, language),
        Error::Unimportable(cause) => unimportable(cause),
        Error::ImportLock => Outcome::new(429, MessageId::ImportLock),
        Error::OverLimitQuantity { max } => {
            Outcome::new(441, MessageId::OverLimitQuantity).arg(&max.normalize())
        }
        Error::OverLimitSize { max } => {
            Outcome::new(442, MessageId::OverLimitSize).arg(&max.normalize())
        }
        Error::OverTotalLimitSize { max } => {
            Outcome::new(443, MessageId::OverTotalLimitSize).arg(&max.normalize())
        }
        Error::OverTenantStorageSize { max } => {
            Outcome::new(444, MessageId::OverTenantStorageSize).arg(&max.normalize())
        }
        Error::OverLocalFolderLimitSize { max } => {
            Outcome::new(500, MessageId::OverLocalFolderLimitSize).arg(&max.normalize())
        }
        Error::OverLocalFolderTotalLimitSize { max } => {
            Outcome::new(500, MessageId::OverLocalFolderTotalLimitSize).arg(&max.normalize())
        }
        // QUIRK(01 §10.1): 500, not 403.
        Error::HasNotChangeColumnPermission { label } => {
            Outcome::new(500, MessageId::HasNotChangeColumnPermission).arg(label)
        }
        Error::FailedWriteFile => Outcome::new(500, MessageId::FailedWriteFile),
        // QUIRK(02 §7.6): 500, and the text keeps its literal `{0}`.
        Error::UpdateConflicts => Outcome::new(500, MessageId::UpdateConflicts),
        Error::ItemsLimit => Outcome::new(500, MessageId::ItemsLimit),
        Error::UsersLimit => Outcome::new(500, MessageId::UsersLimit),
        Error::LoginIdAlreadyUse => Outcome::new(500, MessageId::LoginIdAlreadyUse),
        Error::JoeAccountCheck => Outcome::new(500, MessageId::JoeAccountCheck),
        Error::PasswordPolicyViolation => Outcome::new(500, MessageId::PasswordPolicyViolation),
        Error::PasswordHasBeenUsed => Outcome::new(500, MessageId::PasswordHasBeenUsed),
        Error::CircularGroupChild => Outcome::new(500, MessageId::CircularGroupChild),
        Error::GroupDepthMax => Outcome::new(500, MessageId::GroupDepthMax),
        Error::BadMailAddress(address) => Outcome::new(500, MessageId::BadMailAddress).arg(address),
        Error::MailAddressHasNotSet => Outcome::new(500, MessageId::MailAddressHasNotSet),
        Error::RequireTo => Outcome::new(500, MessageId::RequireTo),
        Error::RequireMailAddresses => Outcome::new(500, MessageId::RequireMailAddresses),
        Error::ExternalMailAddress(address) => {
            Outcome::new(500, MessageId::ExternalMailAddress).arg(address)
        }
        Error::CannotDeletePermissionInherited { site } => {
            Outcome::new(500, MessageId::CannotDeletePermissionInherited).arg(site)
        }
        // A value that lacks is the caller's to give; everything else is the operator's to repair.
        Error::NamedSql(refusal) if refusal.is_callers() => {
            Outcome::new(400, MessageId::BadRequest)
        }
        Error::InternalServerError(_) => Outcome::new(500, MessageId::InternalServerError),
        Error::NoError => Outcome::new(500, MessageId::NoMessage),
        // Where the reference leads to an error page of its own, the status of that page.
        Error::Script(ScriptError::Script(_)) => {
            Outcome::new(422, MessageId::ServerScriptExecutionFailed)
        }
        Error::Script(ScriptError::Formula(_)) => {
            Outcome::new(422, MessageId::FormulaExecutionFailed)
        }
        Error::NotBuilt(_) => Outcome::new(501, MessageId::BadRequest),
        // The reference crashes when a value does not fit its column; we say whose fault it is.
        Error::Storage(db::Error::OutOfRange(_) | db::Error::NotNull(_)) => {
            Outcome::new(400, MessageId::BadRequest)
        }
        // QUIRK(07 §4.3): 500 also for what a script refuses, with the script's own text.
        Error::Custom(_)
        | Error::Script(ScriptError::Stopped(_))
        | Error::Storage(_)
        | Error::Corrupt(_)
        | Error::NamedSql(_) => Outcome::new(500, MessageId::ApplicationError),
    }
}
