//! Whose API tokens are: a person's, or an API account's. Owns what differs between the two: what counts their generations, what a value
//! begins with, whether they take part, and how high a level may be.

use super::Reach;
use super::access::Registered;
use crate::client::{AccountOwner, Client};
use crate::identity::user::User;
use crate::manage::call::Call;
use crate::manage::{Findings, Refused, api_accounts, users};
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use crate::token::api_token::{ApiToken, ApiTokenOwner};
use doorward_protocol::access::level::AccessList;
use doorward_protocol::id::Id;
use doorward_protocol::time::Seconds;
use doorward_protocol::token_text::TokenType;

/// Whose tokens are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// A user's, by user name or identifier.
    User(String),
    /// An API account's, by `client_id` or identifier.
    Account(String),
}

/// An owner, as recorded.
#[derive(Clone, Debug)]
pub(super) enum Owner {
    User(User),
    Account(Client),
}

impl<T: Into<String>> From<T> for Whose {
    fn from(user: T) -> Self {
        Self::User(user.into())
    }
}

impl Whose {
    /// What the value of a token of theirs begins with.
    pub(super) const fn token_type(&self) -> TokenType {
        match self {
            Self::User(_) => TokenType::PersonalAccessToken,
            Self::Account(_) => TokenType::ApiAccountToken,
        }
    }
}

impl Owner {
    /// The owner of a token, if there still is one.
    pub(super) fn of(token: &ApiToken, tx: &mut dyn Tx) -> Result<Option<Self>, Fault> {
        Ok(match token.owner {
            ApiTokenOwner::User(id) => tx.user(id)?.map(Self::User),
            ApiTokenOwner::Client(id) => {
                let account = tx.client(id)?.map(|record| record.client);
                account.filter(Client::is_api_account).map(Self::Account)
            }
        })
    }

    pub(super) const fn id(&self) -> ApiTokenOwner {
        match self {
            Self::User(user) => ApiTokenOwner::User(user.id),
            Self::Account(account) => ApiTokenOwner::Client(account.id),
        }
    }

    /// As events name it.
    pub(super) const fn object(&self) -> (&'static str, Id) {
        match self {
            Self::User(user) => ("user", user.id),
            Self::Account(account) => ("api_account", account.id),
        }
    }

    /// The person whose it is, by themselves or by way of an account.
    pub(super) fn person(&self) -> Option<Id> {
        match self {
            Self::User(user) => Some(user.id),
            Self::Account(account) => account.account_of.and_then(AccountOwner::user),
        }
    }

    pub(super) const fn organization(&self) -> Option<Id> {
        match self {
            Self::User(user) => user.organization,
            Self::Account(account) => account.organization,
        }
    }

    /// When it ends by itself.
    pub(super) const fn ends_at(&self) -> Option<Seconds> {
        match self {
            Self::User(_) => None,
            Self::Account(account) => account.expires_at,
        }
    }

    /// The generation of its tokens.
    pub(super) const fn generation(&self) -> i64 {
        match self {
            Self::User(user) => user.token_generation,
            Self::Account(account) => account.generation,
        }
    }

    /// Keeps others from making it another token meanwhile.
    pub(super) fn hold(&self, tx: &mut dyn Tx) -> Result<bool, Fault> {
        match self {
            Self::User(user) => tx.hold_user(user.id),
            Self::Account(account) => tx.hold_client(account.id),
        }
    }

    /// Whether it is in the state that was asked for.
    pub(super) fn is_found(&self, call: &Call) -> Result<(), Stop<Refused>> {
        match self {
            Self::User(user) => call.finds(user),
            Self::Account(account) => call.finds(account),
        }
    }

    /// Voids all its tokens, an account's access tokens among them, and tells by which name the event goes.
    pub(super) fn revoke_all(&self, now: Seconds, tx: &mut dyn Tx) -> Result<&'static str, Fault> {
        match self {
            Self::User(user) => {
                let (token_generation, updated_at) = (user.token_generation + 1, now.max(user.updated_at));
                tx.update_user(&User { token_generation, updated_at, ..user.clone() })?;
                Ok("user.api_tokens.revoked")
            }
            Self::Account(account) => {
                let (generation, updated_at) = (account.generation + 1, now.max(account.updated_at));
                tx.update_client(&Client { generation, updated_at, ..account.clone() })?;
                Ok("api_account.api_tokens.revoked")
            }
        }
    }

    /// Whoever is to get a value has to be able to use it.
    pub(super) fn takes_part(&self, now: Seconds, tx: &mut dyn Tx) -> Result<(), Stop<Refused>> {
        match self {
            Self::User(user) => user_takes_part(user, tx),
            Self::Account(account) => api_accounts::takes_part(account, now, tx),
        }
    }

    /// Notes where a token would reach further than the account whose it is.
    pub(super) fn caps(
        &self,
        access: &AccessList,
        (reach, apis): (&Reach, &Registered),
        findings: &mut Findings,
    ) {
        let Self::Account(account) = self else { return };
        for api in apis.opened_by(access) {
            let most = account.level_at(api.id);
            if apis.level(access, api) > most {
                let identifier = &api.identifier;
                let detail =
                    format!("the account has the level '{most}' at {identifier}: ask for no higher one");
                findings.add(reach.pointer(api.id, apis), detail);
            }
        }
    }
}

fn user_takes_part(user: &User, tx: &mut dyn Tx) -> Result<(), Stop<Refused>> {
    if !user.is_active() {
        return conflict("the user is disabled: no token of theirs would work");
    }
    let organization = user.organization.map_or(Ok(None), |id| tx.organization(id))?;
    if organization.is_some_and(|organization| !organization.is_active()) {
        return conflict("the user's organization is inactive: no token of theirs would work");
    }
    Ok(())
}

/// What there is not, in the words for this kind.
pub(super) const fn not_found(whose: &Whose) -> Stop<Refused> {
    match whose {
        Whose::User(_) => users::not_found(),
        Whose::Account(_) => api_accounts::not_found(),
    }
}

const fn conflict<T>(detail: &'static str) -> Result<T, Stop<Refused>> {
    Err(Stop::Refuse(Refused::Conflict { detail }))
}
