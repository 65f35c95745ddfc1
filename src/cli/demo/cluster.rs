//! A private PostgreSQL: made once in a folder, started with us, stopped with us, kept for the next time.
//!
//! It listens on a socket only, in a folder that nobody else may enter, so that it needs no passwords. A lock file
//! makes sure that two of us do not share it; one that outlived us is taken over.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, bail};
use tokio::process::Command;

use super::account::Account;
use super::programs::{Programs, cluster_version};
use crate::config::Config;
use crate::db::bootstrap::sha512_hex;

/// Part of the socket's name; nothing listens on a port of that number.
const PORT: u16 = 5432;
/// Our part of PostgreSQL's settings.
const SETTINGS: &str = "kokochi.conf";
/// The longest path of a socket that every system takes, less `/.s.PGSQL.5432`.
const LONGEST_SOCKET_FOLDER: usize = 85;
/// Where a cluster goes when PostgreSQL's user cannot enter the data folder.
const SHARED_FOLDER: &str = "/var/lib/kokochi";

/// A cluster in a folder.
#[derive(Debug)]
pub(super) struct Cluster {
    programs: Programs,
    account: Option<Account>,
    /// What PostgreSQL calls its data directory.
    data: PathBuf,
    socket: PathBuf,
    /// Held as long as we live.
    _lock: File,
}

impl Cluster {
    /// The cluster that belongs to the data folder `folder`, which exists; it is made if there is none.
    pub(super) async fn open(config: &Config, folder: &Path) -> anyhow::Result<Self> {
        let lock = lock(folder)?;
        let account = Account::for_postgres().await?;
        let home = home(folder, account).await?;
        let data = home.join("cluster");
        let programs = Programs::find(config, cluster_version(&data)?).await?;
        let cluster =
            Self { programs, account, socket: socket_folder(&home, account)?, data, _lock: lock };
        if cluster_version(&cluster.data)?.is_none() {
            cluster.make().await?;
        }
        Ok(cluster)
    }

    /// Where it keeps its data.
    pub(super) fn data(&self) -> &Path {
        &self.data
    }

    /// The connection string of a role.
    pub(super) fn connection_string(&self, database: &str, role: &str) -> String {
        // Folder names may hold quotes and semicolons.
        let server = self.socket.display().to_string().replace('"', "\"\"");
        format!("Server=\"{server}\";Port={PORT};Database={database};UID={role}")
    }

    async fn make(&self) -> anyhow::Result<()> {
        // Older systems do not have C.UTF-8.
        let made = match self.initdb("C.UTF-8").await {
            Ok(()) => Ok(()),
            Err(_) => self.initdb("C").await,
        };
        made.context("cannot make a database cluster")
    }

    async fn initdb(&self, locale: &str) -> anyhow::Result<()> {
        let mut command = self.command("initdb");
        command.args(["--username=postgres", "--encoding=UTF8", "--auth=trust"]);
        command.arg(format!("--locale={locale}")).arg("-D").arg(&self.data);
        run(command).await
    }

    /// Starts it, unless one that outlived us still runs.
    pub(super) async fn start(&self) -> anyhow::Result<()> {
        if self.is_running().await {
            return Ok(());
        }
        self.configure().context("cannot configure the database cluster")?;
        let mut command = self.command("pg_ctl");
        command.args(["start", "-w", "-s", "-D"]).arg(&self.data).arg("-l").arg(self.log());
        run(command)
            .await
            .with_context(|| format!("cannot start PostgreSQL; see {}", self.log().display()))
    }

    /// Writes our settings anew each time, as the folder may have been moved.
    fn configure(&self) -> std::io::Result<()> {
        let settings = format!(
            "listen_addresses = ''\nport = {PORT}\nunix_socket_directories = '{}'\n",
            self.socket.display().to_string().replace('\'', "''")
        );
        let file = self.data.join(SETTINGS);
        fs::write(&file, settings)?;
        if let Some(account) = self.account {
            account.own(&file)?;
        }
        let main = self.data.join("postgresql.conf");
        let include = format!("include_if_exists = '{SETTINGS}'\n");
        let text = fs::read_to_string(&main)?;
        if !text.contains(&include) {
            fs::write(&main, text + "\n" + &include)?;
        }
        Ok(())
    }

    /// Stops it; its sessions are ended.
    pub(super) async fn stop(&self) -> anyhow::Result<()> {
        let mut command = self.command("pg_ctl");
        command.args(["stop", "-w", "-s", "-m", "fast", "-D"]).arg(&self.data);
        run(command).await.context("cannot stop PostgreSQL")
    }

    async fn is_running(&self) -> bool {
        let mut command = self.command("pg_ctl");
        command.arg("status").arg("-D").arg(&self.data).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().await.is_ok_and(|status| status.success())
    }

    /// The log of PostgreSQL, inside its own folder as only that is its user's.
    fn log(&self) -> PathBuf {
        self.data.join("postgresql.log")
    }

    /// One of PostgreSQL's programs under its account, away from a terminal's signals.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.path(program));
        command.current_dir("/").stdin(Stdio::null()).process_group(0);
        if let Some(account) = self.account {
            account.apply(&mut command);
        }
        command
    }
}

/// Makes sure that we are the only ones in a data folder.
fn lock(folder: &Path) -> anyhow::Result<File> {
    let path = folder.join("lock");
    let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    if file.try_lock().is_err() {
        bail!("another `kokochi demo` uses {}", folder.display());
    }
    Ok(file)
}

/// The folder of the cluster: in the data folder, unless PostgreSQL's user cannot get there.
async fn home(folder: &Path, account: Option<Account>) -> anyhow::Result<PathBuf> {
    let inside = folder.join("postgresql");
    let Some(account) = account else { return private(&inside, None) };
    let inside = private(&inside, Some(account))?;
    if account.can_enter(&inside).await {
        return Ok(inside);
    }
    fs::create_dir_all(SHARED_FOLDER).with_context(|| format!("cannot make {SHARED_FOLDER}"))?;
    private(&Path::new(SHARED_FOLDER).join(short_name(folder)), Some(account))
}

/// The folder of the socket: beside the cluster, unless the path gets too long for a socket.
fn socket_folder(home: &Path, account: Option<Account>) -> anyhow::Result<PathBuf> {
    let beside = home.join("socket");
    if beside.as_os_str().len() <= LONGEST_SOCKET_FOLDER {
        return private(&beside, account);
    }
    private(&std::env::temp_dir().join(format!("kokochi-{}", short_name(home))), account)
}

/// Makes a folder that only PostgreSQL's user may enter (and root, who is us if that is somebody else).
fn private(folder: &Path, account: Option<Account>) -> anyhow::Result<PathBuf> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    if let Some(account) = account {
        account.own(folder).with_context(|| format!("cannot hand {} over", folder.display()))?;
    }
    Ok(folder.to_owned())
}

/// A short name that a path always gets.
fn short_name(path: &Path) -> String {
    sha512_hex(&path.to_string_lossy()).chars().take(16).collect()
}

async fn run(mut command: Command) -> anyhow::Result<()> {
    let name = command.as_std().get_program().to_string_lossy().into_owned();
    let output = command.output().await.with_context(|| format!("cannot run {name}"))?;
    if output.status.success() {
        return Ok(());
    }
    bail!("{name} failed: {}", String::from_utf8_lossy(&output.stderr).trim());
}
