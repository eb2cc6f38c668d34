//! The program's own people. A real one would ask its database, and keep no password in clear.

/// Whether this is the password of somebody whom the program knows.
pub(crate) fn know(name: &str, password: &str) -> bool {
    [("alice", "tidy kettle moss"), ("bob", "loud paper crane")].contains(&(name, password))
}
