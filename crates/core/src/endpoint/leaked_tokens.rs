//! Leaked tokens: whoever finds one takes it back by presenting it, a person by the page and a program by JSON. Owns what that ends, and
//! that its owner learns why; the answer is the same for a token that was never ours, so that nothing can be learned from it.

use crate::bearer;
use crate::context::draft::Draft;
use crate::context::{Caller, Context, PageRequest};
use crate::endpoint::page::{Cookies, LeakedTokensPage, Page, Then, Turn};
use crate::endpoint::revoke;
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use crate::token::RevokedJwt;
use crate::token::api_token::{ApiToken, ApiTokenOwner, Value};
use doorward_protocol::error::OAuthError;
use doorward_protocol::id::Id;
use doorward_protocol::jose::claims::AccessTokenClaims;
use doorward_protocol::secret::Digest;
use doorward_protocol::time::Seconds;
use doorward_protocol::token_text::{self, TokenType};
use std::convert::Infallible;

/// Why it was taken back, for its owner and in events.
const LEAKED: &str = "leaked";

/// The page, on which nothing has been presented yet.
#[must_use]
pub fn page() -> Turn {
    show(false)
}

/// Takes back what a person has presented on the page.
///
/// # Errors
/// `invalid_request` without a token; a fault: nobody must believe that it was taken back.
pub async fn posted(request: &PageRequest<'_>, context: &Context<'_>) -> Result<Turn, Stop<OAuthError>> {
    take_back(request.params.required("token")?, request.caller, context).await?;
    Ok(show(true))
}

fn show(is_taken_back: bool) -> Turn {
    let page = Page::LeakedTokens(LeakedTokensPage { is_taken_back });
    Turn { cookies: Cookies::default(), then: Then::Show(page) }
}

/// Ends whatever this text is: an API token (or the value that it had before, while that goes on), an access token, a refresh token
/// with all that rests on its grant, or one secret of a client's. Once this returns, it is void, also after a crash.
///
/// # Errors
/// [`Fault`] when that could not be made durable.
pub async fn take_back(text: &str, caller: Caller, context: &Context<'_>) -> Result<(), Fault> {
    let text = text.trim();
    let found = Found {
        digests: context.peppers.digests(text).collect(),
        event: context.event("")?.from(caller).because(LEAKED),
    };
    let ended = match token_text::read(text) {
        Ok(kind) if !found.goes_on(kind, context).await? => Ok(()),
        Ok(TokenType::ClientSecret) => found.ends(Found::client_secret, context).await,
        Ok(TokenType::AccessToken) => found.ends(Found::opaque, context).await,
        Ok(TokenType::RefreshToken) => found.ends(Found::family, context).await,
        Ok(_) => found.ends(Found::api_token, context).await,
        Err(_) => match bearer::signed::recognised(text, context).await? {
            Some(claims) if !context.cache.is_revoked(claims.jti) => {
                found.ends(move |found, tx| found.signed(&claims, tx), context).await
            }
            _ => Ok(()),
        },
    };
    ended.map_err(|stop| match stop {
        Stop::Fault(fault) => fault,
        Stop::Refuse(never) | Stop::RefuseAndCommit(never) => match never {},
    })
}

/// A text that may be a secret of ours, and what is recorded if it was.
struct Found {
    digests: Vec<Digest>,
    event: Draft,
}

impl Found {
    async fn ends(
        self,
        end: impl Fn(&Self, &mut dyn Tx) -> Result<(), Fault> + Send + 'static,
        context: &Context<'_>,
    ) -> Result<(), Stop<Infallible>> {
        context.cache.write(move |tx| Ok(end(&self, tx)?)).await
    }

    /// Whether it is one of ours that nobody has taken back, asked without a write: anybody may ask, and neither a guess nor the same
    /// token again costs more than a look.
    async fn goes_on(&self, kind: TokenType, context: &Context<'_>) -> Result<bool, Fault> {
        let digests = self.digests.clone();
        let now = self.event.at();
        let going_on = move |tx: &mut dyn Tx| {
            for digest in &digests {
                if goes_on(digest, kind, now, tx)? {
                    return Ok(true);
                }
            }
            Ok(false)
        };
        context.cache.store().read(going_on).await
    }

    fn record(
        &self,
        action: &str,
        (user, client): (Option<Id>, Option<Id>),
        objects: &[(&str, Id)],
        tx: &mut dyn Tx,
    ) -> Result<(), Fault> {
        let objects: Vec<_> = objects.iter().map(|(noun, id)| format!("{noun}:{id}")).collect();
        let event = self.event.with(|event| {
            action.clone_into(&mut event.action);
            event.objects = objects.join(" ");
            (event.user, event.client) = (user, client);
        });
        event.at_home(tx)?.record(tx)
    }

