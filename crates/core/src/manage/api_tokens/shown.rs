//! An API token as it is told to those who may see it. Owns whether it works, why it does not, and the names of what it opens; what
//! a request may do with it is decided elsewhere, over the same members.

use crate::access::api::Identifier;
use crate::client::AccountOwner;
use crate::manage::Refused;
use crate::manage::api_tokens::access::{ApplyToAll, Registered};
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use crate::token::api_token::{ApiToken, ApiTokenOwner};
use crate::token::last_use::LastUse;
use doorward_protocol::id::Id;
use doorward_protocol::time::Seconds;
use doorward_protocol::words::{ApiTokenStatus, Level, UserStatus};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// An API token, and what is told beside its record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The token.
    pub token: ApiToken,
    /// What has become of it.
    pub status: ApiTokenStatus,
    /// Why it does not work; none while it does. It may be active and not work, where its owner is not.
    pub inactive_reason: Option<String>,
    /// Its level at each API that there is, and that it names or that it has one at.
    pub access: Vec<(Identifier, Level)>,
    /// The level that is to hold at APIs registered later, too, if it has one.
    pub apply_to_all: Option<ApplyToAll>,
    /// When the value before ends, while that still works beside the one it has.
    pub previous_expires_at: Option<Seconds>,
    /// When it was last used.
    pub last_use: Option<LastUse>,
}

/// What is known of an owner.
#[derive(Clone, Copy)]
struct Owner {
    generation: i64,
    is_active: bool,
    organization_is_active: bool,
}

/// One token.
pub(super) fn shown(
    token: ApiToken,
    apis: &Registered,
    now: Seconds,
    tx: &mut dyn Tx,
) -> Result<Shown, Stop<Refused>> {
    let shown = all(vec![token], apis, now, tx)?.pop();
    Ok(shown.ok_or_else(|| Fault::broken("a token that is not shown"))?)
}

/// Several tokens, each owner asked for once.
pub(super) fn all(
    tokens: Vec<ApiToken>,
    apis: &Registered,
    now: Seconds,
    tx: &mut dyn Tx,
) -> Result<Vec<Shown>, Stop<Refused>> {
    let ids: Vec<_> = tokens.iter().map(|token| token.id).collect();
    let uses: HashMap<_, _> = tx.last_uses(&ids)?.into_iter().map(|used| (used.id, used)).collect();
    let mut owners: HashMap<ApiTokenOwner, Option<Owner>> = HashMap::new();
    let mut shown = Vec::with_capacity(tokens.len());
    for token in tokens {
        let owner = match owners.entry(token.owner) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(unknown) => *unknown.insert(owner(token.owner, now, tx)?),
        };
        let (status, reason) = standing(&token, owner, now);
        let inactive_reason = reason.map(str::to_owned);
        let access = apis.named_by(&token.access);
        let apply_to_all = token.access.others.map(|level| ApplyToAll { level, include_future: true });
        let previous_expires_at =
            token.previous.map(|previous| previous.expires_at).filter(|end| reason.is_none() && *end > now);
        let last_use = uses.get(&token.id).copied();
        shown.push(Shown {
            status,
            inactive_reason,
            access,
            apply_to_all,
            previous_expires_at,
            last_use,
            token,
        });
    }
    Ok(shown)
}

/// What has become of a token, and why it does not work if it does not.
fn standing(token: &ApiToken, owner: Option<Owner>, now: Seconds) -> (ApiTokenStatus, Option<&str>) {
    let Some(owner) = owner else { return (ApiTokenStatus::Revoked, Some("owner_deleted")) };
    if token.revoked_at.is_some() {
        return (ApiTokenStatus::Revoked, Some(token.inactive_reason.as_deref().unwrap_or("revoked")));
    }
    if token.owner_generation != owner.generation {
        // Disabling somebody revokes all of theirs, and is what its owner has to hear of.
        let reason = if owner.is_active { "all_revoked" } else { "owner_disabled" };
        return (ApiTokenStatus::Revoked, Some(reason));
    }
    if token.expires_at <= now {
        return (ApiTokenStatus::Expired, Some("expired"));
    }
    let reason = match (owner.is_active, owner.organization_is_active) {
        (false, _) => Some("owner_disabled"),
        (true, false) => Some("organization_inactive"),
        (true, true) => None,
    };
    (ApiTokenStatus::Active, reason)
}

