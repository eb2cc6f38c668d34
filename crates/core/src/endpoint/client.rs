//! The first step of every endpoint that a client calls: who is it (RFC 6749 §2.3)? Owns what becomes of a failure: it is
//! counted against client and address, its reason goes to the log and the metrics, and its answer tells nothing.

use crate::client::authenticate::{self, Attempt, AuthenticatedClient, Failure, Presented, Stale};
use crate::context::{Caller, Context, FormRequest};
use crate::store::fault::Stop;
use doorward_protocol::error::OAuthError;
use doorward_protocol::id::Id;

/// Authenticates the client of a request.
///
/// # Errors
/// `invalid_request` for credentials that contradict one another, `invalid_client` for those that do not prove anything
/// (RFC 6749 §5.2), 429 after too many failures.
pub async fn authenticated(
    request: &FormRequest<'_>,
    context: &Context<'_>,
) -> Result<AuthenticatedClient, Stop<OAuthError>> {
    let presented = authenticate::presented(&request.params, request.authorization)?;
    proved(&presented, request.caller, context).await
}

/// Believes credentials that were read, or does not.
///
/// # Errors
/// `invalid_client`, 429 after too many failures.
pub(crate) async fn proved(
    presented: &Presented,
    caller: Caller,
    context: &Context<'_>,
) -> Result<AuthenticatedClient, Stop<OAuthError>> {
    let record = match presented.client_id() {
        Some(client_id) => context.cache.client_named(&client_id).await?,
        None => None,
    };
    let known = record.as_ref().map(|record| record.client.id);
    let attempt = Attempt { peppers: context.peppers, now: context.now, address: caller.address };
    let proved = match authenticate::authenticate(presented, record, attempt) {
        Ok(proved) if context.cache.takes_part(&proved.client.record().client).await? => proved,
        Ok(_) => {
            return Err(Stop::Refuse(refusal(Failure::InactiveClient, known, presented, caller, context)));
        }
        Err(failure) => return Err(Stop::Refuse(refusal(failure, known, presented, caller, context))),
    };
    for used in proved.secret.into_iter().chain(known) {
        context.uses.note(used, context.now, caller.address);
    }
    if let Some(stale) = proved.stale {
        renew(stale, context);
    }
    Ok(proved.client)
}

/// One answer for every cause, but for the one that only the secret's holder can bring about; and the order to wait for
/// whoever has failed too often. The right secret is never made to wait: knowing a client's name would be enough to shut
/// it out, and secrets of 256 bits are not guessed.
fn refusal(
    failure: Failure,
    known: Option<Id>,
    presented: &Presented,
    caller: Caller,
    context: &Context<'_>,
) -> OAuthError {
    // The name only of a client that exists: anything else may be a secret that was put in the wrong place.
    let client_id = (failure != Failure::UnknownClient).then_some(presented.client_id.as_str());
    let address = caller.address.map(tracing::field::display);
    tracing::info!(client_id, address, reason = %failure, "client authentication failed");
    metrics::counter!("doorward_client_authentication_failures_total", "reason" => failure.label())
        .increment(1);
    // A public client is named by anybody: that would be everybody's to write.
    if let Some(client) = known.filter(|_| presented.method.is_confidential()) {
        record(failure, client, caller, context);
    }
    if let Some(retry_after) = context.attempts.refused(&presented.client_id, caller.address) {
        return OAuthError::too_many_requests(retry_after);
    }
    context.attempts.failed(&presented.client_id, caller.address);
    match failure {
        Failure::WrongMethod => OAuthError::invalid_client()
            .with_description("the client is registered for another token_endpoint_auth_method"),
        _ => OAuthError::invalid_client(),
    }
}

/// The client is told nothing of why it may not; its owner reads it here: once a minute at most. A wrong secret is everybody's to
/// send, and leaves nothing.
fn record(failure: Failure, client: Id, caller: Caller, context: &Context<'_>) {
    let shows_a_secret =
        matches!(failure, Failure::InactiveClient | Failure::ExpiredClient | Failure::ForeignNetwork);
    let Some(event) = shows_a_secret.then(|| context.event("client.refused").ok()).flatten() else { return };
    let event = event.because(failure.label()).about("client", client).of_client(client).from(caller);
    context.cache.write_in_passing(client, move |tx| event.at_home(tx)?.record(tx));
}

/// Replaces a hash under an old pepper. That it is not urgent is the point: the old one works as long as its pepper does.
fn renew(stale: Stale, context: &Context<'_>) {
    let Stale { secret, old, new: (pepper, digest) } = stale;
    context.cache.write_in_passing(secret, move |tx| {
        tx.redigest_client_secret(secret, &old, (pepper, &digest)).map(drop)
    });
}
