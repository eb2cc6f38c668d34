//! The questions and changes a closure may put to the database, one trait per noun. Each method is named for its
//! question. Insert and update are different verbs; what may happen once only is a guarded update that tells whether it
//! touched its row.
//!
//! Methods that change something cached record it in the feed themselves ([`Changes`]), so that no caller can forget.

pub mod audit;
pub mod authorizations;
pub mod changes;
pub mod credentials;
pub mod filter;
pub mod people;
pub mod vault;

use crate::access::api::Api;
use crate::client::{Client, ClientRecord, ClientSecret};
use crate::keys::pepper::PepperVersion;
use crate::keys::signing_key::SigningKeyRecord;
use crate::store::fault::Fault;
use crate::token::{OpaqueToken, RevokedJwt};
use doorward_protocol::id::{ClientId, Id};
use doorward_protocol::secret::Digest;
use doorward_protocol::time::Seconds;

use audit::Audit;
use authorizations::{Codes, Consents, Families, Interactions};
use changes::Changes;
use credentials::{AccessRequests, AccountActivity, ApiTokens, IdempotencyKeys, LastUses};
use filter::ClientFilter;
use people::{Groups, Organizations, Passwords, Sessions, SetupLinks, SignInAttempts, Users};
use vault::{Providers, RegisteredAuths};

/// A transaction (or, for reading, a connection).
pub trait Tx:
    Programs + People + Authorizations + Vault + Changes + Settings + Audit + IdempotencyKeys + Leases
{
}

impl<T: Programs + People + Authorizations + Vault + Changes + Settings + Audit + IdempotencyKeys + Leases> Tx
    for T
{
}

/// What tokens for programs take.
pub trait Programs:
    Clients + Apis + SigningKeys + Tokens + ApiTokens + LastUses + AccountActivity + AccessRequests
{
}

impl<T: Clients + Apis + SigningKeys + Tokens + ApiTokens + LastUses + AccountActivity + AccessRequests>
    Programs for T
{
}

/// People, and how they sign in.
pub trait People:
    Users + Passwords + Organizations + Groups + Sessions + SignInAttempts + SetupLinks
{
}

impl<T: Users + Passwords + Organizations + Groups + Sessions + SignInAttempts + SetupLinks> People for T {}

/// What people have allowed, and the tokens that follow from it.
pub trait Authorizations: Consents + Interactions + Codes + Families {}

impl<T: Consents + Interactions + Codes + Families> Authorizations for T {}

/// Other people's credentials, and those whose they are.
pub trait Vault: Providers + RegisteredAuths {}

impl<T: Providers + RegisteredAuths> Vault for T {}

/// Clients and their secrets.
pub trait Clients {
    /// The client with this internal identifier, with its secrets.
    ///
    /// # Errors
    /// [`Fault`].
    fn client(&mut self, id: Id) -> Result<Option<ClientRecord>, Fault>;

    /// The client behind a public identifier, with its secrets.
    ///
    /// # Errors
    /// [`Fault`].
    fn client_named(&mut self, client_id: &ClientId) -> Result<Option<ClientRecord>, Fault>;

    /// A page of clients, in the order of their identifiers, after the given one.
    ///
    /// # Errors
    /// [`Fault`].
    fn clients(&mut self, filter: &ClientFilter, after: Option<Id>, limit: i64)
    -> Result<Vec<Client>, Fault>;

    /// Keeps others from changing a client until the transaction ends, and waits for whoever is at it: what is read of it from
    /// then on stays true while it is being changed. Tells whether it is there.
    ///
    /// # Errors
    /// [`Fault`].
    fn hold_client(&mut self, id: Id) -> Result<bool, Fault>;

    /// Registers a client, with its groups.
    ///
    /// # Errors
    /// [`Fault::Constraint`] when its `client_id` was ever taken, by a deleted client too, or a group is not there.
    fn insert_client(&mut self, client: &Client) -> Result<(), Fault>;

    /// Replaces everything but the identifiers and the day of registration. Tells whether the client is there.
    ///
    /// # Errors
    /// [`Fault`].
    fn update_client(&mut self, client: &Client) -> Result<bool, Fault>;

