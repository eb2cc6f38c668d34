//! The words of OpenID Connect that are not OAuth's: its scopes and prompts. Owns their spelling and what a `prompt` may
//! say; what each brings about is decided by `core`.

use crate::error::OAuthError;
use crate::scope::Scope;
use std::sync::LazyLock;

/// OpenID Connect Core §3.1.2.1: the request is one of OpenID Connect, and answered with an ID token.
pub const OPENID: &str = "openid";
/// OpenID Connect Core §5.4: name and preferred user name.
pub const PROFILE: &str = "profile";
/// OpenID Connect Core §5.4: the e-mail address, and whether it was verified.
pub const EMAIL: &str = "email";
/// OpenID Connect Core §11: refresh tokens outlive the session.
pub const OFFLINE_ACCESS: &str = "offline_access";
/// Ours: the names of the person's groups.
pub const GROUPS: &str = "groups";

/// The scopes that belong to the server itself and to no API, with what they let a client do, in words for the person who
/// is asked.
pub const SCOPES: [(&str, &str); 5] = [
    (OPENID, "Know who you are"),
    (PROFILE, "See your name and user name"),
    (EMAIL, "See your e-mail address"),
    (GROUPS, "See which groups you belong to"),
    (OFFLINE_ACCESS, "Stay connected after you have signed out"),
];

/// The server's own scopes as a set.
#[must_use]
pub fn scope() -> &'static Scope {
    // The words above are scope tokens; a test says so.
    static ALL: LazyLock<Scope> =
        LazyLock::new(|| Scope::of(SCOPES.map(|(name, _)| name)).unwrap_or_default());
    &ALL
}

/// What a client that signs people in usually asks for.
#[must_use]
pub fn usual() -> Scope {
    // As above.
    Scope::of([OPENID, PROFILE, EMAIL, OFFLINE_ACCESS]).unwrap_or_default()
}

/// OpenID Connect Core §3.1.2.1: what the `prompt` parameter asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Prompt {
    /// No page may be shown.
    pub none: bool,
    /// The person signs in anew.
    pub login: bool,
    /// The person is asked to agree, whether they did before or not.
    pub consent: bool,
    /// The person chooses an account.
    pub select_account: bool,
}

impl Prompt {
    /// Reads the parameter.
    ///
    /// # Errors
    /// `invalid_request` for an unknown word, and for `none` beside another (OpenID Connect Core §3.1.2.1).
    pub fn parse(text: &str) -> Result<Self, OAuthError> {
        let mut prompt = Self::default();
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            match word {
                "none" => prompt.none = true,
                "login" => prompt.login = true,
                "consent" => prompt.consent = true,
                "select_account" => prompt.select_account = true,
                _ => return Err(OAuthError::invalid_request("'prompt' holds an unknown word")),
            }
        }
        if prompt.none && (prompt.login || prompt.consent || prompt.select_account) {
            return Err(OAuthError::invalid_request("'prompt' holds 'none' beside another word"));
        }
        Ok(prompt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OpenID Connect Core §5.4: the server's own scopes are scope tokens.
    #[test]
    fn every_scope_is_a_scope_token() {
        assert_eq!(scope().tokens().count(), SCOPES.len());
        assert_eq!(usual().to_string(), "email offline_access openid profile");
    }

    /// OpenID Connect Core §3.1.2.1: `none` stands alone; the others may be combined, in any order.
    #[test]
    fn a_prompt_is_read_word_by_word() {
        let prompt = |text| Prompt::parse(text).unwrap();
        assert_eq!(prompt(""), Prompt::default());
        assert_eq!(prompt("none"), Prompt { none: true, ..Prompt::default() });
        assert_eq!(prompt("consent login"), Prompt { login: true, consent: true, ..Prompt::default() });
        assert!(prompt("select_account").select_account);
        for bad in ["none login", "consent none", "create", "Login", "login,consent"] {
            assert!(Prompt::parse(bad).is_err(), "{bad}");
        }
    }
}
