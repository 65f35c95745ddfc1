//! The small files: the API itself, calls, users, rights, search, logs.

use rust_decimal::Decimal;

use crate::parameters::Secret;
use crate::parameters::members::parameter_file;

parameter_file! {
    /// `Api.json`.
    Api {
        /// `ApiVersion` of calls that name none; echoed in answers.
        version: Decimal = "Version", Decimal::new(11, 1);
        /// Whether the API is open.
        enabled: bool = "Enabled", true;
        /// Size of pages, and their largest size.
        page_size: i32 = "PageSize", 200;
        /// Calls per table and day; 0 is no limit. The contract may say otherwise.
        limit_per_site: i32 = "LimitPerSite", 0;
        /// Whether `ApiVersion` counts only together with an `ApiKey`.
        compatibility_1_3_12: bool = "Compatibility_1_3_12", false;
    }
}

parameter_file! {
    /// `Parameter.json`.
    Parameter {
        /// First letters of parameters in named SQL; empty means the built-in ones (07 §2.5).
        sql_parameter_prefix: String = "SqlParameterPrefix", String::new();
    }
}

parameter_file! {
    /// `Session.json`.
    Session {
        /// Minutes that an idle session lasts.
        retention_period: i32 = "RetentionPeriod", 1440;
        /// Whether sessions are kept in Redis.
        use_key_value_store: bool = "UseKeyValueStore", false;
    }
}

parameter_file! {
    /// `Kvs.json`.
    Kvs {
        /// How to reach Redis.
        connection_string_for_session: Secret = "ConnectionStringForSession", Secret::default();
    }
}

parameter_file! {
    /// `SysLog.json`.
    SysLog {
        /// Days that rows are kept.
        retention_period: i32 = "RetentionPeriod", 90;
        /// Addresses whose calls are not logged.
        not_logging_ip: Option<Vec<String>> = "NotLoggingIp", None;
        /// Whether calls get a row in `SysLogs`.
        enable_logging_to_database: bool = "EnableLoggingToDatabase", true, absent true;
        /// Whether they get a line in a file.
        enable_logging_to_file: bool = "EnableLoggingToFile", false;
        /// Whether answers tell the cause of a failure.
        output_error_details: bool = "OutputErrorDetails", true, absent true;
        /// Whether callers get a cookie that tells them apart.
        client_id: bool = "ClientId", false;
    }
}

parameter_file! {
    /// `User.json`: what ordinary users may not do.
    User {
        /// Make sites at the top.
        disable_top_site_creation: bool = "DisableTopSiteCreation", false;
        /// Move sites away from the top.
        disable_moving_from_top_site: bool = "DisableMovingFromTopSite", false;
        /// Administer groups.
        disable_group_admin: bool = "DisableGroupAdmin", false;
        /// Make groups.
        disable_group_creation: bool = "DisableGroupCreation", false;
        /// Use the API, unless they have `AllowApi`.
        disable_api: bool = "DisableApi", false;
    }
}

parameter_file! {
    /// `Permissions.json`: rights as bits (06).
    Permissions {
        /// Given by default.
        general: i64 = "General", 31;
        /// Of whoever makes a site.
        manager: i64 = "Manager", 511;
        /// Whether moving, copying and deleting sites needs the right to manage them.
        check_manage_permission: bool = "CheckManagePermission", true;
        /// How departments are shown in lists of rights.
        dept_format: String = "DeptFormat", "[[Dept] [DeptId]] [DeptName]".to_owned();
        /// How groups are shown there.
        group_format: String = "GroupFormat", "[[Group] [GroupId]] [GroupName]".to_owned();
        /// How users are shown there.
        user_format: String = "UserFormat", "[[User] [UserId]] [Name]".to_owned();
    }
}

parameter_file! {
    /// `Validation.json`.
    Validation {
        /// `Character` or `Regex`: whether wide characters count double in lengths.
        max_length_count_type: String = "MaxLengthCountType", "Character".to_owned();
        /// The class of characters that count once (the name is misspelt in the original).
        single_byte_character_regex: String = "SingleSyteCharactorRegexServer",
            r"\u0001-\u007E\uFF65-\uFF9F".to_owned();
    }
}

parameter_file! {
    /// `Search.json`: the text that searches look at.
    Search {
        /// Whether writes maintain it.
        create_indexes: bool = "CreateIndexes", true;
        /// Whether the text of files belongs to it.
        search_documents: bool = "SearchDocuments", false;
        /// Results per page.
        page_size: i32 = "PageSize", 20;
        /// Whether searches over all tables are off.
        disable_cross_search: bool = "DisableCrossSearch", false;
        /// Whether such searches find no sites.
        disable_cross_search_sites: bool = "DisableCrossSearchSites", false;
        /// Whether the path of the table belongs to it.
        full_text_include_breadcrumb: bool = "FullTextIncludeBreadcrumb", false;
        /// Whether the id of the table belongs to it.
        full_text_include_site_id: bool = "FullTextIncludeSiteId", false;
        /// Whether the title of the table belongs to it.
        full_text_include_site_title: bool = "FullTextIncludeSiteTitle", true;
        /// How many mails belong to it.
        full_text_number_of_mails: i32 = "FullTextNumberOfMails", 10;
        /// Upper bound of that number.
        full_text_max_number_of_mails: i32 = "FullTextMaxNumberOfMails", 100;
    }
}

