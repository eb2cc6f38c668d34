//! Everybody and everything that there is, before and after a call; and who may what, reckoned here once more.

use crate::house::House;
use doorward_core::access::access_request::AccessRequest;
use doorward_core::access::api::Api;
use doorward_core::client::ClientRecord;
use doorward_core::identity::group::Group;
use doorward_core::identity::organization::Organization;
use doorward_core::identity::user::User;
use doorward_core::keys::master::MasterKey;
use doorward_core::keys::purpose::Purpose;
use doorward_core::keys::seal::Sealer;
use doorward_core::manage::permit::Permit;
use doorward_core::store::fault::Fault;
use doorward_core::store::tx::filter::{AccessRequestFilter, ApiTokenFilter, ClientFilter, UserFilter};
use doorward_core::token::api_token::{ApiToken, ApiTokenOwner};
use doorward_core::vault::registered_auth::RegisteredAuth;
use doorward_protocol::id::Id;
use doorward_protocol::permission::{Permission, Permissions};
use doorward_testkit::block_on::block_on;

/// What there is.
pub(super) struct World {
    pub(super) users: Vec<User>,
    pub(super) clients: Vec<ClientRecord>,
    pub(super) groups: Vec<Group>,
    pub(super) organizations: Vec<Organization>,
    pub(super) apis: Vec<Api>,
    pub(super) tokens: Vec<ApiToken>,
    pub(super) auths: Vec<RegisteredAuth>,
    /// What all of their secrets are sealed with.
    pub(super) sealer: Sealer,
    pub(super) requests: Vec<AccessRequest>,
}

impl World {
    pub(super) fn of(house: &House) -> Self {
        let master = house.master.to_text();
        let read = block_on(house.server.cache().store().snapshot(move |tx| {
            let mut clients = Vec::new();
            for client in tx.clients(&ClientFilter::default(), None, 1000)? {
                clients.extend(tx.client(client.id)?);
            }
            let accounts: Vec<_> =
                clients.iter().filter(|record| record.client.is_api_account()).map(|r| r.client.id).collect();
            let mut auths = Vec::new();
            for account in accounts {
                auths.extend(tx.registered_auths_of(account, None, 1000)?);
            }
            let master = MasterKey::parse(master.expose()).map_err(Fault::broken)?;
            Ok(Self {
                auths,
                sealer: Sealer::new(&master, Purpose::Seal),
                users: tx.users(&UserFilter::default(), None, 1000)?,
                clients,
                groups: tx.groups()?,
                organizations: tx.organizations()?,
                apis: tx.apis()?,
                tokens: tx.api_tokens(&ApiTokenFilter::default(), None, 1000)?,
                requests: tx.access_requests(&AccessRequestFilter::default(), None, 1000)?,
            })
        }));
        read.unwrap()
    }

    /// What acting as this user or client would let one do, and within which organization.
    pub(super) fn power(&self, id: Id) -> Option<(Vec<Permission>, Option<Id>)> {
        let user = self.users.iter().find(|user| user.id == id);
        let client = self.clients.iter().find(|record| record.client.id == id);
        let (groups, organization) = match (user, client) {
            (Some(user), _) => (&user.groups, user.organization),
            (_, Some(record)) => (&record.client.groups, record.client.organization),
            (None, None) => return None,
        };
        // An API account acts for nobody: what its levels let it ask for opens what its groups give, and no more.
        let asks = |permission: &Permission| {
            client
                .map(|record| &record.client)
                .is_some_and(|client| !client.is_api_account() && client.scopes.contains(permission.as_str()))
        };
        let gives = |group: &&Group, permission: Permission| {
            groups.contains(&group.id)
                && group.permissions.contains(permission)
                && (group.organization.is_none() || group.organization == organization)
        };
        let has = |permission: &&Permission| {
            asks(permission) || self.groups.iter().any(|group| gives(&group, **permission))
        };
        Some((Permission::ALL.iter().filter(has).copied().collect(), organization))
    }

    /// The account of an auth; none that there is for one that there is not.
    pub(super) fn account(&self, auth: Id) -> Id {
        self.auths.iter().find(|known| known.id == auth).map_or(auth, |auth| auth.account)
    }

    /// The organization of an account.
    pub(super) fn home(&self, account: Id) -> Option<Id> {
        let record = self.clients.iter().find(|record| record.client.id == account);
        record.and_then(|record| record.client.organization)
    }

    /// The owner of a token; anybody for one that there is not.
    pub(super) fn owner(&self, token: Id) -> Id {
        let token = self.tokens.iter().find(|known| known.id == token);
        token.map_or(Id::from_parts(0, 0), |token| match token.owner {
            ApiTokenOwner::User(id) | ApiTokenOwner::Client(id) => id,
        })
    }

    /// The organization of a user, or of an account.
    pub(super) fn place(&self, owner: Id) -> Option<Id> {
        let user = self.users.iter().find(|known| known.id == owner);
        user.map_or_else(|| self.home(owner), |user| user.organization)
    }

    /// Those users and clients whose records are not the same in the other world, one that is in one world alone too.
    pub(super) fn changed(&self, other: &Self) -> Vec<Id> {
        let user = |user: &&User| !other.users.contains(user);
        let client = |record: &&ClientRecord| !other.clients.contains(record);
        let users = self.users.iter().filter(user).map(|user| user.id);
        users.chain(self.clients.iter().filter(client).map(|record| record.client.id)).collect()
    }

    pub(super) fn changed_groups<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = &'a Group> {
        self.groups.iter().filter(|group| !other.groups.contains(group))
    }
}

/// Whether all of this is allowed to whoever holds the permit, there.
pub(super) fn covers(permit: &Permit, (permissions, organization): &(Vec<Permission>, Option<Id>)) -> bool {
    let within = permit.organization().is_none() || permit.organization() == *organization;
    permissions.is_empty()
        || (within && permissions.iter().all(|needed| permit.permissions().contains(*needed)))
}

/// The permissions whose places in the vocabulary are set in a number.
pub(super) fn permissions(bits: u32) -> Permissions {
    let chosen = |(place, _): &(usize, &Permission)| bits >> place & 1 == 1;
    Permission::ALL.iter().enumerate().filter(chosen).map(|(_, permission)| *permission).collect()
}
