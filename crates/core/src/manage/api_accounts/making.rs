//! An API account in the making. Owns what it is as a client: how it authenticates, which grants it has, and that its scopes are those
//! of what its levels open; the rules for its members are those for a client's.

use super::{Draft, MOST, Members};
use crate::access::api::Api;
use crate::client::{AccountOwner, Client};
use crate::context::Context;
use crate::manage::call::Call;
use crate::manage::clients::checks::{LookUp, check, with};
use crate::manage::{Findings, Refused, clients, users};
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use crate::store::tx::filter::{ClientFilter, ClientKind};
use doorward_protocol::id::Id;
use doorward_protocol::scope::Scope;
use doorward_protocol::words::{AuthMethod, GrantType};

impl Draft {
    /// Another account, of which nothing is known but its names.
    ///
    /// # Errors
    /// [`Fault`] without randomness.
    pub fn draw(context: &Context<'_>) -> Result<Self, Fault> {
        let client_id = clients::generated_client_id("k-", context)?.parse().map_err(Fault::broken)?;
        Ok(Self { id: context.new_id()?, client_id, look_up: LookUp::draw(context)? })
    }
}

/// An account to be inserted: of this owner, who stays where they are until the transaction ends.
pub(super) fn account(
    owner: AccountOwner,
    members: &Members,
    draft: &Draft,
    call: &Call,
    tx: &mut dyn Tx,
) -> Result<Client, Stop<Refused>> {
    let organization = organization(owner, call, tx)?;
    room(owner, tx)?;
    let blank = Client {
        account_of: Some(owner),
        organization,
        ..Client::blank(draft.id, draft.client_id.clone(), draft.look_up.now)
    };
    with_members(members, blank, &draft.look_up, call, tx)
}

/// The account with these members, checked.
pub(super) fn with_members(
    members: &Members,
    account: Client,
    look_up: &LookUp,
    call: &Call,
    tx: &mut dyn Tx,
) -> Result<Client, Stop<Refused>> {
    let as_client = clients::Members {
        description: members.description.clone(),
        auth_method: AuthMethod::ClientSecretBasic,
        grant_types: vec![GrantType::ClientCredentials, GrantType::TokenExchange],
        organization: account.organization.map(|id| id.to_string()),
        groups: members.groups.clone(),
        allowed_ips: members.allowed_ips.clone(),
        access: members.access.clone(),
        expires_at: members.expires_at,
        status: members.status,
        ..clients::Members::named(&members.name)
    };
    let mut findings = Findings::default();
    let checked = check(&as_client, &look_up.settings, &mut findings);
    findings.refuse()?;
    let account = with(&as_client, &checked, account, look_up, call, tx)?;
    let scopes = opened_by(&account, &tx.apis()?);
    Ok(Client { default_scopes: scopes.clone(), scopes, ..account })
}

/// What its levels open, as scopes: the most that it may ask for.
pub(in crate::manage) fn opened_by(account: &Client, apis: &[Api]) -> Scope {
    let opened = apis.iter().map(|api| api.levels.scope(account.level_at(api.id)));
    opened.fold(Scope::default(), |all, scope| all.union(&scope))
}

/// The organization of what belongs to this owner, who stays where they are until the transaction ends.
fn organization(owner: AccountOwner, call: &Call, tx: &mut dyn Tx) -> Result<Option<Id>, Stop<Refused>> {
    match owner {
        AccountOwner::User(user) => Ok(users::kept(user, call, tx)?.organization),
        AccountOwner::Organization(organization) => {
            // Nobody else makes one meanwhile.
            tx.hold_changes()?;
            Ok(Some(organization))
        }
    }
}

/// One more has to find room. The owner is held, so nobody makes another one meanwhile.
fn room(owner: AccountOwner, tx: &mut dyn Tx) -> Result<(), Stop<Refused>> {
    let its = ClientFilter { kind: Some(ClientKind::AccountOf(owner)), ..ClientFilter::default() };
    let count = tx.clients(&its, None, MOST)?.len();
    if i64::try_from(count).is_ok_and(|count| count < MOST) {
        return Ok(());
    }
    let detail = "the owner has 100 API accounts, and may have no more: delete some first";
    Err(Stop::Refuse(Refused::Conflict { detail }))
}
