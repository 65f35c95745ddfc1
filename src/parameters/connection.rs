//! Connection strings in the form that .NET programs use: `Server=…;Database=…;UID=…;PWD=…`.

use super::Secret;

/// One of the three ways into the database (02 §1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The superuser; only `database init` uses it.
    Sa,
    /// The owner of the tables: restore operations and named SQL that asks for it.
    Owner,
    /// Everything else.
    User,
}

impl Role {
    /// All three, in the order of the file.
    pub const ALL: [Self; 3] = [Self::Sa, Self::Owner, Self::User];

    /// The member of `Rds.json` that holds its connection string.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Sa => "SaConnectionString",
            Self::Owner => "OwnerConnectionString",
            Self::User => "UserConnectionString",
        }
    }
}

/// Where to connect to, and as whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionString {
    /// A host name or address, or the folder of a Unix socket when it begins with `/`.
    pub server: String,
    /// The port; 5432 unless given.
    pub port: u16,
    /// The database; like the user's name unless given.
    pub database: String,
    /// The role that logs in.
    pub user: String,
    /// Its password; none for trusted connections.
    pub password: Option<Secret>,
    /// An explicit `Timezone`, which the driver of the original sends as well.
    pub time_zone: Option<String>,
    /// An explicit `Search Path`; without it the role's own default holds.
    pub search_path: Option<String>,
    /// An explicit `SSL Mode`.
    pub ssl_mode: Option<String>,
}

impl ConnectionString {
    /// Reads `text`, in which `#ServiceName#` stands for `service`. The error never repeats a value.
    pub fn parse(text: &str, service: &str) -> Result<Self, String> {
        let text = text.replace("#ServiceName#", service);
        let (mut server, mut port, mut database, mut user) = (None, None, None, None);
        let (mut password, mut time_zone, mut search_path, mut ssl_mode) = (None, None, None, None);
        for (key, value) in pairs(&text)? {
            let value = Some(value).filter(|value| !value.is_empty());
            // Later keys win; keys for pools, time limits and the like have no effect here.
            match key.to_lowercase().replace(' ', "").as_str() {
                "server" | "host" => server = value,
                "port" => port = value,
                "database" | "db" => database = value,
                "uid" | "userid" | "username" | "user" => user = value,
                "pwd" | "password" | "psw" => password = value.map(Secret::new),
                "timezone" => time_zone = value,
                "searchpath" => search_path = value,
                "sslmode" => ssl_mode = value,
                _ => {}
            }
        }
        let server = server.ok_or("names no server (`Server` or `Host`)")?;
        let user = user.ok_or("names no user (`UID` or `User Id`)")?;
        if server.contains(',') {
            return Err("names several servers, which is not supported".to_owned());
        }
        let (server, own_port) = split_port(&server);
        let port = match port.as_deref().or(own_port) {
            None => 5432,
            Some(text) => text.parse().map_err(|_| "has a port that is no port number")?,
        };
        Ok(Self {
            server: server.to_owned(),
            port,
            database: database.unwrap_or_else(|| user.clone()),
            user,
            password,
            time_zone,
            search_path,
            ssl_mode,
        })
    }
}

/// Splits `host:5433`; an IPv6 address stays whole.
fn split_port(server: &str) -> (&str, Option<&str>) {
    match server.split_once(':') {
        Some((host, port)) if !server.starts_with('/') && !port.contains(':') => (host, Some(port)),
        _ => (server, None),
    }
}

/// The pairs of key and value: `key=value;…`, values bare, or quoted by `'` or `"` that double inside.
fn pairs(text: &str) -> Result<Vec<(String, String)>, String> {
    let mut pairs = Vec::new();
    let mut rest = text.trim_start_matches([';', ' ', '\t', '\r', '\n']);
    while !rest.is_empty() {
        let (key, after) = take_key(rest)?;
        let (value, after) = take_value(after.trim_start())?;
        pairs.push((key, value));
        rest = after.trim_start_matches([';', ' ', '\t', '\r', '\n']);
    }
    Ok(pairs)
}

