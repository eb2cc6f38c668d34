//! The scope that a route or a handler asks for. Owns that it asks for something; whether a token has it is judged by
//! [`crate::access`].

use doorward_protocol::scope::{InvalidScope, Scope};

/// Why a text is nothing that a route could ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoGuard {
    /// It is no scope.
    #[error(transparent)]
    Scope(#[from] InvalidScope),
    /// It names none, so every token has it.
    #[error("an empty scope guards nothing: name one, or ask for a token alone with `protect()`")]
    Empty,
}

/// RFC 6749 §3.3: a scope that is asked for has one token at least.
pub(crate) fn scope(text: &str) -> Result<Scope, NoGuard> {
    let scope: Scope = text.parse()?;
    if scope.is_empty() { Err(NoGuard::Empty) } else { Ok(scope) }
}
