//! The refresh token grant (RFC 6749 §6, RFC 9700 §4.14): a token for its one successor. Owns what a presented number means:
//! the newest is rotated, the one before it is a retry, an older one shows that somebody else holds a copy.
//!
//! The successor follows from the token that is presented, so a retry gets the same one without anybody having kept it.

use crate::access::audience::AskedScope;
use crate::access::granted::{Behalf, Entitlement};
use crate::client::authenticate::AuthenticatedClient;
use crate::context::Context;
use crate::context::draft::Draft;
use crate::grant::{self, Grant, Proof, Redeemed, Redemption, TokenRequest};
use crate::kernel;
use crate::keys::pepper::Peppers;
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use crate::token::family::{Family, RefreshToken};
use crate::token::id_token::IdTokenOf;
use doorward_protocol::error::OAuthError;
use doorward_protocol::secret::{Digest, Secret};
use doorward_protocol::time::{Lifetime, Seconds};
use doorward_protocol::token_text::{self, TokenType};
use doorward_protocol::words::{ConsentMode, GrantType};
use std::sync::Arc;

/// RFC 6749 §6.
pub struct RefreshTokens;

impl Grant for RefreshTokens {
    fn grant_type(&self) -> GrantType {
        GrantType::RefreshToken
    }

    fn prove(&self, request: &TokenRequest<'_>, context: &Context<'_>) -> Result<Proof, Stop<OAuthError>> {
        let params = request.params;
        let token = params.required("refresh_token")?;
        if token_text::read(token) != Ok(TokenType::RefreshToken) {
            return Err(refused());
        }
        let client = &request.client.record().client;
        Ok(Proof::Stored(Box::new(Presented {
            token: Secret::new(token.to_owned()),
            digests: context.peppers.digests(token).collect(),
            scope: params.value("scope").map(str::to_owned),
            resource: grant::resource(params)?,
            client: request.client.clone(),
            peppers: Arc::clone(context.peppers),
            idle: client.refresh_token_lifetime.unwrap_or(context.settings.refresh.idle),
            grace: context.settings.refresh.grace,
            revoked: grant::revocation(client.id, request.caller, context)?,
            now: context.now,
        })))
    }
}

/// A refresh token that a client has presented.
struct Presented {
    token: Secret,
    digests: Vec<Digest>,
    scope: Option<String>,
    resource: Option<String>,
    client: AuthenticatedClient,
    peppers: Arc<Peppers>,
    idle: Lifetime,
    grace: Lifetime,
    revoked: Draft,
    now: Seconds,
}

/// What the number of a presented token means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    /// It is the newest.
    Current,
    /// Its successor exists and nobody has used it: the answer was lost, or came twice.
    Retried,
    /// It must have been copied; the word says how that showed.
    Copied(&'static str),
}

impl Redemption for Presented {
    fn redeem(&mut self, tx: &mut dyn Tx) -> Result<Redeemed, Stop<OAuthError>> {
        let token = self.found(tx)?.filter(|token| self.now < token.expires_at).ok_or_else(refused)?;
        let family = tx.family(token.family)?.ok_or_else(refused)?;
        let scope = self.belongs(&family)?;
        self.still_allowed(&family)?;
        let successor = self.successor(&token)?;
        match self.meaning(&token, &family) {
            Meaning::Current => self.rotate(&token, &successor, &family, tx)?,
            Meaning::Retried => {}
            Meaning::Copied(reason) => return Err(self.revoke(&family, reason, tx)?),
        }
        Ok(self.redeemed(family, scope, successor))
    }
}

impl Presented {
    fn found(&self, tx: &mut dyn Tx) -> Result<Option<RefreshToken>, Fault> {
        for digest in &self.digests {
            if let Some(token) = tx.refresh_token(digest)? {
                return Ok(Some(token));
            }
        }
        Ok(None)
    }

