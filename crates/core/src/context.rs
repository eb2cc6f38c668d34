//! What one request carries down through the floors: when it came, from where, and what it may lean on. Owns nothing
//! but the bundle.

use crate::cache::Cache;
use crate::client::attempts::Attempts;
use crate::keys::pepper::Peppers;
use crate::random::Random;
use crate::settings::Settings;
use crate::store::Revision;
use crate::token::recognise::SeenTokens;
use doorward_protocol::time::Seconds;
use std::net::IpAddr;

/// Who is asking, as far as the transport can tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Caller {
    /// The address of the peer; absent where there is none (a unix socket, a call inside the process).
    pub address: Option<IpAddr>,
}

/// A form request to a protocol endpoint.
pub struct FormRequest<'a> {
    /// The body's parameters.
    pub params: doorward_protocol::params::Params<'a>,
    /// The `Authorization` header, if there is one.
    pub authorization: Option<&'a str>,
    /// Who is asking.
    pub caller: Caller,
}

/// What a request may lean on.
pub struct Context<'a> {
    /// When it came: one instant for all its decisions.
    pub now: Seconds,
    /// The state of the cached records that its decisions are at least as fresh as.
    pub revision: Revision,
    /// What the operator has set.
    pub settings: &'a Settings,
    /// The store and what was read from it.
    pub cache: &'a Cache,
    /// The keyed hashes.
    pub peppers: &'a Peppers,
    /// Where secrets and identifiers come from.
    pub random: &'a dyn Random,
    /// Failed authentications.
    pub attempts: &'a Attempts,
    /// Signed tokens checked before.
    pub seen: &'a SeenTokens,
}
