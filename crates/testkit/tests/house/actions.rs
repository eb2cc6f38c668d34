//! `docs/operations.md`: every action that an event may have is in its table, and nothing else is.

use crate::tree::{self, File};
use std::collections::BTreeSet;

/// Literals that look like actions, and are none.
const OTHERS: &[&str] = &["password.hash"];

/// What the page says: nouns, each with what may become of it.
fn told(page: &str) -> BTreeSet<String> {
    let rows = page.lines().skip_while(|line| *line != "| what | what became of it |").skip(2);
    let rows = rows.take_while(|line| line.starts_with('|'));
    rows.flat_map(|row| {
        let mut words = row.split('`').skip(1).step_by(2);
        let noun = words.next().unwrap_or_default();
        words.map(|word| format!("{noun}.{word}")).collect::<Vec<_>>()
    })
    .collect()
}

/// What the sources of core hold, as text, with one of these nouns.
fn written(files: &[File], nouns: &BTreeSet<&str>) -> BTreeSet<String> {
    let is_action = |text: &&str| {
        let mut parts = text.split('.');
        parts.next().is_some_and(|noun| nouns.contains(noun))
            && text.contains('.')
            && parts.all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
    };
    let of_core = files.iter().filter(|file| file.member() == "core" && file.is_source());
    let of_core = of_core.filter(|file| !file.is_test_module());
    let code = |file: &File| file.text.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
    let literals = of_core.flat_map(|file| {
        let code = code(file);
        code.split('"').filter(is_action).map(str::to_owned).collect::<Vec<_>>()
    });
    literals.filter(|text| !OTHERS.contains(&text.as_str())).collect()
}

fn breaches(page: &str, files: &[File]) -> Vec<String> {
    let told = told(page);
    let nouns = told.iter().filter_map(|action| Some(action.split_once('.')?.0)).collect();
    let written = written(files, &nouns);
    let untold = written.difference(&told).map(|action| format!("nothing says what `{action}` is"));
    // Put together where somebody is refused: by whichever token they came.
    let is_there = |action: &&String| written.contains(*action) || action.ends_with("_token.refused");
    let gone =
        told.iter().filter(|action| !is_there(action)).map(|action| format!("`{action}` never happens"));
    untold.chain(gone).collect()
}

#[test]
fn every_action_is_told_of() {
    let page = std::fs::read_to_string(tree::root().join("docs/operations.md")).expect("it is there");
    let breaches = breaches(&page, &tree::rust_files());
    crate::hold(&breaches.iter().map(|breach| format!("docs/operations.md: {breach}")).collect::<Vec<_>>());
}

#[test]
fn an_action_that_is_not_told_of_or_not_there_is_a_breach() {
    let page = "| what | what became of it |\n|---|---|\n| `api` | `created`, `gone` |\n\n| `user` | `x` |";
    let files =
        [File::sample("crates/core/src/manage/apis.rs", r#"record("api.created"); record("api.deleted")"#)];
    assert_eq!(breaches(page, &files), ["nothing says what `api.deleted` is", "`api.gone` never happens"]);
}
