//! What keeps the source in shape where the compiler does not.

#![expect(clippy::expect_used, reason = "a test")]

use std::fs;
use std::path::{Path, PathBuf};

/// Each layer may name only the layers below it; what serves them all names none.
#[test]
fn layers_point_downwards() {
    let none = &["crate::http", "crate::domain", "crate::db", "crate::model", "axum"][..];
    for (place, forbidden) in [
        ("src/model", &["crate::db", "crate::domain", "crate::http", "axum"][..]),
        ("src/db", &["crate::domain", "crate::http", "axum"]),
        ("src/domain", &["crate::http", "axum"]),
        ("src/lenient", none),
        ("src/messages", none),
        ("src/parameters", none),
        ("src/config", none),
    ] {
        let sources = sources(place);
        assert!(!sources.is_empty(), "{place} is gone: change this test");
        for (path, source) in sources {
            let code = source.lines().filter(|line| !line.trim_start().starts_with("//"));
            let named: Vec<&str> =
                code.filter(|line| forbidden.iter().any(|name| line.contains(name))).collect();
            assert!(named.is_empty(), "{} names a layer above its own: {named:?}", path.display());
        }
    }
}

/// A file that long holds more than one thing.
#[test]
fn no_source_file_is_longer_than_600_lines() {
    let sources = sources("src");
    assert!(!sources.is_empty(), "no sources found");
    for (path, source) in sources {
        let lines = source.lines().count();
        assert!(lines <= 600, "{} has {lines} lines", path.display());
    }
}

/// The Rust files of a folder, or of a module that is a file; both when there are both.
fn sources(place: &str) -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(place);
    let mut waiting = vec![root.with_extension("rs"), root];
    let mut found = Vec::new();
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            let entries = fs::read_dir(&path).expect("a readable folder");
            waiting.extend(entries.map(|entry| entry.expect("a readable entry").path()));
        } else if path.is_file() && path.extension().is_some_and(|extension| extension == "rs") {
            let source = fs::read_to_string(&path).expect("a readable file");
            found.push((path, source));
        }
    }
    found
}
