//! The set-up link: with it, once, a person sets a password. Owns its record and lifetime.

use crate::identity::user::Standing;
use crate::keys::pepper::PepperVersion;
use doorward_protocol::id::Id;
use doorward_protocol::secret::Digest;
use doorward_protocol::time::{Lifetime, Seconds};

/// How long a link is good.
pub const LIFETIME: Lifetime = Lifetime::minutes(15);

/// A set-up link, as the store knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetupLink {
    /// The keyed hash of its secret.
    pub digest: Digest,
    /// The pepper the hash was made with.
    pub pepper: PepperVersion,
    /// Whose password it sets.
    pub user: Id,
    /// The user's generation when it was made: whatever voids everything of theirs voids it, too.
    pub user_generation: i64,
    /// When it was made.
    pub created_at: Seconds,
    /// When it ends.
    pub expires_at: Seconds,
    /// When it was used.
    pub used_at: Option<Seconds>,
}

impl SetupLink {
    /// Whether it still sets the password of its user, who stands like this.
    #[must_use]
    pub fn is_good(&self, user: &Standing, now: Seconds) -> bool {
        self.used_at.is_none() && now < self.expires_at && user.holds(self.user_generation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use doorward_protocol::words::UserStatus;

    #[test]
    fn a_link_is_good_until_it_is_used_expires_or_is_voided() {
        let link = SetupLink {
            digest: Digest([0; 32]),
            pepper: PepperVersion(1),
            user: Id::from_parts(0, 1),
            user_generation: 3,
            created_at: Seconds(1_000),
            expires_at: Seconds(1_000) + LIFETIME,
            used_at: None,
        };
        let user =
            Standing { status: UserStatus::Active, generation: 3, token_generation: 0, organization: None };
        assert!(link.is_good(&user, Seconds(1_899)));
        assert!(!link.is_good(&user, Seconds(1_900)), "expired");
        assert!(!SetupLink { used_at: Some(Seconds(1_001)), ..link.clone() }.is_good(&user, Seconds(1_002)));
        assert!(!link.is_good(&Standing { generation: 4, ..user }, Seconds(1_001)), "voided");
        let disabled = Standing { status: UserStatus::Disabled, ..user };
        assert!(!link.is_good(&disabled, Seconds(1_001)));
    }
}