    /// Deletes a client with its secrets, its API tokens and its places in groups, leaving a tombstone so that its `client_id` is
    /// never given away again; the users who belong to it leave it (which changes them). Tells whether it was there.
    ///
    /// # Errors
    /// [`Fault`].
    fn delete_client(&mut self, id: Id, now: Seconds) -> Result<bool, Fault>;

    /// Gives a client a secret.
    ///
    /// # Errors
    /// [`Fault::Constraint`] when there is no such client.
    fn insert_client_secret(&mut self, secret: &ClientSecret) -> Result<(), Fault>;

    /// Sets when a secret ends. Tells whether it was there.
    ///
    /// # Errors
    /// [`Fault`].
    fn expire_client_secret(&mut self, id: Id, expires_at: Seconds) -> Result<bool, Fault>;

    /// Ends a secret for a reason. Tells whether it was there and good.
    ///
    /// # Errors
    /// [`Fault`].
    fn revoke_client_secret(&mut self, id: Id, reason: &str, now: Seconds) -> Result<bool, Fault>;

    /// Removes secrets that were ended for a reason before an instant, at most so many. Tells how many.
    ///
    /// # Errors
    /// [`Fault`].
    fn sweep_client_secrets(&mut self, before: Seconds, limit: i64) -> Result<usize, Fault>;

    /// The secret with this keyed hash.
    ///
    /// # Errors
    /// [`Fault`].
    fn client_secret_of(&mut self, digest: &Digest) -> Result<Option<ClientSecret>, Fault>;

    /// Takes a secret away. Tells whether it was there.
    ///
    /// # Errors
    /// [`Fault`].
    fn delete_client_secret(&mut self, id: Id) -> Result<bool, Fault>;

    /// Replaces a secret's hash by one under a newer pepper, if it still is the old one. Tells whether it was.
    ///
    /// # Errors
    /// [`Fault`].
    fn redigest_client_secret(
        &mut self,
        id: Id,
        old: &Digest,
        new: (PepperVersion, &Digest),
    ) -> Result<bool, Fault>;
}

/// Registered APIs.
pub trait Apis {
    /// All APIs.
    ///
    /// # Errors
    /// [`Fault`].
    fn apis(&mut self) -> Result<Vec<Api>, Fault>;

    /// The API with this internal identifier.
    ///
    /// # Errors
    /// [`Fault`].
    fn api(&mut self, id: Id) -> Result<Option<Api>, Fault>;

    /// Keeps others from changing an API until the transaction ends, and waits for whoever is at it: what is read of it from
    /// then on stays true while it is being changed. Tells whether it is there.
    ///
    /// # Errors
    /// [`Fault`].
    fn hold_api(&mut self, id: Id) -> Result<bool, Fault>;

    /// Registers an API.
    ///
    /// # Errors
    /// [`Fault::Constraint`] when its identifier is taken, or an introspection client does not exist.
    fn insert_api(&mut self, api: &Api) -> Result<(), Fault>;

    /// Replaces everything but the internal identifier and the day of registration. Tells whether the API is there.
    ///
    /// # Errors
    /// [`Fault::Constraint`] as for inserting.
    fn update_api(&mut self, api: &Api) -> Result<bool, Fault>;

    /// Deletes an API; its tokens become inactive with it. Tells whether it was there.
    ///
    /// # Errors
    /// [`Fault`].
    fn delete_api(&mut self, id: Id) -> Result<bool, Fault>;
}

/// The keys that sign tokens.
pub trait SigningKeys {
    /// All keys, of any state.
    ///
    /// # Errors
    /// [`Fault`].
    fn signing_keys(&mut self) -> Result<Vec<SigningKeyRecord>, Fault>;

    /// Adds a key.
    ///
    /// # Errors
    /// [`Fault`].
    fn insert_signing_key(&mut self, key: &SigningKeyRecord) -> Result<(), Fault>;

    /// Sets when a key leaves the published set. Tells whether the key is there.
    ///
    /// # Errors
    /// [`Fault`].
    fn expire_signing_key(&mut self, kid: &str, expires_at: Seconds) -> Result<bool, Fault>;

