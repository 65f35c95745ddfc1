//! A running server.

use std::fs;
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Child;
use std::time::Duration;

use super::deadline::poll;
use super::parameters::ParameterFolder;
use super::ports::Port;
use super::{cli, scratch};

/// `kokochi serve` on a port of its own; stopped when this is dropped, and its log shown when the test fails.
pub(crate) struct Server {
    child: Child,
    port: Port,
    log: PathBuf,
    stopped: bool,
}

impl Server {
    /// Starts it with settings of our own as variables, and waits until it accepts connections.
    pub(crate) fn try_start_with(
        parameters: &ParameterFolder,
        variables: &[(&str, &str)],
    ) -> Result<Self, String> {
        let port = Port::reserve();
        let log = scratch::folder("server").join("log");
        let file = fs::File::create(&log).expect("the folder is ours");
        let address = format!("127.0.0.1:{}", port.number);
        let child =
            cli::command(&["serve", "--parameters", parameters.path_text(), "--bind", &address])
                .envs(variables.iter().copied())
                .stdout(file.try_clone().expect("a second handle"))
                .stderr(file)
                .spawn()
                .expect("the binary can be started");
        scratch::hold(child.id(), "KILL");
        let mut server = Self { child, port, log, stopped: false };

        let child = &mut server.child;
        let accepts = poll(Duration::from_secs(30), || {
            // In this order: one that has ended by itself cannot be the one that accepted.
            let accepted = TcpStream::connect(&address).is_ok();
            match child.try_wait().expect("our own child") {
                Some(_) => Some(false),
                None => accepted.then_some(true),
            }
        });
        if accepts == Some(true) {
            return Ok(server);
        }
        Err(format!("`kokochi serve` does not accept connections:\n{}", server.log_tail(40)))
    }

    /// Where it answers.
    pub(crate) fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port.number)
    }

    /// Stops it as an operator does, and says whether it went by itself and without a failure.
    pub(crate) fn stop(&mut self) -> bool {
        scratch::signal(self.child.id(), "TERM");
        let status =
            poll(Duration::from_secs(15), || self.child.try_wait().expect("our own child"));
        self.kill();
        status.is_some_and(|status| status.success())
    }

    /// Whether it still runs.
    pub(crate) fn is_alive(&mut self) -> bool {
        !self.stopped && self.child.try_wait().expect("our own child").is_none()
    }

    /// The last lines that it wrote.
    pub(crate) fn log_tail(&self, lines: usize) -> String {
        let bytes = fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let all: Vec<&str> = text.lines().collect();
        all[all.len().saturating_sub(lines)..].join("\n")
    }

    /// Stops it as a crash does (`kill -9`).
    pub(crate) fn kill(&mut self) {
        if !self.stopped {
            // Harmless when it has ended: its number is kept for us until it was waited for.
            let _ = self.child.kill();
            let _ = self.child.wait();
            scratch::release(self.child.id());
            self.stopped = true;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- the end of the server's log\n{}\n---", self.log_tail(40));
        }
        if !self.stopped {
            self.stop();
        }
    }
}
