//! Issuing: from a granted scope to the token in the client's hands. Owns the order: what must be durable is recorded in
//! one transaction that re-reads whether the grant still stands, and only then is anything signed or handed out.

use crate::access::granted::{Audience, GrantedScope};
use crate::context::Context;
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use crate::token::{OpaqueToken, mint};
use doorward_protocol::error::{ErrorCode, OAuthError};
use doorward_protocol::id::Id;
use doorward_protocol::secret::Secret;
use doorward_protocol::token::TokenResponse;
use doorward_protocol::words::TokenFormat;

/// Mints the access token and answers with it.
///
/// # Errors
/// A refusal when client or API were switched off in the meantime; a fault when the store, the keys or the randomness
/// fail.
pub async fn issue(granted: &GrantedScope, context: &Context<'_>) -> Result<TokenResponse, Stop<OAuthError>> {
    let jti = context.random.id(context.now).map_err(Fault::broken)?;
    let access_token = match granted.format() {
        TokenFormat::Jwt => signed(granted, jti, context)?,
        TokenFormat::Opaque => recorded(granted, jti, context).await?,
    };
    metrics::counter!("doorward_tokens_issued_total", "format" => granted.format().as_str()).increment(1);
    Ok(TokenResponse { access_token, expires_in: granted.lifetime(), scope: granted.scope().clone() })
}

/// RFC 9068: a signed token is no row. Client and API were read, as of the last revision applied, for this request.
fn signed(granted: &GrantedScope, jti: Id, context: &Context<'_>) -> Result<Secret, Stop<OAuthError>> {
    let keyring = context.cache.keyring();
    let key = keyring.signing(granted.algorithm(), context.now);
    let key = key.ok_or_else(|| {
        Fault::unavailable(format!("there is no active {} signing key", granted.algorithm()))
    })?;
    Ok(mint::jwt(granted, jti, context.now, &context.settings.issuer, key).map_err(Fault::broken)?)
}

/// An opaque token exists once it is durable.
async fn recorded(
    granted: &GrantedScope,
    jti: Id,
    context: &Context<'_>,
) -> Result<Secret, Stop<OAuthError>> {
    let random = context.random.secret().map_err(Fault::broken)?;
    let (text, record) = mint::opaque(granted, jti, &random, context.now, context.peppers);
    let api = match granted.audience() {
        Audience::Api(api) => Some(api.id),
        Audience::Issuer => None,
    };
    let decided_at = context.revision;
    let record = move |tx: &mut dyn Tx| {
        // Nothing cached has changed since the request began: what was decided on is what stands here.
        if tx.last_revision()? != decided_at {
            still_stands(&record, api, tx)?;
        }
        Ok(tx.insert_opaque_token(&record)?)
    };
    // Not through the cache: nothing cached is changed, and what the closure has seen of others' changes it has judged.
    let recorded = context.cache.store().write(record).await?;
    recorded.map(|()| text).map_err(Stop::Refuse)
}

/// Reads again, in the transaction that records the token, whether client and API are in use.
fn still_stands(token: &OpaqueToken, api: Option<Id>, tx: &mut dyn Tx) -> Result<(), Stop<OAuthError>> {
    let client = tx.client(token.client)?.map(|record| record.client);
    if !client.is_some_and(|client| client.is_active() && client.generation == token.client_generation) {
        return Err(Stop::Refuse(OAuthError::invalid_client()));
    }
    if let Some(api) = api
        && !tx.api(api)?.is_some_and(|api| api.is_active())
    {
        return Err(Stop::Refuse(OAuthError::new(ErrorCode::InvalidTarget, "the API was switched off")));
    }
    Ok(())
}
