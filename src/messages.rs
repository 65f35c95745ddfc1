//! Every text a client can meet, by message id and language (01 §11).
//!
//! The texts lie in `assets/messages.json`. A language without a text of its own falls back to English, as the
//! reference does; a few texts filed there under `vi` and `zh-CN` are therefore never chosen (QUIRK(01 §11)).

use std::collections::HashMap;
use std::sync::LazyLock;

/// The languages of users; also of the server for callers that are not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// English, the language of the base texts.
    En,
    /// Chinese.
    Zh,
    /// Japanese.
    Ja,
    /// German.
    De,
    /// Korean.
    Ko,
    /// Spanish.
    Es,
    /// Vietnamese; QUIRK(01 §11): called `vn`, not `vi`.
    Vn,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 7] =
        [Self::En, Self::Zh, Self::Ja, Self::De, Self::Ko, Self::Es, Self::Vn];

    /// The code stored in `Users.Language` and `Service.json`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh",
            Self::Ja => "ja",
            Self::De => "de",
            Self::Ko => "ko",
            Self::Es => "es",
            Self::Vn => "vn",
        }
    }

    /// The language of a code, if it is one of the seven.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.code() == code)
    }
}

macro_rules! message_ids {
    ($($id:ident = $name:literal,)*) => {
        /// A message's id: the reference's own name for it.
        #[expect(missing_docs, reason = "the names are the reference's; the texts stand in messages.json")]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum MessageId { $($id,)* }

        impl MessageId {
            /// Every id.
            pub const ALL: &[Self] = &[$(Self::$id,)*];

            /// The id as written in `messages.json`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$id => $name,)* }
            }
        }
    };
}

message_ids! {
    ApiCountReset = "ApiCountReset",
    ApplicationError = "ApplicationError",
    BadMailAddress = "BadMailAddress",
    BadPasswordWhenImporting = "BadPasswordWhenImporting",
    BadRequest = "BadRequest",
    BulkDeleted = "BulkDeleted",
    CannotDeletePermissionInherited = "CannotDeletePermissionInherited",
    CircularGroupChild = "CircularGroupChild",
    Created = "Created",
    CustomError = "CustomError",
    Deleted = "Deleted",
    Duplicated = "Duplicated",
    ExternalMailAddress = "ExternalMailAddress",
    FailedBulkUpsert = "FailedBulkUpsert",
    FailedReadFile = "FailedReadFile",
    FailedWriteFile = "FailedWriteFile",
    FileNotFound = "FileNotFound",
    FormulaExecutionFailed = "FormulaExecutionFailed",
    GroupDepthMax = "GroupDepthMax",
    GroupImported = "GroupImported",
    HasNotChangeColumnPermission = "HasNotChangeColumnPermission",
    HasNotPermission = "HasNotPermission",
    ImportLock = "ImportLock",
    ImportMax = "ImportMax",
    Imported = "Imported",
    InternalServerError = "InternalServerError",
    InvalidIpAddress = "InvalidIpAddress",
    InvalidJsonData = "InvalidJsonData",
    InvalidMemberKey = "InvalidMemberKey",
    InvalidMemberType = "InvalidMemberType",
    InvalidRequest = "InvalidRequest",
    InvalidUpsertKey = "InvalidUpsertKey",
    ItemsLimit = "ItemsLimit",
    JoeAccountCheck = "JoeAccountCheck",
    LockedRecord = "LockedRecord",
    LockedTable = "LockedTable",
    LoginIdAlreadyUse = "LoginIdAlreadyUse",
    MailAddressHasNotSet = "MailAddressHasNotSet",
    MailTransmissionCompletion = "MailTransmissionCompletion",
    NotContainKeyColumn = "NotContainKeyColumn",
    NotFound = "NotFound",
    NotIncludedRequiredColumn = "NotIncludedRequiredColumn",
    NotMatchRegex = "NotMatchRegex",
    OverLimitApi = "OverLimitApi",
    OverLimitQuantity = "OverLimitQuantity",
    OverLimitSize = "OverLimitSize",
    OverLocalFolderLimitSize = "OverLocalFolderLimitSize",
    OverLocalFolderTotalLimitSize = "OverLocalFolderTotalLimitSize",
    OverTenantQuota = "OverTenantQuota",
    OverTenantStorageSize = "OverTenantStorageSize",
    OverTotalLimitSize = "OverTotalLimitSize",
    Overlap = "Overlap",
    OverlapCsvImport = "OverlapCsvImport",
    ParameterSyntaxError = "ParameterSyntaxError",
    PasswordHasBeenUsed = "PasswordHasBeenUsed",
    PasswordPolicyViolation = "PasswordPolicyViolation",
    PermissionNotSelfChange = "PermissionNotSelfChange",
    PhysicalBulkDeleted = "PhysicalBulkDeleted",
    RebuildingCompleted = "RebuildingCompleted",
    RegisteredDemo = "RegisteredDemo",
    RequireMailAddresses = "RequireMailAddresses",
    RequireTo = "RequireTo",
    Restricted = "Restricted",
    SelectTargets = "SelectTargets",
    ServerScriptErrorDetail = "ServerScriptErrorDetail",
    ServerScriptErrorPosition = "ServerScriptErrorPosition",
    ServerScriptExecutionFailed = "ServerScriptExecutionFailed",
    SitesLimit = "SitesLimit",
    SynchronizationCompleted = "SynchronizationCompleted",
    TooLongText = "TooLongText",
    Unauthorized = "Unauthorized",
    UpdateConflicts = "UpdateConflicts",
    Updated = "Updated",
    UsersLimit = "UsersLimit",
    // `None` would hide a name of Rust's own.
    NoMessage = "None",
}

