//! Grants: each proves that a client is entitled to a token, and on whose behalf (RFC 6749 §1.3). Owns what a grant is
//! given and must prove; narrowing is `access`' business, recording and minting [`issue`]'s. The list of grants stands
//! one floor above, beside the token endpoint.

pub mod client_credentials;
pub mod issue;

use crate::access::granted::Entitlement;
use crate::client::authenticate::AuthenticatedClient;
use doorward_protocol::error::OAuthError;
use doorward_protocol::params::Params;
use doorward_protocol::words::GrantType;

/// One way to be entitled to a token.
pub trait Grant: Sync {
    /// Its name on the wire, and in a client's registration.
    fn grant_type(&self) -> GrantType;

    /// Proves the entitlement of a client that has authenticated and is registered for this grant.
    ///
    /// # Errors
    /// The refusal in the words of the grant's RFC.
    fn redeem(&self, params: &Params<'_>, client: &AuthenticatedClient) -> Result<Entitlement, OAuthError>;
}
