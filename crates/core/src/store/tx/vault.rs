//! Questions and changes about the vault: the catalogue of providers, and the auths that were registered. Nothing here is cached.

use crate::store::fault::Fault;
use crate::vault::provider::Provider;
use crate::vault::registered_auth::{Envelope, RegisteredAuth};
use doorward_protocol::id::Id;

/// Those for whom auths can be registered.
pub trait Providers {
    /// All of them, in the order of their making.
    ///
    /// # Errors
    /// [`Fault`].
    fn providers(&mut self) -> Result<Vec<Provider>, Fault>;

    /// The provider of this key.
    ///
    /// # Errors
    /// [`Fault`].
    fn provider_named(&mut self, key: &str) -> Result<Option<Provider>, Fault>;

    /// Keeps others from changing a provider until the transaction ends, and waits for whoever is at it: what is read of it from
    /// then on stays true while auths are registered for it. Tells whether it is there.
    ///
    /// # Errors
    /// [`Fault`].
    fn hold_provider(&mut self, key: &str) -> Result<bool, Fault>;

    /// Makes a provider.
    ///
    /// # Errors
    /// [`Fault::Constraint`] when the key is taken.
    fn insert_provider(&mut self, provider: &Provider) -> Result<(), Fault>;

    /// Replaces everything but the identifier, the key and the day it was made. Tells whether the provider is there.
    ///
    /// # Errors
    /// [`Fault`].
    fn update_provider(&mut self, provider: &Provider) -> Result<bool, Fault>;

    /// Deletes a provider. Tells whether it was there.
    ///
    /// # Errors
    /// [`Fault::Constraint`] while auths are registered for it.
    fn delete_provider(&mut self, id: Id) -> Result<bool, Fault>;
}

/// Registered auths, whose secrets are here in their sealed form only.
pub trait RegisteredAuths {
    /// The auth with this identifier.
    ///
    /// # Errors
    /// [`Fault`].
    fn registered_auth(&mut self, id: Id) -> Result<Option<RegisteredAuth>, Fault>;

    /// A page of the auths of an account, in the order of their identifiers, after the given one.
    ///
    /// # Errors
    /// [`Fault`].
    fn registered_auths_of(
        &mut self,
        account: Id,
        after: Option<Id>,
        limit: i64,
    ) -> Result<Vec<RegisteredAuth>, Fault>;

    /// Whether any auth is registered for a provider.
    ///
    /// # Errors
    /// [`Fault`].
    fn has_registered_auths(&mut self, provider: &str) -> Result<bool, Fault>;

    /// The auth with this identifier, which nobody else changes until the transaction ends; waits for whoever is at it.
    ///
    /// # Errors
    /// [`Fault`].
    fn held_registered_auth(&mut self, id: Id) -> Result<Option<RegisteredAuth>, Fault>;

    /// Registers an auth.
    ///
    /// # Errors
    /// [`Fault::Constraint`] when there is no such provider or account.
    fn insert_registered_auth(&mut self, auth: &RegisteredAuth) -> Result<(), Fault>;

    /// Replaces everything but the identifiers, the provider and the day it was made, if the auth still is of the generation before.
    /// Tells whether it was.
    ///
    /// # Errors
    /// [`Fault`].
    fn update_registered_auth(&mut self, auth: &RegisteredAuth) -> Result<bool, Fault>;

    /// Deletes an auth. Tells whether it was there.
    ///
    /// # Errors
    /// [`Fault`].
    fn delete_registered_auth(&mut self, id: Id) -> Result<bool, Fault>;

    /// Envelopes that are wrapped under an older version of the master key than this, in the order of their auths after the given
    /// one, at most so many.
    ///
    /// # Errors
    /// [`Fault`].
    fn envelopes_before(
        &mut self,
        version: u32,
        after: Option<Id>,
        limit: i64,
    ) -> Result<Vec<Envelope>, Fault>;

    /// Replaces an envelope by one under a newer master key, if it still is the old one. Tells whether it was.
    ///
    /// # Errors
    /// [`Fault`].
    fn rewrap_registered_auth(&mut self, old: &Envelope, sealed: &[u8]) -> Result<bool, Fault>;

    /// How many envelopes are wrapped under each version of the master key.
    ///
    /// # Errors
    /// [`Fault`].
    fn envelopes_by_version(&mut self) -> Result<Vec<(u32, i64)>, Fault>;
}
