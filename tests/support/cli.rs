//! Runs of the built binary that come to an end by themselves.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::deadline::poll;
use super::scratch;

/// The binary under test.
pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_kokochi");

/// How a run ended, and all that it wrote.
pub(crate) struct Done {
    pub(crate) success: bool,
    pub(crate) text: String,
}

/// The binary with the environment that the recordings were made in: the clock of the server is UTC.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(BINARY);
    command.args(arguments).env("TZ", "UTC").stdin(Stdio::null());
    command
}

/// Runs the binary to its end, for a minute at most.
pub(crate) fn run(arguments: &[&str]) -> Done {
    let output = scratch::folder("run").join("output");
    let file = fs::File::create(&output).expect("the folder is ours");
    let mut child = command(arguments)
        .stdout(file.try_clone().expect("a second handle"))
        .stderr(file)
        .spawn()
        .expect("the binary can be started");
    scratch::hold(child.id(), "KILL");
    let status = poll(Duration::from_mins(1), || child.try_wait().expect("our own child"));
    if status.is_none() {
        child.kill().expect("our own child");
        child.wait().expect("our own child");
    }
    scratch::release(child.id());
    let text = String::from_utf8_lossy(&fs::read(output).expect("the folder is ours")).into_owned();
    match status {
        Some(status) => Done { success: status.success(), text },
        None => Done { success: false, text: format!("{text}\n(ended after a minute)") },
    }
}
