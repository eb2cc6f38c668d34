//! Questions and changes about API tokens, about requests for API access, about the last use of any credential and the uses of API
//! accounts, and about changes that were made under a key.

use crate::access::access_request::AccessRequest;
use crate::audit::idempotency_key::IdempotencyKey;
use crate::client::activity::{AccountUses, Activity, Day};
use crate::keys::pepper::PepperVersion;
use crate::store::fault::Fault;
use crate::store::tx::filter::{AccessRequestFilter, ApiTokenFilter};
use crate::token::api_token::{ApiToken, Standing};
use crate::token::last_use::LastUse;
use doorward_protocol::id::Id;
use doorward_protocol::secret::Digest;
use doorward_protocol::time::Seconds;

/// API tokens.
pub trait ApiTokens {
    /// The token whose value has this keyed hash, or whose previous value has; revoked or expired ones too. One question where it
    /// is the current one.
    ///
    /// # Errors
    /// [`Fault`].
    fn api_token_of(&mut self, digest: &Digest) -> Result<Option<ApiToken>, Fault>;

    /// The same, as far as a decision needs it.
    ///
    /// # Errors
    /// [`Fault`].
    fn api_token_standing_of(&mut self, digest: &Digest) -> Result<Option<Standing>, Fault>;

    /// The token with this identifier, as far as a decision needs it.
    ///
    /// # Errors
    /// [`Fault`].
    fn api_token_standing(&mut self, id: Id) -> Result<Option<Standing>, Fault>;

    /// The token with this identifier.
    ///
    /// # Errors
    /// [`Fault`].
    fn api_token(&mut self, id: Id) -> Result<Option<ApiToken>, Fault>;

    /// A page of tokens, in the order of their identifiers, after the given one. Several questions where the filter has several
    /// answers: asked in a snapshot, they see one state.
    ///
    /// # Errors
    /// [`Fault`].
    fn api_tokens(
        &mut self,
        filter: &ApiTokenFilter,
        after: Option<Id>,
        limit: i64,
    ) -> Result<Vec<ApiToken>, Fault>;

    /// Keeps others from changing a token until the transaction ends, and waits for whoever is at it: what is read of it from then
    /// on stays true while it is being changed. Tells whether it is there.
    ///
    /// # Errors
    /// [`Fault`].
    fn hold_api_token(&mut self, id: Id) -> Result<bool, Fault>;

    /// Records a token.
    ///
    /// # Errors
    /// [`Fault`].
    fn insert_api_token(&mut self, token: &ApiToken) -> Result<(), Fault>;

    /// Replaces everything but the identifier, the owner, and who made it when, its values included: so it is regenerated, too.
    /// Tells whether the token is there and was not taken back.
    ///
    /// # Errors
    /// [`Fault`].
    fn update_api_token(&mut self, token: &ApiToken) -> Result<bool, Fault>;

    /// Replaces the hash of a token's value by one under a newer pepper, if it still is the old one. Tells whether it was.
    ///
    /// # Errors
    /// [`Fault`].
    fn redigest_api_token(
        &mut self,
        id: Id,
        old: &Digest,
        new: (PepperVersion, &Digest),
    ) -> Result<bool, Fault>;

    /// Takes a token back, with its reason: a word of ours. Tells whether it was there and not taken back yet.
    ///
    /// # Errors
    /// [`Fault`].
    fn revoke_api_token(&mut self, id: Id, reason: &str, now: Seconds) -> Result<bool, Fault>;

    /// Removes tokens that ended, by themselves or taken back, before an instant, with their last use; at most so many. Tells how
    /// many.
    ///
    /// # Errors
    /// [`Fault`].
    fn sweep_api_tokens(&mut self, before: Seconds, limit: i64) -> Result<usize, Fault>;
}

/// Requests for API access. Nothing cached: what an approval gives is asked of the API account that came of it.
pub trait AccessRequests {
    /// The request with this identifier.
    ///
    /// # Errors
    /// [`Fault`].
    fn access_request(&mut self, id: Id) -> Result<Option<AccessRequest>, Fault>;

