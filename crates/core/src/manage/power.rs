//! What acting as somebody would let one do. Owns how groups add up to it; whether a caller covers that is the permit's answer.

use crate::identity::group::Group;
use crate::identity::user::User;
use crate::manage::permit::Power;
use doorward_protocol::permission::Permissions;

/// Of a user: what their groups let them do, of which one that belongs to an organization counts there alone. Whether they are
/// disabled does not matter: they may be enabled again.
pub fn of_user<'a>(user: &User, groups: impl IntoIterator<Item = &'a Group>) -> Power {
    let counts = |group: &&Group| {
        user.groups.contains(&group.id)
            && (group.organization.is_none() || group.organization == user.organization)
    };
    let counting = groups.into_iter().filter(counts);
    let permissions = counting.fold(Permissions::default(), |all, group| all.union(group.permissions));
    Power { permissions, organization: user.organization }
}
