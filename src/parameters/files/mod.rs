//! The parameter files, with the members that matter to an API server (07 §5.3).

mod api;
mod general;
mod mail;
mod rds;
mod script;
mod security;
mod service;
mod storage;

pub use api::{
    Api, Authentication, BackgroundTask, Deleted, History, Kvs, McpServer, Parameter, Permissions,
    PleasanterExtensions, Search, Session, SitePackage, SiteVisualizer, SysLog, TrustedProxy, User,
    Validation,
};
pub use general::General;
pub use mail::{Mail, Notification};
pub use rds::Rds;
pub use script::Script;
pub use security::{
    ForwardedHeaders, HealthCheck, HttpStrictTransportSecurity, PasswordPolicy, PasswordPolicyText,
    SecondaryAuthentication, SecureCacheControl, Security,
};
pub use service::Service;
pub use storage::BinaryStorage;
