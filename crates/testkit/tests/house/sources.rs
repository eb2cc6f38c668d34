//! What every Rust file carries: an opening paragraph, a readable length; what every crate root forbids; what `mod.rs`
//! does not do.

use crate::tokens::{Token, shipped, starts_with};
use crate::tree::File;

/// Past this, look for the second thought inside the file.
const LONGEST: usize = 400;

fn breaches(file: &File) -> Vec<String> {
    let rules: [(bool, &str); 4] = [
        (file.text.lines().count() <= LONGEST, "is longer than 400 lines"),
        (!file.is_source() || file.text.starts_with("//!"), "does not open by saying what it owns (`//!`)"),
        (!is_root(file) || forbids_unsafe(file), "does not carry `#![forbid(unsafe_code)]`"),
        (!file.path.ends_with("/mod.rs") || !re_exports(file), "re-exports: one name, one path"),
    ];
    rules.iter().filter(|(kept, _)| !kept).map(|(_, breach)| format!("{}: {breach}", file.path)).collect()
}

fn is_root(file: &File) -> bool {
    file.is_source() && (file.path.ends_with("src/lib.rs") || file.path.ends_with("src/main.rs"))
}

fn forbids_unsafe(file: &File) -> bool {
    let tokens = shipped(&file.text);
    let attribute = ["#", "!", "[", "forbid", "(", "unsafe_code", ")", "]"];
    (0..tokens.len()).any(|at| starts_with(&tokens[at..], &attribute))
}

fn re_exports(file: &File) -> bool {
    let tokens = shipped(&file.text);
    (0..tokens.len())
        .any(|at| starts_with(&tokens[at..], &["pub", "use"]) || restricted_re_export(&tokens[at..]))
}

/// `pub(crate) use`, `pub(in …) use`.
fn restricted_re_export(tokens: &[Token]) -> bool {
    let close = tokens.iter().position(|token| token.text == ")");
    starts_with(tokens, &["pub", "("]) && close.is_some_and(|at| starts_with(&tokens[at + 1..], &["use"]))
}

#[test]
fn every_file_is_one_thought_that_says_what_it_owns() {
    crate::hold(&crate::tree::rust_files().iter().flat_map(breaches).collect::<Vec<_>>());
}

#[cfg(test)]
mod tests {
    use super::breaches;
    use crate::tree::File;

    fn count(path: &str, text: &str) -> usize {
        breaches(&File::sample(path, text)).len()
    }

    #[test]
    fn a_source_without_an_opening_paragraph_is_a_breach() {
        assert_eq!(count("crates/core/src/x.rs", "//! Owns x.\n"), 0);
        assert_eq!(count("crates/core/src/x.rs", "use y;\n//! late"), 1);
        assert_eq!(count("crates/core/tests/x.rs", "fn x() {}"), 0);
    }

    #[test]
    fn a_crate_root_that_forgets_to_forbid_unsafe_code_is_a_breach() {
        assert_eq!(count("crates/core/src/lib.rs", "//! x\n#![forbid(unsafe_code)]\n"), 0);
        assert_eq!(count("crates/core/src/lib.rs", "//! x\n// #![forbid(unsafe_code)]\n"), 1);
        assert_eq!(count("examples/standalone/src/main.rs", "//! x\n"), 1);
    }

    #[test]
    fn the_401st_line_is_a_breach() {
        assert_eq!(count("crates/core/tests/x.rs", &"\n".repeat(400)), 0);
        assert_eq!(count("crates/core/tests/x.rs", &"\n".repeat(401)), 1);
    }

    #[test]
    fn a_mod_file_that_re_exports_is_a_breach() {
        assert_eq!(count("crates/core/src/token/mod.rs", "//! x\npub mod mint;\nuse mint::y;"), 0);
        assert_eq!(count("crates/core/src/token/mod.rs", "//! x\npub use mint::y;"), 1);
        assert_eq!(count("crates/core/src/token/mod.rs", "//! x\npub(crate) use mint::y;"), 1);
        assert_eq!(count("crates/core/src/lib.rs", "//! x\n#![forbid(unsafe_code)]\npub use mint::y;"), 0);
    }
}
