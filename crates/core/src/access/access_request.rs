//! The request for API access: what somebody wishes for, and what has become of it. Owns the record and the question what it gives at
//! an instant; who may ask, and who decides, is `manage`'s.

use doorward_protocol::access::level::Access;
use doorward_protocol::id::Id;
use doorward_protocol::network::Network;
use doorward_protocol::time::Seconds;
use doorward_protocol::words::AccessRequestStatus;
use std::hash::{Hash, Hasher};

/// A request for API access.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessRequest {
    /// The internal identifier.
    pub id: Id,
    /// Who asks.
    pub user: Id,
    /// The organization they belonged to when they asked, if to one.
    pub organization: Option<Id>,
    /// What they say to whoever decides.
    pub message: String,
    /// The levels that they wish for.
    pub wished: Vec<Access>,
    /// What was decided. That an approval has run out, nobody decides: see [`status_at`](Self::status_at).
    pub status: AccessRequestStatus,
    /// The levels that were approved; none while nothing is.
    pub access: Vec<Access>,
    /// From where; from everywhere where none is named.
    pub allowed_ips: Vec<Network>,
    /// When what was approved ends.
    pub expires_at: Option<Seconds>,
    /// The API account that came of it.
    pub api_account: Option<Id>,
    /// The person who decided last.
    pub decided_by_user: Option<Id>,
    /// The client that decided last, if it was one.
    pub decided_by_client: Option<Id>,
    /// When somebody decided last.
    pub decided_at: Option<Seconds>,
    /// Why it was denied or revoked, for whoever asked.
    pub reason: String,
    /// What those who decide note for one another.
    pub note: String,
    /// When somebody last looked whether the approval is still right: at its giving, and at every renewal.
    pub reviewed_at: Option<Seconds>,
    /// When it was made.
    pub created_at: Seconds,
    /// When its record was last changed.
    pub updated_at: Seconds,
}

/// All but the note: the state that whoever asked is shown tells nothing of what they may not read. A note comes with its decision, and
/// never changes alone.
impl Hash for AccessRequest {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // Each by its name: a member that comes to it has to be hashed, or left out, here.
        let Self {
            id,
            user,
            organization,
            message,
            wished,
            status,
            access,
            allowed_ips,
            expires_at,
            api_account,
            decided_by_user,
            decided_by_client,
            decided_at,
            reason,
            note: _,
            reviewed_at,
            created_at,
            updated_at,
        } = self;
        (id, user, organization, message, wished, status, access, allowed_ips, expires_at).hash(state);
        (api_account, decided_by_user, decided_by_client, decided_at, reason).hash(state);
        (reviewed_at, created_at, updated_at).hash(state);
    }
}

impl AccessRequest {
    /// What has become of it by this instant.
    #[must_use]
    pub fn status_at(&self, now: Seconds) -> AccessRequestStatus {
        match self.status {
            AccessRequestStatus::Approved if self.expires_at.is_some_and(|end| end <= now) => {
                AccessRequestStatus::Expired
            }
            status => status,
        }
    }

    /// Whether it gives what was approved.
    #[must_use]
    pub fn is_live(&self, now: Seconds) -> bool {
        self.status_at(now) == AccessRequestStatus::Approved
    }
}
