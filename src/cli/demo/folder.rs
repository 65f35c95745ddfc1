//! The data folder of a demo: `parameters/` for the server, `table` with the id of the table, and PostgreSQL's.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::json;

use super::cluster::Cluster;
use crate::config::{Config, prefers_japanese};
use crate::db::server_zone;
use crate::parameters::{ConnectionString, Parameters};

/// Makes the data folder and returns its full path.
pub(super) fn make(folder: &Path) -> anyhow::Result<PathBuf> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    // It often lies in a clone, and is nothing to commit.
    fs::write(folder.join(".gitignore"), "*\n")
        .with_context(|| format!("cannot write to {}", folder.display()))?;
    fs::canonicalize(folder).with_context(|| format!("cannot find {}", folder.display()))
}

/// The parameter folder.
pub(super) fn parameters(folder: &Path) -> PathBuf {
    folder.join("parameters")
}

/// Writes the parameter files that the demo needs. `Service.json` is written once and may be edited.
pub(super) async fn write_parameters(
    config: &Config,
    folder: &Path,
    cluster: &Cluster,
) -> anyhow::Result<PathBuf> {
    let dir = parameters(folder);
    fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
    let superuser = cluster.connection_string("postgres", "postgres");
    let role = |suffix: &str| {
        cluster.connection_string("#ServiceName#", &format!("#ServiceName#_{suffix}"))
    };
    let rds = json!({
        "Dbms": "PostgreSQL",
        "Provider": "Local",
        "SaConnectionString": superuser,
        "OwnerConnectionString": role("Owner"),
        "UserConnectionString": role("User"),
        "SqlCommandTimeOut": 0,
        "MinimumTime": 3,
        "DeadlockRetryCount": 4,
        "DeadlockRetryInterval": 1000,
        "DisableIndexChangeDetection": true,
        "SysLogsSchemaVersion": 1,
    });
    write(&dir.join("Rds.json"), &format!("// Written anew by every `kokochi demo`.\n{rds:#}\n"))?;
    let service = dir.join("Service.json");
    if !service.exists() {
        let superuser = ConnectionString::parse(&superuser, "")
            .map_err(|reason| anyhow::anyhow!("the demo's own connection string {reason}"))?;
        let zone = server_zone(&superuser, config.time_zone).await?;
        write(&service, &format!("{:#}\n", service_json(zone.name())?))?;
    }
    Ok(dir)
}

/// As shipped, but in the language of whoever starts the demo.
fn service_json(zone: &str) -> anyhow::Result<serde_json::Value> {
    let (language, zone) = if prefers_japanese() { ("ja", "Asia/Tokyo") } else { ("en", zone) };
    let shipped = Parameters::load(None).map_err(|problems| super::listed(&problems))?.service;
    Ok(json!({
        "Name": shipped.name,
        "TimeZoneDefault": zone,
        "DefaultLanguage": language,
        "DefaultPassword": shipped.default_password.expose(),
        "MaxRequestBodySize": shipped.max_request_body_size,
    }))
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    Ok(())
}

/// The table that an earlier run made.
pub(super) fn remembered_table(folder: &Path) -> Option<i64> {
    fs::read_to_string(folder.join("table")).ok()?.trim().parse().ok()
}

/// Remembers the table for the next run.
pub(super) fn remember_table(folder: &Path, table: i64) -> std::io::Result<()> {
    fs::write(folder.join("table"), format!("{table}\n"))
}
