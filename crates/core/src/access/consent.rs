//! Consent: what a person has allowed a client to do on their behalf, remembered so that they are not asked again. Owns the
//! record and the question whether it covers a request.

use doorward_protocol::id::Id;
use doorward_protocol::scope::Scope;
use doorward_protocol::time::Seconds;

/// What a person allows a client at one API, or at the server itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Consent {
    /// The internal identifier.
    pub id: Id,
    /// Who allows it.
    pub user: Id,
    /// To which client.
    pub client: Id,
    /// At which API; the server itself where there is none.
    pub api: Option<Id>,
    /// What.
    pub scope: Scope,
    /// Grows when the consent is taken back: what was issued under an earlier one is void, also after a new consent.
    pub generation: i64,
    /// When it was first given.
    pub created_at: Seconds,
    /// When it was last given or taken back.
    pub updated_at: Seconds,
    /// When it was taken back, unless it was given again since.
    pub revoked_at: Option<Seconds>,
}

impl Consent {
    /// Whether it stands and covers this scope.
    #[must_use]
    pub fn covers(&self, scope: &Scope) -> bool {
        self.revoked_at.is_none() && scope.is_within(&self.scope)
    }
}
