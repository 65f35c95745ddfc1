//! The columns of users, departments and groups: order, types, rights, labels (08 §2.4).

use crate::domain::{Call, auth};
use crate::messages::Language;
use crate::model::OrganisationTable;

/// A column.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    /// Its name.
    pub(super) name: &'static str,
    /// How it is posted and shown.
    pub(super) kind: FieldKind,
    /// Who may read it, set it in a new row, and change it.
    rights: [Need; 3],
    /// Whether requests may set it.
    pub(super) settable: bool,
    labels: [&'static str; 2],
}

/// How a column is posted and shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldKind {
    /// A text, cut to this many UTF-16 units.
    Text(u32),
    /// An integer.
    Int,
    /// A boolean.
    Bool,
    /// A time.
    Time,
    /// The comments: texts are added in front.
    Comments,
}

/// A right on a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ColumnUse {
    /// Reading it.
    Read,
    /// Setting it in a new row.
    Create,
    /// Changing it.
    Update,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    Free,
    ManageTenant,
    ManageService,
}

use FieldKind::{Bool, Comments, Int, Text, Time};
use Need::{Free, ManageService as Service, ManageTenant as Tenant};

const LONG: u32 = u32::MAX;

const fn field(name: &'static str, kind: FieldKind) -> Field {
    Field { name, kind, rights: [Free; 3], settable: true, labels: [name, name] }
}

impl Field {
    const fn needs(mut self, read: Need, create: Need, update: Need) -> Self {
        self.rights = [read, create, update];
        self
    }

    const fn fixed(mut self) -> Self {
        self.settable = false;
        self
    }

    const fn label(mut self, ja: &'static str, en: &'static str) -> Self {
        self.labels = [ja, en];
        self
    }

    /// The labels: Japanese, and of every other language.
    pub(super) const fn labels(&self) -> [&'static str; 2] {
        self.labels
    }

    /// The label in a language.
    pub(super) fn label_in(&self, language: Language) -> String {
        let [ja, en] = self.labels;
        (if language == Language::Ja { ja } else { en }).to_owned()
    }

    /// Whether the caller has a right on the column.
    pub(super) fn allows(&self, call: &Call, column_use: ColumnUse) -> bool {
        let [read, create, update] = self.rights;
        let need = match column_use {
            ColumnUse::Read => read,
            ColumnUse::Create => create,
            ColumnUse::Update => update,
        };
        match opened(call, self.name).unwrap_or(need) {
            Free => true,
            Tenant => call.caller.tenant_manager,
            Service => call.caller.service_manager,
        }
    }
}

/// Columns that a parameter opens to tenant managers; without it they are those of service managers.
fn opened(call: &Call, name: &str) -> Option<Need> {
    let parameters = &call.services.parameters.user;
    let second = &call.services.parameters.security.secondary_authentication;
    let mode = second.mode.as_deref().unwrap_or("None");
    let is_open = match name {
        "EnableSecondaryAuthentication" => mode == "DefaultDisable",
        "DisableSecondaryAuthentication" => mode == "DefaultEnable",
        "EnableSecretKey" => mode != "None" && second.notification_type.as_deref() == Some("Totp"),
        "AllowCreationAtTopSite" => parameters.disable_top_site_creation,
        "AllowGroupAdministration" => parameters.disable_group_admin,
        "AllowGroupCreation" => parameters.disable_group_creation,
        "AllowMovingFromTopSite" => parameters.disable_moving_from_top_site,
        "AllowApi" => {
            let open = call.contract.allows_api()
                && (parameters.disable_api || call.caller.tenant.disable_api);
            if open && auth::flags(&call.caller.settings).enable_manage_tenant {
                return Some(Free);
            }
            open
        }
        _ => return None,
    };
    Some(if is_open { Tenant } else { Service })
}

/// The columns of a table, in the order of records.
pub(super) const fn fields(table: OrganisationTable) -> &'static [Field] {
    match table {
        OrganisationTable::Users => &USERS,
        OrganisationTable::Depts => &DEPTS,
        OrganisationTable::Groups => &GROUPS,
    }
}

/// The column of that name.
pub(super) fn find(table: OrganisationTable, name: &str) -> Option<&'static Field> {
    fields(table).iter().find(|field| field.name == name)
}

const DISABLED: Field =
    field("Disabled", Bool).needs(Tenant, Tenant, Tenant).label("無効", "Disabled");
const COMMENTS: Field = field("Comments", Comments).label("コメント", "Comments");
const BODY: Field = field("Body", Text(LONG)).label("説明", "Body");
const VER: Field =
    field("Ver", Int).needs(Free, Free, Service).label("バージョン", "Version").fixed();
const CREATOR: Field = field("Creator", Int).label("作成者", "Created by").fixed();
const UPDATOR: Field = field("Updator", Int).label("更新者", "Updated by").fixed();
const CREATED: Field = field("CreatedTime", Time).label("作成日時", "Created on").fixed();
const UPDATED: Field = field("UpdatedTime", Time).label("更新日時", "Updated on").fixed();