type Texts = HashMap<String, HashMap<String, String>>;

static TEXTS: LazyLock<Texts> = LazyLock::new(|| {
    // The file is part of the binary and a test reads it, so it parses.
    serde_json::from_str(include_str!("../assets/messages.json")).unwrap_or_default()
});

/// The text of a message in a language, else in English, else its id.
pub fn template(id: MessageId, language: Language) -> &'static str {
    let Some(texts) = TEXTS.get(id.name()) else { return id.name() };
    let found = texts.get(language.code()).or_else(|| texts.get(Language::En.code()));
    found.map_or(id.name(), String::as_str)
}

/// The text with its arguments in place of `{0}`, `{1}`…
///
/// Without arguments the template is sent as it is, placeholders included (01 §11).
pub fn text(id: MessageId, language: Language, arguments: &[String]) -> String {
    fill(template(id, language), arguments)
}

/// Puts arguments in place of `{0}`, `{1}`…; braces inside an argument are left alone.
pub fn fill(template: &str, arguments: &[String]) -> String {
    if arguments.is_empty() {
        return template.to_owned();
    }
    let mut filled = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        let (before, from_brace) = rest.split_at(open);
        filled.push_str(before);
        if let Some((index, length)) = placeholder(from_brace) {
            filled.push_str(arguments.get(index).map_or("", String::as_str));
            rest = from_brace.get(length..).unwrap_or_default();
        } else {
            filled.push('{');
            rest = from_brace.get(1..).unwrap_or_default();
        }
    }
    filled.push_str(rest);
    filled
}

/// The index and the length in bytes of a placeholder that the text begins with.
fn placeholder(text: &str) -> Option<(usize, usize)> {
    let end = text.find('}')?;
    let index = text.get(1..end)?.parse().ok()?;
    Some((index, end + 1))
}

/// The title of a record whose title is empty (03 §24). Of the seven texts only two are known; the rest are English.
pub const fn no_title(language: Language) -> &'static str {
    match language {
        Language::Ja => "タイトル無し",
        _ => "No title",
    }
}

/// The name of "nobody" in user, department and group columns (03 §24), known in two languages like [`no_title`].
pub const fn not_set(language: Language) -> &'static str {
    match language {
        Language::Ja => "(未設定)",
        _ => "(Not set)",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_has_an_english_text() {
        for id in MessageId::ALL {
            assert!(
                TEXTS.get(id.name()).is_some_and(|texts| texts.contains_key("en")),
                "{}",
                id.name()
            );
        }
        assert_eq!(MessageId::ALL.len(), TEXTS.len(), "a text in the file has no id");
    }

    #[test]
    fn a_language_without_text_falls_back_to_english() {
        assert_eq!(
            template(MessageId::ImportLock, Language::Vn),
            template(MessageId::ImportLock, Language::En)
        );
        assert_ne!(
            template(MessageId::Created, Language::Ja),
            template(MessageId::Created, Language::En)
        );
    }

    #[test]
    fn arguments_are_inserted_verbatim() {
        assert_eq!(
            text(MessageId::Created, Language::Ja, &["{1} A".into()]),
            "\" {1} A \" を作成しました。"
        );
    }

    #[test]
    fn without_arguments_the_template_is_sent_as_it_is() {
        assert!(text(MessageId::UpdateConflicts, Language::Ja, &[]).starts_with("{0} さん"));
    }
}
