//! Where PostgreSQL's programs are.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use tokio::process::Command;

use crate::config::{Config, program_folders};

/// The programs that a cluster needs.
const NEEDED: [&str; 3] = ["initdb", "pg_ctl", "postgres"];
/// The oldest major version that is served.
const OLDEST: u32 = 13;

/// A folder with PostgreSQL's programs.
#[derive(Debug, Clone)]
pub(super) struct Programs {
    folder: PathBuf,
    /// Major version.
    version: u32,
}

impl Programs {
    /// The newest programs, or those of the version that an existing cluster needs.
    pub(super) async fn find(config: &Config, needed: Option<u32>) -> anyhow::Result<Self> {
        let mut found = Vec::new();
        for folder in candidates(config).await {
            if let Some(version) = version_in(&folder).await {
                found.push(Self { folder, version });
            }
        }
        let fits = |programs: &&Self| match needed {
            Some(version) => programs.version == version,
            None => programs.version >= OLDEST,
        };
        match (found.iter().find(fits), needed) {
            (Some(programs), _) => Ok(programs.clone()),
            (None, Some(version)) => bail!(
                "the database was made by PostgreSQL {version}, whose programs are not here; install them or name \
                 another folder with KOKOCHI_DATA"
            ),
            (None, None) => bail!(
                "PostgreSQL {OLDEST} or newer is needed (initdb, pg_ctl, postgres); install it, or name the folder \
                 of its programs with KOKOCHI_POSTGRES_BIN"
            ),
        }
    }

    /// The path of a program.
    pub(super) fn path(&self, program: &str) -> PathBuf {
        self.folder.join(program)
    }
}

/// Folders to look into, best first.
async fn candidates(config: &Config) -> Vec<PathBuf> {
    if let Some(folder) = &config.postgres_bin {
        return vec![folder.clone()];
    }
    let mut folders = program_folders();
    folders.extend(numbered("/usr/lib/postgresql", "", "bin"));
    folders.extend(numbered("/usr", "pgsql-", "bin"));
    if let Ok(output) = Command::new("pg_config").arg("--bindir").output().await {
        folders.push(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    }
    for homebrew in ["/opt/homebrew/opt", "/usr/local/opt", "/home/linuxbrew/.linuxbrew/opt"] {
        folders.extend(numbered(homebrew, "postgresql@", "bin"));
        folders.push(Path::new(homebrew).join("postgresql/bin"));
    }
    folders
}

/// `parent/prefixN/child` for every number `N` that exists, highest first.
fn numbered(parent: &str, prefix: &str, child: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
    let mut found: Vec<(u32, PathBuf)> = entries
        .filter_map(|entry| {
            let number = entry.file_name().to_str()?.strip_prefix(prefix)?.parse().ok()?;
            Some((number, entry.path().join(child)))
        })
        .collect();
    found.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
    found.into_iter().map(|(_, path)| path).collect()
}

/// The major version of the programs in a folder, if all are there.
async fn version_in(folder: &Path) -> Option<u32> {
    if !NEEDED.iter().all(|program| folder.join(program).is_file()) {
        return None;
    }
    let output = Command::new(folder.join("postgres")).arg("--version").output().await.ok()?;
    major_version(&String::from_utf8_lossy(&output.stdout))
}

/// The major version in `postgres (PostgreSQL) 15.20 (Debian …)`.
fn major_version(text: &str) -> Option<u32> {
    let word =
        text.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    let digits: String = word.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// The major version that made the cluster in `folder`, if there is one.
pub(super) fn cluster_version(folder: &Path) -> anyhow::Result<Option<u32>> {
    let path = folder.join("PG_VERSION");
    if !path.exists() {
        return Ok(None);
    }
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("cannot read {}", path.display()))?;
    Ok(Some(text.trim().parse().with_context(|| format!("{} is damaged", path.display()))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read() {
        assert_eq!(major_version("postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)"), Some(15));
        assert_eq!(major_version("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(major_version("nothing"), None);
    }
}