fn owner(owner: ApiTokenOwner, now: Seconds, tx: &mut dyn Tx) -> Result<Option<Owner>, Fault> {
    match owner {
        ApiTokenOwner::User(user) => person(user, tx),
        ApiTokenOwner::Client(account) => self::account(account, now, tx),
    }
}

/// An API account is in use as long as its owner is, too.
fn account(account: Id, now: Seconds, tx: &mut dyn Tx) -> Result<Option<Owner>, Fault> {
    let Some(account) = tx.client(account)?.map(|record| record.client) else { return Ok(None) };
    let organization = account.organization.map_or(Ok(None), |id| tx.organization(id))?;
    let user = account.account_of.and_then(AccountOwner::user);
    let standing = user.map_or(Ok(None), |user| tx.user_standing(user))?;
    let owner_is_active =
        user.is_none() || standing.is_some_and(|standing| standing.status == UserStatus::Active);
    Ok(Some(Owner {
        generation: account.generation,
        is_active: account.is_active() && !account.has_ended(now) && owner_is_active,
        organization_is_active: organization
            .is_none_or(|organization| organization.is_active() && organization.has_api_access()),
    }))
}

fn person(user: Id, tx: &mut dyn Tx) -> Result<Option<Owner>, Fault> {
    let Some(standing) = tx.user_standing(user)? else { return Ok(None) };
    let organization = standing.organization.map_or(Ok(None), |id| tx.organization(id))?;
    Ok(Some(Owner {
        generation: standing.token_generation,
        is_active: standing.status == UserStatus::Active,
        organization_is_active: organization.is_none_or(|organization| organization.is_active()),
    }))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::keys::pepper::PepperVersion;
    use doorward_protocol::access::level::AccessList;
    use doorward_protocol::secret::Digest;

    const OWNER: Owner = Owner { generation: 1, is_active: true, organization_is_active: true };

    /// One that is good, for a while from the beginning of time, and reaches nothing.
    pub(in crate::manage::api_tokens) fn token() -> ApiToken {
        let id = Id::from_parts(0, 1);
        ApiToken {
            id,
            digest: Digest([0; 32]),
            pepper: PepperVersion(1),
            owner: ApiTokenOwner::User(id),
            owner_generation: 1,
            name: String::new(),
            description: String::new(),
            last_four: String::new(),
            access: AccessList::default(),
            allowed_ips: vec![],
            created_by_user: None,
            created_by_client: None,
            generation: 0,
            previous: None,
            issued_at: Seconds(0),
            created_at: Seconds(0),
            updated_at: Seconds(0),
            expires_at: Seconds(100),
            revoked_at: None,
            inactive_reason: None,
        }
    }

    fn told(token: &ApiToken, owner: Option<Owner>, now: i64) -> (&'static str, Option<&str>) {
        let (status, reason) = standing(token, owner, Seconds(now));
        (status.as_str(), reason)
    }

    #[test]
    fn what_does_not_work_says_why() {
        let (token, owner) = (token(), Some(OWNER));
        assert_eq!(told(&token, owner, 99), ("active", None));
        assert_eq!(told(&token, owner, 100), ("expired", Some("expired")));
        let gone = Some(Owner { generation: 2, ..OWNER });
        assert_eq!(told(&token, gone, 99), ("revoked", Some("all_revoked")));
        let disabled = Some(Owner { generation: 2, is_active: false, ..OWNER });
        assert_eq!(told(&token, disabled, 99), ("revoked", Some("owner_disabled")));
        let disabled = Some(Owner { is_active: false, ..OWNER });
        assert_eq!(told(&token, disabled, 99), ("active", Some("owner_disabled")));
        let inactive = Some(Owner { organization_is_active: false, ..OWNER });
        assert_eq!(told(&token, inactive, 99), ("active", Some("organization_inactive")));
        assert_eq!(told(&token, None, 99), ("revoked", Some("owner_deleted")));
    }

    #[test]
    fn a_reason_that_was_given_stands_whatever_else_holds() {
        let reason = Some("leaked".to_owned());
        let leaked = ApiToken { revoked_at: Some(Seconds(5)), inactive_reason: reason, ..token() };
        let disabled = Some(Owner { generation: 2, is_active: false, ..OWNER });
        assert_eq!(told(&leaked, disabled, 200), ("revoked", Some("leaked")));
    }
}
