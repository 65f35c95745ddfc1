//! `kokochi site export` and `site import`: sites in files, for installations without Pleasanter's pages.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, anyhow};

use super::client::{self, Access};
use super::say;
use crate::config::Config;
use crate::domain::sites::{self, Included, PackageError};
use crate::domain::{Call, Error};

/// What to do with sites.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Site {
    /// Writes sites, and everything below them, into a file.
    Export(Export),
    /// Makes the sites of a file, all of them or none.
    Import(Import),
}

/// `kokochi site export --parameters DIR SITE… FILE`
#[derive(Debug, clap::Args)]
pub(super) struct Export {
    #[command(flatten)]
    access: Access,
    #[command(flatten)]
    with: With,
    /// Ids of the sites.
    #[arg(required = true, num_args = 1..)]
    sites: Vec<i64>,
    /// The file; `-` is what goes out.
    #[arg(required = true)]
    file: PathBuf,
}

/// `kokochi site import --parameters DIR FILE [--parent ID]`
#[derive(Debug, clap::Args)]
pub(super) struct Import {
    #[command(flatten)]
    access: Access,
    #[command(flatten)]
    with: With,
    /// The file; `-` is what comes in.
    file: PathBuf,
    /// Id of the folder that they go into; the top level unless given.
    #[arg(long, value_name = "ID", default_value_t = 0)]
    parent: i64,
}

/// What comes along with the sites and their settings.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "they are switches")]
struct With {
    /// Records, without their files.
    #[arg(long = "with-data")]
    data: bool,
    /// Who may do what on the sites.
    #[arg(long = "with-site-permissions")]
    site_permissions: bool,
    /// Who may do what on single records.
    #[arg(long = "with-record-permissions")]
    record_permissions: bool,
    /// Column access controls.
    #[arg(long = "with-column-permissions")]
    column_permissions: bool,
    /// Notifications.
    #[arg(long = "with-notifications")]
    notifications: bool,
    /// Reminders.
    #[arg(long = "with-reminders")]
    reminders: bool,
}

impl With {
    const fn included(&self) -> Included {
        Included {
            data: self.data,
            site_permission: self.site_permissions,
            record_permission: self.record_permissions,
            column_permission: self.column_permissions,
            notifications: self.notifications,
            reminders: self.reminders,
        }
    }
}

pub(super) async fn run(config: Config, command: Site) -> anyhow::Result<ExitCode> {
    match command {
        Site::Export(arguments) => Box::pin(export(&config, &arguments)).await,
        Site::Import(arguments) => Box::pin(import(&config, &arguments)).await,
    }
}

async fn export(config: &Config, arguments: &Export) -> anyhow::Result<ExitCode> {
    let call = arguments.access.call(config, 0, "export").await?;
    if arguments.file == Path::new("-") {
        write(&call, arguments, None).await?;
        return Ok(ExitCode::SUCCESS);
    }
    // What breaks off leaves the file as it was.
    let mut part = arguments.file.clone().into_os_string();
    part.push(".part");
    let part = PathBuf::from(part);
    let done = match write(&call, arguments, Some(&part)).await {
        Ok(()) => std::fs::rename(&part, &arguments.file)
            .with_context(|| format!("cannot write {}", arguments.file.display())),
        Err(error) => Err(error),
    };
    if done.is_err() {
        // It may not be there at all.
        let _ = std::fs::remove_file(&part);
    }
    done.map(|()| ExitCode::SUCCESS)
}

async fn write(call: &Call, arguments: &Export, to: Option<&Path>) -> anyhow::Result<()> {
    let mut output = client::create(to)?;
    let mut failure = None;
    let (key, included) = (arguments.access.common(), arguments.with.included());
    let progress = |sites: usize| eprint!("\r{sites} sites");
    let done = sites::export_package(call, &key, &arguments.sites, included, &progress, |text| {
        output.write_all(text.as_bytes()).map_err(|error| {
            failure = Some(error);
            Error::FailedWriteFile
        })
    });
    let done = done.await;
    client::progress_ends();
    match failure {
        Some(error) => return Err(error).context("cannot write"),
        None => done.map_err(|error| told(call, &error))?,
    }
    output.flush().context("cannot write")
}

async fn import(config: &Config, arguments: &Import) -> anyhow::Result<ExitCode> {
    let name = arguments.file.display();
    let text = String::from_utf8(client::read(&arguments.file)?);
    let text = text.with_context(|| format!("{name} is no UTF-8"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let call = arguments.access.call(config, arguments.parent, "import").await?;
    let (parent, included) = (arguments.parent, arguments.with.included());
    let done = sites::import_package(&call, text, parent, included, &client::progress).await;
    client::progress_ends();
    let done = done.map_err(|error| told(&call, &error)).with_context(|| name.to_string())?;
    for warning in &done.warnings {
        eprintln!("{warning}");
    }
    for site in &done.sites {
        say(format!("{}\t{}\t{}\t{}", site.old, site.new, site.kind, site.title));
    }
    Ok(ExitCode::SUCCESS)
}

/// What a user can do something with.
fn told(call: &Call, error: &PackageError) -> anyhow::Error {
    match error {
        PackageError::Failed(error) => client::refused(call, error),
        PackageError::Site { site, error } => {
            client::refused(call, error).context(format!("site {site}"))
        }
        PackageError::Malformed { .. } | PackageError::Refused(_) => anyhow!("{error}"),
    }
}
