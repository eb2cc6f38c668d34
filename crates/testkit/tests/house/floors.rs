//! The floors inside `doorward-core` (ARCHITECTURE.md §1): imports point down, never up; neighbours may know each other.
//! The list below is the whole rule. If code and list disagree, one of them is wrong: move the wall knowingly.

use crate::paths::named;
use crate::tree::File;

/// Core's modules from the top floor to the ground.
const FLOORS: &[&[&str]] = &[
    &["authorization_server", "bridge"],
    &["endpoint", "lease", "manage", "sweep", "trail"],
    &["grant", "request", "kernel"],
    &["bearer"],
    &["sign_in"],
    &["context"],
    &["cache", "uses"],
    &["store"],
    &["token"],
    &["ticket", "access"],
    &["settings"],
    &["vault"],
    &["client", "identity", "keys", "audit"],
    &["clock", "issuer", "random"],
];

/// Every place where a module of core names one of a higher floor, or stands on none.
fn breaches(files: &[File], floors: &[&[&str]]) -> Vec<String> {
    let shipped = files.iter().filter(|file| !file.is_test_module());
    shipped.flat_map(|file| file_breaches(file, floors)).collect()
}

fn file_breaches(file: &File, floors: &[&[&str]]) -> Vec<String> {
    let Some(home) = module(&file.path) else { return Vec::new() };
    let Some(own) = floor(&home[0], floors) else {
        return vec![format!(
            "{}: `{}` stands on no floor; give it one in floors.rs and ARCHITECTURE.md §1",
            file.path, home[0]
        )];
    };
    named(&file.text)
        .iter()
        .filter_map(|path| Some((path.line, target(&path.segments, &home)?)))
        .filter(|(_, name)| floor(name, floors).is_some_and(|other| other < own))
        .map(|(line, name)| format!("{}:{line}: `{}` reaches up to `{name}`", file.path, home[0]))
        .collect()
}

fn floor(module: &str, floors: &[&[&str]]) -> Option<usize> {
    floors.iter().position(|names| names.contains(&module))
}

/// The module path of a file of core; none for `lib.rs`, which only names the floors.
fn module(path: &str) -> Option<Vec<String>> {
    let inside = path.strip_prefix("crates/core/src/")?.strip_suffix(".rs")?;
    let inside = inside.strip_suffix("/mod").unwrap_or(inside);
    (inside != "lib").then(|| inside.split('/').map(str::to_owned).collect())
}

/// The top module that a path of this crate leads to, from a file whose module path is `home`.
fn target<'a>(path: &'a [String], home: &'a [String]) -> Option<&'a str> {
    let ups = path.iter().take_while(|segment| *segment == "super").count();
    let rest = path[ups..].first().map(String::as_str);
    match path[0].as_str() {
        "crate" => path.get(1).map(String::as_str),
        "super" if ups < home.len() => Some(&home[0]),
        "super" => rest,
        _ => None,
    }
}

#[test]
fn core_imports_point_down() {
    crate::hold(&breaches(&crate::tree::files_below(&["crates/core/src"], ".rs"), FLOORS));
}

#[cfg(test)]
mod tests {
    use super::{FLOORS, breaches};
    use crate::tree::File;

    fn broken_by(path: &str, text: &str) -> Vec<String> {
        breaches(&[File::sample(path, text)], FLOORS)
    }

    #[test]
    fn an_import_from_a_higher_floor_is_a_breach() {
        let found =
            broken_by("crates/core/src/token/mint.rs", "\nuse crate::{client::Client, endpoint::token};");
        assert_eq!(found, ["crates/core/src/token/mint.rs:2: `token` reaches up to `endpoint`"]);
    }

    #[test]
    fn a_path_in_the_code_counts_as_an_import() {
        assert_eq!(broken_by("crates/core/src/client/mod.rs", "fn f() { crate::token::mint() }").len(), 1);
    }

    #[test]
    fn climbing_by_super_is_still_climbing() {
        assert_eq!(broken_by("crates/core/src/client/redirect.rs", "use super::super::manage::x;").len(), 1);
        assert_eq!(broken_by("crates/core/src/client/mod.rs", "use super::manage::x;").len(), 1);
        assert_eq!(broken_by("crates/core/src/client/redirect.rs", "use super::manage;").len(), 0);
    }

    #[test]
    fn downwards_and_sideways_are_allowed() {
        assert_eq!(
            broken_by("crates/core/src/grant/mod.rs", "use crate::{kernel::x, client::y}; use std::fmt;")
                .len(),
            0
        );
    }

    #[test]
    fn a_module_without_a_floor_is_a_breach() {
        assert_eq!(broken_by("crates/core/src/attic.rs", "").len(), 1);
        assert_eq!(broken_by("crates/core/src/lib.rs", "pub mod attic;").len(), 0);
    }

    #[test]
    fn tests_may_reach_anywhere() {
        assert_eq!(
            broken_by("crates/core/src/keys/mod.rs", "#[cfg(test)] mod t { use crate::manage::x; }").len(),
            0
        );
    }
}
