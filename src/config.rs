//! Our own settings: `config/server.toml`, then variables `KOKOCHI_…`.
//!
//! The file is optional; [`Config::load`] reports every unknown key and bad value with its place. What belongs to
//! Pleasanter is in [`crate::parameters`] instead. `config/server.toml` documents each key.

use std::fmt;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono_tz::Tz;

use crate::parameters::{Parameters, Role, Secret};

/// The file that is read when the command line names none, if it exists.
const DEFAULT_FILE: &str = "config/server.toml";
/// What variables begin with.
const PREFIX: &str = "KOKOCHI_";
/// Every key, in the order of the file.
const KEYS: [&str; 16] = [
    "parameters",
    "bind",
    "admin",
    "base_paths",
    "grace_seconds",
    "user_connection_string",
    "owner_connection_string",
    "sa_connection_string",
    "user_connections",
    "owner_connections",
    "time_zone",
    "script_hosts",
    "data",
    "postgres_bin",
    "log_level",
    "log_format",
];

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// A JSON object a line.
    Json,
    /// For people.
    Text,
}

/// Our own settings.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The parameter folder; none means everything as shipped.
    pub parameters: Option<PathBuf>,
    /// Address of the API.
    pub bind: SocketAddr,
    /// Address of metrics and health, if any.
    pub admin: Option<SocketAddr>,
    /// What may stand before `/api`: empty, or with a slash in front and none behind.
    pub base_paths: Vec<String>,
    /// How long open calls may take after the first signal to stop.
    pub grace: Duration,
    /// Connection strings that win over those of `Rds.json`; empty ones do not.
    pub connections: Connections,
    /// Most connections of the application role; 0 means [`Config::user_pool_size`] decides.
    pub user_connections: u32,
    /// Most connections of the owner role.
    pub owner_connections: u32,
    /// The zone of stored times; none means the database's own.
    pub time_zone: Option<Tz>,
    /// The hosts that server scripts may call, with the port where it is not the usual one.
    pub script_hosts: Vec<String>,
    /// Where `demo` keeps its database.
    pub data: PathBuf,
    /// Where `demo` finds PostgreSQL's programs; none means the usual places.
    pub postgres_bin: Option<PathBuf>,
    /// A filter of `tracing`.
    pub log_level: String,
    /// How log lines look.
    pub log_format: LogFormat,
}

/// The three connection strings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Connections {
    /// For everything.
    pub user: Secret,
    /// For what needs the owner.
    pub owner: Secret,
    /// For `database init`.
    pub sa: Secret,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            parameters: None,
            bind: SocketAddr::from(([127, 0, 0, 1], 8080)),
            admin: None,
            base_paths: ["", "/pleasanter", "/fs"].map(str::to_owned).to_vec(),
            grace: Duration::from_secs(20),
            connections: Connections::default(),
            user_connections: 0,
            owner_connections: 4,
            time_zone: None,
            script_hosts: Vec::new(),
            data: PathBuf::from("./data"),
            postgres_bin: None,
            log_level: "info".to_owned(),
            log_format: LogFormat::Json,
        }
    }
}

/// Something wrong with our settings. Its text never repeats a connection string.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Problem {
    /// The file, or "environment".
    pub place: String,
    /// The key or variable; empty when the file as a whole is wrong.
    pub key: String,
    /// What is wrong.
    pub text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let colon = if self.key.is_empty() { "" } else { ": " };
        write!(f, "{}: {}{colon}{}", self.place, self.key, self.text)
    }
}

impl Config {
    /// Reads `file` (or `config/server.toml`, if it exists), then the environment.
    pub fn load(file: Option<&Path>) -> Result<Self, Vec<Problem>> {
        Self::load_with(file, &of_process)
    }

