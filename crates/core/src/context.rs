//! What one request carries down through the floors: when it came, from where, and what it may lean on. Owns nothing
//! but the bundle.

pub mod draft;

use self::draft::Draft;
use crate::audit::event::Event;
use crate::audit::event_ids::EventIds;
use crate::audit::seen::Seen;
use crate::cache::Cache;
use crate::client::attempts::Attempts;
use crate::identity::hashing::HashingPool;
use crate::keys::audit::AuditKeys;
use crate::keys::pepper::Peppers;
use crate::keys::seal::Sealer;
use crate::random::Random;
use crate::settings::Settings;
use crate::store::Revision;
use crate::store::fault::Fault;
use crate::token::recognise::SeenTokens;
use crate::uses::Uses;
use doorward_protocol::id::Id;
use doorward_protocol::time::Seconds;
use std::net::IpAddr;
use std::sync::Arc;

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

/// What tells one browser from another.
#[derive(Clone, Copy, Default)]
pub struct Browser<'a> {
    /// The secrets of the sessions in it, the current one first.
    pub sessions: &'a [&'a str],
    /// The secret of the browser itself, which it has before anybody signs in.
    pub secret: Option<&'a str>,
    /// Its `Cookie` headers, whole, for a host that knows its people by a cookie of its own.
    pub cookies: &'a [&'a str],
}

/// A request that a browser makes for a person.
pub struct PageRequest<'a> {
    /// The parameters, of the query or of the form that was posted.
    pub params: doorward_protocol::params::Params<'a>,
    /// The browser.
    pub browser: Browser<'a>,
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
    pub settings: &'a Arc<Settings>,
    /// The store and what was read from it.
    pub cache: &'a Cache,
    /// The keyed hashes.
    pub peppers: &'a Arc<Peppers>,
    /// What events are sealed with.
    pub audit: &'a Arc<AuditKeys>,
    /// What events are put in order by.
    pub event_ids: &'a EventIds,
    /// What interactions are sealed with, and nothing else.
    pub interactions: &'a Sealer,
    /// Where secrets and identifiers come from.
    pub random: &'a dyn Random,
    /// Failed authentications.
    pub attempts: &'a Attempts,
    /// Where passwords are hashed.
    pub hashing: &'a HashingPool,
    /// Signed tokens checked before.
    pub seen: &'a SeenTokens,
    /// Uses of credentials, to be written down.
    pub uses: &'a Uses,
    /// What this process has seen of the audit trail.
    pub trail: &'a Seen,
}

impl Context<'_> {
    /// An identifier for something about to be recorded.
    pub(crate) fn new_id(&self) -> Result<Id, Fault> {
        self.random.id(self.now).map_err(Fault::broken)
    }

    /// An event about to be recorded: that this happens now.
    pub(crate) fn event(&self, action: &str) -> Result<Draft, Fault> {
        let id = self.event_ids.draw(self.now, self.random).map_err(Fault::broken)?;
        Ok(Draft::new(Event::new(action, id, self.now), Arc::clone(self.audit)))
    }
}
