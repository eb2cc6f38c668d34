//! How a person has proved who they are. Owns the facts that tokens repeat (OpenID Connect Core §2); the proof itself is
//! `sign_in`'s business.

use doorward_protocol::time::Seconds;

/// An authentication that has taken place.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Authentication {
    /// OpenID Connect Core §2 `auth_time`: when the person last proved who they are.
    pub auth_time: Seconds,
    /// RFC 8176 §2 `amr`: by which methods. `pwd` is a password.
    pub amr: Vec<String>,
    /// OpenID Connect Core §2 `acr`: `1` for one factor, `2` for two, `phr` for one that resists phishing.
    pub acr: String,
}

impl Authentication {
    /// RFC 8176 §2: by a password alone.
    #[must_use]
    pub fn by_password(now: Seconds) -> Self {
        Self { auth_time: now, amr: vec!["pwd".to_owned()], acr: "1".to_owned() }
    }
}
