//! What acting as somebody would let one do, from the records as they stand. Owns how groups and scopes add up to permissions;
//! whether a caller covers that is the [permit](super::permit)'s answer, and whether somebody takes part at all is asked where
//! they act: whoever is switched off may be switched on again, and would then have what they have.

use crate::client::Client;
use crate::identity::group::Group;
use crate::identity::user::User;
use crate::manage::permit::Power;
use doorward_protocol::id::Id;
use doorward_protocol::permission::Permissions;

/// What their groups let somebody do who belongs to this organization, or to none: a group that belongs to an organization counts
/// for those who do, too.
pub fn held<'a>(
    memberships: &[Id],
    organization: Option<Id>,
    groups: impl IntoIterator<Item = &'a Group>,
) -> Permissions {
    let counts = |group: &&Group| {
        memberships.contains(&group.id)
            && (group.organization.is_none() || group.organization == organization)
    };
    let counting = groups.into_iter().filter(counts);
    counting.fold(Permissions::default(), |all, group| all.union(group.permissions))
}

/// Of a user: what their groups let them do.
pub fn of_user<'a>(user: &User, groups: impl IntoIterator<Item = &'a Group>) -> Power {
    let permissions = held(&user.groups, user.organization, groups);
    Power { permissions, organization: user.organization }
}

/// Of a client: what its groups let it do, and what it could get a token for that somebody else lets it have. Nobody signs in to an
/// API account, so its groups alone count.
pub fn of_client<'a>(client: &Client, groups: impl IntoIterator<Item = &'a Group>) -> Power {
    let by_groups = held(&client.groups, client.organization, groups);
    let by_others =
        if client.is_api_account() { Permissions::default() } else { Permissions::of_scope(&client.scopes) };
    let permissions = by_groups.union(by_others);
    Power { permissions, organization: client.organization }
}

/// Of a group: what it gives to whoever is put into it.
#[must_use]
pub const fn of_group(group: &Group) -> Power {
    Power { permissions: group.permissions, organization: group.organization }
}

#[cfg(test)]
mod tests {
    use super::*;
    use doorward_protocol::permission::Permission;
    use doorward_protocol::time::Seconds;

    fn id(number: u128) -> Id {
        Id::from_parts(1, number)
    }

    fn group(number: u128, organization: Option<Id>, permissions: &[Permission]) -> Group {
        Group {
            id: id(number),
            name: number.to_string(),
            organization,
            permissions: permissions.iter().copied().collect(),
            created_at: Seconds(0),
            updated_at: Seconds(0),
        }
    }

    #[test]
    fn a_group_of_an_organization_counts_for_those_who_belong_there() {
        let (read, write) = (Permission::UsersRead, Permission::UsersWrite);
        let groups = [group(1, None, &[read]), group(2, Some(id(9)), &[write])];
        let has = |organization| held(&[id(1), id(2)], organization, &groups);
        assert_eq!(has(Some(id(9))), [read, write].into_iter().collect());
        assert_eq!(has(Some(id(8))), [read].into_iter().collect());
        assert_eq!(has(None), [read].into_iter().collect());
        assert!(held(&[id(3)], None, &groups).is_empty());
    }

    #[test]
    fn a_client_has_its_groups_and_what_it_may_ask_people_for() {
        let mut client = Client::blank(id(5), "shop".parse().unwrap(), Seconds(0));
        client.groups = vec![id(1)];
        client.scopes = "openid users:write".parse().unwrap();
        let groups = [group(1, None, &[Permission::ApisRead])];
        let expected = [Permission::ApisRead, Permission::UsersWrite].into_iter().collect();
        assert_eq!(of_client(&client, &groups).permissions, expected);
    }
}
