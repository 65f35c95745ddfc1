//! `kokochi export`.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;

use super::client::{self, Client};
use crate::config::Config;
use crate::domain::items;
use crate::domain::{Common, Error};
use crate::lenient;

/// `kokochi export --parameters DIR SITE [--body FILE] [--output FILE]`
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    client: Client,
    /// What to export, as the API has it: JSON with `Export` or `ExportId`, and `View`; the standard export unless
    /// given.
    #[arg(long, value_name = "FILE")]
    body: Option<PathBuf>,
    /// Where to; what goes out unless given.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) async fn run(config: Config, arguments: Arguments) -> anyhow::Result<ExitCode> {
    let body = match &arguments.body {
        Some(path) => String::from_utf8(client::read(path)?).context("the body is no UTF-8")?,
        None => "{}".to_owned(),
    };
    let body = lenient::parse(&body).context("the body is no JSON")?;
    let common = Common::read(&body).context("the body cannot be used")?;
    let call = arguments.client.call(&config, "export").await?;
    let table = client::table(&call).await?;
    let refused = |error: Error| client::refused(&call, &error);
    let export = items::open_export(&call, &table, &body, common.as_ref()).map_err(refused)?;
    let mut output = client::create(arguments.output.as_deref())?;
    let (mut lines, mut failure) = (0, None);
    let done = export.write(|text| {
        lines += text.bytes().filter(|byte| *byte == b'\n').count();
        client::progress(lines);
        output.write_all(text.as_bytes()).map_err(|error| {
            failure = Some(error);
            Error::FailedWriteFile
        })
    });
    let done = done.await;
    client::progress_ends();
    match failure {
        Some(error) => return Err(error).context("cannot write"),
        None => done.map_err(refused)?,
    }
    output.flush().context("cannot write")?;
    Ok(ExitCode::SUCCESS)
}
