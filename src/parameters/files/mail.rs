//! `Mail.json` and `Notification.json`: what leaves the server.

use crate::parameters::Secret;
use crate::parameters::members::parameter_file;

parameter_file! {
    /// `Mail.json`; without a host no mail is sent.
    Mail {
        /// The mail server.
        smtp_host: Option<String> = "SmtpHost", None;
        /// Its port.
        smtp_port: i32 = "SmtpPort", 25;
        /// Who logs in there.
        smtp_user_name: Option<String> = "SmtpUserName", None;
        /// With which password.
        smtp_password: Secret = "SmtpPassword", Secret::default();
        /// Whether the connection is encrypted.
        smtp_enable_ssl: bool = "SmtpEnableSsl", false;
        /// Whether any certificate of the server is accepted.
        server_certificate_validation_callback: bool = "ServerCertificateValidationCallback", false;
        /// How the encryption starts, instead of `SmtpEnableSsl`.
        secure_socket_options: Option<String> = "SecureSocketOptions", None;
        /// Whether a token replaces the password.
        use_o_auth: bool = "UseOAuth", false;
        /// Who asks for the token.
        o_auth_client_id: Option<String> = "OAuthClientId", None;
        /// With which secret.
        o_auth_client_secret: Secret = "OAuthClientSecret", Secret::default();
        /// For which scope.
        o_auth_scope: Option<String> = "OAuthScope", None;
        /// By which grant.
        o_auth_grant_type: Option<String> = "OAuthGrantType", None;
        /// Where.
        o_auth_token_endpoint: Option<String> = "OAuthTokenEndpoint", None;
        /// Seconds that a token lasts unless it says so itself.
        o_auth_default_expires_in: i32 = "OAuthDefaultExpiresIn", 3600, absent 3600;
        /// Seconds before its end at which a token is renewed.
        o_auth_token_refresh_buffer_time: i32 = "OAuthTokenRefreshBufferTime", 300, absent 300;
        /// The sender of every mail.
        fixed_from: Option<String> = "FixedFrom", None;
        /// Senders that users may choose.
        allowed_from: Option<String> = "AllowedFrom", None;
        /// The sender of mails of the system.
        support_from: String = "SupportFrom", "\"Pleasanter.org\" <support@pleasanter.org>".to_owned();
        /// Domains that count as our own.
        internal_domains: String = "InternalDomains", String::new();
        /// Encoding of bodies; UTF-8 without one.
        encoding: Option<String> = "Encoding", None;
        /// Transfer encoding of bodies.
        content_encoding: Option<String> = "ContentEncoding", None;
    }
}

parameter_file! {
    /// `Notification.json`: the channels that may be used.
    Notification {
        /// Mail.
        mail: bool = "Mail", true;
        /// Slack.
        slack: bool = "Slack", true;
        /// `ChatWork`.
        chat_work: bool = "ChatWork", true;
        /// Line.
        line: bool = "Line", true;
        /// Line Works.
        line_works: bool = "LineWorks", false;
        /// Teams.
        teams: bool = "Teams", true;
        /// `RocketChat`.
        rocket_chat: bool = "RocketChat", true;
        /// `InCircle`.
        in_circle: bool = "InCircle", true;
        /// Any web hook.
        http_client: bool = "HttpClient", false;
        /// Encodings that a web hook may choose.
        http_client_encodings: Vec<String> = "HttpClientEncodings",
            ["utf-8", "shift_jis", "euc-jp"].map(str::to_owned).to_vec();
        /// Whether copies of tables keep their notifications.
        copy_with_notifications: String = "CopyWithNotifications", "On".to_owned();
    }
}
