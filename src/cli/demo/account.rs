//! The account that PostgreSQL runs under: our own, but another one when we are root, whom it refuses.

use std::path::Path;

use anyhow::{Context as _, bail};
use tokio::process::Command;

/// Accounts that may stand in for root, best first.
const STAND_INS: [&str; 2] = ["postgres", "nobody"];

/// An account of the machine.
#[derive(Debug, Clone, Copy)]
pub(super) struct Account {
    user: u32,
    group: u32,
}

impl Account {
    /// The account for PostgreSQL; none means our own.
    pub(super) async fn for_postgres() -> anyhow::Result<Option<Self>> {
        if id(&["-u"]).await? != Some(0) {
            return Ok(None);
        }
        for name in STAND_INS {
            if let (Some(user), Some(group)) = (id(&["-u", name]).await?, id(&["-g", name]).await?)
            {
                return Ok(Some(Self { user, group }));
            }
        }
        bail!("PostgreSQL does not run as root, and there is neither a user postgres nor nobody");
    }

    /// Runs a command under this account.
    pub(super) fn apply(self, command: &mut Command) {
        command.uid(self.user).gid(self.group);
    }

    /// Hands a folder or file over.
    pub(super) fn own(self, path: &Path) -> std::io::Result<()> {
        std::os::unix::fs::chown(path, Some(self.user), Some(self.group))
    }

    /// Whether this account gets into a folder; those above may be closed to it.
    pub(super) async fn can_enter(self, folder: &Path) -> bool {
        let mut command = Command::new("test");
        command.arg("-x").arg(folder).current_dir("/");
        self.apply(&mut command);
        command.status().await.is_ok_and(|status| status.success())
    }
}

/// A number from `id`; none when there is no such account.
async fn id(arguments: &[&str]) -> anyhow::Result<Option<u32>> {
    let output = Command::new("id").args(arguments).output().await.context("cannot run id")?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().parse().ok())
}
