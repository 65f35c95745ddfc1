//! `Service.json`: names and defaults of the installation.

use crate::parameters::Secret;
use crate::parameters::members::parameter_file;

parameter_file! {
    /// `Service.json`.
    Service {
        /// Name of the database and prefix of its roles.
        name: String = "Name", "Implem.Pleasanter".to_owned();
        /// First part of the names of environment variables.
        environment_name: Option<String> = "EnvironmentName", None;
        /// Chooses which server runs timers.
        deployment_environment: Option<String> = "DeploymentEnvironment", None;
        /// Zone of new users and of callers without one; an unknown id means UTC.
        time_zone_default: String = "TimeZoneDefault", "UTC".to_owned();
        /// Language of new users, and of messages to callers without one.
        default_language: String = "DefaultLanguage", "en".to_owned();
        /// Password of the first Administrator.
        default_password: Secret = "DefaultPassword", Secret::new("pleasanter");
        /// Whether the first Administrator may keep that password.
        without_change_default_password: bool = "WithoutChangeDefaultPassword", false;
        /// Base URL in mails and export links.
        absolute_uri: Option<String> = "AbsoluteUri", None;
        /// Largest body in bytes; more is refused with 413.
        max_request_body_size: u64 = "MaxRequestBodySize", 30_000_000;
        /// Whether plain HTTP is refused.
        require_https: bool = "RequireHttps", false;
        /// Whether everybody may see profiles of users, and change them where rights allow.
        show_profiles: bool = "ShowProfiles", true;
        /// Whether demonstrations may be registered.
        demo: bool = "Demo", false;
        /// Whether they may be registered through the API.
        demo_api: bool = "DemoApi", false;
        /// Days that a demonstration lasts.
        demo_usage_period: i32 = "DemoUsagePeriod", 60;
        /// Whether new features need the contract's `AllowNewFeatures`.
        restrict_new_features: bool = "RestrictNewFeatures", false;
    }
}
