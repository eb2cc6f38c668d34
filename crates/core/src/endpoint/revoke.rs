//! Revocation (RFC 7009): a client gives a token back. Owns whose tokens a client may revoke (its own); the answer is the
//! same for a token that is revoked now, was before, or never was, so that nothing can be learned from it.

use crate::bearer;
use crate::client::authenticate::AuthenticatedClient;
use crate::context::{Caller, Context, FormRequest};
use crate::endpoint::client;
use crate::grant;
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use crate::token::RevokedJwt;
use crate::token::family::Family;
use crate::token::recognise::{Kind, kind};
use doorward_protocol::error::OAuthError;
use doorward_protocol::secret::Digest;

/// Answers a revocation request. Once this returns, the token is inactive, also after a crash.
///
/// # Errors
/// `invalid_client` for a caller that does not authenticate, `invalid_request` without a token (RFC 7009 §2.2.1), a fault
/// when the revocation could not be made durable: the client must not believe that it was.
pub async fn revoke(request: &FormRequest<'_>, context: &Context<'_>) -> Result<(), Stop<OAuthError>> {
    let caller = client::authenticated(request, context).await?;
    let token = request.params.required("token")?;
    match kind(token) {
        Kind::Opaque => opaque(token, &caller, context).await,
        Kind::Signed => signed(token, &caller, context).await,
        Kind::Refresh => refresh(token, &caller, request.caller, context).await,
        // An API token is nobody's who comes here: its owner takes it back, or whoever finds it at `/leaked-tokens`.
        Kind::ApiToken | Kind::Foreign => Ok(()),
    }
}

async fn opaque(
    token: &str,
    caller: &AuthenticatedClient,
    context: &Context<'_>,
) -> Result<(), Stop<OAuthError>> {
    let own = bearer::opaque::found(token, context)
        .await?
        .filter(|token| token.client == caller.record().client.id);
    let Some(token) = own.filter(|token| token.revoked_at.is_none()) else { return Ok(()) };
    let now = context.now;
    context.cache.write(move |tx| Ok(tx.revoke_opaque_token(&token.digest, now).map(drop)?)).await
}

async fn signed(
    token: &str,
    caller: &AuthenticatedClient,
    context: &Context<'_>,
) -> Result<(), Stop<OAuthError>> {
    let claims = bearer::signed::recognised(token, context).await?;
    let Some(claims) = claims.filter(|claims| claims.client_id == caller.record().client.client_id) else {
        return Ok(());
    };
    let revoked = RevokedJwt { jti: claims.jti, expires_at: claims.exp };
    let record = move |tx: &mut dyn Tx| {
        // Asked first, because a refused row ends the transaction.
        if tx.revoked_jwt(revoked.jti)?.is_none() {
            tx.insert_revoked_jwt(&revoked).map_err(Fault::into_race)?;
        }
        Ok(())
    };
    context.cache.write(record).await
}

/// RFC 7009 §2.1: with a refresh token ends everything that rests on the same grant.
async fn refresh(
    token: &str,
    caller: &AuthenticatedClient,
    from: Caller,
    context: &Context<'_>,
) -> Result<(), Stop<OAuthError>> {
    let digests: Vec<_> = context.peppers.digests(token).collect();
    let (client, now) = (caller.record().client.id, context.now);
    let event = grant::revocation(client, from, context)?.because("revoked_by_client");
    let revoke = move |tx: &mut dyn Tx| {
        let Some(family) = family(&digests, tx)?.filter(|family| family.client == client) else {
            return Ok(());
        };
        if tx.revoke_family(family.id, now)? {
            event.of_user(family.user).about("family", family.id).at_home(tx)?.record(tx)?;
        }
        Ok(())
    };
    context.cache.write(revoke).await
}

/// What a refresh token leads to, whichever pepper it was digested under.
pub(crate) fn family(digests: &[Digest], tx: &mut dyn Tx) -> Result<Option<Family>, Fault> {
    for digest in digests {
        if let Some(token) = tx.refresh_token(digest)? {
            return tx.family(token.family);
        }
    }
    Ok(None)
}
