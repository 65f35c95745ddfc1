//! Free TCP ports that no two test processes of this machine hand out at the same time.

use std::fs::{self, File, OpenOptions, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

/// Below the range from which the kernel takes ports of outgoing connections.
const FIRST: u32 = 20_000;
const COUNT: u32 = 12_000;

/// A port that is ours until this is dropped: a lock on a file of its name tells other test processes.
pub(crate) struct Port {
    pub(crate) number: u16,
    _lock: File,
}

impl Port {
    /// A port on which nobody listens and that no other test process holds.
    pub(crate) fn reserve() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let folder = std::env::temp_dir().join("kokochi-test-ports");
        // Shared by all accounts of the machine; whoever comes second finds it made and open.
        if fs::create_dir(&folder).is_ok() {
            fs::set_permissions(&folder, Permissions::from_mode(0o777))
                .expect("the folder is ours");
        }
        let start = std::process::id().wrapping_mul(97);
        for _ in 0..COUNT {
            let step = NEXT.fetch_add(1, Ordering::Relaxed);
            let number =
                u16::try_from(FIRST + start.wrapping_add(step) % COUNT).expect("a port number");
            let Ok(lock) = open(&folder.join(number.to_string())) else { continue };
            if lock.try_lock().is_ok() && TcpListener::bind(("127.0.0.1", number)).is_ok() {
                return Self { number, _lock: lock };
            }
        }
        panic!("no port is free, or {} is not ours to write", folder.display());
    }
}

/// Another account's file can only be read, which is enough to lock it.
fn open(file: &Path) -> std::io::Result<File> {
    let made = OpenOptions::new().create(true).truncate(false).write(true).open(file);
    made.or_else(|_| File::open(file))
}
