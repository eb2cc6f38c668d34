//! Permissions: what a group lets its members do at the management API. Owns the one vocabulary that permissions, scopes and the
//! API's description speak; who holds which is for groups to say.

use crate::scope::Scope;
use crate::words::words;
use std::fmt;

words! {
    /// What may be done at the management API. Each is a scope of that API under the same name.
    Permission {
        /// To see organizations.
        OrganizationsRead = "organizations:read",
        /// To make, change, switch and delete organizations.
        OrganizationsWrite = "organizations:write",
        /// To see users.
        UsersRead = "users:read",
        /// To make, change, switch and delete users, and to set their passwords.
        UsersWrite = "users:write",
        /// To see groups.
        GroupsRead = "groups:read",
        /// To make, change and delete groups.
        GroupsWrite = "groups:write",
        /// To see registered APIs.
        ApisRead = "apis:read",
        /// To register, change, switch and delete APIs.
        ApisWrite = "apis:write",
        /// To see clients.
        ClientsRead = "clients:read",
        /// To register, change, switch and delete clients, and to make and replace their secrets.
        ClientsWrite = "clients:write",
        /// To see everybody's API tokens (never their values).
        ApiTokensRead = "api-tokens:read",
        /// To make, change, regenerate and revoke everybody's API tokens.
        ApiTokensWrite = "api-tokens:write",
        /// To see, make, change, regenerate and revoke one's own API tokens.
        ApiTokensSelf = "api-tokens:self",
        /// To see what people have allowed clients.
        ConsentsRead = "consents:read",
        /// To take consents back.
        ConsentsWrite = "consents:write",
        /// To see in which browsers people are signed in.
        SessionsRead = "sessions:read",
        /// To end sessions.
        SessionsWrite = "sessions:write",
        /// To see the public half and the state of signing keys.
        SigningKeysRead = "signing-keys:read",
        /// To rotate signing keys.
        SigningKeysRotate = "signing-keys:rotate",
        /// To see what happened.
        AuditEventsRead = "audit-events:read",
        /// To see everybody's requests for API access.
        AccessRequestsRead = "access-requests:read",
        /// To approve, deny, renew and revoke others' API access.
        AccessRequestsDecide = "access-requests:decide",
        /// To ask for API access, and to see and withdraw one's own requests.
        AccessRequestsSelf = "access-requests:self",
        /// To see everybody's API accounts.
        ApiAccountsRead = "api-accounts:read",
        /// To make, change, switch and delete everybody's API accounts, and their secrets and tokens.
        ApiAccountsWrite = "api-accounts:write",
        /// To see, make, change, switch and delete one's own API accounts, and what they hold.
        ApiAccountsSelf = "api-accounts:self",
        /// To see the catalogue of providers.
        ProvidersRead = "providers:read",
        /// To make, change and delete providers.
        ProvidersWrite = "providers:write",
        /// To see everybody's registered auths (their secrets masked).
        RegisteredAuthsRead = "registered-auths:read",
        /// To make, change and delete everybody's registered auths.
        RegisteredAuthsWrite = "registered-auths:write",
        /// To have the secrets of those registered auths shown that one may see.
        RegisteredAuthsReveal = "registered-auths:reveal",
    }
}

/// A set of permissions.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Permissions(u64);

impl Permission {
    /// Whether it lets its holder look and change nothing.
    #[must_use]
    pub fn is_reading(self) -> bool {
        self.as_str().ends_with(":read")
    }

    const fn bit(self) -> u64 {
        1 << self as u64
    }
}

impl Permissions {
    /// All there are.
    #[must_use]
    pub fn all() -> Self {
        Permission::ALL.iter().copied().collect()
    }

    /// All that change nothing.
    #[must_use]
    pub fn reading() -> Self {
        Permission::ALL.iter().copied().filter(|permission| permission.is_reading()).collect()
    }

    /// Those over what is one's own. Whoever may only look uses them to look.
    #[must_use]
    pub fn of_oneself() -> Self {
        [Permission::ApiTokensSelf, Permission::ApiAccountsSelf, Permission::AccessRequestsSelf]
            .into_iter()
            .collect()
    }

    /// Those that a scope names; its other tokens are no business of the management API.
    #[must_use]
    pub fn of_scope(scope: &Scope) -> Self {
        scope.tokens().filter_map(|token| token.parse::<Permission>().ok()).collect()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether this one is among them.
    #[must_use]
    pub const fn contains(self, permission: Permission) -> bool {
        self.0 & permission.bit() != 0
    }

    /// Whether all of them are also in `other`.
    #[must_use]
    pub const fn is_within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// Those in both.
    #[must_use]
    pub const fn within(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Those in either.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those that are not in `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Each of them, in the order of the vocabulary.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.iter().copied().filter(move |permission| self.contains(*permission))
    }
}

impl FromIterator<Permission> for Permissions {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        Self(permissions.into_iter().fold(0, |bits, permission| bits | permission.bit()))
    }
}

impl fmt::Debug for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(Permission::as_str)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_permission_has_a_bit_of_its_own() {
        assert!(Permission::ALL.len() <= 64);
        assert_eq!(Permissions::all().iter().count(), Permission::ALL.len());
        for permission in Permission::ALL {
            let alone: Permissions = [*permission].into_iter().collect();
            assert_eq!(alone.iter().collect::<Vec<_>>(), [*permission]);
            assert!(
                alone.is_within(Permissions::all())
                    && !Permissions::all().without(alone).contains(*permission)
            );
        }
    }

    #[test]
    fn what_only_looks_ends_in_read() {
        let reading = Permissions::reading();
        assert!(reading.contains(Permission::AuditEventsRead) && reading.contains(Permission::UsersRead));
        assert!(!reading.contains(Permission::UsersWrite) && !reading.contains(Permission::ApiTokensSelf));
    }

    /// A scope of the management API is a permission under the same name, and nothing else is one.
    #[test]
    fn scopes_and_permissions_are_one_vocabulary() {
        let scope: Scope = "clients:read openid clients:readx users:write".parse().unwrap();
        let named: Vec<_> = Permissions::of_scope(&scope).iter().map(Permission::as_str).collect();
        assert_eq!(named, ["users:write", "clients:read"]);
    }
}
