//! Environment variables that fill parameters which the files leave empty (07 §5.2).

use super::{Parameters, Role, Secret};

/// Looks up a variable; tests bring their own.
pub(super) type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The variables of this process.
#[expect(
    clippy::disallowed_methods,
    reason = "the original's parameters can come from the environment"
)]
pub(super) fn of_process(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Fills what the files left empty; the files win.
pub(super) fn fill(parameters: &mut Parameters, lookup: Lookup<'_>) {
    let service = parameters.service.name.clone();
    let environment = parameters.service.environment_name.clone().unwrap_or_default();
    let dbms = parameters.rds.dbms.clone();
    for role in Role::ALL {
        let names = connection_names(role, &environment, &service, &dbms);
        fill_secret(parameters.connection_text_mut(role), &names, lookup);
    }
    let both = |key: &str| [format!("{environment}_{key}"), format!("{service}_{key}")];
    let mail = &mut parameters.mail;
    fill_text(&mut mail.smtp_user_name, &both("Mail_SmtpUserName"), lookup);
    fill_secret(&mut mail.smtp_password, &both("Mail_SmtpPassword"), lookup);
    fill_text(&mut mail.o_auth_client_id, &both("Mail_OAuthClientId"), lookup);
    fill_secret(&mut mail.o_auth_client_secret, &both("Mail_OAuthClientSecret"), lookup);
    let kvs = &mut parameters.kvs.connection_string_for_session;
    fill_secret(kvs, &both("Kvs_ConnectionStringForSession"), lookup);
    let deployment = &mut parameters.service.deployment_environment;
    fill_text(deployment, &both("Service_DeploymentEnvironment"), lookup);
    // These two win over the file.
    let proxy = &mut parameters.authentication.trusted_proxy;
    proxy.enabled |= first(&["TRUSTED_PROXY_AUTH_ENABLED".to_owned()], lookup)
        .is_some_and(|text| !text.trim().is_empty());
    if let Some(header) = first(&["TRUSTED_PROXY_AUTH_HEADER".to_owned()], lookup) {
        proxy.header = header;
    }
}

/// The names for a connection string, first choice first.
fn connection_names(role: Role, environment: &str, service: &str, dbms: &str) -> [String; 6] {
    let key = role.key();
    // QUIRK(07 §5.2): only the superuser's first name has `Rds_` in it.
    let first = match role {
        Role::Sa => format!("{environment}_Rds_{key}"),
        Role::Owner | Role::User => format!("{environment}_{key}"),
    };
    [
        first,
        format!("{environment}_Rds_ConnectionString"),
        format!("{service}_Rds_{dbms}_{key}"),
        format!("{service}_Rds_{dbms}_ConnectionString"),
        format!("{service}_Rds_{key}"),
        format!("{service}_Rds_ConnectionString"),
    ]
}

fn first(names: &[String], lookup: Lookup<'_>) -> Option<String> {
    names.iter().find_map(|name| lookup(name).filter(|value| !value.is_empty()))
}

fn fill_secret(target: &mut Secret, names: &[String], lookup: Lookup<'_>) {
    if target.is_empty()
        && let Some(found) = first(names, lookup)
    {
        *target = Secret::new(found);
    }
}

fn fill_text(target: &mut Option<String>, names: &[String], lookup: Lookup<'_>) {
    if target.as_deref().is_none_or(str::is_empty)
        && let Some(found) = first(names, lookup)
    {
        *target = Some(found);
    }
}
