//! The ID token: what a client is told about a sign-in. Owns what goes into one; signing is `mint`'s.

use crate::access::granted::Behalf;
use crate::client::Client;
use crate::settings::Settings;
use doorward_protocol::id::Id;
use doorward_protocol::jose::Algorithm;
use doorward_protocol::jose::claims::{IdTokenClaims, ProfileClaims, access_token_hash};
use doorward_protocol::openid;
use doorward_protocol::scope::Scope;
use doorward_protocol::secret::Secret;
use doorward_protocol::time::Seconds;

/// What an ID token repeats of the authorization (OpenID Connect Core §2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdTokenOf {
    /// The session.
    pub session: Id,
    /// The request's `nonce`.
    pub nonce: Option<String>,
    /// What of the person it may tell.
    pub scope: Scope,
}

impl IdTokenOf {
    /// OpenID Connect Core §3.1.2.1, §12.1: there is one where `openid` was asked for. It tells what was asked for, and no more
    /// of it than the client may still know.
    #[must_use]
    pub fn asked(asked: &Scope, client: &Client, session: Id, nonce: Option<String>) -> Option<Self> {
        let scope = asked.within(&client.scopes);
        scope.contains(openid::OPENID).then_some(Self { session, nonce, scope })
    }
}

/// What an ID token is made of.
pub struct IdToken<'a> {
    /// What it repeats of the authorization.
    pub of: IdTokenOf,
    /// The client it is for.
    pub client: &'a Client,
    /// The person.
    pub behalf: &'a Behalf,
    /// What is known of them, where the client asks for it here.
    pub profile: ProfileClaims,
    /// The access token that goes with it.
    pub access_token: &'a Secret,
}

impl IdToken<'_> {
    /// OpenID Connect Core §2, §3.1.3.6.
    pub(super) fn claims(self, algorithm: Algorithm, now: Seconds, settings: &Settings) -> IdTokenClaims {
        let authentication = &self.behalf.authentication;
        IdTokenClaims {
            iss: settings.issuer.as_str().to_owned(),
            sub: self.behalf.user.to_string(),
            aud: self.client.client_id.clone(),
            exp: now + settings.id_token_lifetime,
            iat: now,
            auth_time: authentication.auth_time,
            nonce: self.of.nonce,
            acr: authentication.acr.clone(),
            amr: authentication.amr.clone(),
            at_hash: access_token_hash(algorithm, self.access_token.expose()),
            sid: self.of.session,
            profile: self.profile,
        }
    }
}
