//! The feed of revocations: how an API that verifies signed tokens by itself learns what was taken back before its time. Owns the
//! members of the feed's answer, written by the server and read by APIs; what gets an entry and for how long is `core`'s
//! decision, and how an answer is verified stands in [`verifier`].

pub mod api;
pub mod verifier;
mod wire;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_verifier;

use crate::id::{ClientId, Id};
use crate::jose::claims::AccessTokenClaims;
use crate::revocation::api::EnforcedApi;
use crate::time::{Lifetime, Seconds};
use crate::wire::present;
use serde::{Deserialize, Serialize};

/// RFC 7519 §10.3.1: the media type of an answer.
pub const MEDIA_TYPE: &str = "application/jwt";

/// As many entries stand in one answer at most; where there are more, [`Revocations::more`] says so.
pub const MOST_ENTRIES: usize = 1_000;

/// The longest that an answer is waited for.
pub const LONGEST_WAIT: Lifetime = Lifetime::seconds(25);

/// How long an answer is good: long enough for it to arrive.
pub const GOOD_FOR: Lifetime = Lifetime::minutes(1);

/// The feed's path below the issuer.
pub const PATH: &str = "/revocations";

/// The claims of an answer: what was taken back between two cursors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revocations {
    /// RFC 7519 §4.1.1: whose tokens it speaks of.
    pub iss: String,
    /// RFC 7519 §4.1.6: when it was signed. Everything that the server knew then is in it, or in those it leads on to.
    pub iat: Seconds,
    /// RFC 7519 §4.1.4: the first instant at which it is no answer any more.
    pub exp: Seconds,
    /// RFC 7519 §4.1.3: whoever follows the feed, by its own address. Never an API: anybody may ask for an answer about one, and a
    /// verifier that does not look at the type of what it gets must not take it for a token that is for that API.
    pub aud: String,
    /// The identifier of the API that was asked about; none where none was.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// The cursor that was sent; none where none was. A text that means something to the server alone.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// The cursor to send next.
    pub next: String,
    /// Whether the server cannot say what has changed since the cursor that was sent: what was remembered before may lack
    /// something. This answer, and those it leads on to, hold everything that counts now.
    #[serde(default, skip_serializing_if = "is_false")]
    pub reset: bool,
    /// Whether there is more to be had at once: until it was fetched, this is not all there was at `iat`.
    #[serde(default, skip_serializing_if = "is_false")]
    pub more: bool,
    /// What was taken back, or can no longer be trusted by its signature alone.
    pub revoked: Vec<Revoked>,
    /// What the API's own decision needs, where one was asked about; none where there is no such API.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub api: Option<EnforcedApi>,
}

/// One entry: which tokens it is about, and how long that has to be remembered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "wire::Entry", into = "wire::Entry")]
pub struct Revoked {
    /// Which tokens.
    pub what: What,
    /// From then on all of them have ended by themselves.
    pub exp: Seconds,
}

/// Which tokens an entry is about. The first three are refused for good. The others rest on something that was changed: those that
/// were issued up to `before` are no longer good by their signature alone, and whoever may ask by introspection can learn what
/// has become of one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum What {
    /// RFC 7009 §2.1: one token, by its `jti`.
    Token(Id),
    /// All tokens of one family, by their `grant`.
    Family(Id),
    /// All that a key has signed or will sign, by the `kid` in their headers: it may have been stolen, and is never to be trusted again,
    /// wherever it is still published.
    Key(String),
    /// Those of a client, by their `client_id`.
    Client(ClientId, Before),
    /// Those that speak for a subject, by their `sub`.
    Subject(String, Before),
    /// Those that an API token was exchanged for, by their `api_token`.
    ApiToken(Id, Before),
    /// Those for an API, by their `aud`.
    Audience(String, Before),
    /// All. An entry that a later version of the server writes and this one does not understand is read as this.
    All(Before),
}

/// Up to when tokens were issued that an entry is about: this instant included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Before(pub Seconds);

impl Revocations {
    /// What stands in an answer's `aud`: the feed's address.
    #[must_use]
    pub fn audience(issuer: &str) -> String {
        format!("{issuer}{PATH}")
    }
}

impl What {
    /// Whether a token is one of those, as far as its claims say: which key has signed it stands in none of them.
    #[must_use]
    pub fn concerns(&self, token: &AccessTokenClaims) -> bool {
        match self {
            Self::Token(jti) => token.jti == *jti,
            Self::Family(grant) => token.person.as_ref().is_some_and(|person| person.grant == *grant),
            Self::Client(client_id, before) => token.client_id == *client_id && before.covers(token.iat),
            Self::Subject(sub, before) => token.sub == *sub && before.covers(token.iat),
            Self::ApiToken(id, before) => {
                token.exchanged.is_some_and(|exchanged| exchanged.api_token == *id)
                    && before.covers(token.iat)
            }
            Self::Audience(aud, before) => token.aud == *aud && before.covers(token.iat),
            Self::All(before) => before.covers(token.iat),
            Self::Key(_) => true,
        }
    }

    /// Whether such a token is refused without asking anybody: it was taken back, and nothing brings it to life again.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Token(_) | Self::Family(_) | Self::Key(_))
    }
}

impl Before {
    /// Whether a token that was issued then is meant.
    #[must_use]
    pub fn covers(self, issued_at: Seconds) -> bool {
        issued_at <= self.0
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
const fn is_false(value: &bool) -> bool {
    !*value
}
