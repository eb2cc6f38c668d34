//! What a client learns about a person (OpenID Connect Core §5.4): which claims a scope opens. Owns that list; where the
//! claims go (userinfo, ID token) is decided above.

use crate::identity::group::Group;
use crate::identity::user::User;
use doorward_protocol::id::Id;
use doorward_protocol::jose::claims::ProfileClaims;
use doorward_protocol::openid::{EMAIL, GROUPS, PROFILE};
use doorward_protocol::scope::Scope;
use std::collections::HashMap;

/// The claims about a person that this scope opens. `groups` names are those of the records at hand.
#[must_use]
pub fn profile(user: &User, groups: &HashMap<Id, Group>, scope: &Scope) -> ProfileClaims {
    let mut claims = ProfileClaims::default();
    if scope.contains(PROFILE) {
        claims.name = Some(user.name.clone()).filter(|name| !name.is_empty());
        claims.preferred_username = Some(user.username.to_string());
        claims.updated_at = Some(user.updated_at);
    }
    if scope.contains(EMAIL)
        && let Some(email) = &user.email
    {
        claims.email = Some(email.clone());
        claims.email_verified = Some(user.email_verified);
    }
    if scope.contains(GROUPS) {
        let mut names: Vec<_> =
            user.groups.iter().filter_map(|id| groups.get(id)).map(|group| group.name.clone()).collect();
        names.sort();
        claims.groups = Some(names);
    }
    claims
}