parameter_file! {
    /// `History.json`: what may be done with old versions.
    History {
        /// Whether they may be restored.
        restore: bool = "Restore", true;
        /// Whether they may be deleted.
        physical_delete: bool = "PhysicalDelete", true;
    }
}

parameter_file! {
    /// `Deleted.json`: what may be done with deleted records.
    Deleted {
        /// Whether they may be restored.
        restore: bool = "Restore", true;
        /// Whether they may be deleted for good.
        physical_delete: bool = "PhysicalDelete", true;
    }
}

parameter_file! {
    /// `SitePackage.json`: packages of sites.
    SitePackage {
        /// Whether they may be imported.
        import: bool = "Import", true;
        /// Whether they may be exported.
        export: bool = "Export", true;
        /// Most records in one; 0 is no limit.
        export_limit: i32 = "ExportLimit", 0;
        /// Whether they may bring Data along: `Disabled` forbids it, the rest is for screens.
        include_data_on_import: String = "IncludeDataOnImport", "On".to_owned();
        /// The same for taking it along.
        include_data_on_export: String = "IncludeDataOnExport", "Off".to_owned();
        /// Whether they may bring `SitePermission` along: `Disabled` forbids it, the rest is for screens.
        include_site_permission_on_import: String = "IncludeSitePermissionOnImport", "On".to_owned();
        /// The same for taking it along.
        include_site_permission_on_export: String = "IncludeSitePermissionOnExport", "On".to_owned();
        /// Whether they may bring `RecordPermission` along: `Disabled` forbids it, the rest is for screens.
        include_record_permission_on_import: String = "IncludeRecordPermissionOnImport", "On".to_owned();
        /// The same for taking it along.
        include_record_permission_on_export: String = "IncludeRecordPermissionOnExport", "On".to_owned();
        /// Whether they may bring `ColumnPermission` along: `Disabled` forbids it, the rest is for screens.
        include_column_permission_on_import: String = "IncludeColumnPermissionOnImport", "On".to_owned();
        /// The same for taking it along.
        include_column_permission_on_export: String = "IncludeColumnPermissionOnExport", "On".to_owned();
        /// Whether they may bring Notifications along: `Disabled` forbids it, the rest is for screens.
        include_notifications_on_import: String = "IncludeNotificationsOnImport", "On".to_owned();
        /// The same for taking it along.
        include_notifications_on_export: String = "IncludeNotificationsOnExport", "On".to_owned();
        /// Whether they may bring Reminders along: `Disabled` forbids it, the rest is for screens.
        include_reminders_on_import: String = "IncludeRemindersOnImport", "On".to_owned();
        /// The same for taking it along.
        include_reminders_on_export: String = "IncludeRemindersOnExport", "On".to_owned();
    }
}

parameter_file! {
    /// `BackgroundTask.json`: `/api/backgroundtasks`.
    BackgroundTask {
        /// Whether it exists.
        enabled: bool = "Enabled", true;
        /// Milliseconds between two steps.
        interval: i32 = "Interval", 500;
        /// Minutes after which a task is taken for dead.
        background_task_span: i32 = "BackgroundTaskSpan", 30;
        /// Items of one step when search texts are rebuilt.
        create_search_index_lot: i32 = "CreateSearchIndexLot", 100;
    }
}

parameter_file! {
    /// `Authentication.json`; callers with an API key are known with every provider.
    Authentication {
        /// Where users log in.
        provider: Option<String> = "Provider", None;
        /// A proxy that names the user.
        trusted_proxy: TrustedProxy = "TrustedProxyParameters",
            TrustedProxy::shipped(), absent TrustedProxy::shipped();
    }
}

parameter_file! {
    /// Signing in by a header (01 §5.1); two environment variables win over it.
    TrustedProxy {
        /// Whether it is on.
        enabled: bool = "Enabled", false;
        /// The header's name.
        header: String = "Header", String::new();
    }
}

parameter_file! {
    /// `McpServer.json`: the endpoint `/mcp`.
    McpServer {
        /// Whether it exists.
        enabled: bool = "Enabled", false;
        /// Whether it only reads.
        read_only_mode: bool = "ReadOnlyMode", false;
    }
}

parameter_file! {
    /// `PleasanterExtensions.json`; the original ships no such file.
    PleasanterExtensions {
        /// The site visualizer.
        site_visualizer: SiteVisualizer = "SiteVisualizer",
            SiteVisualizer::shipped(), absent SiteVisualizer::shipped();
    }
}

parameter_file! {
    /// Shows up in `getlicenseinfo` (01 §9.4).
    SiteVisualizer {
        /// Whether it is off.
        disabled: bool = "Disabled", false;
    }
}