    /// RFC 6749 §6: the token was issued to this client, and no more is asked for than was granted.
    fn belongs(&self, family: &Family) -> Result<AskedScope, OAuthError> {
        let client = &self.client.record().client;
        if family.client != client.id {
            return Err(OAuthError::invalid_grant());
        }
        kernel::refresh_token::negotiate(family, client.client_id.as_str(), self.scope.as_deref(), client)
    }

    /// A consent taken back and a session signed out revoke the families that rest on them; what remains is the family
    /// itself, and the client's own registration.
    fn still_allowed(&self, family: &Family) -> Result<(), Stop<OAuthError>> {
        let client = &self.client.record().client;
        let good = family.revoked_at.is_none()
            && self.now < family.expires_at
            && family.client_generation == client.generation
            && (family.consent.is_some() || client.consent == ConsentMode::Implicit);
        if good { Ok(()) } else { Err(refused()) }
    }

    /// RFC 9700 §4.14.2. A public client proves nothing by presenting a token, so its retries count for a moment only; one
    /// that has authenticated is who it says it is, however late.
    fn meaning(&self, token: &RefreshToken, family: &Family) -> Meaning {
        match family.newest - token.number {
            0 => Meaning::Current,
            1 if self.now <= family.rotated_at + self.grace => Meaning::Retried,
            1 if self.client.is_confidential() => Meaning::Retried,
            1 => Meaning::Copied("refresh_token_retried_late"),
            _ => Meaning::Copied("refresh_token_reused"),
        }
    }

    fn rotate(
        &self,
        token: &RefreshToken,
        successor: &Secret,
        family: &Family,
        tx: &mut dyn Tx,
    ) -> Result<(), Stop<OAuthError>> {
        if !tx.rotate_family(family.id, token.number, self.now)? {
            // Rotated or revoked since it was read, on a database that runs transactions side by side: judged once more.
            return Err(Fault::Raced.into());
        }
        let (pepper, digest) = self.peppers.digest(successor.expose());
        tx.insert_refresh_token(&RefreshToken {
            digest,
            pepper,
            family: family.id,
            number: token.number + 1,
            issued_at: self.now,
            expires_at: (self.now + self.idle).min(family.expires_at),
        })?;
        Ok(())
    }

    /// The one token that follows the presented one.
    fn successor(&self, token: &RefreshToken) -> Result<Secret, Fault> {
        self.peppers
            .successor(token.pepper, self.token.expose(), token.family, token.number + 1)
            .map(|bits| token_text::write(TokenType::RefreshToken, &bits))
            // It was found under this pepper a moment ago.
            .ok_or_else(|| Fault::broken("the pepper of a refresh token is gone"))
    }

    fn revoke(&self, family: &Family, reason: &str, tx: &mut dyn Tx) -> Result<Stop<OAuthError>, Fault> {
        tx.revoke_family(family.id, self.now)?;
        let event = self.revoked.because(reason).of_user(family.user);
        event.about("family", family.id).at_home(tx)?.record(tx)?;
        // The revocation is the point of the answer.
        Ok(Stop::RefuseAndCommit(OAuthError::invalid_grant()))
    }

    fn redeemed(&self, family: Family, scope: AskedScope, refresh_token: Secret) -> Redeemed {
        let (AskedScope::Explicit(asked) | AskedScope::Default(asked)) = &scope;
        // OpenID Connect Core §12.2: no nonce, as nothing asked for this token.
        let id_token = IdTokenOf::asked(asked, &self.client.record().client, family.session, None);
        Redeemed {
            entitlement: Entitlement {
                client: self.client.clone(),
                subject: family.user.to_string(),
                scope,
                resource: self.resource.clone(),
                behalf: Some(behalf(family)),
                exchanged: None,
            },
            refresh_token: Some(refresh_token),
            id_token,
        }
    }
}

fn behalf(family: Family) -> Behalf {
    Behalf {
        user: family.user,
        user_generation: family.user_generation,
        family: family.id,
        authentication: family.authentication,
        scope: family.scope,
        api: family.api,
    }
}

fn refused() -> Stop<OAuthError> {
    Stop::Refuse(OAuthError::invalid_grant())
}
