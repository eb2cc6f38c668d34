//! What a management call may do. Owns the answer to "may they?", for one permission, one organization and one credential that
//! somebody else acts by; that every function asks it is each function's first step, and a test's business.
//!
//! Nobody hands out, resets or reads a credential whose permissions exceed their own: whatever lets one act as somebody is
//! refused where that somebody may more ([`Permit::covers`]).

use crate::manage::Refused;
use doorward_protocol::id::Id;
use doorward_protocol::permission::{Permission, Permissions};
use std::net::IpAddr;

/// Who acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Whoever holds the machine's command line.
    Operator,
    /// A person, at the pages of their own account.
    InPerson(Id),
    /// A user, by a token.
    User(Id),
    /// A client, for itself.
    Client(Id),
}

/// Who acts, from where, and what they may do: scope ∩ level ∩ permissions, bounded by organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permit {
    actor: Actor,
    permissions: Permissions,
    /// The organization outside of which nothing is there for them; none for whoever belongs to none.
    organization: Option<Id>,
    address: Option<IpAddr>,
}

/// What acting as somebody would let one do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Power {
    /// What their groups let them do, and what they could get a token for.
    pub permissions: Permissions,
    /// The organization they are bounded by.
    pub organization: Option<Id>,
}

impl Permit {
    /// Whoever holds the machine's command line may do everything.
    #[must_use]
    pub fn operator() -> Self {
        Self { actor: Actor::Operator, permissions: Permissions::all(), organization: None, address: None }
    }

    /// A person at their own pages, who may do there what concerns only themselves.
    #[must_use]
    pub fn in_person(user: Id, address: Option<IpAddr>) -> Self {
        Self {
            actor: Actor::InPerson(user),
            permissions: Permissions::default(),
            organization: None,
            address,
        }
    }

    /// Somebody by a token: what it may do here, and the organization that they belong to.
    #[must_use]
    pub const fn of(
        actor: Actor,
        permissions: Permissions,
        organization: Option<Id>,
        address: Option<IpAddr>,
    ) -> Self {
        Self { actor, permissions, organization, address }
    }

    /// Who acts.
    #[must_use]
    pub const fn actor(&self) -> Actor {
        self.actor
    }

    /// The user who acts, in whichever way.
    #[must_use]
    pub const fn user(&self) -> Option<Id> {
        match self.actor {
            Actor::InPerson(user) | Actor::User(user) => Some(user),
            Actor::Operator | Actor::Client(_) => None,
        }
    }

    /// The client that acts for itself.
    #[must_use]
    pub const fn client(&self) -> Option<Id> {
        match self.actor {
            Actor::Client(client) => Some(client),
            Actor::Operator | Actor::InPerson(_) | Actor::User(_) => None,
        }
    }

    /// Where they are.
    #[must_use]
    pub const fn address(&self) -> Option<IpAddr> {
        self.address
    }

    /// What they may do.
    #[must_use]
    pub const fn permissions(&self) -> Permissions {
        self.permissions
    }

    /// The organization that they are bounded by.
    #[must_use]
    pub const fn organization(&self) -> Option<Id> {
        self.organization
    }

    /// # Errors
    /// [`Refused::Forbidden`] without this permission.
    pub fn needs(&self, permission: Permission) -> Result<(), Refused> {
        if self.permissions.contains(permission) { Ok(()) } else { Err(Refused::Forbidden { permission }) }
    }

    /// What concerns one user alone may be done by that user at their own pages, and by whoever has the permission.
    ///
    /// # Errors
    /// [`Refused::Forbidden`].
    pub fn needs_or_is(&self, permission: Permission, owner: Id) -> Result<(), Refused> {
        if self.actor == Actor::InPerson(owner) { Ok(()) } else { self.needs(permission) }
    }

    /// Whether something that belongs to this organization, or to none, is there for them.
    #[must_use]
    pub fn sees(&self, organization: Option<Id>) -> bool {
        self.organization.is_none() || self.organization == organization
    }

    /// What belongs to no organization is changed only by those who are bounded by none.
    ///
    /// # Errors
    /// [`Refused::OutOfBounds`].
    pub fn unbounded(&self) -> Result<(), Refused> {
        if self.organization.is_none() { Ok(()) } else { Err(Refused::OutOfBounds) }
    }

    /// Whether everything that acting as somebody would allow is allowed to them anyway.
    #[must_use]
    pub fn covers(&self, power: Power) -> bool {
        power.permissions.is_within(self.permissions)
            && (power.permissions.is_empty() || self.sees(power.organization))
    }

    /// # Errors
    /// [`Refused::Exceeds`] where somebody may more than they.
    pub fn must_cover(&self, power: Power) -> Result<(), Refused> {
        if self.covers(power) { Ok(()) } else { Err(Refused::Exceeds) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permit(permissions: &[Permission], organization: Option<Id>) -> Permit {
        let permissions = permissions.iter().copied().collect();
        Permit::of(Actor::User(Id::from_parts(1, 1)), permissions, organization, None)
    }

    fn power(permissions: &[Permission], organization: Option<Id>) -> Power {
        Power { permissions: permissions.iter().copied().collect(), organization }
    }

    #[test]
    fn nobody_covers_more_than_they_may() {
        let [here, there] = [1, 2].map(|at| Some(Id::from_parts(at, 0)));
        let (read, write) = (Permission::UsersRead, Permission::UsersWrite);
        let inside = permit(&[read], here);
        assert!(inside.covers(power(&[read], here)) && inside.covers(power(&[], here)));
        assert!(!inside.covers(power(&[write], here)), "a permission they lack");
        assert!(!inside.covers(power(&[read], there)), "the same elsewhere");
        assert!(!inside.covers(power(&[read], None)), "the same everywhere");
        assert!(permit(&[read], None).covers(power(&[read], there)));
        assert!(Permit::operator().covers(power(Permission::ALL, None)));
    }

    #[test]
    fn what_is_ones_own_needs_no_permission_in_person() {
        let [own, other] = [1, 2].map(|at| Id::from_parts(at, 0));
        let at_home = Permit::in_person(own, None);
        assert!(at_home.needs_or_is(Permission::ConsentsWrite, own).is_ok());
        assert!(at_home.needs_or_is(Permission::ConsentsWrite, other).is_err());
        let by_token = Permit::of(Actor::User(own), Permissions::default(), None, None);
        assert!(by_token.needs_or_is(Permission::ConsentsWrite, own).is_err());
    }
}
