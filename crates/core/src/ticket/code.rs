//! The authorization code (RFC 6749 §4.1.2): what a browser carries from the authorization endpoint to the client. Owns its
//! record and lifetime; `grant::authorization_code` redeems it.

use crate::identity::authentication::Authentication;
use crate::keys::pepper::PepperVersion;
use doorward_protocol::id::Id;
use doorward_protocol::pkce::Challenge;
use doorward_protocol::scope::Scope;
use doorward_protocol::secret::Digest;
use doorward_protocol::time::{Lifetime, Seconds};

/// RFC 6749 §4.1.2: "a maximum authorization code lifetime of 10 minutes is RECOMMENDED"; one is enough for a redirect.
pub const LIFETIME: Lifetime = Lifetime::seconds(60);

/// What ties a code to whoever began the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodeBinding {
    /// RFC 7636 §4.4: the challenge.
    S256(Challenge),
    /// Nothing but the client's own credentials: an administrator has exempted this confidential client.
    ConfidentialOnly,
}

/// An authorization code, as the store knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// The keyed hash of its text.
    pub digest: Digest,
    /// The pepper the hash was made with.
    pub pepper: PepperVersion,
    /// The name of the family that its redemption begins: known before, so that a replay finds what to revoke.
    pub family: Id,
    /// The client it was issued to.
    pub client: Id,
    /// The client's generation then.
    pub client_generation: i64,
    /// The person it speaks for.
    pub user: Id,
    /// The user's generation then.
    pub user_generation: i64,
    /// The session it was issued in.
    pub session: Id,
    /// The consent it rests on, in which generation; none where the client needs none.
    pub consent: Option<(Id, i64)>,
    /// RFC 6749 §4.1.3: the redirect URI of the request.
    pub redirect_uri: String,
    /// Whether the request named it: then a token request without PKCE must name it again.
    pub redirect_uri_given: bool,
    /// What ties it to whoever began the request.
    pub binding: CodeBinding,
    /// What was allowed: the server's own scopes and those of one API.
    pub scope: Scope,
    /// That API; the server itself where there is none.
    pub api: Option<Id>,
    /// OpenID Connect Core §3.1.2.1 `nonce`.
    pub nonce: Option<String>,
    /// How the person has signed in.
    pub authentication: Authentication,
    /// When it was issued.
    pub issued_at: Seconds,
    /// When it ends.
    pub expires_at: Seconds,
    /// When it was redeemed.
    pub used_at: Option<Seconds>,
}
