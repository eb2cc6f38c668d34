//! The registered words of OAuth that appear in more than one place: grant types, client authentication methods, token
//! formats, states and modes. Owns their spelling; what each does stands with the grant or method itself.

/// A word that is not in the list it was looked for in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{word}' is not one of: {known}")]
pub struct UnknownWord {
    word: String,
    known: String,
}

impl UnknownWord {
    pub(crate) fn of<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Self {
        Self { word: word.chars().take(64).collect(), known: known.collect::<Vec<_>>().join(", ") }
    }
}

/// Defines an enumeration of registered words: its spelling stands here and nowhere else.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[doc = $doc:literal])* $variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[doc = $doc])* #[serde(rename = $text)] $variant,)+
        }

        impl $name {
            /// Every word, in the order in which documents list them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word as it is written in messages.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// What the word means, in words: as its documentation says.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),*).trim_start()),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::words::UnknownWord;

            fn from_str(word: &str) -> Result<Self, $crate::words::UnknownWord> {
                let known = Self::ALL.iter().copied().find(|known| known.as_str() == word);
                known.ok_or_else(|| $crate::words::UnknownWord::of(word, Self::ALL.iter().map(|known| known.as_str())))
            }
        }
    };
}

pub(crate) use words;

words! {
    /// The grants that a client may be registered for (RFC 7591 §2, `grant_types`).
    GrantType {
        /// RFC 6749 §4.1.
        AuthorizationCode = "authorization_code",
        /// RFC 6749 §4.4.
        ClientCredentials = "client_credentials",
        /// RFC 6749 §6.
        RefreshToken = "refresh_token",
        /// RFC 8693 §2.1.
        TokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange",
    }
}

words! {
    /// How a client proves who it is at the token endpoint (RFC 7591 §2, `token_endpoint_auth_method`).
    AuthMethod {
        /// RFC 6749 §2.3.1: the secret in the `Authorization` header.
        ClientSecretBasic = "client_secret_basic",
        /// RFC 6749 §2.3.1: the secret in the body.
        ClientSecretPost = "client_secret_post",
        /// RFC 6749 §2.1: a public client, which has no secret.
        None = "none",
    }
}

words! {
    /// The form of an API's access tokens.
    TokenFormat {
        /// A signed JWT that the API may check by itself (RFC 9068).
        Jwt = "jwt",
        /// A random text that means something only to the server (RFC 7662).
        Opaque = "opaque",
    }
}

words! {
    /// Whether an object takes part at all: an inactive one is refused everywhere at once.
    Status {
        /// In use.
        Active = "active",
        /// Switched off.
        Inactive = "inactive",
    }
}

words! {
    /// Whether a person may sign in.
    UserStatus {
        /// May.
        Active = "active",
        /// May not, and nothing issued on their behalf is good.
        Disabled = "disabled",
    }
}

words! {
    /// Whether people are asked before a client acts for them.
    ConsentMode {
        /// They are, once for each scope and API.
        Explicit = "explicit",
        /// They are not: an administrator vouches for the client as one of their own (a first-party client).
        Implicit = "implicit",
    }
}

words! {
    /// What the holder of a credential may do at an API, as a whole.
    Level {
        /// Nothing: the API is closed to it.
        None = "none",
        /// To look: GET, HEAD and OPTIONS, where the API does not say otherwise.
        Read = "read",
        /// Everything, and so all that `read` may.
        Full = "full",
    }
}

words! {
    /// How an API treats a CORS preflight, which never carries a credential.
    Preflight {
        /// It is let through, without an identity.
        Allow = "allow",
        /// It is judged as any request without a credential.
        Deny = "deny",
    }
}

words! {
    /// How a request to an API may bring its token, where somebody stands before the API who asks about it.
    CredentialForm {
        /// RFC 6750 §2.1: in the `Authorization` header, by the scheme `Bearer`.
        Bearer = "bearer",
        /// In the header `X-API-Key`, alone.
        ApiKey = "x-api-key",
        /// RFC 7617 §2: in the `Authorization` header, by the scheme `Basic`, as the user name.
        Basic = "basic",
    }
}

words! {
    /// Whether the people of an organization have API access.
    ApiAccess {
        /// They have not, and may ask for it.
        Disabled = "disabled",
        /// Somebody has asked.
        Requested = "requested",
        /// They have.
        Enabled = "enabled",
    }
}

words! {
    /// What has become of an API token, for those who list them.
    ApiTokenStatus {
        /// It is good, as far as it is concerned itself: its owner may be disabled all the same.
        Active = "active",
        /// It was taken back, by itself or with all others of its owner's.
        Revoked = "revoked",
        /// It has run out.
        Expired = "expired",
    }
}

words! {
    /// What has become of a request for API access.
    AccessRequestStatus {
        /// It waits for somebody who decides.
        Requested = "requested",
        /// It was granted, in whole or in part.
        Approved = "approved",
        /// It was not.
        Denied = "denied",
        /// Whoever asked has thought better of it.
        Withdrawn = "withdrawn",
        /// It was granted, and taken back.
        Revoked = "revoked",
        /// It was granted, and has run out.
        Expired = "expired",
    }
}

words! {
    /// How an authorization response reaches the client (OAuth 2.0 Multiple Response Type Encoding Practices §2.1).
    ResponseMode {
        /// As parameters in the redirect URI's query.
        Query = "query",
        /// As a form that the browser posts (OAuth 2.0 Form Post Response Mode §2).
        FormPost = "form_post",
    }
}

impl AuthMethod {
    /// Whether the method proves anything: a client without a secret is public (RFC 6749 §2.1).
    #[must_use]
    pub const fn is_confidential(self) -> bool {
        !matches!(self, Self::None)
    }
}

words! {
    /// What a field of a provider takes.
    FieldType {
        /// A text that everybody sees who sees the registered auth.
        Text = "text",
        /// A text that is kept sealed, and masked wherever it is not revealed or released.
        Secret = "secret",
        /// An address: `https://…` or `http://…`, without a user name or a password in it.
        Url = "url",
        /// One of the field's choices.
        Choice = "choice",
    }
}

words! {
    /// To whom the secrets of a registered auth are given besides people who have them revealed.
    Release {
        /// To nobody.
        Never = "never",
        /// To its API account, by a token of the account's own.
        ApiAccount = "api_account",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7591 §2: the registered words, letter by letter.
    #[test]
    fn words_are_spelled_as_registered() {
        assert_eq!("client_credentials".parse(), Ok(GrantType::ClientCredentials));
        assert_eq!(serde_json::to_string(&AuthMethod::ClientSecretBasic).unwrap(), "\"client_secret_basic\"");
        let refusal = "Client_Credentials".parse::<GrantType>().unwrap_err().to_string();
        assert!(
            refusal.contains("'Client_Credentials' is not one of: authorization_code, client_credentials")
        );
    }
}
