//! Tests of [`super`], in a file of their own for its length.

use super::*;

/// A folder below the system's temporary one, removed in the end.
struct Folder(PathBuf);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Self {
        let path =
            std::env::temp_dir().join(format!("kokochi-parameters-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir_all(&path).unwrap();
        for (name, text) in files {
            std::fs::create_dir_all(path.join(name).parent().unwrap()).unwrap();
            std::fs::write(path.join(name), text).unwrap();
        }
        Self(path)
    }

    fn load(&self, variables: &[(&str, &str)]) -> Result<Parameters, Vec<Problem>> {
        Parameters::load_with(Some(&self.0), &|name| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn shipped() -> Parameters {
    Parameters::load_with(None, &|_| None).unwrap()
}

#[test]
fn without_a_folder_everything_is_as_shipped() {
    let parameters = shipped();

    assert!(parameters.api.enabled);
    assert_eq!(parameters.api.version.to_string(), "1.1");
    assert_eq!(parameters.general.min_time.to_string(), "1900-01-01 00:00:00");
    assert_eq!(parameters.dir(), None);
    let owner = parameters.connection(Role::Owner).unwrap();
    assert_eq!(owner.user, "Implem.Pleasanter_Owner");
}

#[test]
fn a_missing_file_is_as_shipped_and_a_missing_member_is_zero() {
    let folder = Folder::new(&[("Api.json", "{}"), ("SysLog.json", "{}"), ("Script.json", "{}")]);

    let parameters = folder.load(&[]).unwrap();

    assert!(!parameters.api.enabled);
    assert_eq!(parameters.api.page_size, 0);
    assert!(parameters.sys_log.enable_logging_to_database, "built in");
    assert_eq!(parameters.script.server_script_time_out, 10_000, "built in");
    assert_eq!(parameters.general, files::General::shipped());
}

#[test]
fn files_are_lenient() {
    let text = "\u{feff}{ // Japanese\n defaultlanguage: 'ja', \"NAME\": \"a\", \"Name\": \"b\", \
                \"MaxRequestBodySize\": \"100\", \"AbsoluteUri\": null, }";
    let folder = Folder::new(&[
        ("Service.json", text),
        (
            "Security.json",
            r#"{"HttpStrictTransportSecurity": {"MaxAge": "1.00:00:00"}, "PrivilegedUsers": null}"#,
        ),
    ]);

    let parameters = folder.load(&[]).unwrap();

    assert_eq!(parameters.service.default_language, "ja");
    assert_eq!(parameters.service.name, "b");
    assert_eq!(parameters.service.max_request_body_size, 100);
    let security = parameters.security;
    assert_eq!(security.http_strict_transport_security.max_age.as_deref(), Some("1.00:00:00"));
}

#[test]
fn every_problem_is_reported_with_file_and_key() {
    let folder = Folder::new(&[
        ("Api.json", r#"{"Enabled": "perhaps", "PageSize": []}"#),
        ("General.json", r#"{"MinTime": "soon"}"#),
        ("Security.json", r#"{"PasswordPolicies": [{}, {"Enabled": {}}]}"#),
        ("User.json", "{"),
        ("Rds.json", r#"{"UserConnectionString": "Server=s3cret"}"#),
    ]);

    let problems = folder.load(&[]).unwrap_err();

    let places: Vec<_> =
        problems.iter().map(|p| (p.file.as_str(), p.key.as_deref().unwrap_or("-"))).collect();
    assert_eq!(
        places,
        [
            ("Api.json", "Enabled"),
            ("Api.json", "PageSize"),
            ("General.json", "MinTime"),
            ("Security.json", "PasswordPolicies[1].Enabled"),
            ("User.json", "-"),
            ("Rds.json", "Dbms"),
            ("Rds.json", "UserConnectionString"),
        ]
    );
    assert!(!problems.iter().any(|problem| problem.to_string().contains("s3cret")));
}

#[test]
fn the_environment_fills_empty_connection_strings() {
    let folder = Folder::new(&[(
        "Rds.json",
        r#"{"Dbms": "PostgreSQL", "SaConnectionString": "Server=file;UID=sa",
            "OwnerConnectionString": null, "UserConnectionString": ""}"#,
    )]);

    let parameters = folder
        .load(&[
            ("Implem.Pleasanter_Rds_PostgreSQL_SaConnectionString", "Server=x;UID=x"),
            ("Implem.Pleasanter_Rds_PostgreSQL_UserConnectionString", "Server=third;UID=u"),
            ("_OwnerConnectionString", "Server=first;UID=o"),
            ("_Rds_OwnerConnectionString", "Server=wrong;UID=o"),
        ])
        .unwrap();

    let server = |role| parameters.connection(role).unwrap().server;
    assert_eq!((server(Role::Sa), server(Role::Owner)), ("file".to_owned(), "first".to_owned()));
    assert_eq!(server(Role::User), "third");
}

#[test]
fn an_empty_connection_string_matters_only_when_it_is_needed() {
    let folder = Folder::new(&[("Rds.json", r#"{"Dbms": "PostgreSQL"}"#)]);

    let problem = folder.load(&[]).unwrap().connection(Role::Sa).unwrap_err();

    assert_eq!(problem.key.as_deref(), Some("SaConnectionString"));
}

#[test]
fn env_json_names_another_folder() {
    let folder = Folder::new(&[
        ("Env.json", r#"{"ParametersPath": "other"}"#),
        ("Api.json", r#"{"PageSize": 1}"#),
        ("other/Api.json", r#"{"PageSize": 2}"#),
    ]);

    let parameters = folder.load(&[]).unwrap();

    assert_eq!(parameters.api.page_size, 2);
    assert_eq!(parameters.dir(), Some(folder.0.join("other").as_path()));
}

#[test]
fn a_missing_folder_is_a_problem() {
    let problems = Parameters::load_with(Some(Path::new("/nowhere")), &|_| None).unwrap_err();

    assert_eq!(
        problems.first().map(ToString::to_string).as_deref(),
        Some("/nowhere: is not a folder")
    );
}

#[test]
fn secrets_are_not_printed() {
    let printed = format!("{:?}", shipped());

    for secret in ["SetSaPWD", "SetAdminsPWD", "SetUsersPWD", "Secret(\"pleasanter"] {
        assert!(!printed.contains(secret), "{secret}");
    }
}