    fn load_with(
        file: Option<&Path>,
        lookup: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, Vec<Problem>> {
        let mut config = Self::default();
        let mut problems = Vec::new();
        let path = file.unwrap_or_else(|| Path::new(DEFAULT_FILE));
        match std::fs::read_to_string(path) {
            Ok(text) => config.read_file(&path.display().to_string(), &text, &mut problems),
            Err(error) if error.kind() == ErrorKind::NotFound && file.is_none() => {}
            Err(error) => problems.push(Problem {
                place: path.display().to_string(),
                key: String::new(),
                text: error.to_string(),
            }),
        }
        for key in KEYS {
            let name = format!("{PREFIX}{}", key.to_uppercase());
            if let Some(value) = lookup(&name)
                && let Err(text) = config.set(key, &value)
            {
                problems.push(Problem { place: "environment".to_owned(), key: name, text });
            }
        }
        if problems.is_empty() { Ok(config) } else { Err(problems) }
    }

    fn read_file(&mut self, place: &str, text: &str, problems: &mut Vec<Problem>) {
        let mut report = |key: &str, text: String| {
            problems.push(Problem { place: place.to_owned(), key: key.to_owned(), text });
        };
        let table = match text.parse::<toml::Table>() {
            Ok(table) => table,
            // Only the bare message: the full one shows the line, which may hold a password.
            Err(error) => return report("", error.message().to_owned()),
        };
        for (key, value) in &table {
            if let Err(reason) = plain(value).and_then(|value| self.set(key, &value)) {
                report(key, reason);
            }
        }
    }

    /// Sets one key from its text; lists are separated by commas.
    fn set(&mut self, key: &str, value: &str) -> Result<(), String> {
        let path = || Some(PathBuf::from(value)).filter(|_| !value.is_empty());
        match key {
            "parameters" => self.parameters = path(),
            "bind" => self.bind = address(value)?,
            "admin" if value.is_empty() => self.admin = None,
            "admin" => self.admin = Some(address(value)?),
            "base_paths" => self.base_paths = base_paths(value)?,
            "grace_seconds" => self.grace = Duration::from_secs(number(value, 0)?.into()),
            "user_connection_string" => self.connections.user = connection(value)?,
            "owner_connection_string" => self.connections.owner = connection(value)?,
            "sa_connection_string" => self.connections.sa = connection(value)?,
            "user_connections" => self.user_connections = number(value, 0)?,
            "owner_connections" => self.owner_connections = number(value, 1)?,
            "time_zone" if value.is_empty() => self.time_zone = None,
            "time_zone" => self.time_zone = Some(zone(value)?),
            "script_hosts" => self.script_hosts = hosts(value)?,
            "data" => self.data = path().ok_or("must not be empty")?,
            "postgres_bin" => self.postgres_bin = path(),
            "log_level" => value.clone_into(&mut self.log_level),
            "log_format" => self.log_format = log_format(value)?,
            _ => return Err("is not a setting".to_owned()),
        }
        Ok(())
    }

    /// How many connections the application role gets: unless told, twice the cores of this machine, at least 4.
    ///
    /// More make calls slower where PostgreSQL has as many cores: its processes then take each other's caches
    /// (`docs/performance.md`).
    pub fn user_pool_size(&self) -> u32 {
        if self.user_connections > 0 {
            return self.user_connections;
        }
        let cores = std::thread::available_parallelism().map_or(2, NonZero::get);
        u32::try_from(cores * 2).unwrap_or(u32::MAX).max(4)
    }

    /// Lets connection strings given here win over those of `Rds.json`.
    pub fn apply_connections(&self, parameters: &mut Parameters) {
        let Connections { user, owner, sa } = &self.connections;
        for (role, text) in [(Role::User, user), (Role::Owner, owner), (Role::Sa, sa)] {
            if !text.is_empty() {
                parameters.override_connection(role, text);
            }
        }
    }
}

/// The variables of this process.
#[expect(clippy::disallowed_methods, reason = "settings can come from the environment")]
fn of_process(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Whether the user of this process reads Japanese, by the usual variables.
pub fn prefers_japanese() -> bool {
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(of_process);
    locale.into_iter().find(|value| !value.is_empty()).is_some_and(|value| value.starts_with("ja"))
}

/// The folders where programs are looked for.
pub fn program_folders() -> Vec<PathBuf> {
    of_process("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default()
}

/// A value of the file in the form that variables have.
fn plain(value: &toml::Value) -> Result<String, String> {
    match value {
        toml::Value::String(text) => Ok(text.clone()),
        toml::Value::Integer(number) => Ok(number.to_string()),
        toml::Value::Array(items) => {
            let texts: Result<Vec<_>, _> = items.iter().map(plain).collect();
            texts.map(|texts| texts.join(","))
        }
        _ => Err("expected a text, a whole number or a list of texts".to_owned()),
    }
}

/// Names of hosts, not addresses of pages: what follows a host would be taken for a limit that is none.
fn hosts(value: &str) -> Result<Vec<String>, String> {
    let names = value.split(',').map(str::trim).filter(|name| !name.is_empty());
    let read = |name: &str| {
        let is_name = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
        let error =
            || format!("{name:?} is no host such as api.example.com or api.example.com:8443");
        name.chars().all(is_name).then(|| name.to_ascii_lowercase()).ok_or_else(error)
    };
    names.map(read).collect()
}

fn address(value: &str) -> Result<SocketAddr, String> {
    value.parse().map_err(|_| "expected an address with a port such as 127.0.0.1:8080".to_owned())
}

fn number(value: &str, least: u32) -> Result<u32, String> {
    let number = value.parse().ok().filter(|number| *number >= least);
    number.ok_or_else(|| format!("expected a whole number from {least} on"))
}

fn zone(value: &str) -> Result<Tz, String> {
    Tz::from_str_insensitive(value)
        .map_err(|_| "expected the name of a time zone such as Asia/Tokyo".to_owned())
}

fn log_format(value: &str) -> Result<LogFormat, String> {
    match value {
        "json" => Ok(LogFormat::Json),
        "text" => Ok(LogFormat::Text),
        _ => Err("expected json or text".to_owned()),
    }
}

/// The service's name is not known yet, but does not change whether a string is well formed.
fn connection(value: &str) -> Result<Secret, String> {
    if !value.is_empty() {
        crate::parameters::ConnectionString::parse(value, "service")?;
    }
    Ok(Secret::new(value))
}

fn base_paths(value: &str) -> Result<Vec<String>, String> {
    let paths: Vec<String> = value.split(',').map(|path| path.trim().to_owned()).collect();
    let well_formed =
        |path: &String| path.is_empty() || (path.starts_with('/') && !path.ends_with('/'));
    if paths.iter().all(well_formed) {
        Ok(paths)
    } else {
        Err("expected paths that begin with / and do not end with it".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, variables: &[(&str, &str)]) -> Result<Config, Vec<String>> {
        let path = std::env::temp_dir().join(format!("kokochi-{}.toml", uuid::Uuid::new_v4()));
        std::fs::write(&path, text).unwrap();
        let config = Config::load_with(Some(&path), &|name| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        });
        std::fs::remove_file(&path).unwrap();
        config.map_err(|problems| {
            let file = path.display().to_string();
            problems.iter().map(|problem| problem.to_string().replace(&file, "FILE")).collect()
        })
    }

    #[test]
    fn the_documented_file_holds_the_defaults() {
        let text = include_str!("../config/server.toml");

        assert_eq!(read(text, &[]), Ok(Config::default()));
        for key in KEYS {
            assert!(text.contains(&format!("\n{key} = ")), "{key} is not documented");
        }
    }

    #[test]
    fn variables_win_over_the_file() {
        let config = read(
            "bind = \"0.0.0.0:1\"\ntime_zone = \"Asia/Tokyo\"\nuser_connections = 3",
            &[("KOKOCHI_BIND", "[::1]:2"), ("KOKOCHI_BASE_PATHS", ",/x"), ("KOKOCHI_DATA", "/d")],
        )
        .unwrap();

        assert_eq!(config.bind.to_string(), "[::1]:2");
        assert_eq!(config.base_paths, ["", "/x"]);
        assert_eq!(config.time_zone, Some(chrono_tz::Asia::Tokyo));
        assert_eq!((config.user_connections, config.data), (3, PathBuf::from("/d")));
    }

    #[test]
    fn every_problem_is_reported_with_its_place() {
        let problems = read(
            "colour = 1\nbind = \"here\"\nowner_connections = 0\nlog_format = true\n\
             user_connection_string = \"PWD=s3cret\"",
            &[("KOKOCHI_TIME_ZONE", "Tokyo"), ("KOKOCHI_BASE_PATHS", "/x/")],
        )
        .unwrap_err();

        assert_eq!(
            problems,
            [
                "FILE: bind: expected an address with a port such as 127.0.0.1:8080",
                "FILE: colour: is not a setting",
                "FILE: log_format: expected a text, a whole number or a list of texts",
                "FILE: owner_connections: expected a whole number from 1 on",
                "FILE: user_connection_string: names no server (`Server` or `Host`)",
                "environment: KOKOCHI_BASE_PATHS: expected paths that begin with / and do not end with it",
                "environment: KOKOCHI_TIME_ZONE: expected the name of a time zone such as Asia/Tokyo",
            ]
        );
    }

    #[test]
    fn a_broken_file_is_named_without_its_text() {
        assert_eq!(read("sa_connection_string = \"PWD=s3cret", &[]).unwrap_err().len(), 1);
        assert!(!read("a = \"s3cret", &[]).unwrap_err().concat().contains("s3cret"));
    }

    #[test]
    fn a_named_file_has_to_exist() {
        assert!(Config::load_with(Some(Path::new("/nowhere.toml")), &|_| None).is_err());
    }
}
