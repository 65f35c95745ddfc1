//! A private PostgreSQL: own folder, own port, trusting whoever comes over the loopback, forgetting all at the end.

use std::fs;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use super::deadline::poll;
use super::ports::Port;
use super::scratch;
use super::sql::Session;

/// A PostgreSQL that listens on the loopback, with superuser `postgres`.
pub(crate) struct Postgres {
    pub(crate) port: u16,
    cluster: Option<Cluster>,
}

/// What is ours of it: none of this exists for a server that was given to us.
struct Cluster {
    process: Mutex<Child>,
    port: Port,
}

impl Postgres {
    /// The one of this test binary, or the one on the port that `KOKOCHI_TEST_POSTGRES` names, which has to trust
    /// `postgres` and to have been made for this very run.
    pub(crate) fn shared() -> &'static Self {
        static SHARED: OnceLock<Postgres> = OnceLock::new();
        SHARED.get_or_init(|| {
            given_port().map_or_else(Self::start, |port| Self { port, cluster: None })
        })
    }

    /// Makes and starts a cluster; it ends when this is dropped, or with the process.
    pub(crate) fn start() -> Self {
        let folder = scratch::folder("postgres");
        let account = Account::for_postgres();
        account.give(&folder);
        let data = folder.join("data");
        initdb(&account, &data);

        let port = Port::reserve();
        let log = folder.join("log");
        let log_file = fs::File::create(&log).expect("a log file can be made");
        let mut command = account.command("postgres");
        command.arg("-D").arg(&data).args(["-p", &port.number.to_string()]);
        for setting in [
            "listen_addresses=127.0.0.1",
            "timezone=UTC",
            "log_timezone=UTC",
            "max_connections=400",
            "fsync=off",
            "full_page_writes=off",
            "synchronous_commit=off",
        ] {
            command.args(["-c", setting]);
        }
        command.arg("-c").arg(format!("unix_socket_directories={}", folder.display()));
        command
            .stdin(Stdio::null())
            .stdout(log_file.try_clone().expect("a second handle"))
            .stderr(log_file);
        command.process_group(0);
        let child = command.spawn().expect("postgres can be started");
        scratch::hold(child.id(), "QUIT");

        let cluster = Cluster { process: Mutex::new(child), port };
        cluster.wait_until_ready(&data, &log);
        Self { port: cluster.port.number, cluster: Some(cluster) }
    }
}

impl Cluster {
    /// The folder is asked for, so that a stranger on our port is not taken for ours.
    fn wait_until_ready(&self, data: &Path, log: &Path) {
        let session = Session::new(self.port.number, "postgres");
        let mut process = self.process.lock().expect("nobody else has it yet");
        let ready = poll(Duration::from_mins(1), || {
            if process.try_wait().expect("our own child").is_some() {
                return Some(false);
            }
            let rows = session.rows("select current_setting('data_directory') as folder").ok()?;
            Some(rows[0]["folder"].as_str() == data.to_str())
        });
        session.close();
        let ready = ready.unwrap_or(false);
        assert!(
            ready,
            "PostgreSQL did not start:\n{}",
            fs::read_to_string(log).unwrap_or_default()
        );
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let Some(cluster) = &self.cluster else { return };
        let mut process = cluster.process.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        scratch::signal(process.id(), "QUIT");
        // Left to the watchdog when it does not go.
        if poll(Duration::from_secs(20), || process.try_wait().ok().flatten()).is_some() {
            scratch::release(process.id());
        }
    }
}

fn initdb(account: &Account, data: &Path) {
    let mut command = account.command("initdb");
    command.arg("-D").arg(data);
    command.args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]);
    let done = command.output().expect("initdb can be started");
    assert!(done.status.success(), "initdb failed:\n{}", String::from_utf8_lossy(&done.stderr));
}

/// A program of PostgreSQL: the one on the path, else of the newest version that Debian's packages installed.
pub(crate) fn program(name: &str) -> PathBuf {
    let on_path =
        std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    let mut installed: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin")))
        })
        .collect();
    installed.sort();
    let newest_first = installed.into_iter().rev().map(|(_, folder)| folder);
    on_path
        .into_iter()
        .flatten()
        .chain(newest_first)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
        .unwrap_or_else(|| panic!("PostgreSQL's `{name}` is missing: apt-get install postgresql"))
}

/// Whom PostgreSQL runs as: us, or somebody else when we are root, which it refuses to run as.
struct Account {
    other: Option<(u32, u32)>,
}

impl Account {
    fn for_postgres() -> Self {
        if id(&["-u"]) != Some(0) {
            return Self { other: None };
        }
        let other = ["postgres", "nobody"]
            .iter()
            .find_map(|name| Some((id(&["-u", name])?, id(&["-g", name])?)));
        Self { other: Some(other.expect("the system has an account `postgres` or `nobody`")) }
    }

    fn give(&self, folder: &Path) {
        if let Some((user, group)) = self.other {
            chown(folder, Some(user), Some(group)).expect("root may give a folder away");
        }
    }

    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(program(name));
        if let Some((user, group)) = self.other {
            command.uid(user).gid(group);
        }
        // The caller's own folder may be closed to that account.
        command.current_dir("/");
        command
    }
}

fn id(arguments: &[&str]) -> Option<u32> {
    let output = Command::new("id").args(arguments).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

#[expect(clippy::disallowed_methods, reason = "the configuration of the server is not concerned")]
fn given_port() -> Option<u16> {
    let value = std::env::var("KOKOCHI_TEST_POSTGRES").ok()?;
    Some(value.parse().expect("KOKOCHI_TEST_POSTGRES is a port on 127.0.0.1"))
}