    /// Declares a key unsafe. Tells whether it was there and safe.
    ///
    /// # Errors
    /// [`Fault`].
    fn revoke_signing_key(&mut self, kid: &str, now: Seconds) -> Result<bool, Fault>;

    /// Replaces a private key's sealed form by one under a newer master key, if it still is the old one. Tells whether it was.
    ///
    /// # Errors
    /// [`Fault`].
    fn rewrap_signing_key(&mut self, kid: &str, old: &[u8], new: &[u8]) -> Result<bool, Fault>;

    /// Removes keys that left the published set before an instant, at most so many. Tells how many.
    ///
    /// # Errors
    /// [`Fault`].
    fn sweep_signing_keys(&mut self, before: Seconds, limit: i64) -> Result<usize, Fault>;
}

/// Opaque access tokens, and signed ones that were taken back.
pub trait Tokens {
    /// The token with this keyed hash, revoked or expired ones too.
    ///
    /// # Errors
    /// [`Fault`].
    fn opaque_token(&mut self, digest: &Digest) -> Result<Option<OpaqueToken>, Fault>;

    /// Records a token.
    ///
    /// # Errors
    /// [`Fault`].
    fn insert_opaque_token(&mut self, token: &OpaqueToken) -> Result<(), Fault>;

    /// Takes a token back. Tells whether it was there and not taken back yet.
    ///
    /// # Errors
    /// [`Fault`].
    fn revoke_opaque_token(&mut self, digest: &Digest, now: Seconds) -> Result<bool, Fault>;

    /// Removes tokens that ended before an instant, at most so many. Tells how many.
    ///
    /// # Errors
    /// [`Fault`].
    fn sweep_opaque_tokens(&mut self, before: Seconds, limit: i64) -> Result<usize, Fault>;

    /// All signed tokens that were taken back, but for those that were swept.
    ///
    /// # Errors
    /// [`Fault`].
    fn revoked_jwts(&mut self) -> Result<Vec<RevokedJwt>, Fault>;

    /// The record of a signed token that was taken back.
    ///
    /// # Errors
    /// [`Fault`].
    fn revoked_jwt(&mut self, jti: Id) -> Result<Option<RevokedJwt>, Fault>;

    /// Takes a signed token back.
    ///
    /// # Errors
    /// [`Fault::Constraint`] when it was taken back already.
    fn insert_revoked_jwt(&mut self, token: &RevokedJwt) -> Result<(), Fault>;

    /// Forgets signed tokens that ended before an instant, at most so many. Tells how many.
    ///
    /// # Errors
    /// [`Fault`].
    fn sweep_revoked_jwts(&mut self, before: Seconds, limit: i64) -> Result<usize, Fault>;

    /// How many hashes (of secrets and tokens) stand under each pepper.
    ///
    /// # Errors
    /// [`Fault`].
    fn digests_by_pepper(&mut self) -> Result<Vec<(PepperVersion, i64)>, Fault>;
}

/// Facts about this installation, a name and a value each.
pub trait Settings {
    /// The value under a name.
    ///
    /// # Errors
    /// [`Fault`].
    fn setting(&mut self, name: &str) -> Result<Option<String>, Fault>;

    /// Records a fact for the first time.
    ///
    /// # Errors
    /// [`Fault::Constraint`] when the name is taken.
    fn insert_setting(&mut self, name: &str, value: &str) -> Result<(), Fault>;
}

/// Work that one node does for all.
pub trait Leases {
    /// Who holds a lease, and until when; the holder may be gone.
    ///
    /// # Errors
    /// [`Fault`].
    fn lease(&mut self, name: &str) -> Result<Option<(Id, Seconds)>, Fault>;

    /// Takes a lease that nobody else holds any more, or prolongs one's own. Tells whether it is this holder's now. One that
    /// would go on for more than twice as long as is asked for was taken by a clock that was wrong, and is free.
    ///
    /// # Errors
    /// [`Fault`].
    fn take_lease(&mut self, name: &str, holder: Id, now: Seconds, until: Seconds) -> Result<bool, Fault>;
}