    /// A page of requests, in the order of their identifiers, after the given one.
    ///
    /// # Errors
    /// [`Fault`].
    fn access_requests(
        &mut self,
        filter: &AccessRequestFilter,
        after: Option<Id>,
        limit: i64,
    ) -> Result<Vec<AccessRequest>, Fault>;

    /// The latest request of a user.
    ///
    /// # Errors
    /// [`Fault`].
    fn last_access_request(&mut self, user: Id) -> Result<Option<AccessRequest>, Fault>;

    /// Records a request.
    ///
    /// # Errors
    /// [`Fault::Constraint`] when the user has an open one in the same organization.
    fn insert_access_request(&mut self, request: &AccessRequest) -> Result<(), Fault>;

    /// Replaces what was decided about a request that is as it was read: still at the status, and last changed when this says. Tells
    /// whether it was.
    ///
    /// # Errors
    /// [`Fault`].
    fn decide_access_request(&mut self, before: &AccessRequest, after: &AccessRequest)
    -> Result<bool, Fault>;
}

/// When credentials were last used. Nothing cached: no change is recorded. What was used takes its last use along when it goes.
pub trait LastUses {
    /// The last use of a credential.
    ///
    /// # Errors
    /// [`Fault`].
    fn last_use(&mut self, id: Id) -> Result<Option<LastUse>, Fault>;

    /// The last uses of those among these credentials that have been used, in no order.
    ///
    /// # Errors
    /// [`Fault`].
    fn last_uses(&mut self, ids: &[Id]) -> Result<Vec<LastUse>, Fault>;

    /// Records uses, each if it is later than the one that is known, and if what was used is still there.
    ///
    /// # Errors
    /// [`Fault`].
    fn record_uses(&mut self, uses: &[LastUse]) -> Result<(), Fault>;
}

/// What API accounts have done. Nothing cached: no change is recorded. An account takes it along when it goes.
pub trait AccountActivity {
    /// What an account has done since a day, at most so many of its latest days and APIs, and where it was last used from.
    ///
    /// # Errors
    /// [`Fault`].
    fn account_activity(&mut self, account: Id, since: Day, limit: i64) -> Result<Activity, Fault>;

    /// Adds uses to those that are known, if the account is still there, and keeps its latest addresses.
    ///
    /// # Errors
    /// [`Fault`].
    fn record_account_uses(&mut self, uses: &[AccountUses]) -> Result<(), Fault>;

    /// Forgets uses of days before the one of an instant, and addresses that were last used before it; of each at most so many
    /// accounts. Tells how many rows.
    ///
    /// # Errors
    /// [`Fault`].
    fn sweep_account_uses(&mut self, before: Seconds, limit: i64) -> Result<usize, Fault>;
}

/// Changes that were made under a key.
pub trait IdempotencyKeys {
    /// What was done under the key with this hash.
    ///
    /// # Errors
    /// [`Fault`].
    fn idempotency_key(&mut self, digest: &Digest) -> Result<Option<IdempotencyKey>, Fault>;

    /// Records that a change is made under a key.
    ///
    /// # Errors
    /// [`Fault::Constraint`] when one was.
    fn insert_idempotency_key(&mut self, key: &IdempotencyKey) -> Result<(), Fault>;

    /// Records what was answered. Tells whether the key is there and nothing had been recorded for it.
    ///
    /// # Errors
    /// [`Fault`].
    fn answer_idempotency_key(&mut self, digest: &Digest, sealed: &[u8]) -> Result<bool, Fault>;

    /// Forgets keys of changes that were made before an instant, at most so many. Tells how many.
    ///
    /// # Errors
    /// [`Fault`].
    fn sweep_idempotency_keys(&mut self, before: Seconds, limit: i64) -> Result<usize, Fault>;
}
