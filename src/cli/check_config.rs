//! `kokochi check-config`.

use std::process::ExitCode;

use super::{ParametersFolder, load_parameters, say};
use crate::config::Config;
use crate::parameters::Role;

/// Reads everything, which lists every problem, and shows what holds. Secrets show as `***`.
pub(super) fn run(config: &Config, folder: &ParametersFolder) -> anyhow::Result<ExitCode> {
    let parameters = load_parameters(config, folder.parameters.as_deref())?;
    say(format_args!("{config:#?}"));
    match parameters.dir() {
        Some(dir) => say(format_args!("parameter files: {}", dir.display())),
        None => say("parameter files: none, everything as shipped"),
    }
    for role in Role::ALL {
        match parameters.connection(role) {
            Ok(target) => say(format_args!(
                "{role:?}: {} at {}, port {}, database {}",
                target.user, target.server, target.port, target.database
            )),
            Err(problem) => say(problem),
        }
    }
    Ok(ExitCode::SUCCESS)
}
