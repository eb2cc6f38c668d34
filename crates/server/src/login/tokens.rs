//! From a code to tokens that are believed (RFC 6749 §4.1.3, OpenID Connect Core §3.1.3). Owns the requests that a client
//! makes by itself, and what is checked of their answers.

use super::Wanted;
use super::discovery::Discovered;
use super::http::Http;
use super::request::Asked;
use crate::failure::Failure;
use doorward_core::clock::{Clock, SystemClock};
use doorward_protocol::jose::claims::IdTokenClaims;
use doorward_protocol::jose::jwk::JwkSet;
use doorward_protocol::jose::verification_key::VerificationKey;
use doorward_protocol::jose::verifier::{AccessTokenVerifier, Awaited, IdTokenVerifier};
use doorward_protocol::secret::Secret;
use doorward_protocol::time::{Lifetime, Seconds};
use serde::Deserialize;
use serde_json::{Map, Value};

/// RFC 6749 §5.1, OpenID Connect Core §3.1.3.3: what the token endpoint gave.
pub(crate) struct Tokens {
    /// What APIs take.
    pub(crate) access_token: Secret,
    /// How long that is good for.
    pub(crate) expires_in: Option<Lifetime>,
    /// What it may do.
    pub(crate) scope: String,
    /// What the client gets the next one for.
    pub(crate) refresh_token: Option<Secret>,
    /// Who has signed in.
    pub(crate) id_token: Option<Secret>,
}

/// The same as it is written.
#[derive(Deserialize)]
struct Wire {
    access_token: String,
    token_type: String,
    expires_in: Option<Lifetime>,
    scope: Option<String>,
    refresh_token: Option<String>,
    id_token: Option<String>,
}

/// RFC 6749 §4.1.3, RFC 7636 §4.5: redeems the code.
pub(super) fn exchange(
    code: &Secret,
    wanted: &Wanted,
    asked: &Asked,
    server: &Discovered,
    http: &Http,
) -> Result<Tokens, Failure> {
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", code.expose()),
        ("redirect_uri", &asked.redirect_uri),
        ("client_id", wanted.client_id.as_str()),
        ("code_verifier", asked.verifier.expose()),
    ];
    form.extend(wanted.resource.as_deref().map(|resource| ("resource", resource)));
    let wire: Wire = http.post(&server.token_endpoint, &form)?.document("the token endpoint's answer")?;
    // RFC 6749 §7.1: a client does not use a token whose type it does not understand.
    if !wire.token_type.eq_ignore_ascii_case("bearer") {
        return Err(Failure::refused("the server gave a token that is no bearer token"));
    }
    Ok(Tokens {
        access_token: Secret::new(wire.access_token),
        expires_in: wire.expires_in,
        // RFC 6749 §5.1: left out where it is what was asked for.
        scope: wire.scope.unwrap_or_else(|| wanted.scope.to_string()),
        refresh_token: wire.refresh_token.map(Secret::new),
        id_token: wire.id_token.map(Secret::new),
    })
}

/// The server's public keys.
pub(super) struct Keys(Vec<VerificationKey>);

impl Keys {
    /// Reads them; those of a kind we do not know are passed over.
    pub(super) fn fetch(jwks_uri: &str, http: &Http) -> Result<Self, Failure> {
        let set: JwkSet = http.get(jwks_uri)?.document("the server's key set")?;
        Ok(Self(set.keys.iter().filter_map(|jwk| VerificationKey::try_from(jwk).ok()).collect()))
    }

    /// What an ID token says, if it is the one for this client and request.
    pub(super) fn claims(
        &self,
        id_token: &Secret,
        access_token: &Secret,
        wanted: &Wanted,
        asked: &Asked,
    ) -> Result<IdTokenClaims, Failure> {
        let keys = self.0.iter().cloned();
        let verifier = IdTokenVerifier::new(wanted.issuer.as_str(), wanted.client_id.clone(), keys);
        let awaited = Awaited { nonce: &asked.nonce, access_token: access_token.expose() };
        let now = SystemClock.now();
        let claims = verifier
            .verify(id_token.expose(), awaited, now)
            .map_err(|reason| Failure::refused(format!("the ID token is not believed: {reason}")))?;
        match is_recent(claims.auth_time, wanted, now) {
            true => Ok(claims),
            false => Err(Failure::refused(
                "the server says that you have signed in longer ago than --max-age allows",
            )),
        }
    }

    /// Whom an access token is for. A client need not understand its access tokens: one that does not say is none the worse.
    pub(super) fn audience(&self, access_token: &Secret, wanted: &Wanted) -> Option<String> {
        let verifier = AccessTokenVerifier::new(wanted.issuer.as_str(), self.0.iter().cloned());
        verifier.verify(access_token.expose(), SystemClock.now()).ok().map(|claims| claims.aud)
    }
}

/// OpenID Connect Core §3.1.3.7, step 13: whether somebody signed in when they should have; after that they may have taken as long as
/// they had.
fn is_recent(auth_time: Seconds, wanted: &Wanted, now: Seconds) -> bool {
    wanted.max_age.is_none_or(|max_age| now <= auth_time + max_age + wanted.patience)
}

/// OpenID Connect Core §5.3: what the server knows of the person. §5.3.2: of the same person.
pub(super) fn userinfo(
    access_token: &Secret,
    subject: &str,
    server: &Discovered,
    http: &Http,
) -> Result<Map<String, Value>, Failure> {
    let reply = http.get_with(access_token, &server.userinfo_endpoint)?;
    let claims: Map<String, Value> = reply.document("userinfo")?;
    if claims.get("sub").and_then(Value::as_str) != Some(subject) {
        return Err(Failure::refused("userinfo speaks of another person than the ID token"));
    }
    Ok(claims)
}

#[cfg(test)]
mod tests {
    use super::*;
    use doorward_protocol::openid;

    #[test]
    fn who_signed_in_too_long_ago_is_not_believed() {
        let wanted = |max_age: Option<i64>| Wanted {
            issuer: "https://id.example".parse().unwrap(),
            client_id: "terminal".parse().unwrap(),
            scope: openid::usual(),
            resource: None,
            max_age: max_age.map(Lifetime),
            patience: Lifetime(20),
        };
        for (max_age, ago, expected) in [
            (None, 1_000_000, true),
            (Some(0), 0, true),
            (Some(0), 20, true),
            (Some(0), 21, false),
            (Some(300), 320, true),
            (Some(300), 321, false),
            (Some(i64::MAX), 1_000_000, true),
        ] {
            let now = Seconds(1_800_000_000);
            assert_eq!(is_recent(now - Lifetime(ago), &wanted(max_age), now), expected, "{max_age:?} {ago}");
        }
    }
}