    fn api_token(&self, tx: &mut dyn Tx) -> Result<(), Fault> {
        for digest in &self.digests {
            let Some(found) = tx.api_token_of(digest)? else { continue };
            // It may be getting another value, or have got one meanwhile.
            tx.hold_api_token(found.id)?;
            let Some(token) = tx.api_token(found.id)? else { continue };
            let action = match token.standing().value_of(digest) {
                Some(Value::Current) if tx.revoke_api_token(token.id, LEAKED, self.event.at())? => {
                    "api_token.revoked"
                }
                Some(Value::Previous) if self.ends_former_value(&token, tx)? => {
                    "api_token.former_value.revoked"
                }
                _ => continue,
            };
            let (who, owner) = match token.owner {
                ApiTokenOwner::User(user) => ((Some(user), None), ("user", user)),
                ApiTokenOwner::Client(client) => ((None, Some(client)), ("client", client)),
            };
            self.record(action, who, &[("api_token", token.id), owner], tx)?;
        }
        Ok(())
    }

    /// That one alone: whoever has changed to another value, perhaps because of the leak, keeps that. Tells whether it was good.
    fn ends_former_value(&self, token: &ApiToken, tx: &mut dyn Tx) -> Result<bool, Fault> {
        if token.previous.is_none_or(|previous| self.event.at() >= previous.expires_at) {
            return Ok(false);
        }
        let updated_at = self.event.at().max(token.updated_at);
        tx.update_api_token(&ApiToken { previous: None, updated_at, ..token.clone() })
    }

    /// That one alone: the client may hold another, and be changing to it.
    fn client_secret(&self, tx: &mut dyn Tx) -> Result<(), Fault> {
        for digest in &self.digests {
            let Some(secret) = tx.client_secret_of(digest)? else { continue };
            if tx.revoke_client_secret(secret.id, LEAKED, self.event.at())? {
                let objects = [("client", secret.client), ("client_secret", secret.id)];
                self.record("client.secret.revoked", (None, Some(secret.client)), &objects, tx)?;
            }
        }
        Ok(())
    }

    fn opaque(&self, tx: &mut dyn Tx) -> Result<(), Fault> {
        for digest in &self.digests {
            let Some(token) = tx.opaque_token(digest)?.filter(|token| token.revoked_at.is_none()) else {
                continue;
            };
            if tx.revoke_opaque_token(digest, self.event.at())? {
                let who = (token.person.map(|person| person.user), Some(token.client));
                self.record("access_token.revoked", who, &[("access_token", token.jti)], tx)?;
            }
        }
        Ok(())
    }

    fn signed(&self, claims: &AccessTokenClaims, tx: &mut dyn Tx) -> Result<(), Fault> {
        // Asked first, because a refused row ends the transaction.
        if tx.revoked_jwt(claims.jti)?.is_some() {
            return Ok(());
        }
        let revoked = RevokedJwt { jti: claims.jti, expires_at: claims.exp };
        tx.insert_revoked_jwt(&revoked).map_err(Fault::into_race)?;
        let client = tx.client_named(&claims.client_id)?.map(|record| record.client.id);
        let speaks_for_a_person = claims.person.is_some() || claims.exchanged.is_some();
        let user = claims.sub.parse().ok().filter(|_| speaks_for_a_person);
        self.record("access_token.revoked", (user, client), &[("access_token", claims.jti)], tx)
    }

    /// RFC 9700 §4.14.2: with a refresh token that somebody else holds ends everything that rests on the same grant.
    fn family(&self, tx: &mut dyn Tx) -> Result<(), Fault> {
        let Some(family) = revoke::family(&self.digests, tx)? else { return Ok(()) };
        if tx.revoke_family(family.id, self.event.at())? {
            let who = (Some(family.user), Some(family.client));
            self.record("family.revoked", who, &[("family", family.id)], tx)?;
        }
        Ok(())
    }
}

fn goes_on(digest: &Digest, kind: TokenType, now: Seconds, tx: &mut dyn Tx) -> Result<bool, Fault> {
    Ok(match kind {
        TokenType::PersonalAccessToken | TokenType::ApiAccountToken => {
            tx.api_token_of(digest)?.is_some_and(|token| {
                token.revoked_at.is_none()
                    && (token.standing().value_of(digest) == Some(Value::Current)
                        || token.previous.is_some_and(|previous| now < previous.expires_at))
            })
        }
        TokenType::ClientSecret => tx.client_secret_of(digest)?.is_some_and(|secret| secret.goes_on(now)),
        TokenType::AccessToken => tx.opaque_token(digest)?.is_some_and(|token| token.revoked_at.is_none()),
        TokenType::RefreshToken => {
            let family = revoke::family(std::slice::from_ref(digest), tx)?;
            family.is_some_and(|family| family.revoked_at.is_none())
        }
        _ => false,
    })
}
