//! What a build brings along: a host may have chosen another SQLite, or no database of ours, and links what cargo resolves.

use std::process::Command;

/// What stands in the tree of a package that is built with one feature alone.
fn tree(package: &str, feature: &str) -> Vec<String> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["tree", "--offline", "--locked", "-e", "normal,build", "--prefix", "none", "-f", "{p}"]);
    cargo.args(["-p", package, "--no-default-features", "--features", feature]);
    let output = cargo.current_dir(crate::tree::root()).output().expect("cargo runs this test");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let lines = String::from_utf8(output.stdout).expect("names of packages are ASCII");
    lines.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

#[track_caller]
fn has(package: &str, feature: &str, there: &[&str], absent: &[&str]) {
    let tree = tree(package, feature);
    let stands = |name: &str| tree.iter().any(|found| found == name);
    let wrong = there.iter().filter(|name| !stands(name)).map(|name| format!("{package} lacks {name}"));
    let brought = absent.iter().filter(|name| stands(name)).map(|name| format!("{package} brings {name}"));
    crate::hold(&wrong.chain(brought).collect::<Vec<_>>());
}

#[test]
fn a_store_on_a_file_brings_no_network() {
    has(
        "doorward-storage",
        "sqlite",
        &["libsqlite3-sys"],
        &["doorward-pg", "tokio-postgres", "rustls", "pq-sys"],
    );
}

#[test]
fn a_store_on_a_server_brings_no_sqlite() {
    has("doorward-storage", "postgres", &["doorward-pg", "rustls"], &["libsqlite3-sys", "pq-sys"]);
}

/// The command line signs people in at an issuer elsewhere, so the binary has TLS in any case.
#[test]
fn the_server_is_built_for_one_database_as_well() {
    has("doorward", "sqlite", &["libsqlite3-sys"], &["doorward-pg", "tokio-postgres", "pq-sys"]);
    has("doorward", "postgres", &["doorward-pg"], &["libsqlite3-sys", "pq-sys"]);
}
