//! Grants: each proves that a client is entitled to a token, and on whose behalf (RFC 6749 §1.3). Owns what a grant is
//! given and must prove; narrowing is `access`' business, recording and minting [`issue`]'s. The list of grants stands
//! one floor above, beside the token endpoint.

pub mod authorization_code;
pub mod client_credentials;
pub mod issue;
pub mod refresh_token;
pub mod standing;
pub mod token_exchange;

use crate::access::granted::Entitlement;
use crate::client::authenticate::AuthenticatedClient;
use crate::context::draft::Draft;
use crate::context::{Caller, Context};
use crate::grant::token_exchange::SubjectToken;
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use crate::token::id_token::IdTokenOf;
use doorward_protocol::error::OAuthError;
use doorward_protocol::id::Id;
use doorward_protocol::params::Params;
use doorward_protocol::secret::Secret;
use doorward_protocol::words::GrantType;

/// One way to be entitled to a token.
pub trait Grant: Sync {
    /// Its name on the wire, and in a client's registration.
    fn grant_type(&self) -> GrantType;

    /// Reads the request of a client that has authenticated and is registered for this grant.
    ///
    /// # Errors
    /// The refusal in the words of the grant's RFC, or a fault.
    fn prove(&self, request: &TokenRequest<'_>, context: &Context<'_>) -> Result<Proof, Stop<OAuthError>>;
}

/// A token request whose client has authenticated.
#[derive(Clone, Copy)]
pub struct TokenRequest<'a> {
    /// Its parameters.
    pub params: &'a Params<'a>,
    /// Who asks.
    pub client: &'a AuthenticatedClient,
    /// From where.
    pub caller: Caller,
}

/// What a request proves.
pub enum Proof {
    /// The entitlement follows from the request alone.
    Entitled(Box<Entitlement>),
    /// An API token was presented, and has to be found.
    Presented(Box<SubjectToken>),
    /// Something stored has to be redeemed, in the transaction that records what follows from it.
    Stored(Box<dyn Redemption>),
}

/// Something stored that is about to be redeemed. It runs in a write transaction, and may run again: everything random
/// was drawn when it was made.
pub trait Redemption: Send {
    /// Proves the entitlement, and records that it was used.
    ///
    /// # Errors
    /// `invalid_grant` (RFC 6749 §5.2), or a fault.
    fn redeem(&mut self, tx: &mut dyn Tx) -> Result<Redeemed, Stop<OAuthError>>;
}

/// What was redeemed.
pub struct Redeemed {
    /// What the access token may say.
    pub entitlement: Entitlement,
    /// The refresh token that goes with it.
    pub refresh_token: Option<Secret>,
    /// What the ID token says beside the person, if there is one.
    pub id_token: Option<IdTokenOf>,
}

/// RFC 8707 §2: a token has one audience here, so a request names at most one resource.
pub(crate) fn resource(params: &Params<'_>) -> Result<Option<String>, OAuthError> {
    let mut resources = params.values("resource");
    match (resources.next(), resources.next()) {
        (first, None) => Ok(first.map(str::to_owned)),
        (_, Some(_)) => Err(OAuthError::invalid_target("a token is for one resource: ask for one at a time")),
    }
}

/// The event of a family's revocation, in case it comes to that; the family and the reason are added where it does.
pub(crate) fn revocation(client: Id, from: Caller, context: &Context<'_>) -> Result<Draft, Fault> {
    Ok(context.event("family.revoked")?.of_client(client).from(from))
}