const DEPTS: [Field; 12] = [
    field("TenantId", Int).fixed(),
    field("DeptId", Int).label("組織ID", "Department ID").fixed(),
    VER,
    field("DeptCode", Text(1024)).label("組織コード", "Department code"),
    field("DeptName", Text(1024)).label("組織名", "Department name"),
    BODY,
    DISABLED,
    COMMENTS,
    CREATOR,
    UPDATOR,
    CREATED,
    UPDATED,
];

const GROUPS: [Field; 15] = [
    field("TenantId", Int).fixed(),
    field("GroupId", Int).label("グループID", "Group ID").fixed(),
    VER,
    field("GroupName", Text(256)).label("グループ名", "Group name"),
    BODY,
    DISABLED,
    field("LdapSync", Bool),
    field("LdapGuid", Text(256)),
    field("LdapSearchRoot", Text(2048)),
    field("SynchronizedTime", Time),
    COMMENTS,
    CREATOR,
    UPDATOR,
    CREATED,
    UPDATED,
];

const USERS: [Field; 53] = [
    field("TenantId", Int).fixed(),
    field("UserId", Int).label("ユーザID", "User ID").fixed(),
    VER,
    field("LoginId", Text(256)).label("ログインID", "Login ID"),
    field("GlobalId", Text(36)),
    field("Name", Text(128)).label("名前", "Name"),
    field("UserCode", Text(32)).label("ユーザコード", "User code"),
    // What is posted is longer than the hash that is stored of it, or shorter.
    field("Password", Text(LONG)).needs(Service, Free, Tenant).label("パスワード", "Password"),
    field("LastName", Text(32)).needs(Service, Service, Service).label("姓", "Last name"),
    field("FirstName", Text(32)).needs(Service, Service, Service).label("名", "First name"),
    field("Birthday", Time).needs(Service, Service, Service).label("生年月日", "Birthday"),
    field("Gender", Text(2)).needs(Service, Service, Service).label("性別", "Gender"),
    field("Language", Text(32)).label("言語", "Language"),
    field("TimeZone", Text(32)).label("タイムゾーン", "Time zone"),
    field("DeptCode", Text(1024)).label("組織コード", "Department code").fixed(),
    field("DeptId", Int).needs(Free, Free, Tenant).label("組織", "Department ID"),
    field("Manager", Int).label("管理者", "Manager"),
    field("Theme", Text(32)).label("テーマ", "Theme"),
    field("FirstAndLastNameOrder", Int).needs(Service, Service, Service),
    BODY,
    field("LastLoginTime", Time)
        .needs(Tenant, Service, Service)
        .label("最終ログイン日時", "Last login time"),
    field("PasswordExpirationTime", Time)
        .needs(Tenant, Tenant, Tenant)
        .label("パスワード有効期限", "Password expiration time"),
    field("PasswordChangeTime", Time)
        .needs(Tenant, Service, Service)
        .label("パスワード変更日時", "Password change time"),
    field("NumberOfLogins", Int)
        .needs(Tenant, Service, Service)
        .label("ログイン回数", "Number of logins"),
    field("NumberOfDenial", Int)
        .needs(Tenant, Service, Service)
        .label("ログイン失敗回数", "Number of denial"),
    field("TenantManager", Bool)
        .needs(Tenant, Tenant, Tenant)
        .label("テナント管理者", "Tenant manager"),
    field("ServiceManager", Bool).needs(Service, Service, Service).fixed(),
    field("AllowCreationAtTopSite", Bool)
        .label("トップでのサイト作成を許可", "Allow creation at top site"),
    field("AllowGroupAdministration", Bool)
        .label("グループ管理を許可", "Allow group administration"),
    field("AllowGroupCreation", Bool).label("グループ作成を許可", "Allow group creation"),
    field("AllowApi", Bool).label("APIを許可", "Allow API"),
    field("AllowMovingFromTopSite", Bool)
        .label("トップからの移動を許可", "Allow moving from top site"),
    field("EnableSecondaryAuthentication", Bool)
        .label("二段階認証を有効化", "Enable secondary authentication"),
    field("DisableSecondaryAuthentication", Bool)
        .label("二段階認証を無効化", "Disable secondary authentication"),
    DISABLED,
    field("Lockout", Bool).needs(Tenant, Tenant, Tenant).label("ロックアウト", "Lockout"),
    field("LockoutCounter", Int)
        .needs(Tenant, Tenant, Tenant)
        .label("ロックアウトカウンタ", "Lockout counter"),
    field("Developer", Bool).needs(Service, Service, Service).fixed(),
    field("UserSettings", Text(LONG)).fixed(),
    field("PasswordHistries", Text(LONG)).needs(Service, Service, Service).fixed(),
    field("SecondaryAuthenticationCode", Text(LONG)),
    field("SecondaryAuthenticationCodeExpirationTime", Time),
    field("LdapSearchRoot", Text(2048)),
    field("SynchronizedTime", Time),
    field("SecretKey", Text(128)),
    field("EnableSecretKey", Bool),
    field("LoginExpirationLimit", Time)
        .needs(Tenant, Tenant, Tenant)
        .label("ログイン有効期限", "Login expiration limit"),
    field("LoginExpirationPeriod", Int)
        .needs(Tenant, Tenant, Tenant)
        .label("ログイン有効期間", "Login expiration period"),
    COMMENTS,
    CREATOR,
    UPDATOR,
    CREATED,
    UPDATED,
];
