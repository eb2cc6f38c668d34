//! Questions and changes about what people have allowed, and the tokens that follow from it.

use crate::access::consent::Consent;
use crate::store::fault::Fault;
use crate::ticket::code::Code;
use crate::ticket::interaction::{Progress, StoredInteraction};
use crate::token::family::{Family, RefreshToken, RevokedFamily};
use doorward_protocol::id::Id;
use doorward_protocol::scope::Scope;
use doorward_protocol::secret::Digest;
use doorward_protocol::time::Seconds;

/// Consents, one for each user, client and API.
pub trait Consents {
    /// The consent with this identifier, taken back or not.
    ///
    /// # Errors
    /// [`Fault`].
    fn consent_with(&mut self, id: Id) -> Result<Option<Consent>, Fault>;

    /// What a user allows a client at an API (or at the server itself), taken back or not.
    ///
    /// # Errors
    /// [`Fault`].
    fn consent(&mut self, user: Id, client: Id, api: Option<Id>) -> Result<Option<Consent>, Fault>;

    /// All consents of a user, taken back or not, in the order of their identifiers.
    ///
    /// # Errors
    /// [`Fault`].
    fn consents_of(&mut self, user: Id) -> Result<Vec<Consent>, Fault>;

    /// Records a consent for the first time.
    ///
    /// # Errors
    /// [`Fault::Constraint`] when there is one for this user, client and API.
    fn insert_consent(&mut self, consent: &Consent) -> Result<(), Fault>;

    /// Gives a consent again, with this scope, if it still is as it was before; it then stands. Tells whether it was.
    ///
    /// # Errors
    /// [`Fault`].
    fn renew_consent(&mut self, before: &Consent, scope: &Scope, now: Seconds) -> Result<bool, Fault>;

    /// Takes a consent back: its generation grows. Tells whether it was there and stood.
    ///
    /// # Errors
    /// [`Fault`].
    fn revoke_consent(&mut self, id: Id, now: Seconds) -> Result<bool, Fault>;

    /// Whether a consent stands in this generation, held until the end of the transaction: nobody can take it back in between.
    /// A guarded update, so that it holds on every database.
    ///
    /// # Errors
    /// [`Fault`].
    fn hold_consent(&mut self, id: Id, generation: i64) -> Result<bool, Fault>;
}

/// Requests on their way through the pages.
pub trait Interactions {
    /// The interaction whose name has this keyed hash, expired or not.
    ///
    /// # Errors
    /// [`Fault`].
    fn interaction(&mut self, digest: &Digest) -> Result<Option<StoredInteraction>, Fault>;

    /// Records an interaction.
    ///
    /// # Errors
    /// [`Fault`].
    fn insert_interaction(&mut self, interaction: &StoredInteraction) -> Result<(), Fault>;

    /// Records how far an interaction has come. Tells whether it is there.
    ///
    /// # Errors
    /// [`Fault`].
    fn update_interaction(&mut self, digest: &Digest, progress: &Progress) -> Result<bool, Fault>;

    /// Ends an interaction: what follows from it happens once. Tells whether it was there.
    ///
    /// # Errors
    /// [`Fault`].
    fn delete_interaction(&mut self, digest: &Digest) -> Result<bool, Fault>;

    /// Removes interactions that began before an instant, at most so many. Tells how many.
    ///
    /// # Errors
    /// [`Fault`].
    fn sweep_interactions(&mut self, began_before: Seconds, limit: i64) -> Result<usize, Fault>;
}

/// Authorization codes.
pub trait Codes {
    /// The code with this keyed hash, used or expired ones too.
    ///
    /// # Errors
    /// [`Fault`].
    fn code(&mut self, digest: &Digest) -> Result<Option<Code>, Fault>;

    /// Records a code.
    ///
    /// # Errors
    /// [`Fault`].
    fn insert_code(&mut self, code: &Code) -> Result<(), Fault>;

    /// Uses a code up. Tells whether it was there and unused.
    ///
    /// # Errors
    /// [`Fault`].
    fn use_code(&mut self, digest: &Digest, now: Seconds) -> Result<bool, Fault>;

    /// Removes codes that ended before an instant, at most so many. Tells how many.
    ///
    /// # Errors
    /// [`Fault`].
    fn sweep_codes(&mut self, before: Seconds, limit: i64) -> Result<usize, Fault>;
}

/// Families of tokens, and their refresh tokens.
pub trait Families {
    /// The family of this name, revoked or expired ones too.
    ///
    /// # Errors
    /// [`Fault`].
    fn family(&mut self, id: Id) -> Result<Option<Family>, Fault>;

    /// Begins a family.
    ///
    /// # Errors
    /// [`Fault`].
    fn insert_family(&mut self, family: &Family) -> Result<(), Fault>;

    /// Counts one refresh token more, if this number still is the newest one's and the family was not revoked. Tells whether it
    /// was so.
    ///
    /// # Errors
    /// [`Fault`].
    fn rotate_family(&mut self, id: Id, newest: i64, now: Seconds) -> Result<bool, Fault>;

    /// Revokes a family. Tells whether it was there and had not been revoked.
    ///
    /// # Errors
    /// [`Fault`].
    fn revoke_family(&mut self, id: Id, now: Seconds) -> Result<bool, Fault>;

    /// Revokes the families that began in a session and do not outlive it. Tells which.
    ///
    /// # Errors
    /// [`Fault`].
    fn revoke_families_of_session(&mut self, session: Id, now: Seconds) -> Result<Vec<Id>, Fault>;

    /// Lets what began in one session go on in another: the same person has signed in anew. Tells how many families moved.
    ///
    /// # Errors
    /// [`Fault`].
    fn move_families(&mut self, from: Id, to: Id) -> Result<usize, Fault>;

    /// Revokes the families of a user at a client that rest on a consent. Tells which.
    ///
    /// # Errors
    /// [`Fault`].
    fn revoke_families_of_consent(&mut self, consent: Id, now: Seconds) -> Result<Vec<Id>, Fault>;

    /// The families that were revoked after an instant.
    ///
    /// # Errors
    /// [`Fault`].
    fn revoked_families(&mut self, after: Seconds) -> Result<Vec<RevokedFamily>, Fault>;

    /// The revocation of a family, if it was revoked.
    ///
    /// # Errors
    /// [`Fault`].
    fn revoked_family(&mut self, id: Id) -> Result<Option<RevokedFamily>, Fault>;

    /// Removes families that ended before an instant, at most so many. Tells how many.
    ///
    /// # Errors
    /// [`Fault`].
    fn sweep_families(&mut self, before: Seconds, limit: i64) -> Result<usize, Fault>;

    /// The refresh token with this keyed hash, spent or expired ones too.
    ///
    /// # Errors
    /// [`Fault`].
    fn refresh_token(&mut self, digest: &Digest) -> Result<Option<RefreshToken>, Fault>;

    /// Records a refresh token.
    ///
    /// # Errors
    /// [`Fault::Constraint`] when its family has one of that number.
    fn insert_refresh_token(&mut self, token: &RefreshToken) -> Result<(), Fault>;

    /// Removes refresh tokens that ended before an instant, at most so many. Tells how many.
    ///
    /// # Errors
    /// [`Fault`].
    fn sweep_refresh_tokens(&mut self, before: Seconds, limit: i64) -> Result<usize, Fault>;
}
