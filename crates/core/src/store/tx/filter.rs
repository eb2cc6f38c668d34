//! Which records of a noun a list is asked for: what is not said, does not count. Owns the filters; each list is in the order of
//! identifiers, so that a page goes on where the one before it ended, whatever was made or deleted meanwhile.

use crate::client::AccountOwner;
use crate::token::api_token::ApiTokenOwner;
use doorward_protocol::id::Id;
use doorward_protocol::time::Seconds;
use doorward_protocol::words::{AccessRequestStatus, ApiTokenStatus, Status, UserStatus};
use std::net::IpAddr;

/// Which clients.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientFilter {
    /// Those with this status.
    pub status: Option<Status>,
    /// Those of this organization.
    pub organization: Option<Id>,
    /// Those in this group.
    pub group: Option<Id>,
    /// Those of this kind.
    pub kind: Option<ClientKind>,
}

/// Kinds of clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientKind {
    /// Applications, which are nobody's account.
    Application,
    /// API accounts, whosever.
    Account,
    /// The API accounts of one owner.
    AccountOf(AccountOwner),
}

/// Which users.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserFilter {
    /// Those with this status.
    pub status: Option<UserStatus>,
    /// Those of this organization.
    pub organization: Option<Id>,
    /// Those in this group.
    pub group: Option<Id>,
    /// Those who belong to this client.
    pub client: Option<Id>,
    /// Those of this user name, in its one spelling, at whatever source.
    pub username: Option<String>,
}

/// Which API tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiTokenFilter {
    /// Those of this owner.
    pub owner: Option<ApiTokenOwner>,
    /// Those whose owner is of this organization.
    pub organization: Option<Id>,
    /// Those with this status at this instant.
    pub status: Option<(ApiTokenStatus, Seconds)>,
}

/// Which requests for API access.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessRequestFilter {
    /// Those of this user.
    pub user: Option<Id>,
    /// Those that were made in this organization.
    pub organization: Option<Id>,
    /// Those with this status at this instant.
    pub status: Option<(AccessRequestStatus, Seconds)>,
    /// Those that were decided before this instant, and whose account has not been used since it.
    pub unused_since: Option<Seconds>,
    /// Those that nobody has looked at since this instant.
    pub unreviewed_since: Option<Seconds>,
}

/// Which events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Those whose action begins with this.
    pub action: Option<String>,
    /// Those of this person.
    pub user: Option<Id>,
    /// Those of this client.
    pub client: Option<Id>,
    /// Those that were done with this API token.
    pub api_token: Option<Id>,
    /// Those about this object, as `noun:identifier`.
    pub object: Option<String>,
    /// Those of this organization.
    pub organization: Option<Id>,
    /// Those from this address.
    pub address: Option<IpAddr>,
    /// Those from this instant on.
    pub since: Option<Seconds>,
    /// Those before this instant.
    pub until: Option<Seconds>,
}
