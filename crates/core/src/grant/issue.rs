//! Issuing: from what a grant has proved to the tokens in the client's hands. Owns the order: what is redeemed and what must
//! be durable is recorded in one transaction that re-reads whether all of it still stands, and only then is anything signed
//! or handed out.

use crate::access::audience::Audience;
use crate::access::granted::{self, Entitlement, GrantedScope};
use crate::client::Client;
use crate::context::{Caller, Context};
use crate::grant::{Redeemed, Redemption, standing};
use crate::keys::keyring::Keyring;
use crate::settings::Settings;
use crate::sign_in::{self, SignIn};
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use crate::token::OpaqueToken;
use crate::token::id_token::{IdToken, IdTokenOf};
use crate::token::mint;
use doorward_protocol::error::OAuthError;
use doorward_protocol::id::Id;
use doorward_protocol::jose::Algorithm;
use doorward_protocol::jose::key::SigningKey;
use doorward_protocol::secret::Secret;
use doorward_protocol::time::Seconds;
use doorward_protocol::token::{ACCESS_TOKEN_TYPE, TokenResponse};
use doorward_protocol::words::TokenFormat;
use std::sync::Arc;

/// What was drawn for a token before anybody knows whether it will be issued.
#[derive(Clone, Copy)]
struct Drawn {
    jti: Id,
    random: [u8; 32],
}

/// What was recorded, and is now to be signed and handed out.
struct Recorded {
    granted: GrantedScope,
    /// The access token, where it is an opaque one.
    opaque: Option<Secret>,
    refresh_token: Option<Secret>,
    id_token: Option<IdTokenOf>,
}

/// Issues what follows from the request alone. A signed token is no row (RFC 9068): client and API were read, as of the
/// last revision applied, for this request.
///
/// # Errors
/// A refusal when client or API were switched off in the meantime; a fault when the store, the keys or the randomness
/// fail.
pub async fn entitled(
    entitlement: Entitlement,
    caller: Caller,
    context: &Context<'_>,
) -> Result<TokenResponse, Stop<OAuthError>> {
    let granted = granted::granted(entitlement, &context.cache.apis(), context.settings, context.now)?;
    let drawn = draw(context)?;
    let (mut opaque, mut record) = (None, None);
    if granted.format() == TokenFormat::Opaque {
        let (text, token) = mint::opaque(&granted, drawn.jti, &drawn.random, context.now, context.peppers);
        (opaque, record) = (Some(text), Some(token));
    }
    let granted = Arc::new(granted);
    if let Some(token) = record {
        self::record(Arc::clone(&granted), token, context).await?;
    }
    let access_token = access_token(&granted, opaque, drawn.jti, context)?;
    note(&granted, caller, context);
    Ok(answer(&granted, access_token, None, None))
}

/// An API account that gets a token for an API is used there: one that is verified without us is not seen again.
fn note(granted: &GrantedScope, caller: Caller, context: &Context<'_>) {
    let account = granted.client();
    let Audience::Api(api) = granted.audience() else { return };
    if account.is_api_account() && granted.subject() == account.client_id.as_str() {
        context.uses.note_account(account.id, api.id, context.now, caller.address);
    }
}

/// An opaque token exists once it is durable.
async fn record(
    granted: Arc<GrantedScope>,
    token: OpaqueToken,
    context: &Context<'_>,
) -> Result<(), Stop<OAuthError>> {
    let decided_at = context.revision;
    let record = move |tx: &mut dyn Tx| {
        standing::hold(&granted, decided_at, tx)?;
        Ok(tx.insert_opaque_token(&token)?)
    };
    // Not through the cache: nothing cached is changed, and what the closure has seen of others' changes it has judged.
    context.cache.store().write(record).await?.map_err(Stop::Refuse)
}

/// Redeems, records what follows, then signs and hands out.
///
/// # Errors
/// As for [`entitled`], and the refusals of the redemption.
pub async fn redeemed(
    redemption: Box<dyn Redemption>,
    context: &Context<'_>,
    sign_in: &dyn SignIn,
) -> Result<TokenResponse, Stop<OAuthError>> {
    let drawn = draw(context)?;
    let recorded = context.cache.store().write(recording(redemption, drawn, context)).await?;
    let recorded = match recorded {
        Ok(recorded) => recorded,
        Err(refusal) => {
            // It may have revoked something, which must be in force here when it is answered.
            context.cache.catch_up().await.map_err(Fault::unavailable)?;
            return Err(Stop::Refuse(refusal));
        }
    };
    let Recorded { granted, opaque, refresh_token, id_token } = recorded;
    let access_token = access_token(&granted, opaque, drawn.jti, context)?;
    let id_token = match id_token {
        Some(of) => Some(self::id_token(of, &granted, &access_token, context, sign_in).await?),
        None => None,
    };
    Ok(answer(&granted, access_token, refresh_token, id_token))
}

