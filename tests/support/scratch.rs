//! The temporary folder of this test process, and the watchdog that clears up behind it.
//!
//! A test run can be killed at any moment, and then no destructor runs. The watchdog is a small shell that waits on a
//! pipe which only we hold open: when we are gone, however that came, it ends the processes that we had started and
//! removes the folder.

use std::fs;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};

/// Lines on its input: `add SIGNAL PID`, `drop PID`. A process that is still there at the end gets its signal.
const WATCHDOG: &str = r#"
held=
while read -r word first second; do
    case $word in
    add) held="$held $first:$second" ;;
    drop)
        rest=
        for one in $held; do [ "${one#*:}" = "$first" ] || rest="$rest $one"; done
        held=$rest
        ;;
    esac
done
for one in $held; do kill -"${one%:*}" "${one#*:}"; done
for one in $held; do
    tries=0
    while kill -0 "${one#*:}" && [ "$tries" -lt 100 ]; do sleep 0.05; tries=$((tries + 1)); done
done
rm -rf -- "$1"
"#;

struct Watchdog {
    root: PathBuf,
    pipe: Mutex<ChildStdin>,
    /// Never waited for: it ends after us.
    _shell: Child,
}

/// The folder of this process; it is gone soon after the process.
pub(crate) fn root() -> &'static Path {
    &watchdog().root
}

/// A new folder of its own for one use.
pub(crate) fn folder(name: &str) -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(1);
    let path = root().join(format!("{name}-{}", COUNT.fetch_add(1, Ordering::Relaxed)));
    fs::create_dir(&path).expect("a new folder can be made");
    path
}

/// From now on the process `pid` ends with us, by `signal` (`KILL`, `QUIT`).
pub(crate) fn hold(pid: u32, signal: &str) {
    tell(&format!("add {signal} {pid}\n"));
}

/// The process `pid` has ended; its number may belong to somebody else soon.
pub(crate) fn release(pid: u32) {
    tell(&format!("drop {pid}\n"));
}

fn tell(line: &str) {
    let mut pipe = watchdog().pipe.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    pipe.write_all(line.as_bytes()).expect("the watchdog reads");
}

fn watchdog() -> &'static Watchdog {
    static WATCHDOG_OF_PROCESS: OnceLock<Watchdog> = OnceLock::new();
    WATCHDOG_OF_PROCESS.get_or_init(|| {
        let root = new_root();
        let mut shell = Command::new("sh")
            .args(["-c", WATCHDOG, "watchdog"])
            .arg(&root)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0) // Ctrl-C is for us; the watchdog has to outlive us.
            .spawn()
            .expect("a shell can be started");
        let pipe = Mutex::new(shell.stdin.take().expect("its input is piped"));
        Watchdog { root, pipe, _shell: shell }
    })
}

/// A folder that nobody had before, open to the user that PostgreSQL runs as.
fn new_root() -> PathBuf {
    let base = std::env::temp_dir();
    let name = |n: u32| base.join(format!("kokochi-tests-{}-{n}", std::process::id()));
    (0..1000)
        .map(name)
        .find(|path| fs::create_dir(path).is_ok())
        .unwrap_or_else(|| panic!("no folder can be made in {}", base.display()))
}

/// Sends `signal` (`TERM`, `INT`) to a process that we started and have not yet waited for.
pub(crate) fn signal(pid: u32, signal: &str) {
    let sent = Command::new("sh")
        .args(["-c", r#"kill -"$0" "$1""#, signal, &pid.to_string()])
        .stderr(Stdio::null())
        .status();
    sent.expect("a shell can be started");
}
