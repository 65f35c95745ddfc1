//! `Security.json`: who may come in, and headers.

use crate::parameters::members::parameter_file;

parameter_file! {
    /// `Security.json`. The content security policy is left out, since the server has no pages.
    Security {
        /// Addresses and networks that may call; none means all.
        allow_ip_addresses: Option<Vec<String>> = "AllowIpAddresses", None;
        /// Members (`Dept1`, `Group2`, `User3`) that may call from anywhere.
        ip_restriction_exclude_members: Option<Vec<String>> = "IpRestrictionExcludeMembers", None;
        /// Whether the content type of a call is checked.
        mime_type_check_on_api: bool = "MimeTypeCheckOnApi", false;
        /// Login ids that have every right.
        privileged_users: Vec<String> = "PrivilegedUsers", Vec::new();
        /// Whether a refused login tells that the user is disabled.
        reveal_user_disabled: bool = "RevealUserDisabled", false;
        /// Wrong passwords before a user is locked; 0 is never.
        lockout_count: i32 = "LockoutCount", 0;
        /// Days that a password lasts; 0 is for ever.
        password_expiration_period: i32 = "PasswordExpirationPeriod", 0;
        /// Whether a password must differ from the login id.
        joe_account_check: bool = "JoeAccountCheck", true;
        /// Whether calls by cookie need a token.
        token_check: bool = "TokenCheck", false;
        /// Whether cookies are for HTTPS only.
        secure_cookies: bool = "SecureCookies", false;
        /// Origins that browsers may call from.
        access_control_allow_origin: Vec<String> = "AccessControlAllowOrigin", Vec::new();
        /// How many former passwords are refused.
        enforce_password_histories: i32 = "EnforcePasswordHistories", 0;
        /// Whether the APIs of users ignore the policies.
        disable_check_password_policy_if_api: bool = "DisableCheckPasswordPolicyIfApi", false;
        /// What a password must match.
        password_policies: Vec<PasswordPolicy> = "PasswordPolicies", PasswordPolicy::shipped_list();
        /// The header that demands HTTPS.
        http_strict_transport_security: HttpStrictTransportSecurity = "HttpStrictTransportSecurity",
            HttpStrictTransportSecurity::shipped(), absent HttpStrictTransportSecurity::shipped();
        /// Headers that forbid caching.
        secure_cache_control: SecureCacheControl = "SecureCacheControl",
            SecureCacheControl::shipped(), absent SecureCacheControl::shipped();
        /// `GET /healthz`.
        health_check: HealthCheck = "HealthCheck", HealthCheck::shipped(), absent HealthCheck::shipped();
        /// Second factors of logins.
        secondary_authentication: SecondaryAuthentication = "SecondaryAuthentication",
            SecondaryAuthentication::shipped(), absent SecondaryAuthentication::shipped();
        /// Proxies that are believed.
        forwarded_headers: ForwardedHeaders = "ForwardedHeaders",
            ForwardedHeaders::shipped(), absent ForwardedHeaders::shipped();
    }
}

parameter_file! {
    /// Second factors of logins: here they only decide who may see and set whose.
    SecondaryAuthentication {
        /// `None`, `DefaultDisable`, `DefaultEnable`.
        mode: Option<String> = "Mode", Some("None".to_owned());
        /// `Mail`, `Totp`.
        notification_type: Option<String> = "NotificationType", Some("Mail".to_owned());
    }
}

parameter_file! {
    /// One of the patterns that a new password must match.
    PasswordPolicy {
        /// Whether it counts.
        enabled: bool = "Enabled", true;
        /// The pattern, in .NET's dialect.
        regex: String = "Regex", ".{6,}".to_owned();
        /// The refusal in several languages.
        languages: Vec<PasswordPolicyText> = "Languages", Vec::new();
    }
}

parameter_file! {
    /// The text of a refused password.
    PasswordPolicyText {
        /// Its language; none for the text of all others.
        language: Option<String> = "Language", None;
        /// The text.
        body: String = "Body", String::new();
    }
}

parameter_file! {
    /// `Strict-Transport-Security`; sent on HTTPS even when not enabled here (01 §15).
    HttpStrictTransportSecurity {
        /// Whether the other members count.
        enabled: bool = "Enabled", false;
        /// Adds `preload`.
        preload: bool = "Preload", false;
        /// Adds `includeSubDomains`.
        include_sub_domains: bool = "IncludeSubDomains", false;
        /// A `TimeSpan` such as `30.00:00:00`.
        max_age: Option<String> = "MaxAge", Some("30.00:00:00".to_owned());
        /// Hosts without the header.
        exclude_hosts: Option<Vec<String>> = "ExcludeHosts", None;
    }
}

parameter_file! {
    /// `Cache-Control` and `Pragma` of every response.
    SecureCacheControl {
        /// `no-cache`
        no_cache: bool = "NoCache", false;
        /// `no-store`
        no_store: bool = "NoStore", false;
        /// `private`
        private: bool = "Private", false;
        /// `must-revalidate`
        must_revalidate: bool = "MustRevalidate", false;
        /// `Pragma: no-cache`
        pragma_no_cache: bool = "PragmaNoCache", false;
    }
}

parameter_file! {
    /// `GET /healthz` (01 §15).
    HealthCheck {
        /// Whether it exists.
        enabled: bool = "Enabled", false;
        /// Whether it asks the database.
        enable_database_check: bool = "EnableDatabaseCheck", false;
        /// By which statement.
        health_query: Option<String> = "HealthQuery", None;
        /// Hosts that may ask.
        require_hosts: Option<Vec<String>> = "RequireHosts", None;
        /// Whether the answer is JSON.
        enable_detailed_response: bool = "EnableDetailedResponse", false;
    }
}

parameter_file! {
    /// Proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` count, beside those on this machine.
    ForwardedHeaders {
        /// Their networks.
        known_networks: Vec<String> = "KnownNetworks", Vec::new();
        /// Their addresses.
        known_proxies: Vec<String> = "KnownProxies", Vec::new();
    }
}

impl PasswordPolicy {
    /// Length first and enabled; four kinds of characters, not enabled.
    fn shipped_list() -> Vec<Self> {
        [
            (
                ".{6,}",
                "Please enter at least 6 characters for the password.",
                "パスワードは6文字以上を入力してください。",
            ),
            (
                "[a-z]+",
                "Please enter at least one lower case alphabetic character in the password.",
                "パスワードにはアルファベット小文字を1文字以上を入力してください。",
            ),
            (
                "[A-Z]+",
                "Please enter at least one alphabetic capital letter in the password.",
                "パスワードにはアルファベット大文字を1文字以上を入力してください。",
            ),
            (
                "[0-9]+",
                "Please enter one or more digits in the password.",
                "パスワードには数字を1文字以上を入力してください。",
            ),
            (
                "[^a-zA-Z0-9]+",
                "Please enter one or more symbols in the password.",
                "パスワードには記号を1文字以上を入力してください。",
            ),
        ]
        .into_iter()
        .map(|(regex, body, japanese)| Self {
            enabled: regex == ".{6,}",
            regex: regex.to_owned(),
            languages: vec![
                PasswordPolicyText { language: None, body: body.to_owned() },
                PasswordPolicyText { language: Some("ja".to_owned()), body: japanese.to_owned() },
            ],
        })
        .collect()
    }
}