/// What is done in the transaction; it may run again.
fn recording(
    mut redemption: Box<dyn Redemption>,
    drawn: Drawn,
    context: &Context<'_>,
) -> impl FnMut(&mut dyn Tx) -> Result<Recorded, Stop<OAuthError>> + Send + 'static {
    let (settings, peppers) = (Arc::clone(context.settings), Arc::clone(context.peppers));
    let (apis, decided_at, now) = (context.cache.apis(), context.revision, context.now);
    let keyring = context.cache.keyring();
    move |tx: &mut dyn Tx| {
        let Redeemed { entitlement, refresh_token, id_token } = redemption.redeem(tx)?;
        let granted = granted::granted(entitlement, &apis, &settings, now)?;
        standing::hold(&granted, decided_at, tx)?;
        // What cannot be signed must not use up what was presented.
        if granted.format() == TokenFormat::Jwt {
            key(granted.algorithm(), &keyring, now)?;
        }
        if id_token.is_some() {
            key(id_token_algorithm(granted.client(), &settings), &keyring, now)?;
        }
        let mut opaque = None;
        if granted.format() == TokenFormat::Opaque {
            let (text, token) = mint::opaque(&granted, drawn.jti, &drawn.random, now, &peppers);
            tx.insert_opaque_token(&token)?;
            opaque = Some(text);
        }
        Ok(Recorded { granted, opaque, refresh_token, id_token })
    }
}

fn draw(context: &Context<'_>) -> Result<Drawn, Fault> {
    Ok(Drawn { jti: context.new_id()?, random: context.random.secret().map_err(Fault::broken)? })
}

/// The access token, signed where it is not an opaque one.
fn access_token(
    granted: &GrantedScope,
    opaque: Option<Secret>,
    jti: Id,
    context: &Context<'_>,
) -> Result<Secret, Fault> {
    if let Some(opaque) = opaque {
        return Ok(opaque);
    }
    let key = key(granted.algorithm(), &context.cache.keyring(), context.now)?;
    mint::jwt(granted, jti, context.now, &context.settings.issuer, &key).map_err(Fault::broken)
}

/// OpenID Connect Core §3.1.3.3: the ID token that goes with it.
async fn id_token(
    of: IdTokenOf,
    granted: &GrantedScope,
    access_token: &Secret,
    context: &Context<'_>,
    sign_in: &dyn SignIn,
) -> Result<Secret, Stop<OAuthError>> {
    let behalf = granted.behalf().ok_or_else(|| Fault::broken("an ID token without a person"))?;
    let client = granted.client();
    let profile = if client.id_token_claims {
        sign_in::profile(behalf.user, &of.scope, sign_in, context).await?.unwrap_or_default()
    } else {
        Default::default()
    };
    let algorithm = id_token_algorithm(client, context.settings);
    let key = key(algorithm, &context.cache.keyring(), context.now)?;
    let token = IdToken { of, client, behalf, profile, access_token };
    Ok(mint::id_token(token, context.now, context.settings, &key).map_err(Fault::broken)?)
}

fn id_token_algorithm(client: &Client, settings: &Settings) -> Algorithm {
    client.id_token_signed_response_alg.unwrap_or_else(|| settings.id_token_algorithm())
}

fn key(algorithm: Algorithm, keyring: &Keyring, now: Seconds) -> Result<Arc<SigningKey>, Fault> {
    let key = keyring.signing(algorithm, now).map(Arc::clone);
    key.ok_or_else(|| Fault::unavailable(format!("there is no active {algorithm} signing key")))
}

fn answer(
    granted: &GrantedScope,
    access_token: Secret,
    refresh_token: Option<Secret>,
    id_token: Option<Secret>,
) -> TokenResponse {
    metrics::counter!("doorward_tokens_issued_total", "format" => granted.format().as_str()).increment(1);
    TokenResponse {
        access_token,
        expires_in: granted.lifetime(),
        scope: granted.scope().clone(),
        refresh_token,
        id_token,
        issued_token_type: granted.exchanged().map(|_| ACCESS_TOKEN_TYPE),
    }
}