/// The key before the next single `=`; `==` is an equals sign inside the key.
fn take_key(text: &str) -> Result<(String, &str), String> {
    let mut key = String::new();
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '=' if characters.next_if(|(_, next)| *next == '=').is_none() => {
                let after = text.get(at + 1..).unwrap_or_default();
                return Ok((key.trim().to_owned(), after));
            }
            ';' => break,
            other => key.push(other),
        }
    }
    // A password with an unquoted `;` ends up here, so its text must not be repeated.
    Err("has a part without `=`; a value with `;` has to be quoted".to_owned())
}

/// The value at the start of `text` and what follows it.
fn take_value(text: &str) -> Result<(String, &str), String> {
    let Some(quote) = text.chars().next().filter(|first| matches!(first, '\'' | '"')) else {
        let (value, rest) = text.split_once(';').unwrap_or((text, ""));
        return Ok((value.trim_end().to_owned(), rest));
    };
    let mut value = String::new();
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        if character != quote || characters.next_if(|(_, next)| *next == quote).is_some() {
            value.push(character);
            continue;
        }
        let rest = text.get(at + 1..).unwrap_or_default().trim_start();
        return match rest.chars().next() {
            None | Some(';') => Ok((value, rest)),
            Some(_) => Err("has text behind a quoted value".to_owned()),
        };
    }
    Err("has a quoted value without an end".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> ConnectionString {
        ConnectionString::parse(text, "Implem.Pleasanter").unwrap()
    }

    fn password(text: &str) -> String {
        parse(text).password.unwrap().expose().to_owned()
    }

    #[test]
    fn the_shipped_form_is_read() {
        let read = parse("Server=localhost;Database=#ServiceName#;UID=#ServiceName#_User;PWD=Set");
        assert_eq!(read.server, "localhost");
        assert_eq!(read.port, 5432);
        assert_eq!(read.database, "Implem.Pleasanter");
        assert_eq!(read.user, "Implem.Pleasanter_User");
        assert_eq!(read.password, Some(Secret::new("Set")));
    }

    #[test]
    fn synonyms_of_the_keys_are_known() {
        for text in [
            "HOST = db ; PORT = 5433 ; User Id = u ; Password = p ; Pooling = true;",
            "host=db:5433;Username=u;Pwd=p",
            ";;Server=db;Port=5433;user name=u;PSW=p;;",
        ] {
            let read = parse(text);
            assert_eq!(
                (read.server.as_str(), read.port, read.user.as_str()),
                ("db", 5433, "u"),
                "{text}"
            );
            assert_eq!(read.database, "u");
            assert_eq!(read.password, Some(Secret::new("p")));
        }
    }

    #[test]
    fn a_folder_is_the_place_of_a_socket() {
        assert_eq!(parse("Server=/var/run/a:b;UID=u").server, "/var/run/a:b");
        assert_eq!(parse("Server=::1;UID=u").server, "::1");
    }

    #[test]
    fn values_may_be_quoted() {
        assert_eq!(password("Server=a;UID=u;PWD='a;b''c=\"d'"), "a;b'c=\"d");
        assert_eq!(password("Server=a;PWD=\"a;b\"\"c'\" ;UID=u"), "a;b\"c'");
        assert_eq!(password("Server=a;UID=u;PWD=a=b'c"), "a=b'c");
    }

    #[test]
    fn faults_are_named_without_the_secret() {
        for (text, expected) in [
            ("Server=a;UID=u;PWD='x", "without an end"),
            ("Server=a;UID=u;PWD='x'y", "behind a quoted"),
            ("Server=a;UID=u;PWD=s3;cret", "without `=`"),
            ("UID=u", "no server"),
            ("Server=a", "no user"),
            ("Server=a,b;UID=u", "several servers"),
            ("Server=a;Port=x;UID=u", "no port number"),
        ] {
            let error = ConnectionString::parse(text, "S").unwrap_err();
            assert!(error.contains(expected) && !error.contains("cret"), "{text}: {error}");
        }
    }

    #[test]
    fn debug_output_hides_the_password() {
        assert!(!format!("{:?}", parse("Server=a;UID=u;PWD=hunter2")).contains("hunter2"));
    }
}
