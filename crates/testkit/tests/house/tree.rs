//! Reads the repository: its members, their manifests and their Rust files. Owns every path, knows no rule.

use std::fs;
use std::path::{Path, PathBuf};

/// A text file and where it stands, from the repository's root, with forward slashes.
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl File {
    /// A file that exists only in a test of a rule.
    pub(crate) fn sample(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    /// Whether the file is part of what a crate ships, not one of its integration tests.
    pub(crate) fn is_source(&self) -> bool {
        self.path.split('/').nth(2) == Some("src")
    }

    /// Whether the file is a test module of its own (`tests.rs`, `tests_forgery.rs`, `attempts_tests.rs`), which may reach
    /// anywhere.
    pub(crate) fn is_test_module(&self) -> bool {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        name == "tests.rs"
            || name.starts_with("tests_")
            || name.ends_with("_tests.rs")
            || self.path.contains("/tests/")
    }

    /// The folder of the workspace member the file belongs to: `core` for `crates/core/src/lib.rs`.
    pub(crate) fn member(&self) -> &str {
        self.path.split('/').nth(1).unwrap_or_default()
    }
}

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The manifest of every workspace member.
pub(crate) fn manifests() -> Vec<File> {
    files_below(&["crates", "examples"], "Cargo.toml")
}

/// Every Rust file of every workspace member: sources, integration tests, benches.
pub(crate) fn rust_files() -> Vec<File> {
    files_below(&["crates", "examples"], ".rs")
}

/// All files below the folders whose name ends so, in the order of their paths.
pub(crate) fn files_below(folders: &[&str], ending: &str) -> Vec<File> {
    let root = root();
    let mut found = Vec::new();
    for folder in folders {
        collect(&root, &root.join(folder), ending, &mut found);
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn collect(root: &Path, folder: &Path, ending: &str, found: &mut Vec<File>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let entry = entry.expect("a folder of the repository can be listed");
        let kind = entry.file_type().expect("an entry of the repository has a type");
        let path = entry.path();
        if kind.is_dir() && entry.file_name() != "target" {
            collect(root, &path, ending, found);
        } else if kind.is_file() && path.to_string_lossy().ends_with(ending) {
            let text = fs::read_to_string(&path).expect("a file of the repository is readable UTF-8");
            found.push(File { path: from_root(root, &path), text });
        }
    }
}

fn from_root(root: &Path, path: &Path) -> String {
    let relative = path.strip_prefix(root).expect("walked from the root");
    relative.to_string_lossy().replace('\\', "/")
}

/// The tests below read the real tree, so an empty walk would pass them all.
#[test]
fn the_walk_finds_the_members_and_this_file() {
    assert!(manifests().iter().any(|file| file.path == "crates/protocol/Cargo.toml"));
    assert!(rust_files().iter().any(|file| file.path == "crates/testkit/tests/house/tree.rs"));
}
