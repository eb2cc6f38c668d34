//! `docs/threats.md`: every class of defects has its row, and the types and tests that a row names are there.

use crate::tree::{self, File};
use std::collections::BTreeSet;

const CLASSES: std::ops::RangeInclusive<char> = 'A'..='N';

/// What somebody put between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// A test or a module of tests, as `crate path::of::it`.
fn as_test(quoted: &str) -> Option<(&str, &str)> {
    let (member, path) = quoted.split_once(' ')?;
    let is_path = path.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_:".contains(c));
    (is_path && member.chars().all(|c| c.is_ascii_lowercase())).then_some((member, path))
}

fn is_type(quoted: &str) -> bool {
    quoted.starts_with(|c: char| c.is_ascii_uppercase())
        && quoted.contains(|c: char| c.is_ascii_lowercase())
        && quoted.chars().all(|c| c.is_ascii_alphanumeric())
}

/// Where a file stands among the modules of its crate.
fn module(file: &File) -> String {
    let path = file.path.trim_end_matches(".rs").trim_end_matches("/mod").trim_end_matches("/main");
    path.split('/').skip(2).collect::<Vec<_>>().join("::")
}

fn has_test(files: &[File], member: &str, path: &str) -> bool {
    let of_member = || files.iter().filter(|file| file.member() == member);
    let named = |file: &File, path: &str| format!("::{}", module(file)).ends_with(&format!("::{path}"));
    let (parent, name) = path.rsplit_once("::").unwrap_or(("", path));
    of_member().any(|file| named(file, path) && file.text.contains("#[test]"))
        || of_member().any(|file| file.path.contains(&format!("/{}/", path.replace("::", "/"))))
        || of_member().any(|file| named(file, parent) && is_test(&file.text, name))
}

/// Whether a file has a function of this name that is a test: one with `#[test]` among the attributes and comments before it.
fn is_test(text: &str, name: &str) -> bool {
    let declared = format!("fn {name}(");
    text.match_indices(&declared).any(|(at, _)| {
        let before = text[..at].lines().rev().map(str::trim);
        let mut about =
            before.take_while(|line| line.is_empty() || line.starts_with("#[") || line.starts_with("//"));
        about.any(|line| line == "#[test]")
    })
}

fn has_type(files: &[File], name: &str) -> bool {
    let declares = |file: &&File| {
        ["struct", "enum", "trait"].iter().any(|word| {
            let declared = format!("{word} {name}");
            file.text.match_indices(&declared).any(|(at, found)| {
                !file.text[at + found.len()..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
            })
        })
    };
    files.iter().filter(|file| file.is_source()).any(|file| declares(&file))
}

fn breaches(page: &str, files: &[File]) -> Vec<String> {
    let rows: Vec<_> = page.lines().filter(|line| line.starts_with("| ")).collect();
    let of_class = |class: char| rows.iter().find(|row| row.starts_with(&format!("| {class}. ")));
    let mut breaches: Vec<_> = CLASSES
        .filter(|class| of_class(*class).is_none())
        .map(|class| format!("class {class} has no row"))
        .collect();
    for row in CLASSES.filter_map(of_class) {
        let types: BTreeSet<_> = quoted(row).filter(|word| is_type(word)).collect();
        breaches.extend(
            types
                .iter()
                .filter(|name| !has_type(files, name))
                .map(|name| format!("there is no type `{name}`")),
        );
        if !quoted(row).any(|word| as_test(word).is_some()) {
            breaches.push(format!("nothing shows {row}"));
        }
    }
    let tests = quoted(page).filter_map(as_test);
    let missing = tests.filter(|(member, path)| !has_test(files, member, path));
    breaches.extend(missing.map(|(member, path)| format!("`{member}` has no test `{path}`")));
    breaches
}

#[test]
fn every_class_of_defects_is_closed_by_something_that_is_there() {
    let page = std::fs::read_to_string(tree::root().join("docs/threats.md")).expect("it is there");
    let breaches = breaches(&page, &tree::rust_files());
    crate::hold(&breaches.iter().map(|breach| format!("docs/threats.md: {breach}")).collect::<Vec<_>>());
}

#[test]
fn what_is_not_there_is_a_breach() {
    let files = [
        File::sample("crates/core/src/token/mint.rs", "pub struct GrantedScope {}"),
        File::sample(
            "crates/core/tests/it/races.rs",
            "#[test]\n#[should_panic]\nfn one_wins() {}\n\nfn a_round() {}",
        ),
    ];
    let rows: String = ('A'..='M')
        .map(|class| format!("| {class}. x | `GrantedScope` | `core races::one_wins` |\n"))
        .collect();
    let whole = format!("{rows}| N. x | `core races` |\n");
    assert_eq!(breaches(&whole, &files), [""; 0]);
    assert_eq!(breaches(&rows, &files), ["class N has no row"]);
    assert_eq!(breaches(&whole.replace("one_wins", "both_win"), &files).len(), 13);
    assert_eq!(breaches(&whole.replace("one_wins", "a_round"), &files).len(), 13, "which is no test");
    assert_eq!(breaches(&whole.replace("`core races` |", "`Granted` |"), &files).len(), 2);
}
