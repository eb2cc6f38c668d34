//! What an operator may set, as the rules need it. Owns the values and their defaults; where they come from (file,
//! environment, flags) is the binary's business.

use crate::issuer::Issuer;
use crate::keys::signing_key::Schedule;
use doorward_protocol::jose::Algorithm;
use doorward_protocol::time::Lifetime;

/// The settings of one authorization server.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Who we are (RFC 8414 §2).
    pub issuer: Issuer,
    /// What tokens may be signed with: a key of each is kept.
    pub algorithms: Vec<Algorithm>,
    /// What access tokens are signed with where the API names nothing else.
    pub signing_algorithm: Algorithm,
    /// How long an access token lives where neither client nor API says otherwise.
    pub access_token_lifetime: Lifetime,
    /// How long verifiers may keep the key set.
    pub jwks_max_age: Lifetime,
    /// How signing keys follow one another.
    pub keys: Schedule,
    /// Failed client authentications per client and address and minute, after which the next are refused unseen.
    pub failed_authentications_per_minute: u32,
}

impl Settings {
    /// The defaults of an issuer.
    #[must_use]
    pub fn new(issuer: Issuer) -> Self {
        Self {
            issuer,
            algorithms: Algorithm::ALL.to_vec(),
            signing_algorithm: Algorithm::ES256,
            access_token_lifetime: Lifetime::minutes(10),
            jwks_max_age: Lifetime::minutes(5),
            keys: Schedule {
                publish_before_use: Lifetime::minutes(10),
                retire_after: Lifetime::days(1),
                rotate_after: Lifetime::days(90),
            },
            failed_authentications_per_minute: 20,
        }
    }

    /// The longest any access token may live: retired keys must outlast what they signed.
    #[must_use]
    pub const fn longest_access_token(&self) -> Lifetime {
        self.keys.retire_after
    }
}
