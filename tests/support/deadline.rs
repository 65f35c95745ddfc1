//! Waiting for something that another process does: asked for often, given up after a time, never slept for blindly.

use std::time::{Duration, Instant};

/// Asks `probe` until it answers, at most for `limit`.
pub(crate) fn poll<T>(limit: Duration, mut probe: impl FnMut() -> Option<T>) -> Option<T> {
    let end = Instant::now() + limit;
    loop {
        if let Some(found) = probe() {
            return Some(found);
        }
        if Instant::now() >= end {
            return None;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}
