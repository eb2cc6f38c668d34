//! How long the tests that repeat themselves go on: for a moment in everyday runs, at full length where
//! `DOORWARD_LONG_TESTS` is set.

/// So many rounds, or all of them.
pub(crate) fn rounds(usual: usize, full: usize) -> usize {
    if std::env::var_os("DOORWARD_LONG_TESTS").is_some() { full } else { usual }
}
