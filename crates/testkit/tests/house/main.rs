//! The rules of the house, held by reading it: which crate may lean on which, which way imports point inside core,
//! what every file carries, that migrations come in pairs, and that `docs/conformance.md` is what the tests say it is.
//!
//! Each rule is a plain function from text to a list of breaches, shown able to fail on a small sample, and then held
//! against the real tree. Style that rustfmt and clippy can see is left to them.
#![forbid(unsafe_code)]

mod actions;
mod clauses;
mod conformance;
mod features;
mod floors;
mod manifests;
mod migrations;
mod paths;
mod sources;
mod threats;
mod tokens;
mod tree;

/// Fails with every breach on a line of its own, so that one run shows all there is to mend.
#[track_caller]
fn hold(breaches: &[String]) {
    assert!(
        breaches.is_empty(),
        "{} breach(es) of the house rules:\n  {}",
        breaches.len(),
        breaches.join("\n  ")
    );
}
